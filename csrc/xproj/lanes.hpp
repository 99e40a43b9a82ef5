// Four chains of a sampler side by side, one in each lane of a vector: they read the same text at the same time, so
// what is looked up for one is looked up for all.
#pragma once

#include <cstddef>
#include <cstdint>

namespace xproj {

inline constexpr std::size_t kLanes = 4;

using Lanes [[gnu::vector_size(16)]] = float;
using LaneCounts [[gnu::vector_size(16)]] = std::int32_t;

inline Lanes in_all_lanes(float value) {
    return Lanes{value, value, value, value};
}

inline Lanes as_floats(LaneCounts counts) {
    return __builtin_convertvector(counts, Lanes);
}

// For containers, whose element types may have no attributes.
struct LaneFloats {
    Lanes v;
};
struct LaneInts {
    LaneCounts v;
};

}  // namespace xproj
