#include "xproj/greedy_alignment.hpp"

#include "xproj/aligned_spans.hpp"
#include "xproj/greedy_loop.hpp"

namespace xproj {

Offset greedy_alignment(const TargetWords& target, const Spans& entities, const Links& links, Index max_words,
                        Limit limit, const std::vector<Chunk>& chunks, const Matches& out) {
    const auto match = [&](Chunk chunk, MatchWriter& writer) {
        AlignedWords aligned;
        GreedyLoop loop;
        std::vector<std::uint8_t> blocked;
        for_sentences(chunk, [&](std::size_t s) {
            const Offset entity = entities.offsets[s];
            const std::size_t count = at(entities.offsets[s + 1] - entity);
            if (count == 0) {
                writer.finish(s, Status::feasible);
                return;
            }
            aligned.gather(s, entities, links);
            AlignedSpans spans(aligned, entities.start.data() + entity, entities.end.data() + entity, target.count(s),
                               target.stop_of(s), max_words, blocked);
            loop.run(s, count, limit, spans, writer, out.outcome + entity);
        });
    };
    return match_chunks(chunks, entities.offsets, target.offsets, limit, out, match);
}

}  // namespace xproj
