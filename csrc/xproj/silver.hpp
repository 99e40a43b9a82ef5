// Silver: spans of which the links leave no doubt where they went, beside links that were then made worse. Who learns
// to find such a span again by the worse links learns what links and words say of each other, and needs no gold for it.
#pragma once

#include <vector>

#include "xproj/learned_features.hpp"
#include "xproj/views.hpp"

namespace xproj {

struct Silver {
    std::vector<Offset> sentence;        // which sentences were taken, in the order they were drawn
    std::vector<Offset> entity_offsets;  // per such sentence, as the link_offsets
    std::vector<Index> start, end, target_start, target_end;
    std::vector<Offset> link_offsets;
    std::vector<Index> source, target;  // made worse, by (source, target), unique
};

// Draws sentences until `most` had a span that is phrase-consistent: some word of it is linked, and no word of what it
// is linked to is linked to anything outside. Spans are the entities and two random n-grams a sentence; they share no
// word, nor do their translations.
//
// The same seed draws the same.
Silver find_silver(const WordShapes& source, View<Offset> target_offsets, const Spans& entities, const Links& links,
                   Offset most, std::uint64_t seed);

}  // namespace xproj
