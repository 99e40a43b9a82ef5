// The words that spans chosen so far cover.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "xproj/views.hpp"

namespace xproj {

class CoveredWords {
  public:
    void reset(Index words) { covered_.assign(static_cast<std::size_t>(words), 0); }

    // Covers [start, end) unless one of its words is covered; returns whether it did.
    bool claim(Index start, Index end) {
        std::uint8_t* first = covered_.data() + start;
        const std::size_t length = static_cast<std::size_t>(end - start);
        if (std::memchr(first, 1, length)) return false;
        std::memset(first, 1, length);
        return true;
    }

  private:
    std::vector<std::uint8_t> covered_;
};

}  // namespace xproj
