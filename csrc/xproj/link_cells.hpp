// Every (source word, target word) of every sentence pair, and what it has in common with others: the counts a sampler
// keeps are found by these numbers, without a search.
#pragma once

#include <memory>
#include <vector>

#include "xproj/word_families.hpp"
#include "xproj/word_similarity.hpp"

namespace xproj {

// A pair of word types that has a count of its own.
struct TypePair {
    Index family;  // the number of its pair of families
    float prior;   // observations it starts with
};

// One cell of a sentence pair: a number at or above 0 is that of its pair of types. Types that meet in this one cell
// have no count, as it would be this cell's own, which never counts for itself: ~number is that of their families.
//
// Number 0 is nobody's, of either kind: its count stays 0. Families that meet in one cell have this number.
class LinkCell {
  public:
    explicit LinkCell(Index number) : number_(number) {}

    std::size_t pair() const { return static_cast<std::size_t>(number_ & ~(number_ >> 31)); }
    std::size_t family(const TypePair& own) const {
        return static_cast<std::size_t>((~number_ & (number_ >> 31)) | own.family);
    }

  private:
    Index number_;
};

struct LinkCells {
    WordFamilies source_families, target_families;
    std::vector<Offset> offsets;           // where the (source x target words) block of each sentence pair starts
    std::unique_ptr<Index[]> numbers;      // by cell
    std::vector<TypePair> pairs;           // by number
    std::size_t family_pairs = 1;          // numbers of pairs of families
    std::vector<float> source_similarity;  // by source type: what its similar words are worth, all together
    std::vector<float> target_similarity;
};

// `sparse` is the prior of words that do not look alike.
LinkCells link_cells(const LinkText& source, const LinkText& target, const SimilarityWeights& similarity, float sparse);

}  // namespace xproj
