// The NER score of every (entity, candidate) pair, from a tagger's word probabilities on the target sentence:
// weight[|t|] * (P[first word][B-l] + sum over the later words of P[word][I-l]), l the entity's class.
#pragma once

#include "xproj/views.hpp"

namespace xproj {

// Row-major (words x labels).
struct LabelProbabilities {
    View<float> values;
    std::size_t labels;

    const float* word(Offset w) const { return values.data() + at(w) * labels; }
};

struct NerRules {
    View<Index> first_column, inside_column;  // per class: the label of an entity's first word, of its later words
    View<double> weight;                      // by |t|, from 0 to the words of the longest sentence
    View<double> predicted_weight;  // the same where the likeliest labels over t form one entity of the class;
                                    // empty = `weight` everywhere
    float threshold;                // smaller scores are 0
    bool spans_only;                // the largest score of any class, whatever the entity's
};

// Sentence s owns the row-major (entities x candidates) block at scores[score_offsets[s]]. entity_class holds a
// position among the classes, or -1: score 0. The sum of the later words is a difference of two running sums in
// double; the product is rounded once, to float32. Candidates are strictly ordered by (start, end).
void ner_scores(const TargetWords& target, const LabelProbabilities& probabilities, View<Offset> entity_offsets,
                View<Index> entity_class, const Spans& candidates, const NerRules& rules, View<Offset> score_offsets,
                int threads, float* scores);

}  // namespace xproj
