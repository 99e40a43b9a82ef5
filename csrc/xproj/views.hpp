// The columnar arrays the kernels read and write. Views only: nothing here owns memory or knows Python.
//
// Ragged data is `offsets` (N + 1 entries, offsets[0] == 0, never decreasing) over flat values; sentence s
// owns values [offsets[s], offsets[s + 1]). Kernels trust what validate.hpp has checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace xproj {

using Index = std::int32_t;   // word index inside a sentence, entity index inside a sentence, label id
using Offset = std::int64_t;  // position in a flat array

template <class T>
using View = std::span<const T>;

inline std::size_t at(Offset i) {
    return static_cast<std::size_t>(i);
}

// Half-open word spans [start, end): source entities or target candidates.
struct Spans {
    View<Offset> offsets;
    View<Index> start;
    View<Index> end;

    std::size_t sentences() const { return offsets.size() - 1; }
};

// Alignment links between source word `source` and target word `target`; order and repeats do not matter.
struct Links {
    View<Offset> offsets;
    View<Index> source;
    View<Index> target;
};

// Target words: how many a sentence has, and (optionally, empty = none) a non-zero byte for every stop word.
struct TargetWords {
    View<Offset> offsets;
    View<std::uint8_t> stop;

    std::size_t sentences() const { return offsets.size() - 1; }
    Index count(std::size_t s) const { return static_cast<Index>(offsets[s + 1] - offsets[s]); }
    const std::uint8_t* stop_of(std::size_t s) const { return stop.empty() ? nullptr : stop.data() + offsets[s]; }
};

}  // namespace xproj
