// How much alike two words are written, as observations that they translate each other: names and numbers look alike
// in most languages, and are seen too rarely to learn them.
#pragma once

#include <cstdint>

#include "xproj/views.hpp"

namespace xproj {

struct SimilarityWeights {
    float same;   // observations that words written alike are worth
    float alike;  // those of words that are almost so
    float least;  // the similarity below which words are not alike: 1 - edits / length of the longer
};

// A word's form with what tells most words apart at once.
struct WordForm {
    View<Index> chars;
    std::uint64_t letters = 0;  // a bit for each character, by its code point modulo 64
    bool has_digit = false;

    explicit WordForm(View<Index> form);
};

// Observations that the words translate each other, 0 or more.
float similarity_weight(const WordForm& a, const WordForm& b, const SimilarityWeights& weights);

}  // namespace xproj
