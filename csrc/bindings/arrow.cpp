// Columns of Arrow tables: layouts that the kernels do not read, to those that they do.
#include <limits>

#include "records.hpp"
#include "xproj/name_strings.hpp"
#include "xproj/pharaoh.hpp"
#include "xproj/string_views.hpp"

namespace xproj::bindings {
namespace {

std::string_view bytes_of(const py::buffer_info& info) {
    return {static_cast<const char*>(info.ptr), static_cast<std::size_t>(info.size * info.itemsize)};
}

// byte offsets (int32, int64 where that is too small), bytes
template <class ByteOffset>
py::tuple flattened(View<std::uint8_t> views, const std::vector<std::string_view>& texts, View<std::uint8_t> valid,
                    std::int64_t bytes) {
    FlatStrings<ByteOffset> found = flatten_string_views<ByteOffset>(views, texts, valid, bytes);
    return py::make_tuple(to_numpy(std::move(found.byte_offsets), views.size() / 16 + 1),
                          to_numpy(std::move(found.bytes), static_cast<std::size_t>(bytes)));
}

py::tuple string_views(View<std::uint8_t> views, const std::vector<py::buffer>& buffers, View<std::uint8_t> valid) {
    if (views.size() % 16 || (!valid.empty() && valid.size() != views.size() / 16)) {
        throw py::index_error("expected 16 bytes a string, and as many marks of valid ones");
    }
    std::vector<py::buffer_info> held;
    std::vector<std::string_view> texts;
    for (const py::buffer& buffer : buffers) texts.push_back(bytes_of(held.emplace_back(buffer.request())));
    const ViewedSize size = measure_string_views(views, texts, valid);
    if (size.broken >= 0) {
        throw py::index_error("string " + std::to_string(size.broken) + " points outside its buffer");
    }
    const bool large = size.bytes > std::numeric_limits<std::int32_t>::max();
    return (large ? flattened<std::int64_t> : flattened<std::int32_t>)(views, texts, valid, size.bytes);
}

// Links, [(row, message), ...]
py::tuple link_strings(View<std::int64_t> byte_offsets, const py::buffer& text) {
    const py::buffer_info info = text.request();
    const std::string_view bytes = bytes_of(info);
    if (byte_offsets.empty() || byte_offsets.front() < 0 || !std::is_sorted(byte_offsets.begin(), byte_offsets.end()) ||
        static_cast<std::size_t>(byte_offsets.back()) > bytes.size()) {
        throw py::index_error("expected byte offsets that never decrease and stay inside the text");
    }
    LinkStrings found = read_link_strings(byte_offsets, bytes.data(), {});
    py::list faults;
    for (const TextError& fault : found.faults) {
        const std::string_view what = fault.what();
        faults.append(
            py::make_tuple(fault.line(), py::bytes(what.data(), what.size()).attr("decode")("utf-8", "replace")));
    }
    return py::make_tuple(
        make_record<"Links">(to_numpy(std::move(found.offsets)), to_numpy(std::move(found.source), found.links),
                             to_numpy(std::move(found.target), found.links)),
        faults);
}

// byte offsets (int32), bytes
py::tuple name_strings(View<Index> ids, const std::vector<std::string>& names) {
    NameStrings found = spell_names(ids, names);
    if (found.broken >= 0) {
        throw py::index_error("item " + std::to_string(found.broken) + ": expected an id in [0, " +
                              std::to_string(names.size()) + "), got " + std::to_string(ids[at(found.broken)]));
    }
    if (!found.byte_offsets) {
        throw std::overflow_error("expected text of less than 2 GiB, got " + std::to_string(found.size) + " bytes");
    }
    return py::make_tuple(to_numpy(std::move(found.byte_offsets), found.count + 1),
                          to_numpy(std::move(found.bytes), static_cast<std::size_t>(found.size)));
}

}  // namespace

void bind_arrow(py::module_& m) {
    m.def("flatten_string_views", &string_views, py::arg("views"), py::arg("buffers"), py::arg("valid"));
    m.def("read_link_strings", &link_strings, py::arg("byte_offsets"), py::arg("text"));
    m.def("spell_names", &name_strings, py::arg("ids"), py::arg("names"));
}

}  // namespace xproj::bindings
