// The learned score of all pairs of an entity and a candidate, and what it is learned from.
#include "xproj/learned_scores.hpp"

#include "score_blocks.hpp"

namespace xproj::bindings {
namespace {

py::object scores(const WordShapes& source, const WordShapes& target, const Spans& entities, const Links& links,
                  const Spans& candidates, View<double> weights, int threads) {
    if (weights.size() != kLearnedFeatures + 1) {
        throw py::value_error("weights: expected " + std::to_string(kLearnedFeatures) + " and a bias, got " +
                              std::to_string(weights.size()) + " values");
    }
    return score_blocks(entities.offsets, candidates.offsets, [&](View<Offset> offsets, float* values) {
        learned_scores(source, target, entities, links, candidates, weights, offsets, threads, values);
    });
}

py::object rows(const WordShapes& source, const WordShapes& target, const Spans& entities, const Links& links,
                const Spans& candidates, int threads) {
    const auto offsets = block_offsets(entities.offsets, candidates.offsets);
    LearnedRows found;
    {
        const py::gil_scoped_release no_gil;
        found = learned_rows(source, target, entities, links, candidates, view(offsets), threads);
    }
    const auto count = static_cast<py::ssize_t>(found.position.size());
    py::array features = to_numpy(std::move(found.features));
    return make_record<"LearnedRows">(to_numpy(std::move(found.position)),
                                      features.reshape({count, static_cast<py::ssize_t>(kLearnedFeatures)}));
}

}  // namespace

void bind_learned(py::module_& m) {
    m.def("learned_scores", &scores, py::arg("source"), py::arg("target"), py::arg("entities"), py::arg("links"),
          py::arg("candidates"), py::arg("weights"), py::arg("threads"));
    m.def("learned_rows", &rows, py::arg("source"), py::arg("target"), py::arg("entities"), py::arg("links"),
          py::arg("candidates"), py::arg("threads"));
}

}  // namespace xproj::bindings
