#include "xproj/iob.hpp"

#include <algorithm>

namespace xproj {
namespace {

struct Tag {
    Prefix prefix;
    Index label;
};

constexpr Tag kOutside{Prefix::O, -1};

bool inside(Prefix prefix) {
    return prefix == Prefix::I || prefix == Prefix::E;
}

bool open(Prefix prefix) {
    return prefix == Prefix::B || prefix == Prefix::I;
}

// conlleval's rule, which covers IOB1, IOB2 and BILOU at once.
bool starts(Tag previous, Tag tag) {
    if (tag.prefix == Prefix::O) return false;
    if (tag.prefix == Prefix::B || tag.prefix == Prefix::S) return true;
    return !open(previous.prefix) || previous.label != tag.label;
}

// Whether `tag` may follow `previous`. The end of a sentence is a final O.
bool follows(Tag previous, Tag tag, TagScheme scheme) {
    const bool same = previous.label == tag.label;
    switch (scheme) {
        case TagScheme::iob1:
            if (tag.prefix == Prefix::B) return open(previous.prefix) && same;
            return !(tag.prefix == Prefix::E || tag.prefix == Prefix::S);
        case TagScheme::iob2:
            if (tag.prefix == Prefix::I) return open(previous.prefix) && same;
            return !(tag.prefix == Prefix::E || tag.prefix == Prefix::S);
        case TagScheme::bilou:
            return open(previous.prefix) ? inside(tag.prefix) && same : !inside(tag.prefix);
        case TagScheme::any:
        case TagScheme::iob2_or_drop:
            return true;
    }
    return true;
}

}  // namespace

EntityList decode_tags(View<Offset> word_offsets, View<Index> tags, View<std::uint8_t> prefixes, View<Index> labels,
                       TagScheme scheme) {
    EntityList out;
    out.offsets.push_back(0);
    for (std::size_t s = 0; s + 1 < word_offsets.size(); ++s) {
        const Offset first = word_offsets[s];
        const std::size_t before = out.start.size();
        Tag previous = kOutside;
        bool in_entity = false;
        for (Offset w = first; w <= word_offsets[s + 1]; ++w) {
            const bool at_end = w == word_offsets[s + 1];
            const std::size_t id = at_end ? 0 : static_cast<std::size_t>(tags[at(w)]);
            Tag tag = at_end ? kOutside : Tag{static_cast<Prefix>(prefixes[id]), labels[id]};
            if (tag.prefix == Prefix::O) tag.label = -1;
            if (!follows(previous, tag, scheme)) {
                out.broken.push_back(at_end ? w - 1 : w);
                out.start.resize(before);
                out.end.resize(before);
                out.label.resize(before);
                break;
            }
            const Index word = static_cast<Index>(w - first);
            const bool begins = scheme == TagScheme::iob2_or_drop ? tag.prefix == Prefix::B : starts(previous, tag);
            const bool continues = inside(tag.prefix) && !begins && tag.label == previous.label;
            if (in_entity && !continues) {
                out.end.push_back(word);
                in_entity = false;
            }
            if (begins) {
                out.start.push_back(word);
                out.label.push_back(tag.label);
                in_entity = true;
            }
            previous = tag;
        }
        out.offsets.push_back(static_cast<Offset>(out.start.size()));
    }
    return out;
}

Offset encode_sentence(const Spans& spans, View<Index> labels, Index classes, std::size_t sentence, Offset words,
                       Index* tags) {
    std::fill(tags, tags + words, 0);
    for (std::size_t i = at(spans.offsets[sentence]); i < at(spans.offsets[sentence + 1]); ++i) {
        const Index start = spans.start[i], end = spans.end[i], label = labels[i];
        if (start < 0 || start >= end || end > words || label < 0 || label >= classes) return static_cast<Offset>(i);
        tags[start] = 1 + 2 * label;
        std::fill(tags + start + 1, tags + end, 2 + 2 * label);
    }
    return -1;
}

Offset encode_iob2(View<Offset> word_offsets, const Spans& spans, View<Index> labels, Index classes, Index* tags) {
    for (std::size_t s = 0; s < spans.sentences(); ++s) {
        const Offset words = word_offsets[s + 1] - word_offsets[s];
        const Offset broken = encode_sentence(spans, labels, classes, s, words, tags + word_offsets[s]);
        if (broken >= 0) return broken;
    }
    return -1;
}

}  // namespace xproj
