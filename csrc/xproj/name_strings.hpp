// Ids as the text of what they name: the buffers of an Arrow string array, for readers that know no dictionaries.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "xproj/views.hpp"

namespace xproj {

struct NameStrings {
    std::unique_ptr<std::int32_t[]> byte_offsets;  // ids + 1
    std::unique_ptr<std::uint8_t[]> bytes;
    std::size_t count = 0;
    std::int64_t size = 0;
    std::int64_t broken = -1;  // the first id that names nothing, where writing stopped; -1 = none
};

// Writes nothing, but says its size, where the text is longer than 32-bit offsets can tell.
NameStrings spell_names(View<Index> ids, const std::vector<std::string>& names);

}  // namespace xproj
