// What lets the kernels trust their input.
#include "records.hpp"

namespace xproj::bindings {
namespace {

// xproj_fast.kernels.protocol.Finding
py::object to_finding(const Finding& found) {
    const auto make = [](const Finding& f) {
        const py::object& kind = python_class<"xproj_fast.kernels.protocol", "Finding">();
        const py::object& fault = python_class<"xproj_fast.kernels.protocol", "Fault">();
        return kind(fault(static_cast<int>(f.fault)), f.sentence, f.item);
    };
    if (found.fault != Fault::none) return make(found);
    PYBIND11_CONSTINIT static py::gil_safe_call_once_and_store<py::object> nothing;  // what nearly every check finds
    return nothing.call_once_and_store_result([&] { return make({}); }).get_stored();
}

py::list to_findings(const std::vector<Finding>& found) {
    py::list all(found.size());
    for (std::size_t i = 0; i < found.size(); ++i) all[i] = to_finding(found[i]);
    return all;
}

}  // namespace

void bind_checks(py::module_& m) {
    m.def(
        "check_offsets", [](View<Offset> offsets, Offset values) { return to_finding(check_offsets(offsets, values)); },
        py::arg("offsets"), py::arg("values"));
    m.def(
        "check_spans",
        [](const Spans& spans, View<Offset> word_offsets, int rule) {
            return to_finding(check_spans(spans, word_offsets, static_cast<SpanRule>(rule)));
        },
        py::arg("spans"), py::arg("word_offsets"), py::arg("rule"));
    m.def(
        "check_labels",
        [](View<Offset> offsets, View<Index> labels, Index count) {
            return to_finding(check_labels(offsets, labels, count));
        },
        py::arg("offsets"), py::arg("labels"), py::arg("count"));
    m.def(
        "check_links",
        [](const Links& links, View<Offset> source_offsets, View<Offset> target_offsets) {
            return to_finding(check_links(links, source_offsets, target_offsets));
        },
        py::arg("links"), py::arg("source_offsets"), py::arg("target_offsets"));
    m.def(
        "each_span_fault",
        [](const Spans& spans, View<Offset> word_offsets, int rule) {
            return to_findings(each_span_fault(spans, word_offsets, static_cast<SpanRule>(rule)));
        },
        py::arg("spans"), py::arg("word_offsets"), py::arg("rule"));
    m.def(
        "each_label_fault",
        [](View<Offset> offsets, View<Index> labels, Index count) {
            return to_findings(each_label_fault(offsets, labels, count));
        },
        py::arg("offsets"), py::arg("labels"), py::arg("count"));
    m.def(
        "each_link_fault",
        [](const Links& links, View<Offset> source_offsets, View<Offset> target_offsets) {
            return to_findings(each_link_fault(links, source_offsets, target_offsets));
        },
        py::arg("links"), py::arg("source_offsets"), py::arg("target_offsets"));
}

}  // namespace xproj::bindings
