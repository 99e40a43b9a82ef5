// Tags to entities and spans to IOB2 tags.
#pragma once

#include <vector>

#include "xproj/views.hpp"

namespace xproj {

// What a tag says about its word, independent of the scheme: E = BILOU's L, S = BILOU's U.
enum class Prefix : std::uint8_t { O = 0, B = 1, I = 2, E = 3, S = 4 };

enum class TagScheme {
    any,          // conlleval's and seqeval's lenient reading; no sequence is an error
    iob1,         // B- only where an entity follows one of the same class
    iob2,         // every entity starts with B-
    bilou,        // B- I- L- and U- for one word (also spelt BIOES)
    iob2_or_drop  // seqeval's strict mode: what does not start with B- is no entity
};

struct EntityList {
    std::vector<Offset> offsets;
    std::vector<Index> start;
    std::vector<Index> end;
    std::vector<Index> label;
    std::vector<Offset> broken;  // flat index of the first word, in each sentence without entities for it, whose tag
                                 // breaks the scheme
};

// `tags` are ids into `prefixes` and `labels` (label of O: anything).
EntityList decode_tags(View<Offset> word_offsets, View<Index> tags, View<std::uint8_t> prefixes, View<Index> labels,
                       TagScheme scheme);

// Writes the tags of one sentence of `words` words, as encode_iob2 does; returns what that returns.
Offset encode_sentence(const Spans& spans, View<Index> labels, Index classes, std::size_t sentence, Offset words,
                       Index* tags);

// Writes 0 = O, 1 + 2 * label = B-label, 2 + 2 * label = I-label for every word; spans of a sentence are disjoint.
// Writes by index, so it looks first: returns the first span that leaves its sentence or is empty, or whose label is
// not in [0, classes), where it stops; -1 where all is well. All offsets are checked (validate.hpp) and of one length.
Offset encode_iob2(View<Offset> word_offsets, const Spans& spans, View<Index> labels, Index classes, Index* tags);

}  // namespace xproj
