// The word-to-word heuristic against its definition, word by word.
#include "xproj/heuristic.hpp"

#include <array>
#include <numeric>

#include "fuzz/batch.hpp"

namespace {

using namespace fuzz;

struct Run {
    Index start, end;
};

// Whether a link joins target word w of sentence s to one of the source words [start, end).
bool aligned(const Batch& batch, std::size_t s, Index start, Index end, Index w) {
    for (std::size_t l = at(batch.link_offsets[s]); l < at(batch.link_offsets[s + 1]); ++l) {
        const Index source = batch.link_source[l];
        if (batch.link_target[l] == w && source >= start && source < end) return true;
    }
    return false;
}

std::vector<Run> runs_of(const Batch& batch, std::size_t s, std::size_t e, const HeuristicOptions& options) {
    const Index length = batch.entity_end[e] - batch.entity_start[e];
    std::vector<Run> runs;
    for (Index w = 0; w < batch.target().count(s); ++w) {
        const Index first = batch.entity_start[e];
        if (!aligned(batch, s, first, batch.entity_end[e], w)) continue;
        const Index gap = runs.empty() ? 0 : w - runs.back().end;
        const bool apart = options.merge_only_i_labels && aligned(batch, s, first, first + 1, w);
        if (!runs.empty() && (gap == 0 || (gap <= options.merge_distance && !apart))) {
            runs.back().end = w + 1;
        } else {
            runs.push_back({w, w + 1});
        }
    }
    std::erase_if(runs, [&](Run r) { return double(r.end - r.start) / double(length) <= options.length_ratio; });
    if (options.top_k > 0 && runs.size() > at(options.top_k)) {
        std::stable_sort(runs.begin(), runs.end(), [](Run a, Run b) { return a.end - a.start > b.end - b.start; });
        runs.resize(at(options.top_k));
        std::sort(runs.begin(), runs.end(), [](Run a, Run b) { return a.start < b.start; });
    }
    return runs;
}

// Each run writes its number on its words; what reads the same side by side is one span.
std::vector<std::array<Index, 3>> plain(const Batch& batch, std::size_t s, const HeuristicOptions& options) {
    const std::size_t first = at(batch.entity_offsets[s]);
    std::vector<std::size_t> order(at(batch.entities_of(s)));
    std::iota(order.begin(), order.end(), first);
    const auto length = [&](std::size_t e) { return batch.entity_end[e] - batch.entity_start[e]; };
    if (options.shortest_first) {
        std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return length(a) < length(b); });
    }
    std::vector<int> written(at(batch.target().count(s)), 0);
    std::vector<Index> owner{-1};
    for (const std::size_t e : order) {
        for (const Run run : runs_of(batch, s, e, options)) {
            const auto begin = written.begin() + run.start, end = written.begin() + run.end;
            if (!options.overwrite && std::any_of(begin, end, [](int number) { return number > 0; })) continue;
            std::fill(begin, end, static_cast<int>(owner.size()));
            owner.push_back(static_cast<Index>(e - first));
        }
    }
    std::vector<std::array<Index, 3>> spans;
    for (std::size_t w = 0; w < written.size(); ++w) {
        if (written[w] == 0) continue;
        const Index entity = owner[static_cast<std::size_t>(written[w])], word = static_cast<Index>(w);
        if (w > 0 && written[w - 1] == written[w]) {
            spans.back()[2] = word + 1;
        } else {
            spans.push_back({entity, word, word + 1});
        }
    }
    std::sort(spans.begin(), spans.end());
    return spans;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    Data data(bytes, size);
    HeuristicOptions options;
    options.merge_distance = data.number(0, 3);
    options.length_ratio = static_cast<double>(data.number(0, 4)) / 4;
    options.top_k = data.number(0, 3);
    options.shortest_first = data.flag();
    options.overwrite = data.flag();
    options.merge_only_i_labels = data.flag();
    const int chunks = draw_chunks(data);
    const Batch batch = draw_batch(data, {3, 12, 6, 24});
    const Found found = run(batch, {0, Limit::kUnlimited}, chunks, [&](const auto& parts, const Matches& out, Found&) {
        return heuristic(batch.target(), batch.entities(), batch.links(), options, parts, out);
    });
    require_valid(batch, found, Limit::kUnlimited);
    for (std::size_t s = 0; s < batch.sentences(); ++s) {
        std::vector<std::array<Index, 3>> spans;
        for (const Span& span : found.spans(s)) spans.push_back({span.entity, span.start, span.end});
        REQUIRE(spans == plain(batch, s, options));
    }
    return 0;
}
