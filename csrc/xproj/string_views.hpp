// Arrow's string_view layout, in which polars and other engines hold text, as the layout that the kernels read.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "xproj/views.hpp"

namespace xproj {

inline constexpr std::size_t kViewBytes = 16;

struct ViewedSize {
    std::int64_t bytes = 0;
    std::int64_t broken = -1;  // the first string that points outside its buffer, where counting stopped; -1 = none
};

// `views` holds 16 bytes a string: int32 length, then 12 bytes of text, or 4 of text, int32 buffer and int32 offset.
// Whoever made them may have made them point anywhere, so each is looked at. Not read where `valid` (empty = all are
// valid) has 0: such a string is empty.
ViewedSize measure_string_views(View<std::uint8_t> views, const std::vector<std::string_view>& buffers,
                                View<std::uint8_t> valid);

// Views that were measured, none of them broken, whose bytes ByteOffset can count: as many offsets and one, and so many
// bytes and those of a view to spare.
template <class ByteOffset>
void flatten_string_views(View<std::uint8_t> views, const std::vector<std::string_view>& buffers,
                          View<std::uint8_t> valid, ByteOffset* byte_offsets, std::uint8_t* bytes);

}  // namespace xproj
