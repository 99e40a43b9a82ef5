// Word links learnt from sentence pairs, or found by what was learnt before.
#include "xproj/link_sampler.hpp"

#include "records.hpp"

namespace xproj::bindings {
namespace {

Progress telling(const py::object& progress) {
    if (progress.is_none()) return {};
    return [&progress](double done) {
        const py::gil_scoped_acquire gil;
        progress(done);
    };
}

py::object counts_record(LinkCounts&& counts) {
    auto& [reverse, forward] = counts.order;
    return python_class<"xproj_fast.kernels.link_sampling", "LinkCounts">()(
        to_numpy(std::move(counts.offsets)), to_numpy(std::move(counts.target)), to_numpy(std::move(counts.forward)),
        to_numpy(std::move(counts.reverse)), to_numpy(std::move(counts.source_words)),
        to_numpy(std::move(counts.target_words)), to_numpy(std::move(counts.source_nulls)),
        to_numpy(std::move(counts.target_nulls)), to_numpy(std::move(counts.source_similarity)),
        to_numpy(std::move(counts.target_similarity)), to_numpy(std::move(forward.jumps)),
        to_numpy(std::move(reverse.jumps)), to_numpy(std::move(forward.fertilities)),
        to_numpy(std::move(reverse.fertilities)));
}

py::object links_record(SampledLinks&& found, const py::object& counts) {
    return python_class<"xproj_fast.kernels.link_sampling", "SampledLinks">()(
        make_record<"Links">(to_numpy(std::move(found.offsets)), to_numpy(std::move(found.source)),
                             to_numpy(std::move(found.target))),
        to_numpy(std::move(found.forward)), to_numpy(std::move(found.reverse)), to_numpy(std::move(found.best)),
        counts);
}

py::object sampled(const LinkText& source, const LinkText& target, const SamplerSettings& settings, std::size_t first,
                   bool keep_counts, int threads, const py::object& progress) {
    const Progress tell = telling(progress);
    LinkCounts counts;
    SampledLinks found;
    {
        const py::gil_scoped_release no_gil;
        found = sample_links(source, target, settings, first, keep_counts ? &counts : nullptr, threads, tell);
    }
    return links_record(std::move(found), keep_counts ? counts_record(std::move(counts)) : py::none());
}

py::object known(const LinkText& source, const LinkText& target, const SamplerSettings& settings,
                 const KnownLinks& counts, int threads, const py::object& progress) {
    const Progress tell = telling(progress);
    SampledLinks found;
    {
        const py::gil_scoped_release no_gil;
        found = known_links(source, target, settings, counts, threads, tell);
    }
    return links_record(std::move(found), py::none());
}

}  // namespace

void bind_link_sampler(py::module_& m) {
    m.def("sample_links", &sampled, py::arg("source"), py::arg("target"), py::arg("settings"), py::arg("first"),
          py::arg("keep_counts"), py::arg("threads"), py::arg("progress"));
    m.def("known_links", &known, py::arg("source"), py::arg("target"), py::arg("settings"), py::arg("counts"),
          py::arg("threads"), py::arg("progress"));
}

}  // namespace xproj::bindings
