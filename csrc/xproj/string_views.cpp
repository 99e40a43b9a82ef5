#include "xproj/string_views.hpp"

#include <cstring>

namespace xproj {
namespace {

constexpr std::size_t kViewBytes = 16;
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

FlatStrings flatten_string_views(View<std::uint8_t> views, const std::vector<std::string_view>& buffers,
                                 View<std::uint8_t> valid) {
    FlatStrings out;
    out.count = views.size() / kViewBytes;
    out.byte_offsets.reset(new std::int64_t[out.count + 1]);
    std::int64_t* ends = out.byte_offsets.get();
    ends[0] = 0;
    for (std::size_t i = 0; i < out.count; ++i) {
        const StringView view = view_at(views.data(), i);
        const bool counts = valid.empty() || valid[i];
        if (counts && !fits(view, buffers)) {
            out.broken = static_cast<std::int64_t>(i);
            return out;
        }
        ends[i + 1] = ends[i] + (counts ? view.length : 0);
    }
    out.size = ends[out.count];
    // One view more, so that a short string can be written with all that its view has room for.
    out.bytes.reset(new std::uint8_t[static_cast<std::size_t>(out.size) + kViewBytes]);
    for (std::size_t i = 0; i < out.count; ++i) {
        const StringView view = view_at(views.data(), i);
        std::uint8_t* to = out.bytes.get() + ends[i];
        if (is_inline(view)) {
            std::memcpy(to, views.data() + i * kViewBytes + 4, kInline);
        } else if (ends[i] < ends[i + 1]) {
            const char* from = buffers[static_cast<std::size_t>(view.buffer)].data() + view.offset;
            std::memcpy(to, from, static_cast<std::size_t>(view.length));
        }
    }
    return out;
}

}  // namespace xproj
