// The most of everything that is counted in 32 bits: docs/limits.md says what one gets beyond. All else is counted in
// 64 bits.
#pragma once

#include <cstddef>
#include <limits>

#include "xproj/views.hpp"

namespace xproj {

// Words, entities, candidates or links of one sentence, and labels: kernels add two such counts, and IOB2 has two tags
// a label.
inline constexpr Offset kMostInSentence = std::numeric_limits<Index>::max() / 2;

// Bytes of a block of text: all that is counted in it (bytes of words, lines, columns) is fewer. A file comes in blocks
// of a few megabytes, so only a single sentence makes a larger one.
inline constexpr std::size_t kMostBlockBytes = std::numeric_limits<std::int32_t>::max();

}  // namespace xproj
