#include "xproj/alignment_scores.hpp"

#include <vector>

#include "xproj/aligned_words.hpp"
#include "xproj/parallel.hpp"

namespace xproj {

void alignment_scores(const TargetWords& target, const Spans& entities, const Links& links, const Spans& candidates,
                      View<Offset> score_offsets, int threads, float* scores) {
    const auto chunks = make_chunks(target.sentences(), threads);
    for_chunks(chunks, [&](std::size_t c) {
        AlignedWords aligned;
        std::vector<Index> links_before;  // links into target words 0 ... w - 1
        for (std::size_t s = chunks[c].begin; s < chunks[c].end; ++s) {
            aligned.gather(s, entities, links);
            const std::size_t words = static_cast<std::size_t>(target.count(s));
            float* out = scores + score_offsets[s];
            for (Offset e = entities.offsets[s]; e < entities.offsets[s + 1]; ++e) {
                const auto row = aligned.row(at(e - entities.offsets[s]));
                links_before.assign(words + 1, 0);
                for (std::size_t i = 0; i < row.size; ++i) {
                    links_before[static_cast<std::size_t>(row.words[i]) + 1] = row.before[i + 1] - row.before[i];
                }
                for (std::size_t w = 0; w < words; ++w) links_before[w + 1] += links_before[w];
                const Index length = entities.end[at(e)] - entities.start[at(e)];
                for (std::size_t t = at(candidates.offsets[s]); t < at(candidates.offsets[s + 1]); ++t) {
                    const Index start = candidates.start[t];
                    const Index end = candidates.end[t];
                    const Index inside =
                        links_before[static_cast<std::size_t>(end)] - links_before[static_cast<std::size_t>(start)];
                    *out++ = static_cast<float>(2 * inside) / static_cast<float>(length + end - start);
                }
            }
        }
    });
}

}  // namespace xproj
