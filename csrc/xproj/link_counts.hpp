// What a text has taught of its language pair: the links that are expected between any two types of words, by which new
// text can be aligned.
#pragma once

#include <array>
#include <vector>

#include "xproj/link_cells.hpp"
#include "xproj/link_fertilities.hpp"
#include "xproj/link_jumps.hpp"
#include "xproj/link_marginals.hpp"

namespace xproj {

// Of one direction; its conditions are the words that generate.
struct LearntOrder {
    std::vector<double> jumps = std::vector<double>(LinkJumps::kJumps);  // links by jump, from -kReach
    std::vector<float> fertilities;                                      // words by (condition's type, number of links)
};

struct LinkCounts {
    std::vector<Offset> offsets;  // into the pairs of types, by source type
    std::vector<Index> target;    // in order
    std::vector<float> forward;   // links of words of the two types that are expected
    std::vector<float> reverse;
    std::vector<float> source_words, target_words;            // how often there is a word, by type
    std::vector<float> source_nulls, target_nulls;            // how often it has no link
    std::vector<float> source_similarity, target_similarity;  // see LinkCells
    LearntOrder order[2];                                     // reverse, forward
};

// Fills in all but similarities and order. Of the marginals the even ones are of the reverse direction, the odd ones
// of the forward one, both of all sentence pairs.
void count_links(const LinkText& source, const LinkText& target, const std::vector<LinkMarginals>& marginals,
                 LinkCounts& counts);

// The same as somebody else holds it.
struct KnownLinks {
    View<Offset> offsets;
    View<Index> target;
    View<float> forward, reverse;
    View<float> source_words, target_words, source_nulls, target_nulls, source_similarity, target_similarity;
    View<double> forward_jumps, reverse_jumps;
    View<float> forward_fertilities, reverse_fertilities;

    std::size_t source_types() const { return offsets.size() - 1; }
    std::size_t target_types() const { return target_words.size(); }
};

}  // namespace xproj
