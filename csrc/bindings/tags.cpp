// Tags to entities, and spans to tags.
#include "records.hpp"
#include "xproj/iob.hpp"

namespace xproj::bindings {
namespace {

py::object decoded(View<Offset> word_offsets, View<Index> tags, View<std::uint8_t> prefixes, View<Index> labels,
                   int scheme) {
    EntityList found = decode_tags(word_offsets, tags, prefixes, labels, static_cast<TagScheme>(scheme));
    return python_class<"xproj_fast.kernels.protocol", "DecodedTags">()(
        make_record<"Entities">(to_numpy(std::move(found.offsets)), to_numpy(std::move(found.start)),
                                to_numpy(std::move(found.end)), to_numpy(std::move(found.label))),
        to_numpy(std::move(found.broken)));
}

Array<Index> encoded(View<Offset> word_offsets, const Spans& spans, View<Index> labels, Index classes) {
    require_offsets(word_offsets, word_offsets.empty() ? 0 : at(word_offsets.back()));
    require_offsets(spans.offsets, spans.start.size());
    if (word_offsets.size() != spans.offsets.size() || spans.start.size() != spans.end.size() ||
        spans.start.size() != labels.size()) {
        throw py::index_error("expected spans of as many sentences as words, and one label per span");
    }
    auto tags = allocate<Index>(at(word_offsets.back()));
    const Offset broken = encode_iob2(word_offsets, spans, labels, classes, tags.mutable_data());
    if (broken < 0) return tags;
    throw py::index_error("span " + std::to_string(broken) + ": expected one inside its sentence with a label in [0, " +
                          std::to_string(classes) + "), got [" + std::to_string(spans.start[at(broken)]) + ", " +
                          std::to_string(spans.end[at(broken)]) + ") with label " + std::to_string(labels[at(broken)]));
}

}  // namespace

void bind_tags(py::module_& m) {
    m.def("decode_tags", &decoded, py::arg("word_offsets"), py::arg("tags"), py::arg("prefixes"), py::arg("labels"),
          py::arg("scheme"));
    m.def("encode_iob2", &encoded, py::arg("word_offsets"), py::arg("spans"), py::arg("labels"), py::arg("classes"));
}

}  // namespace xproj::bindings
