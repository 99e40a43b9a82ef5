#include "xproj/name_strings.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace xproj {
namespace {

constexpr std::size_t kShort = 16;  // nearly all tags and labels: copied as a whole, whatever their length

}  // namespace

NameStrings spell_names(View<Index> ids, const std::vector<std::string>& names) {
    NameStrings out;
    out.count = ids.size();
    std::size_t longest = 0;
    for (const std::string& name : names) longest = std::max(longest, name.size());
    const std::size_t width = std::max(longest, kShort);
    std::string padded(width * names.size(), '\0');
    for (std::size_t n = 0; n < names.size(); ++n) names[n].copy(padded.data() + n * width, width);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] < 0 || static_cast<std::size_t>(ids[i]) >= names.size()) {
            out.broken = static_cast<std::int64_t>(i);
            return out;
        }
        out.size += static_cast<std::int64_t>(names[static_cast<std::size_t>(ids[i])].size());
    }
    if (out.size > std::numeric_limits<std::int32_t>::max()) return out;
    out.byte_offsets.reset(new std::int32_t[ids.size() + 1]);
    out.bytes.reset(new std::uint8_t[static_cast<std::size_t>(out.size) + kShort]);
    std::int32_t* ends = out.byte_offsets.get();
    std::uint8_t* to = out.bytes.get();
    ends[0] = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto id = static_cast<std::size_t>(ids[i]);
        const std::size_t size = names[id].size();
        const char* from = padded.data() + id * width;
        if (size <= kShort) {
            std::memcpy(to, from, kShort);
        } else {
            std::memcpy(to, from, size);
        }
        to += size;
        ends[i + 1] = ends[i] + static_cast<std::int32_t>(size);
    }
    return out;
}

}  // namespace xproj
