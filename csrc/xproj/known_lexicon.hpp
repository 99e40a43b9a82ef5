// How likely a word is the translation of another, by what an earlier text has taught. Nothing is counted along: a
// sentence pair is aligned as if it were alone.
#pragma once

#include <vector>

#include "xproj/lanes.hpp"
#include "xproj/link_counts.hpp"
#include "xproj/link_lexicon.hpp"

namespace xproj {

// What the pairs of all sentences share: sums over the counts, and the forms of words. Types the earlier text did not
// have come after those it had.
struct KnownTables {
    struct Side {
        std::vector<WordForm> forms;
        WordFamilies families;           // of the types of both texts
        std::size_t known_families = 0;  // of those of the earlier one
        std::vector<float> totals;       // links that come from a word of a known type
        std::vector<float> family_totals;

        Side(const LinkText& text, std::size_t known_types);
    };

    KnownTables(const LinkText& source_text, const LinkText& target_text, const KnownLinks& known_links);

    // The place of a pair of known types in the counts, -1 where it was never linked.
    Offset find(Index source_type, Index target_type) const;
    Offset find_family(Index source_family, Index target_family) const;

    const KnownLinks& known;
    Side source, target;
    std::vector<Offset> family_offsets;  // the counts by family, in the form of the counts by type
    std::vector<Index> family_target;
    std::vector<float> family_forward, family_reverse;
    float source_words = 0.0f, target_words = 0.0f, source_nulls = 0.0f, target_nulls = 0.0f;
};

class KnownLexicon {
  public:
    KnownLexicon(const KnownTables& tables, const LinkDirection& direction, const LexiconWeights& weights,
                 const SimilarityWeights& similarity)
        : tables_(tables), direction_(direction), weights_(weights), similarity_(similarity) {}

    void enter(std::size_t s, const PairSize& size);
    void count(std::size_t, std::int32_t, std::size_t, std::int32_t) {}

    void likelihoods(std::size_t j, LaneFloats* out) const {
        const float* row = values_.data() + j * conditions_;
        for (std::size_t i = 0; i < conditions_; ++i) out[i].v = in_all_lanes(row[i]);
    }

    Lanes null_likelihood(std::size_t j) const { return in_all_lanes(nulls_[j]); }

  private:
    void compare(Index condition, View<Index> generated);

    const KnownTables& tables_;
    const LinkDirection direction_;
    const LexiconWeights weights_;
    const SimilarityWeights similarity_;
    std::size_t conditions_ = 0;
    std::size_t entered_ = ~std::size_t{0};
    std::vector<float> values_;          // by generated word, by condition
    std::vector<float> nulls_;           // by generated word
    std::vector<float> alike_;           // what the likeness to the condition at hand is worth, by generated word
    std::vector<std::uint8_t> repeats_;  // whether the generated word was there before
};

}  // namespace xproj
