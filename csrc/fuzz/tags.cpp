// Any tags in any scheme: entities are spans in order, and written as IOB2 and read again they are the same.
#include "xproj/iob.hpp"

#include <algorithm>

#include "fuzz/data.hpp"
#include "xproj/validate.hpp"

using namespace xproj;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Data data(bytes, size);
    const auto scheme = static_cast<TagScheme>(data.number(0, 4));
    std::vector<std::uint8_t> prefixes{0};
    std::vector<Index> labels{-1};
    for (std::uint8_t prefix = 1; prefix <= 4; ++prefix) {
        for (Index label = 0; label < 2; ++label) {
            prefixes.push_back(prefix);
            labels.push_back(label);
        }
    }
    std::vector<Offset> words{0};
    std::vector<Index> tags;
    while (!data.empty()) {
        for (int w = data.number(0, 7); w > 0; --w) tags.push_back(data.number(0, 8));
        words.push_back(static_cast<Offset>(tags.size()));
    }
    const EntityList found = decode_tags(words, tags, prefixes, labels, scheme);
    for (const Offset word : found.broken) {
        REQUIRE(word < words.back());
        REQUIRE(scheme != TagScheme::any && scheme != TagScheme::iob2_or_drop);
        const auto s = std::upper_bound(words.begin(), words.end(), word) - words.begin() - 1;
        REQUIRE(found.offsets[at(s)] == found.offsets[at(s) + 1]);  // nothing is read of a sentence at fault
    }
    REQUIRE(found.offsets.size() == words.size());
    const Spans spans{found.offsets, found.start, found.end};
    REQUIRE(check_offsets(found.offsets, static_cast<Offset>(found.start.size())).fault == Fault::none);
    REQUIRE(check_spans(spans, words, SpanRule::disjoint).fault == Fault::none);
    REQUIRE(check_labels(found.offsets, found.label, 2).fault == Fault::none);

    std::vector<Index> written(tags.size(), -1);
    encode_iob2(words, spans, found.label, 2, written.data());
    const std::vector<std::uint8_t> iob2{0, 1, 2, 1, 2};
    const std::vector<Index> of_label{-1, 0, 0, 1, 1};
    const EntityList again = decode_tags(words, written, iob2, of_label, TagScheme::iob2);
    REQUIRE(again.broken.empty());
    REQUIRE(again.offsets == found.offsets && again.start == found.start && again.end == found.end);
    REQUIRE(again.label == found.label);
    return 0;
}
