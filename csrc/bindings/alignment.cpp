// Word links from similarities of sub-tokens: arrays in, arrays out.
#include "arrays.hpp"
#include "xproj/extract_links.hpp"

namespace xproj::bindings {
namespace {

using Offsets = Array<Offset>;
using Indices = Array<Index>;

py::tuple extracted(const Offsets& source_offsets, const Indices& source_word, const Offsets& target_offsets,
                    const Indices& target_word, const Offsets& similarity_offsets, const Array<float>& similarity,
                    int method, double threshold, int iterations, double alpha, int threads) {
    WordLinks links;
    {
        py::gil_scoped_release no_gil;
        links = extract_links({view(source_offsets), view(source_word)}, {view(target_offsets), view(target_word)},
                              view(similarity_offsets), view(similarity),
                              {static_cast<Extraction>(method), threshold, iterations, alpha}, threads);
    }
    return py::make_tuple(to_numpy(std::move(links.offsets)), to_numpy(std::move(links.source)),
                          to_numpy(std::move(links.target)), to_numpy(std::move(links.confidence)));
}

}  // namespace

void bind_alignment(py::module_& m) {
    const auto strict = [](const char* name) { return py::arg(name).noconvert(); };
    m.def("extract_links", &extracted, strict("source_offsets"), strict("source_word"), strict("target_offsets"),
          strict("target_word"), strict("similarity_offsets"), strict("similarity"), py::arg("method"),
          py::arg("threshold"), py::arg("iterations"), py::arg("alpha"), py::arg("threads"));
}

}  // namespace xproj::bindings
