// Learns the word links of sentence pairs from the pairs themselves: a Bayesian hidden Markov model in either
// direction, sampled by independent chains, whose probabilities are averaged.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "xproj/link_counts.hpp"
#include "xproj/link_lexicon.hpp"
#include "xproj/link_report.hpp"

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

using Progress = std::function<void(double)>;  // called with the part that is done, on the caller's thread

// Links of the first sentence pairs only; the others are there to learn from. `counts`, where there are any, get what
// all of them have taught.
SampledLinks sample_links(const LinkText& source, const LinkText& target, const SamplerSettings& settings,
                          std::size_t first, LinkCounts* counts, int threads, const Progress& progress);

// Links by what an earlier text has taught. Each sentence pair is aligned by itself: those before and after it, and its
// own number, change nothing.
SampledLinks known_links(const LinkText& source, const LinkText& target, const SamplerSettings& settings,
                         const KnownLinks& known, int threads, const Progress& progress);

}  // namespace xproj
