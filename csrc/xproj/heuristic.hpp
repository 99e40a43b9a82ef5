// The word-to-word heuristic (Garcia-Ferrero et al. 2022, extended): runs of target words aligned to an
// entity.
#pragma once

#include "xproj/matches.hpp"
#include "xproj/views.hpp"

namespace xproj {

struct HeuristicOptions {
    Index merge_distance = 1;    // runs at most this many words apart become one; 0 = never merge
    double length_ratio = 0.8;   // keep runs with |run| / |entity| strictly above it; 0 = keep all
    Index top_k = 0;             // keep only the k longest runs (ties: the earlier); 0 = all
    bool shortest_first = true;  // entities in order of length (ties: the lower index); false = sentence order
    bool overwrite = false;      // true: later runs take words from earlier ones; false: a clashing run is dropped
    bool merge_only_i_labels = false;  // a run that starts on a word aligned to the entity's first word stays apart
};

// Score of a span = its alignment score, so objectives compare with those of the other matchers.
Offset heuristic(const TargetWords& target, const Spans& entities, const Links& links, const HeuristicOptions& options,
                 const std::vector<Chunk>& chunks, const Matches& out);

}  // namespace xproj
