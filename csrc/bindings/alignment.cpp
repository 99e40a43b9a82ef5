// Word links: from similarities of subwords, and of two directed alignments one.
#include "records.hpp"
#include "xproj/symmetrize.hpp"

namespace xproj::bindings {
namespace {

py::object extracted(const Pieces& source, const Pieces& target, View<Offset> similarity_offsets,
                     View<float> similarity, const ExtractionOptions& options, int threads) {
    WordLinks found;
    {
        const py::gil_scoped_release no_gil;
        found = extract_links(source, target, similarity_offsets, similarity, options, threads);
    }
    return python_class<"xproj_fast.kernels.protocol", "ExtractedLinks">()(
        make_record<"Links">(to_numpy(std::move(found.offsets)), to_numpy(std::move(found.source)),
                             to_numpy(std::move(found.target))),
        to_numpy(std::move(found.confidence)));
}

py::object symmetrized(const Links& forward, const Links& reverse, int method, int threads) {
    LinkList found;
    {
        const py::gil_scoped_release no_gil;
        found = symmetrize(forward, reverse, static_cast<Symmetrization>(method), threads);
    }
    return make_record<"Links">(to_numpy(std::move(found.offsets)), to_numpy(std::move(found.source)),
                                to_numpy(std::move(found.target)));
}

}  // namespace

void bind_alignment(py::module_& m) {
    m.def("extract_links", &extracted, py::arg("source"), py::arg("target"), py::arg("similarity_offsets"),
          py::arg("similarity"), py::arg("options"), py::arg("threads"));
    m.def("symmetrize", &symmetrized, py::arg("forward"), py::arg("reverse"), py::arg("method"), py::arg("threads"));
}

}  // namespace xproj::bindings
