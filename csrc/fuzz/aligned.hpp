// All n-grams of a batch with their alignment scores: what the one-pass matchers never list.
#pragma once

#include "fuzz/batch.hpp"
#include "xproj/alignment_scores.hpp"
#include "xproj/candidates.hpp"

namespace fuzz {

inline Candidates aligned_candidates(const Batch& batch, Index longest) {
    Candidates all;
    all.offsets.resize(batch.sentences() + 1);
    count_ngrams(batch.target(), {1, longest}, 1, all.offsets.data() + 1);
    for (std::size_t s = 0; s < batch.sentences(); ++s) {
        all.offsets[s + 1] += all.offsets[s];
        all.score_offsets.push_back(all.score_offsets.back() +
                                    (all.offsets[s + 1] - all.offsets[s]) * batch.entities_of(s));
    }
    all.start.resize(at(all.offsets.back()));
    all.end.resize(at(all.offsets.back()));
    fill_ngrams(batch.target(), {1, longest}, 1, all.offsets, all.start.data(), all.end.data());
    REQUIRE(check_spans(all.spans(), batch.target_offsets, SpanRule::distinct).fault == Fault::none);
    all.scores.resize(at(all.score_offsets.back()));
    alignment_scores(batch.target(), batch.entities(), batch.links(), all.spans(), all.score_offsets, 1,
                     all.scores.data());
    return all;
}

}  // namespace fuzz
