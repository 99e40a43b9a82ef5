#include "xproj/link_counts.hpp"

#include <algorithm>

#include "xproj/poll.hpp"
#include "xproj/word_occurrences.hpp"

namespace xproj {
namespace {

// Sums up what is expected of one source type after the other.
class Expectation {
  public:
    Expectation(const LinkText& target, const std::vector<LinkMarginals>& marginals, LinkCounts& counts)
        : target_(target),
          marginals_(marginals),
          share_(2.0f / static_cast<float>(marginals.size())),
          counts_(counts),
          sums_{std::vector<float>(target.types()), std::vector<float>(target.types())},
          is_met_(target.types()) {}

    void add(Index type, View<Occurrence> occurrences) {
        for (const Occurrence& word : occurrences) {
            ticker_.tick();
            const View<Index> others = target_.words(at(word.sentence));
            const auto columns = static_cast<Index>(others.size());
            for (std::size_t m = 0; m < marginals_.size(); ++m) {
                const auto entries = marginals_[m].of(at(word.sentence));
                auto entry = std::ranges::lower_bound(entries, word.word * columns, {}, &LinkMarginals::Entry::cell);
                for (; entry != entries.end() && entry->cell / columns == word.word; ++entry) {
                    const Index other = others[at(entry->cell % columns)];
                    sums_[m % 2][at(other)] += entry->probability * share_;
                    if (!is_met_[at(other)]) met_.push_back(other);
                    is_met_[at(other)] = 1;
                }
            }
        }
        std::ranges::sort(met_);
        for (const Index other : met_) {
            float& reverse = sums_[0][at(other)];
            float& forward = sums_[1][at(other)];
            counts_.target.push_back(other);
            counts_.forward.push_back(forward);
            counts_.reverse.push_back(reverse);
            counts_.target_nulls[at(other)] -= forward;
            counts_.source_nulls[at(type)] -= reverse;
            forward = reverse = 0.0f;
            is_met_[at(other)] = 0;
        }
        met_.clear();
        counts_.offsets.push_back(static_cast<Offset>(counts_.target.size()));
    }

  private:
    const LinkText& target_;
    const std::vector<LinkMarginals>& marginals_;
    const float share_;
    LinkCounts& counts_;
    std::vector<float> sums_[2];  // reverse, forward
    std::vector<Index> met_;
    std::vector<std::uint8_t> is_met_;
    Ticker ticker_;
};

std::vector<float> words_by_type(const LinkText& text, const LinkText& source, const LinkText& target) {
    std::vector<float> words(text.types());
    for (std::size_t s = 0; s < text.sentences(); ++s) {
        if (pair_size(source, target, s).cells() == 0) continue;
        for (const Index type : text.words(s)) words[at(type)] += 1.0f;
    }
    return words;
}

}  // namespace

void count_links(const LinkText& source, const LinkText& target, const std::vector<LinkMarginals>& marginals,
                 LinkCounts& counts) {
    counts.source_nulls = counts.source_words = words_by_type(source, source, target);
    counts.target_nulls = counts.target_words = words_by_type(target, source, target);
    counts.offsets.push_back(0);
    const WordOccurrences occurrences(source, target, word_families(source));
    Expectation expectation(target, marginals, counts);
    for (std::size_t type = 0; type < source.types(); ++type) {
        expectation.add(static_cast<Index>(type), occurrences.of_type(static_cast<Index>(type)));
    }
    for (float& nulls : counts.source_nulls) nulls = std::max(nulls, 0.0f);
    for (float& nulls : counts.target_nulls) nulls = std::max(nulls, 0.0f);
}

}  // namespace xproj
