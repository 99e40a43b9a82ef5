// Scores of all pairs of an entity and a candidate.
#include "score_blocks.hpp"
#include "xproj/alignment_scores.hpp"

namespace xproj::bindings {
namespace {

py::object by_alignment(View<Offset> target_offsets, const Spans& entities, const Links& links, const Spans& candidates,
                        int threads) {
    return score_blocks(entities.offsets, candidates.offsets, [&](View<Offset> offsets, float* values) {
        alignment_scores({target_offsets, {}}, entities, links, candidates, offsets, threads, values);
    });
}

py::object by_tagger(const WordProbabilities& probabilities, View<Offset> entity_offsets, View<Index> entity_class,
                     const Spans& candidates, const NerRules& rules, int threads) {
    return score_blocks(entity_offsets, candidates.offsets, [&](View<Offset> offsets, float* values) {
        ner_scores({probabilities.offsets, {}}, probabilities.values, entity_offsets, entity_class, candidates, rules,
                   offsets, threads, values);
    });
}

}  // namespace

void bind_scores(py::module_& m) {
    m.def("alignment_scores", &by_alignment, py::arg("target_offsets"), py::arg("entities"), py::arg("links"),
          py::arg("candidates"), py::arg("threads"));
    m.def("ner_scores", &by_tagger, py::arg("probabilities"), py::arg("entity_offsets"), py::arg("entity_class"),
          py::arg("candidates"), py::arg("rules"), py::arg("threads"));
}

}  // namespace xproj::bindings
