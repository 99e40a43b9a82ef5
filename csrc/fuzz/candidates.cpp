// N-grams and aligned n-grams against their definitions.
#include "xproj/candidates.hpp"

#include "fuzz/batch.hpp"

namespace {

using namespace fuzz;

using Listed = std::vector<std::pair<Index, Index>>;

Listed plain_ngrams(const Batch& batch, std::size_t s, NgramLimits limits) {
    const Index words = batch.target().count(s);
    Listed spans;
    for (Index a = 0; a < words; ++a) {
        for (Index b = a + 1; b <= words; ++b) {
            const auto stop = batch.stop.begin() + batch.target_offsets[s];
            const bool holds_stop = std::any_of(stop + a, stop + b, [](std::uint8_t mark) { return mark != 0; });
            if (b - a >= limits.min_words && b - a <= limits.max_words && !holds_stop) spans.emplace_back(a, b);
        }
    }
    return spans;
}

// Those between the leftmost and the rightmost word aligned to some one entity.
Listed plain_aligned(const Batch& batch, std::size_t s, NgramLimits limits) {
    Listed ranges;
    for (std::size_t e = at(batch.entity_offsets[s]); e < at(batch.entity_offsets[s + 1]); ++e) {
        std::vector<Index> words;
        for (std::size_t l = at(batch.link_offsets[s]); l < at(batch.link_offsets[s + 1]); ++l) {
            const Index source = batch.link_source[l];
            if (source >= batch.entity_start[e] && source < batch.entity_end[e]) words.push_back(batch.link_target[l]);
        }
        if (words.empty()) continue;
        const auto [left, right] = std::minmax_element(words.begin(), words.end());
        ranges.emplace_back(*left, *right + 1);
    }
    Listed spans = plain_ngrams(batch, s, limits);
    std::erase_if(spans, [&](const auto& span) {
        const auto holds = [&](const auto& range) { return range.first <= span.first && span.second <= range.second; };
        return std::none_of(ranges.begin(), ranges.end(), holds);
    });
    return spans;
}

template <class Count, class Fill, class Plain>
void compare(const Batch& batch, Count&& count, Fill&& fill, Plain&& plain) {
    std::vector<Offset> offsets(batch.sentences() + 1);
    count(offsets.data() + 1);
    for (std::size_t s = 0; s < batch.sentences(); ++s) offsets[s + 1] += offsets[s];
    std::vector<Index> start(at(offsets.back())), end(at(offsets.back()));
    fill(offsets, start.data(), end.data());
    for (std::size_t s = 0; s < batch.sentences(); ++s) {
        Listed spans;
        for (std::size_t i = at(offsets[s]); i < at(offsets[s + 1]); ++i) spans.emplace_back(start[i], end[i]);
        REQUIRE(spans == plain(s));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    Data data(bytes, size);
    const NgramLimits limits{data.number(1, 4), data.flag() ? data.number(1, 6) : Limit::kUnlimited};
    const Batch batch = draw_batch(data, {3, 12, 5, 12});
    const TargetWords target = batch.target();
    compare(
        batch, [&](Offset* counts) { count_ngrams(target, limits, 1, counts); },
        [&](View<Offset> offsets, Index* start, Index* end) { fill_ngrams(target, limits, 1, offsets, start, end); },
        [&](std::size_t s) { return plain_ngrams(batch, s, limits); });
    compare(
        batch,
        [&](Offset* counts) { count_aligned_ngrams(target, batch.entities(), batch.links(), limits, 1, counts); },
        [&](View<Offset> offsets, Index* start, Index* end) {
            fill_aligned_ngrams(target, batch.entities(), batch.links(), limits, 1, offsets, start, end);
        },
        [&](std::size_t s) { return plain_aligned(batch, s, limits); });
    return 0;
}
