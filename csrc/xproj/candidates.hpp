// Target candidates: the spans that an entity may be projected onto, ordered by start, then by end.
#pragma once

#include <vector>

#include "xproj/views.hpp"

namespace xproj {

// Every [i, j) with min_words <= j - i <= max_words that holds no stop word.
struct NgramLimits {
    Index min_words;
    Index max_words;
};

// Count, then fill: `counts` has N entries; `start` and `end` are sized by their sum.
void count_ngrams(const TargetWords& target, NgramLimits limits, int threads, Offset* counts);
void fill_ngrams(const TargetWords& target, NgramLimits limits, int threads, View<Offset> offsets, Index* start,
                 Index* end);

// The n-grams inside [leftmost, rightmost] target word aligned to an entity; the union over a sentence's
// entities.
void count_aligned_ngrams(const TargetWords& target, const Spans& entities, const Links& links, NgramLimits limits,
                          int threads, Offset* counts);
void fill_aligned_ngrams(const TargetWords& target, const Spans& entities, const Links& links, NgramLimits limits,
                         int threads, View<Offset> offsets, Index* start, Index* end);

}  // namespace xproj
