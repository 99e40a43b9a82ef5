// Ids as the text of what they name: the buffers of an Arrow string array, for readers that know no dictionaries.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "xproj/views.hpp"

namespace xproj {

struct NamesSize {
    std::int64_t bytes = 0;
    std::int64_t broken = -1;  // the first id that names nothing, where counting stopped; -1 = none
};

inline constexpr std::size_t kSpareBytes = 16;  // behind the text: what is short is copied as a whole, whatever it is

NamesSize measure_names(View<Index> ids, const std::vector<std::string>& names);

// Ids that were measured, none of them broken, of less than 2 GiB of text: ids + 1 offsets, and so many bytes and some
// to spare.
void spell_names(View<Index> ids, const std::vector<std::string>& names, std::int32_t* byte_offsets,
                 std::uint8_t* bytes);

// The same of IOB2 tags (O, then B- and I- of each label), without an array of their ids: spans of a sentence share no
// word. `broken` is a span that leaves its sentence or is empty, or whose label has no tags.
NamesSize measure_tags(View<Offset> word_offsets, const Spans& spans, View<Index> labels,
                       const std::vector<std::string>& names);
void spell_tags(View<Offset> word_offsets, const Spans& spans, View<Index> labels,
                const std::vector<std::string>& names, std::int32_t* byte_offsets, std::uint8_t* bytes);

}  // namespace xproj
