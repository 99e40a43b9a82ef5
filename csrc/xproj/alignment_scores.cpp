#include "xproj/alignment_scores.hpp"

#include <algorithm>
#include <vector>

#include "xproj/aligned_words.hpp"
#include "xproj/parallel.hpp"

namespace xproj {
namespace {

constexpr std::size_t kCandidatesPerPoll = 4096;
constexpr std::size_t kSearch = 32;  // words that can be counted through while a span is looked up

float score(Index links, Index lengths) {
    return static_cast<float>(2 * links) / static_cast<float>(lengths);
}

}  // namespace

void alignment_scores(const TargetWords& target, const Spans& entities, const Links& links, const Spans& candidates,
                      View<Offset> score_offsets, int threads, float* scores) {
    const auto chunks = make_chunks(target.sentences(), threads);
    for_chunks(chunks, [&](std::size_t c) {
        AlignedWords aligned;
        std::vector<Index> links_before;  // links into target words 0 ... w - 1
        for_sentences(chunks[c], [&](std::size_t s) {
            aligned.gather(s, entities, links);
            const std::size_t words = static_cast<std::size_t>(target.count(s));
            const std::size_t first = at(candidates.offsets[s]);
            const std::size_t last = at(candidates.offsets[s + 1]);
            const bool few = (last - first) * kSearch < words;  // then no row of all words is worth its filling
            float* out = scores + score_offsets[s];
            for (Offset e = entities.offsets[s]; e < entities.offsets[s + 1]; ++e) {
                if (last - first > kCandidatesPerPoll) poll();
                const auto row = aligned.row(at(e - entities.offsets[s]));
                const Index length = entities.end[at(e)] - entities.start[at(e)];
                if (few) {
                    const auto links_before_word = [&](Index word) {
                        return row.before[std::lower_bound(row.words, row.words + row.size, word) - row.words];
                    };
                    for (std::size_t t = first; t < last; ++t) {
                        const Index start = candidates.start[t];
                        const Index end = candidates.end[t];
                        *out++ = score(links_before_word(end) - links_before_word(start), length + end - start);
                    }
                    continue;
                }
                links_before.assign(words + 1, 0);
                for (std::size_t i = 0; i < row.size; ++i) {
                    links_before[static_cast<std::size_t>(row.words[i]) + 1] = row.before[i + 1] - row.before[i];
                }
                for (std::size_t w = 0; w < words; ++w) links_before[w + 1] += links_before[w];
                for (std::size_t t = first; t < last; ++t) {
                    const Index start = candidates.start[t];
                    const Index end = candidates.end[t];
                    const Index inside =
                        links_before[static_cast<std::size_t>(end)] - links_before[static_cast<std::size_t>(start)];
                    *out++ = score(inside, length + end - start);
                }
            }
        });
    });
}

}  // namespace xproj
