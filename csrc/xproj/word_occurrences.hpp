// Where the words of a text stand, by their type, types of one family one after the other.
#pragma once

#include <numeric>
#include <vector>

#include "xproj/link_text.hpp"
#include "xproj/word_families.hpp"

namespace xproj {

// One source word of a sentence pair that may have links.
struct Occurrence {
    Index sentence;
    Index word;
};

class WordOccurrences {
  public:
    WordOccurrences(const LinkText& source, const LinkText& target, const WordFamilies& families)
        : types_(source.types()),
          place_of_type_(source.types()),
          first_place_(families.count + 1),
          first_(source.types() + 1) {
        for (const Index family : families.of_type) ++first_place_[at(family) + 1];
        std::partial_sum(first_place_.begin(), first_place_.end(), first_place_.begin());
        std::vector<std::size_t> next(first_place_.begin(), first_place_.end() - 1);
        for (std::size_t type = 0; type < types_.size(); ++type) {
            place_of_type_[type] = next[at(families.of_type[type])]++;
            types_[place_of_type_[type]] = static_cast<Index>(type);
        }
        each_word(source, target, [&](Index type, Occurrence) { ++first_[place_of_type_[at(type)] + 1]; });
        std::partial_sum(first_.begin(), first_.end(), first_.begin());
        occurrences_.resize(first_.back());
        next.assign(first_.begin(), first_.end() - 1);
        each_word(source, target,
                  [&](Index type, Occurrence word) { occurrences_[next[place_of_type_[at(type)]]++] = word; });
    }

    std::size_t families() const { return first_place_.size() - 1; }
    View<Index> types_of(std::size_t family) const {
        const std::size_t first = first_place_[family];
        return View<Index>(types_).subspan(first, first_place_[family + 1] - first);
    }
    View<Occurrence> of_family(std::size_t family) const {
        return between(first_place_[family], first_place_[family + 1]);
    }
    View<Occurrence> of_type(Index type) const {
        const std::size_t place = place_of_type_[at(type)];
        return between(place, place + 1);
    }

  private:
    View<Occurrence> between(std::size_t begin, std::size_t end) const {
        return View<Occurrence>(occurrences_).subspan(first_[begin], first_[end] - first_[begin]);
    }

    template <class Body>
    static void each_word(const LinkText& source, const LinkText& target, Body&& body) {
        for (std::size_t s = 0; s < source.sentences(); ++s) {
            const View<Index> words = source.words(s);
            const std::size_t rows = pair_size(source, target, s).source;
            for (std::size_t i = 0; i < rows; ++i) body(words[i], {static_cast<Index>(s), static_cast<Index>(i)});
        }
    }

    std::vector<Index> types_;  // family by family: a type's place
    std::vector<std::size_t> place_of_type_;
    std::vector<std::size_t> first_place_;  // of each family
    std::vector<std::size_t> first_;        // occurrence of the type at each place
    std::vector<Occurrence> occurrences_;
};

}  // namespace xproj
