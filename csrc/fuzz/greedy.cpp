// Greedy matching: by the one-pass matcher, in stages, and by the definition; any number of chunks.
#include "xproj/greedy.hpp"

#include "fuzz/aligned.hpp"
#include "xproj/greedy_alignment.hpp"

namespace {

using namespace fuzz;

// Algorithm 2 as it is written: the best pair that is left, again and again.
std::vector<Span> plain(const Batch& batch, const Candidates& candidates, std::size_t s, Limit limit) {
    const std::size_t first = at(candidates.offsets[s]), count = at(candidates.offsets[s + 1]) - first;
    const auto entities = static_cast<Index>(batch.entities_of(s));
    std::vector<Span> taken;
    for (;;) {
        Span best{0, 0, 0, 0};
        for (Index e = 0; e < entities; ++e) {
            if (std::count_if(taken.begin(), taken.end(), [&](const Span& t) { return t.entity == e; }) >= limit.hi)
                continue;
            for (std::size_t c = 0; c < count; ++c) {
                const float score = candidates.scores[at(candidates.score_offsets[s]) + at(e) * count + c];
                const Index start = candidates.start[first + c], end = candidates.end[first + c];
                const auto on = [&](const Span& t) { return t.start < end && start < t.end; };
                if (score > best.score && std::none_of(taken.begin(), taken.end(), on)) best = {e, start, end, score};
            }
        }
        if (best.score <= 0) break;
        taken.push_back(best);
    }
    std::sort(taken.begin(), taken.end(), [](const Span& a, const Span& b) {
        return a.entity != b.entity ? a.entity < b.entity : a.start < b.start;
    });
    return taken;
}

Found staged(const Batch& batch, const Candidates& candidates, Limit limit, int chunks) {
    const Found found = run(batch, limit, chunks, [&](const auto& parts, const Matches& out, Found&) {
        return greedy(batch.target(), batch.entities(), candidates.spans(), candidates.score_offsets, candidates.scores,
                      limit, parts, out);
    });
    require_valid(batch, found, limit.hi);
    for (std::size_t s = 0; s < batch.sentences(); ++s) REQUIRE(found.spans(s) == plain(batch, candidates, s, limit));
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    Data data(bytes, size);
    const Limit limit = draw_limit(data);
    const Index longest = data.flag() ? data.number(1, 6) : Limit::kUnlimited;
    const int chunks = draw_chunks(data);
    const Batch batch = draw_batch(data, {3, 12, 6, 24});
    const Found one_pass = run(batch, limit, chunks, [&](const auto& parts, const Matches& out, Found&) {
        return greedy_alignment(batch.target(), batch.entities(), batch.links(), longest, limit, parts, out);
    });
    REQUIRE(one_pass == staged(batch, aligned_candidates(batch, longest), limit, 1));
    staged(batch, draw_candidates(data, batch, 4), limit, chunks);
    return 0;
}
