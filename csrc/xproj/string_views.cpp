#include "xproj/string_views.hpp"

#include <cstring>

namespace xproj {
namespace {

constexpr std::size_t kInline = 12;  // bytes of a string that lies in its view

struct StringView {
    std::int32_t length;
    std::int32_t prefix;
    std::int32_t buffer;
    std::int32_t offset;
};

StringView view_at(const std::uint8_t* views, std::size_t i) {
    StringView view;
    std::memcpy(&view, views + i * kViewBytes, kViewBytes);
    return view;
}

bool is_inline(const StringView& view) {
    return static_cast<std::uint32_t>(view.length) <= kInline;
}

bool fits(const StringView& view, const std::vector<std::string_view>& buffers) {
    if (is_inline(view)) return true;
    if (view.length < 0 || view.buffer < 0 || view.offset < 0) return false;
    if (static_cast<std::size_t>(view.buffer) >= buffers.size()) return false;
    const std::size_t end = static_cast<std::size_t>(view.offset) + static_cast<std::size_t>(view.length);
    return end <= buffers[static_cast<std::size_t>(view.buffer)].size();
}

}  // namespace

ViewedSize measure_string_views(View<std::uint8_t> views, const std::vector<std::string_view>& buffers,
                                View<std::uint8_t> valid) {
    ViewedSize out;
    for (std::size_t i = 0; i < views.size() / kViewBytes; ++i) {
        if (!valid.empty() && !valid[i]) continue;
        const StringView view = view_at(views.data(), i);
        if (!fits(view, buffers)) {
            out.broken = static_cast<std::int64_t>(i);
            return out;
        }
        out.bytes += view.length;
    }
    return out;
}

template <class ByteOffset>
void flatten_string_views(View<std::uint8_t> views, const std::vector<std::string_view>& buffers,
                          View<std::uint8_t> valid, ByteOffset* byte_offsets, std::uint8_t* bytes) {
    ByteOffset end = 0;
    byte_offsets[0] = 0;
    for (std::size_t i = 0; i < views.size() / kViewBytes; ++i) {
        if (valid.empty() || valid[i]) {
            const StringView view = view_at(views.data(), i);
            if (is_inline(view)) {
                std::memcpy(bytes + end, views.data() + i * kViewBytes + 4, kInline);
            } else {
                const char* from = buffers[static_cast<std::size_t>(view.buffer)].data() + view.offset;
                std::memcpy(bytes + end, from, static_cast<std::size_t>(view.length));
            }
            end += view.length;
        }
        byte_offsets[i + 1] = end;
    }
}

template void flatten_string_views(View<std::uint8_t>, const std::vector<std::string_view>&, View<std::uint8_t>,
                                   std::int32_t*, std::uint8_t*);
template void flatten_string_views(View<std::uint8_t>, const std::vector<std::string_view>&, View<std::uint8_t>,
                                   std::int64_t*, std::uint8_t*);

}  // namespace xproj
