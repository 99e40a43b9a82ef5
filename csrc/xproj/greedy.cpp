#include "xproj/greedy.hpp"

#include "xproj/greedy_loop.hpp"
#include "xproj/scored_candidates.hpp"

namespace xproj {

Offset greedy(const TargetWords& target, const Spans& entities, const Spans& candidates, View<Offset> score_offsets,
              View<float> scores, Limit limit, const std::vector<Chunk>& chunks, const Matches& out) {
    const auto match = [&](Chunk chunk, MatchWriter& writer) {
        GreedyLoop loop;
        std::vector<std::uint8_t> dead;
        for_sentences(chunk, [&](std::size_t s) {
            const std::size_t first = at(candidates.offsets[s]);
            ScoredCandidates scored(candidates.start.data() + first, candidates.end.data() + first,
                                    at(candidates.offsets[s + 1]) - first, scores.data() + score_offsets[s], dead);
            const Offset entity = entities.offsets[s];
            loop.run(s, at(entities.offsets[s + 1] - entity), limit, scored, writer, out.outcome + entity);
        });
    };
    return match_chunks(chunks, entities.offsets, target.offsets, limit, out, match);
}

}  // namespace xproj
