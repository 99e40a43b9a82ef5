// SplitMix64 (Steele, Lea and Flood 2014): random numbers that are the same on every machine, as those of the standard
// library's distributions are not.
#pragma once

#include <cstdint>

namespace xproj {

class SplitMix {
  public:
    explicit SplitMix(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next() {
        std::uint64_t z = state_ += 0x9e3779b97f4a7c15U;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }

    // In [0, count): the remainder favours no number by more than count / 2^64.
    std::uint64_t below(std::uint64_t count) { return next() % count; }

    // In [0, 1).
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }

  private:
    std::uint64_t state_;
};

}  // namespace xproj
