// From the probabilities of all cells of a sentence pair to the links that matter.
#pragma once

#include <array>
#include <vector>

#include "xproj/link_text.hpp"

namespace xproj {

// By sentence pair, source word, target word.
struct SampledLinks {
    std::vector<Offset> offsets;
    std::vector<Index> source;
    std::vector<Index> target;
    std::vector<float> forward;      // probability that the source word is the target word's condition
    std::vector<float> reverse;      // and the other way round
    std::vector<std::uint8_t> best;  // 1: no link of the target word is likelier, nor is none; 2: of the source word
};

// The probabilities of one sentence pair by cell: reverse, forward.
using PairProbabilities = std::array<std::vector<float>, 2>;

class LinkReport {
  public:
    // Sentence pairs come in order.
    void append(const PairSize& size, const PairProbabilities& probabilities);

    // One report behind the other.
    static SampledLinks join(const std::vector<LinkReport>& parts);

  private:
    SampledLinks links_;
    std::vector<std::uint8_t> best_;
};

}  // namespace xproj
