// Greedy matching over any candidates and scores (thesis, algorithm 2; the "argmax" of arXiv 2501.18750).
#pragma once

#include "xproj/matches.hpp"
#include "xproj/views.hpp"

namespace xproj {

// Sentence s owns the row-major block (entities x candidates) scores[score_offsets[s] ...). Scores are
// finite; candidates are strictly ordered by (start, end). Returns the number of spans written; see
// match_capacity().
Offset greedy(const TargetWords& target, const Spans& entities, const Spans& candidates, View<Offset> score_offsets,
              View<float> scores, Limit limit, const std::vector<Chunk>& chunks, const Matches& out);

}  // namespace xproj
