#include "xproj/silver.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <optional>
#include <utility>

#include "xproj/poll.hpp"
#include "xproj/split_mix.hpp"

namespace xproj {
namespace {

constexpr int kExtra = 2;                         // n-grams a sentence, beside the entities
constexpr Index kLengths[] = {1, 1, 2, 2, 3, 4};  // theirs
constexpr Index kFewestWords = 4;                 // of a sentence that n-grams are drawn from
constexpr double kLowerCase = 0.15;               // how often one whose first word is lower case counts
constexpr Index kMostMore = 3;                    // words that a translation may have beyond its span's
constexpr double kDrop = 0.15;                    // of the links: left out,
constexpr double kMove = 0.07;                    // or moved,
constexpr double kAdd = 0.07;                     // or with one more beside
constexpr Index kShifts[] = {-2, -1, 1, 2};       // by so many words

struct Pair {
    Index start, end, target_start, target_end;
};

// The first and the last word that each word of one side is linked to.
class Reached {
  public:
    void clear(std::size_t words) {
        first_.assign(words, std::numeric_limits<Index>::max());
        last_.assign(words, -1);
    }
    void add(Index word, Index other) {
        const auto w = static_cast<std::size_t>(word);
        first_[w] = std::min(first_[w], other);
        last_[w] = std::max(last_[w], other);
    }
    bool linked(Index word) const { return last(word) >= 0; }
    Index first(Index word) const { return first_[static_cast<std::size_t>(word)]; }
    Index last(Index word) const { return last_[static_cast<std::size_t>(word)]; }

  private:
    std::vector<Index> first_, last_;
};

class Drawing {
  public:
    Drawing(const WordShapes& source, View<Offset> target_offsets, const Spans& entities, const Links& links,
            std::uint64_t seed)
        : source_(source), target_{target_offsets, {}}, entities_(entities), links_(links), random_(seed) {}

    Silver draw(Offset most) {
        std::vector<Offset> order(source_.sentences());
        std::iota(order.begin(), order.end(), Offset{0});
        out_.entity_offsets.push_back(0);
        out_.link_offsets.push_back(0);
        for (std::size_t k = 0; k < order.size() && static_cast<Offset>(out_.sentence.size()) < most; ++k) {
            if (k % kBetweenPolls == 0) poll();
            std::swap(order[k], order[k + random_.below(order.size() - k)]);
            take(at(order[k]));
        }
        return std::move(out_);
    }

  private:
    static constexpr std::size_t kBetweenPolls = 256;

    void take(std::size_t s) {
        first_word_ = source_.offsets[s];
        words_ = static_cast<Index>(source_.offsets[s + 1] - first_word_);
        read_links(s);
        found_.clear();
        source_taken_.assign(static_cast<std::size_t>(words_), 0);
        target_taken_.assign(static_cast<std::size_t>(target_.count(s)), 0);
        for (Offset e = entities_.offsets[s]; e < entities_.offsets[s + 1]; ++e) {
            try_span(entities_.start[at(e)], entities_.end[at(e)]);
        }
        for (int k = 0; k < kExtra && words_ >= kFewestWords; ++k) try_ngram();
        if (found_.empty()) return;
        std::sort(found_.begin(), found_.end(), [](const Pair& a, const Pair& b) { return a.start < b.start; });
        write(s);
    }

    void read_links(std::size_t s) {
        cells_.clear();
        forward_.clear(static_cast<std::size_t>(words_));
        backward_.clear(static_cast<std::size_t>(target_.count(s)));
        for (Offset l = links_.offsets[s]; l < links_.offsets[s + 1]; ++l) {
            const Index a = links_.source[at(l)];
            const Index b = links_.target[at(l)];
            cells_.emplace_back(a, b);
            forward_.add(a, b);
            backward_.add(b, a);
        }
    }

