// The learned score: a logistic model of the learned features.
#pragma once

#include <vector>

#include "xproj/learned_features.hpp"
#include "xproj/views.hpp"

namespace xproj {

// sigmoid(weights . features + bias) of every (entity, candidate) pair, 0 for pairs that are not kept. Sentence s owns
// the row-major (entities x candidates) block at scores[score_offsets[s]]; `weights` are those of the features, then
// the bias. Sums are in double and rounded once, to float32.
void learned_scores(const WordShapes& source, const WordShapes& target, const Spans& entities, const Links& links,
                    const Spans& candidates, View<double> weights, View<Offset> score_offsets, int threads,
                    float* scores);

// The features of all pairs that are kept, row-major, and their flat positions among the scores.
struct LearnedRows {
    std::vector<Offset> position;
    std::vector<float> features;
};
LearnedRows learned_rows(const WordShapes& source, const WordShapes& target, const Spans& entities, const Links& links,
                         const Spans& candidates, View<Offset> score_offsets, int threads);

}  // namespace xproj
