// What all ways to read links from subword similarities share.
#pragma once

#include <cstddef>

namespace xproj {

// The similarities of one sentence pair, row-major: a row per source subword, a column per target subword.
struct Similarity {
    const float* values;
    std::size_t rows;
    std::size_t columns;

    const float* row(std::size_t i) const { return values + i * columns; }
};

inline constexpr float kNoLink = -1.0f;  // below every confidence

// Clips to [0, 1]; NaN becomes 0.
inline float confidence_of(double value) {
    return static_cast<float>(value > 0.0 ? (value < 1.0 ? value : 1.0) : 0.0);
}

}  // namespace xproj
