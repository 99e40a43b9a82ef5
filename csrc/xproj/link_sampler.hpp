// Learns the word links of sentence pairs from the pairs themselves: a Bayesian hidden Markov model in either
// direction, sampled by independent chains, whose probabilities are averaged.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "xproj/link_chains.hpp"

namespace xproj {

struct SamplerSettings {
    int chains;    // in each direction, a multiple of kLanes
    int diagonal;  // sweeps of each stage
    int jumps;
    int fertility;
    int kept;  // of them, the last ones: their probabilities count
    LexiconWeights lexicon;
    float null_prior;  // that a word has no link
    SimilarityWeights similarity;
    std::uint64_t seed;
};

// The cells whose probability counts, by sentence pair, source word, target word.
struct SampledLinks {
    std::vector<Offset> offsets;
    std::vector<Index> source;
    std::vector<Index> target;
    std::vector<float> forward;  // probability that the source word is the target word's condition
    std::vector<float> reverse;  // and the other way round
    std::vector<std::uint8_t>
        best;  // 1: the target word has no likelier link, nor is none likelier; 2: the source word
};

using Progress = std::function<void(double)>;  // called with the part that is done, on the caller's thread

// Links of the first sentence pairs only; the others are there to learn from.
SampledLinks sample_links(const LinkText& source, const LinkText& target, const SamplerSettings& settings,
                          std::size_t first, int threads, const Progress& progress);

}  // namespace xproj
