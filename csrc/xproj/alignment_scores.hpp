// The alignment score 2 * links(p, t) / (|p| + |t|) of every (entity, candidate) pair.
#pragma once

#include "xproj/views.hpp"

namespace xproj {

// Sentence s has E entities and C candidates and owns the row-major block scores[offsets[s] ... + E * C).
// float32 by one correctly rounded division, so equal ratios give equal floats on every backend.
void alignment_scores(const TargetWords& target, const Spans& entities, const Links& links, const Spans& candidates,
                      View<Offset> score_offsets, int threads, float* scores);

}  // namespace xproj
