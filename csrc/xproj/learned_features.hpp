// What the learned score knows of a pair of an entity and a candidate: cheap features of links, strings and shapes.
//
// Only pairs that may be right are looked at. The candidate lies within three words of the hull of the entity's linked
// words, and has a link to it or looks like it; an entity without a link has the short candidates that look like it,
// anywhere.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "xproj/edit_distance.hpp"
#include "xproj/poll.hpp"
#include "xproj/views.hpp"

namespace xproj {

// Words by what they look like: word w is of type ids[w]; the lower-cased code points of type t are
// codes[code_offsets[t]] to codes[code_offsets[t + 1]], and flags[t] says what else there is to say of it.
struct WordShapes {
    enum Flag : std::uint8_t { capital = 1, lower = 2, punctuation = 4 };

    View<Offset> offsets;  // of sentences
    View<Index> ids;
    View<Offset> code_offsets;
    View<Index> codes;
    View<std::uint8_t> flags;

    std::size_t sentences() const { return offsets.size() - 1; }
};

// m and n: words of entity and candidate; the order is that of xproj_fast.scores.learned_features.
enum LearnedFeature : std::size_t {
    kAlignment,      // 2 * links between the two / (m + n)
    kCoveredSource,  // share of the entity's words that are linked to the candidate
    kCoveredTarget,  // share of the candidate's words that are linked to the entity
    kOtherLinks,     // links from the candidate to other source words / n
    kLinksMissed,    // links of the entity to other target words / m
    kSimilarity,     // 1 - Levenshtein distance / longer text
    kSameText,
    kLengthDistance,  // |log(n / m)|
    kLengthRatio,     // log(n / m)
    kSameLength,
    kTargetLength,  // at most 6
    kSourceLength,
    kCapitalFirstDiffers,  // candidate's minus entity's
    kCapitalLastDiffers,
    kCapitalFirst,
    kCapitalLast,
    kCapitalBefore,
    kCapitalAfter,
    kLowerDiffers,  // share of lower-case words, candidate's minus entity's
    kPunctuationFirst,
    kPunctuationLast,
    kPunctuationBefore,  // outside the sentence: 1
    kPunctuationAfter,
    kAlignmentToBest,  // alignment minus the best one of the entity's candidates
    kBestAlignment,
    kHullStart,  // this and the next three: 0 where the entity has no link
    kHullEnd,
    kStartToHull,  // from -3 to 3
    kEndToHull,
    kUnalignedFirst,
    kUnalignedLast,
    kUnalignedShare,
    kUnalignedBefore,
    kUnalignedAfter,
    kLearnedFeatures
};

// The features, a 1 that the bias is multiplied by, and zeros up to whole blocks of four.
inline constexpr std::size_t kFeatureRow = (kLearnedFeatures + 1 + 3) / 4 * 4;
using FeatureRow = std::array<float, kFeatureRow>;

class LearnedFeatures {
  public:
    LearnedFeatures(const WordShapes& source, const WordShapes& target, const Spans& entities, const Links& links,
                    const Spans& candidates)
        : source_(source), target_(target), entities_(entities), links_(links), candidates_(candidates) {
        row_.fill(0.0F);
        row_[kLearnedFeatures] = 1.0F;
    }

    // Calls emit(position, row) for every pair that is kept of a sentence, ordered by entity, then candidate; position
    // counts in its (entities x candidates) block. Candidates are strictly ordered by (start, end); links may repeat.
    template <class Emit>
    void each_kept(std::size_t s, Emit&& emit) {
        const std::size_t rows = at(entities_.offsets[s + 1] - entities_.offsets[s]);
        const std::size_t columns = at(candidates_.offsets[s + 1] - candidates_.offsets[s]);
        if (rows == 0 || columns == 0) return;
        begin_sentence(s);
        for (std::size_t e = 0; e < rows; ++e) {
            begin_entity(s, e);
            for (const Candidate& candidate : near_) {
                if (measure(candidate)) emit(e * columns + candidate.column, row_);
            }
        }
    }

  private:
    struct Candidate {
        std::size_t column;
        Index start, end;
    };
    struct Word {  // and, of all words before it, ...
        float capital, punctuation, unaligned;
        Index lower_before, unaligned_before, links_before;
    };
    struct Link {
        Index from, to;

        auto operator<=>(const Link&) const = default;
    };

    void begin_sentence(std::size_t s);
    void find_links(std::size_t s);
    void begin_entity(std::size_t s, std::size_t e);
    void find_own_links();
    void find_candidates(std::size_t s);
    void read_entity();
    void begin_span(Index start);
    void extend_span(Index end);
    bool measure(const Candidate& candidate);
    double log_of(Index words);

    const Word& word(Index w) const { return words_[static_cast<std::size_t>(w + 1)]; }  // from -1 to their number
    Index inside(Index start, Index end) const {
        return inside_before_[static_cast<std::size_t>(end)] - inside_before_[static_cast<std::size_t>(start)];
    }
    Index covered(Index start, Index end) const {
        return covered_before_[static_cast<std::size_t>(end)] - covered_before_[static_cast<std::size_t>(start)];
    }
    View<Index> codes(const WordShapes& shapes, Offset word) const {
        const auto type = static_cast<std::size_t>(shapes.ids[at(word)]);
        const Offset begin = shapes.code_offsets[type];
        return shapes.codes.subspan(at(begin), at(shapes.code_offsets[type + 1] - begin));
    }
    static std::uint8_t flags(const WordShapes& shapes, Offset word) {
        return shapes.flags[static_cast<std::size_t>(shapes.ids[at(word)])];
    }

    const WordShapes source_, target_;
    const Spans entities_;
    const Links links_;
    const Spans candidates_;

    // Of the sentence.
    Offset first_source_ = 0, first_target_ = 0;
    Index words_of_target_ = 0;
    std::vector<Word> words_;         // one more at either end
    std::vector<Link> all_links_;     // source to target, ordered, unique
    std::vector<Index> links_total_;  // per target word

    // Of the entity.
    Index entity_start_ = 0, entity_words_ = 0;
    double per_entity_word_ = 0, lower_share_ = 0, log_words_ = 0, best_alignment_ = 0;
    float capital_first_ = 0, capital_last_ = 0;
    std::vector<Link> own_links_;  // target to word of the entity, ordered
    Index hull_start_ = 0, hull_end_ = 0, window_start_ = 0, window_end_ = 0;
    std::vector<Index> inside_before_, covered_before_;  // links, and linked words, before each word of the window
    std::vector<Candidate> near_;                        // candidates inside the window
    std::vector<Index> text_;
    EditDistance distance_;

    // Of the span.
    Index span_start_ = 0, span_end_ = 0, covered_source_ = 0;
    std::size_t next_link_ = 0;
    std::uint32_t stamp_ = 0;
    std::vector<std::uint32_t> seen_;  // per word of the entity: the last span that a link of it led to
    FeatureRow row_;

    std::vector<double> logs_;
    Ticker ticker_;
};

}  // namespace xproj
