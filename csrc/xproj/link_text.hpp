// What word links are learnt from: sentence pairs as word types, and how each type is written.
#pragma once

#include "xproj/views.hpp"

namespace xproj {

// Sentence pairs with more words on a side have no links and are not learnt from: the work on a pair grows with the
// product of its lengths.
inline constexpr Offset kMostLinkedWords = 1023;

struct LinkText {
    View<Offset> offsets;
    View<Index> ids;  // the type of each word
    View<Offset> form_offsets;
    View<Index> forms;  // code points of the folded form of each type

    std::size_t sentences() const { return offsets.size() - 1; }
    std::size_t types() const { return form_offsets.size() - 1; }
    View<Index> words(std::size_t s) const { return ids.subspan(at(offsets[s]), at(offsets[s + 1] - offsets[s])); }
    View<Index> form(std::size_t type) const {
        return forms.subspan(at(form_offsets[type]), at(form_offsets[type + 1] - form_offsets[type]));
    }
};

struct SentenceRange {
    std::size_t begin;
    std::size_t end;
};

// Words on either side of a sentence pair, none on both where there is nothing to learn from it.
struct PairSize {
    std::size_t source = 0;
    std::size_t target = 0;

    std::size_t cells() const { return source * target; }
};

inline PairSize pair_size(const LinkText& source, const LinkText& target, std::size_t s) {
    const Offset rows = source.offsets[s + 1] - source.offsets[s];
    const Offset columns = target.offsets[s + 1] - target.offsets[s];
    if (rows == 0 || columns == 0 || rows > kMostLinkedWords || columns > kMostLinkedWords) return {};
    return {at(rows), at(columns)};
}

// One side generates the words of the other, which are its conditions: the source the target's forward, the target the
// source's in reverse.
struct LinkDirection {
    const LinkText& source;
    const LinkText& target;
    bool forward;

    const LinkText& condition() const { return forward ? source : target; }
    const LinkText& generated() const { return forward ? target : source; }
    std::size_t conditions(const PairSize& size) const { return forward ? size.source : size.target; }
    std::size_t generated(const PairSize& size) const { return forward ? size.target : size.source; }
};

}  // namespace xproj
