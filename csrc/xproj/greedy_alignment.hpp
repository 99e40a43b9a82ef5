// Greedy matching on the alignment score in one pass, without listing a single candidate.
//
// A span that starts or ends on a word not aligned to the entity scores strictly less than the same span
// without that word, and the shorter span is free whenever the longer is. So with min_words == 1 greedy only
// ever takes spans that start and end on an aligned word, and those few are all that is looked at (thesis,
// theorem on "<=").
#pragma once

#include "xproj/matches.hpp"
#include "xproj/views.hpp"

namespace xproj {

// Equals count/fill_ngrams(min_words = 1) -> alignment_scores -> greedy, bit for bit.
Offset greedy_alignment(const TargetWords& target, const Spans& entities, const Links& links, Index max_words,
                        Limit limit, const std::vector<Chunk>& chunks, const Matches& out);

}  // namespace xproj
