// Exact matching: the best choice of spans there is, at about the price of greedy where greedy is already
// right.
//
// Greedy's solution is returned wherever nothing is clearly better (kTolerance), so the two differ only
// there.
#pragma once

#include "xproj/exact_solver.hpp"
#include "xproj/matches.hpp"
#include "xproj/views.hpp"

namespace xproj {

// How a sentence was proved. The numbers are part of the Python interface (arrays.py).
enum class Proof : std::uint8_t { none = 0, certificate = 1, bound = 2, dp = 3, ilp = 4 };

struct ExactOutput {
    Matches matches;
    std::uint8_t* proof;  // one per sentence; none where the search gave up: Status::feasible past max_labels, and
                          // Status::limit past time_limit
    double* spent;        // of those the seconds, if time is limited; else nothing is written
};

Offset exact(const TargetWords& target, const Spans& entities, const Spans& candidates, View<Offset> score_offsets,
             View<float> scores, const ExactOptions& options, const std::vector<Chunk>& chunks, const ExactOutput& out);

// Equals the former on all n-grams (min_words == 1) with alignment scores; see greedy_alignment.hpp.
Offset exact_alignment(const TargetWords& target, const Spans& entities, const Links& links, Index max_words,
                       const ExactOptions& options, const std::vector<Chunk>& chunks, const ExactOutput& out);

}  // namespace xproj
