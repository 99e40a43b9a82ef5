// Scores from a model's output: arrays in, arrays out.
#include "arrays.hpp"
#include "xproj/ner_scores.hpp"

namespace xproj::bindings {
namespace {

using Offsets = Array<Offset>;
using Indices = Array<Index>;

Array<float> ner(const Offsets& target_offsets, const Array<float>& probabilities, std::size_t labels,
                 const Offsets& entity_offsets, const Indices& entity_class, const Offsets& candidate_offsets,
                 const Indices& candidate_start, const Indices& candidate_end, const Indices& first_column,
                 const Indices& inside_column, const Array<double>& weight, const Array<double>& predicted_weight,
                 float threshold, bool spans_only, const Offsets& score_offsets, int threads) {
    const View<Offset> offsets = view(score_offsets);
    Array<float> out(offsets.back());
    float* values = out.mutable_data();
    py::gil_scoped_release no_gil;
    ner_scores({view(target_offsets), {}}, {view(probabilities), labels}, view(entity_offsets), view(entity_class),
               {view(candidate_offsets), view(candidate_start), view(candidate_end)},
               {view(first_column), view(inside_column), view(weight), view(predicted_weight), threshold, spans_only},
               offsets, threads, values);
    return out;
}

}  // namespace

void bind_scores(py::module_& m) {
    const auto strict = [](const char* name) { return py::arg(name).noconvert(); };
    m.def("ner_scores", &ner, strict("target_offsets"), strict("probabilities"), py::arg("labels"),
          strict("entity_offsets"), strict("entity_class"), strict("candidate_offsets"), strict("candidate_start"),
          strict("candidate_end"), strict("first_column"), strict("inside_column"), strict("weight"),
          strict("predicted_weight"), py::arg("threshold"), py::arg("spans_only"), strict("score_offsets"),
          py::arg("threads"));
}

}  // namespace xproj::bindings
