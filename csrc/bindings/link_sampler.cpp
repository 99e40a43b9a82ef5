// Word links learnt from sentence pairs.
#include "xproj/link_sampler.hpp"

#include "records.hpp"

namespace xproj::bindings {
namespace {

py::object sampled(const LinkText& source, const LinkText& target, const SamplerSettings& settings, Offset first,
                   int threads, const py::object& progress) {
    SampledLinks found;
    Progress tell;
    if (!progress.is_none()) {
        tell = [&progress](double done) {
            const py::gil_scoped_acquire gil;
            progress(done);
        };
    }
    {
        const py::gil_scoped_release no_gil;
        found = sample_links(source, target, settings, at(first), threads, tell);
    }
    return python_class<"xproj_fast.kernels.link_sampling", "SampledLinks">()(
        make_record<"Links">(to_numpy(std::move(found.offsets)), to_numpy(std::move(found.source)),
                             to_numpy(std::move(found.target))),
        to_numpy(std::move(found.forward)), to_numpy(std::move(found.reverse)), to_numpy(std::move(found.best)));
}

}  // namespace

void bind_link_sampler(py::module_& m) {
    m.def("sample_links", &sampled, py::arg("source"), py::arg("target"), py::arg("settings"), py::arg("first"),
          py::arg("threads"), py::arg("progress"));
}

}  // namespace xproj::bindings