    void try_ngram() {
        const auto start = static_cast<Index>(random_.below(static_cast<std::uint64_t>(words_)));
        const Index end = std::min(words_, start + kLengths[random_.below(std::size(kLengths))]);
        const std::uint8_t first = flags(start);
        if ((first | flags(end - 1)) & WordShapes::punctuation) return;
        if (first & WordShapes::capital || random_.unit() < kLowerCase) try_span(start, end);
    }

    std::uint8_t flags(Index word) const {
        return source_.flags[static_cast<std::size_t>(source_.ids[at(first_word_ + word)])];
    }

    void try_span(Index start, Index end) {
        if (any(source_taken_, start, end)) return;
        const auto found = translation(start, end);
        if (!found || any(target_taken_, found->target_start, found->target_end)) return;
        std::fill(source_taken_.begin() + start, source_taken_.begin() + end, std::uint8_t{1});
        std::fill(target_taken_.begin() + found->target_start, target_taken_.begin() + found->target_end,
                  std::uint8_t{1});
        found_.push_back(*found);
    }

    // The words that a span is linked to, and those between them, where it is phrase-consistent.
    std::optional<Pair> translation(Index start, Index end) {
        Index low = std::numeric_limits<Index>::max();
        Index high = 0;
        for (Index a = start; a < end; ++a) {
            ticker_.tick();
            low = std::min(low, forward_.first(a));
            high = std::max(high, forward_.last(a) + 1);
        }
        if (high == 0 || high - low > end - start + kMostMore) return {};
        for (Index b = low; b < high; ++b) {
            if (backward_.linked(b) && (backward_.first(b) < start || backward_.last(b) >= end)) return {};
        }
        return Pair{start, end, low, high};
    }

    static bool any(const std::vector<std::uint8_t>& taken, Index start, Index end) {
        return std::find(taken.begin() + start, taken.begin() + end, std::uint8_t{1}) != taken.begin() + end;
    }

    void write(std::size_t s) {
        out_.sentence.push_back(static_cast<Offset>(s));
        for (const Pair& pair : found_) {
            out_.start.push_back(pair.start);
            out_.end.push_back(pair.end);
            out_.target_start.push_back(pair.target_start);
            out_.target_end.push_back(pair.target_end);
        }
        make_worse(target_.count(s));
        for (const auto& [a, b] : worse_) {
            out_.source.push_back(a);
            out_.target.push_back(b);
        }
        out_.entity_offsets.push_back(static_cast<Offset>(out_.start.size()));
        out_.link_offsets.push_back(static_cast<Offset>(out_.source.size()));
    }

    void make_worse(Index target_words) {
        make_distinct(cells_);
        worse_.clear();
        const auto beside = [&](Index b) {
            return std::clamp(b + kShifts[random_.below(std::size(kShifts))], 0, target_words - 1);
        };
        for (const auto& [a, b] : cells_) {
            const double drawn = random_.unit();
            if (drawn < kDrop) continue;
            if (drawn < kDrop + kMove) {
                worse_.emplace_back(a, beside(b));
                continue;
            }
            worse_.emplace_back(a, b);
            if (drawn < kDrop + kMove + kAdd) worse_.emplace_back(a, beside(b));
        }
        make_distinct(worse_);
    }

    static void make_distinct(std::vector<std::pair<Index, Index>>& cells) {
        std::sort(cells.begin(), cells.end());
        cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
    }

    const WordShapes& source_;
    TargetWords target_;
    const Spans& entities_;
    const Links& links_;
    SplitMix random_;
    Ticker ticker_;
    Silver out_;

    // Of the sentence at hand.
    Offset first_word_ = 0;
    Index words_ = 0;
    Reached forward_, backward_;
    std::vector<std::pair<Index, Index>> cells_, worse_;
    std::vector<std::uint8_t> source_taken_, target_taken_;
    std::vector<Pair> found_;
};

}  // namespace

Silver find_silver(const WordShapes& source, View<Offset> target_offsets, const Spans& entities, const Links& links,
                   Offset most, std::uint64_t seed) {
    Job job;
    const Job::Turn turn(job, true);
    return Drawing(source, target_offsets, entities, links, seed).draw(most);
}

}  // namespace xproj
