// Scores of all pairs of an entity and a candidate.
#include "records.hpp"
#include "xproj/alignment_scores.hpp"

namespace xproj::bindings {
namespace {

// Allocates the (rows x columns) block of each sentence, one behind the other, and lets a kernel fill them.
template <class Fill>
py::object score_blocks(View<Offset> rows, View<Offset> columns, Fill&& fill) {
    auto offsets = allocate<Offset>(rows.size());
    Offset* ends = offsets.mutable_data();
    ends[0] = 0;
    for (std::size_t s = 0; s + 1 < rows.size(); ++s) {
        ends[s + 1] = ends[s] + (rows[s + 1] - rows[s]) * (columns[s + 1] - columns[s]);
    }
    auto scores = allocate<float>(at(ends[rows.size() - 1]));
    float* values = scores.mutable_data();
    {
        const py::gil_scoped_release no_gil;
        fill(View<Offset>(ends, rows.size()), values);
    }
    return make_record<"PairScores">(offsets, scores);
}

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
