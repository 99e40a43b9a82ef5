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

// Memory from the caller: Arrow's own pool, whose pages are there already when the next batch comes. What NumPy or new
// hand out is given back to the system each time, and to fetch it again costs more than to fill it.
class Room {
  public:
    Room(const py::function& allocate, std::size_t bytes)
        : owner_(allocate(bytes)), info_(py::cast<py::buffer>(owner_).request(true)) {
        if (static_cast<std::size_t>(info_.size * info_.itemsize) < bytes) throw py::index_error("expected more room");
    }
    template <class T>
    T* as() const {
        return static_cast<T*>(info_.ptr);
    }
    const py::object& owner() const { return owner_; }

  private:
    py::object owner_;
    py::buffer_info info_;
};

template <class ByteOffset>
py::tuple flattened(View<std::uint8_t> views, const std::vector<std::string_view>& texts, View<std::uint8_t> valid,
                    std::int64_t bytes, const py::function& allocate) {
    const Room offsets(allocate, (views.size() / kViewBytes + 1) * sizeof(ByteOffset));
    const Room text(allocate, static_cast<std::size_t>(bytes) + kViewBytes);
    flatten_string_views(views, texts, valid, offsets.as<ByteOffset>(), text.as<std::uint8_t>());
    return py::make_tuple(sizeof(ByteOffset) == 8, offsets.owner(), text.owner());
}

// whether byte offsets are int64 (int32 where that is enough), byte offsets, bytes
py::tuple string_views(View<std::uint8_t> views, const std::vector<py::buffer>& buffers, View<std::uint8_t> valid,
                       const py::function& allocate) {
    if (views.size() % kViewBytes || (!valid.empty() && valid.size() != views.size() / kViewBytes)) {
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
    return (large ? flattened<std::int64_t> : flattened<std::int32_t>)(views, texts, valid, size.bytes, allocate);
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
template <class Write>
py::tuple spelt(std::int64_t bytes, std::size_t count, const py::function& allocate, Write&& write) {
    if (bytes > std::numeric_limits<std::int32_t>::max()) {
        throw std::overflow_error("expected text of less than 2 GiB, got " + std::to_string(bytes) + " bytes");
    }
    const Room offsets(allocate, (count + 1) * sizeof(std::int32_t));
    const Room text(allocate, static_cast<std::size_t>(bytes) + kSpareBytes);
    write(offsets.as<std::int32_t>(), text.as<std::uint8_t>());
    return py::make_tuple(offsets.owner(), text.owner());
}

py::tuple name_strings(View<Index> ids, const std::vector<std::string>& names, const py::function& allocate) {
    const NamesSize size = measure_names(ids, names);
    if (size.broken >= 0) {
        throw py::index_error("item " + std::to_string(size.broken) + ": expected an id in [0, " +
                              std::to_string(names.size()) + "), got " + std::to_string(ids[at(size.broken)]));
    }
    return spelt(size.bytes, ids.size(), allocate,
                 [&](std::int32_t* ends, std::uint8_t* text) { spell_names(ids, names, ends, text); });
}

py::tuple tag_strings(View<Offset> word_offsets, const Spans& spans, View<Index> labels,
                      const std::vector<std::string>& names, const py::function& allocate) {
    require_offsets(word_offsets, word_offsets.empty() ? 0 : at(word_offsets.back()));
    require_offsets(spans.offsets, spans.start.size());
    if (word_offsets.size() != spans.offsets.size() || spans.start.size() != spans.end.size() ||
        spans.start.size() != labels.size() || names.size() % 2 == 0) {
        throw py::index_error("expected spans of as many sentences as words, a label per span, and O before the tags");
    }
    const NamesSize size = measure_tags(word_offsets, spans, labels, names);
    if (size.broken >= 0) {
        throw py::index_error("span " + std::to_string(size.broken) +
                              ": expected one inside its sentence with a label");
    }
    return spelt(size.bytes, at(word_offsets.back()), allocate, [&](std::int32_t* ends, std::uint8_t* text) {
        spell_tags(word_offsets, spans, labels, names, ends, text);
    });
}

}  // namespace

void bind_arrow(py::module_& m) {
    m.def("flatten_string_views", &string_views, py::arg("views"), py::arg("buffers"), py::arg("valid"),
          py::arg("allocate"));
    m.def("read_link_strings", &link_strings, py::arg("byte_offsets"), py::arg("text"));
    m.def("spell_tags", &tag_strings, py::arg("word_offsets"), py::arg("spans"), py::arg("labels"), py::arg("names"),
          py::arg("allocate"));
    m.def("spell_names", &name_strings, py::arg("ids"), py::arg("names"), py::arg("allocate"));
}

}  // namespace xproj::bindings
