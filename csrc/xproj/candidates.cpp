#include "xproj/candidates.hpp"

#include <algorithm>

#include "xproj/aligned_words.hpp"
#include "xproj/parallel.hpp"

namespace xproj {
namespace {

// Calls emit(start, end) for each n-gram of [0, words) whose end is at most reach[start]; reach == nullptr
// means the whole sentence. Ordered by start, then by end.
template <class Emit>
void each_ngram(Index words, const std::uint8_t* stop, const Index* reach, NgramLimits limits, Emit&& emit) {
    for (Index start = 0; start < words; ++start) {
        const Index last =
            std::min(reach ? reach[start] : words, limits.max_words < words - start ? start + limits.max_words : words);
        for (Index end = start + 1; end <= last; ++end) {
            if (stop && stop[end - 1]) break;
            if (end - start >= limits.min_words) emit(start, end);
        }
    }
}

// reach[w] = the furthest end of an n-gram that starts at w and lies inside the aligned range of some entity,
// or 0.
class Reach {
  public:
    const Index* compute(Index words, std::size_t s, const Spans& entities, const Links& links) {
        reach_.assign(static_cast<std::size_t>(words), 0);
        const auto count = [s](View<Offset> offsets) { return at(offsets[s + 1] - offsets[s]); };
        if (AlignedWords::is_much(count(entities.offsets), count(links.offsets))) {
            in_one_pass(words, s, entities, links);
        } else {
            by_entity(words, s, entities, links);
        }
        return reach_.data();
    }

  private:
    void by_entity(Index words, std::size_t s, const Spans& entities, const Links& links) {
        for (Offset e = entities.offsets[s]; e < entities.offsets[s + 1]; ++e) {
            Index left = words;
            Index right = -1;
            for (Offset l = links.offsets[s]; l < links.offsets[s + 1]; ++l) {
                const Index source = links.source[at(l)];
                if (source < entities.start[at(e)] || source >= entities.end[at(e)]) continue;
                left = std::min(left, links.target[at(l)]);
                right = std::max(right, links.target[at(l)]);
            }
            for (Index w = left; w <= right; ++w) {
                Index& furthest = reach_[static_cast<std::size_t>(w)];
                furthest = std::max(furthest, right + 1);
            }
        }
    }

    // The same without a look at every link, and at every word of the range, for every entity.
    void in_one_pass(Index words, std::size_t s, const Spans& entities, const Links& links) {
        aligned_.gather(s, entities, links);
        for (std::size_t e = 0; e < at(entities.offsets[s + 1] - entities.offsets[s]); ++e) {
            const AlignedWords::Row row = aligned_.row(e);
            if (row.size == 0) continue;
            Index& furthest = reach_[static_cast<std::size_t>(row.words[0])];
            furthest = std::max(furthest, row.words[row.size - 1] + 1);
        }
        Index so_far = 0;
        for (Index w = 0; w < words; ++w) {
            Index& furthest = reach_[static_cast<std::size_t>(w)];
            so_far = std::max(so_far, furthest);
            furthest = so_far > w ? so_far : 0;
        }
    }

    AlignedWords aligned_;
    std::vector<Index> reach_;
};

template <class ReachOf>
void count(const TargetWords& target, NgramLimits limits, int threads, Offset* counts, ReachOf&& make_reach) {
    const auto chunks = make_chunks(target.sentences(), threads);
    for_chunks(chunks, [&](std::size_t c) {
        auto reach_of = make_reach();
        for_sentences(chunks[c], [&](std::size_t s) {
            Offset n = 0;
            each_ngram(target.count(s), target.stop_of(s), reach_of(s), limits, [&](Index, Index) { ++n; });
            counts[s] = n;
        });
    });
}

template <class ReachOf>
void fill(const TargetWords& target, NgramLimits limits, int threads, View<Offset> offsets, Index* starts, Index* ends,
          ReachOf&& make_reach) {
    const auto chunks = make_chunks(target.sentences(), threads);
    for_chunks(chunks, [&](std::size_t c) {
        auto reach_of = make_reach();
        for_sentences(chunks[c], [&](std::size_t s) {
            std::size_t i = at(offsets[s]);
            each_ngram(target.count(s), target.stop_of(s), reach_of(s), limits, [&](Index start, Index end) {
                starts[i] = start;
                ends[i] = end;
                ++i;
            });
        });
    });
}

auto everywhere() {
    return [] { return [](std::size_t) -> const Index* { return nullptr; }; };
}

auto aligned_range(const TargetWords& target, const Spans& entities, const Links& links) {
    return [&] {
        return
            [&, reach = Reach{}](std::size_t s) mutable { return reach.compute(target.count(s), s, entities, links); };
    };
}

}  // namespace

void count_ngrams(const TargetWords& target, NgramLimits limits, int threads, Offset* counts) {
    count(target, limits, threads, counts, everywhere());
}

void fill_ngrams(const TargetWords& target, NgramLimits limits, int threads, View<Offset> offsets, Index* start,
                 Index* end) {
    fill(target, limits, threads, offsets, start, end, everywhere());
}

void count_aligned_ngrams(const TargetWords& target, const Spans& entities, const Links& links, NgramLimits limits,
                          int threads, Offset* counts) {
    count(target, limits, threads, counts, aligned_range(target, entities, links));
}

void fill_aligned_ngrams(const TargetWords& target, const Spans& entities, const Links& links, NgramLimits limits,
                         int threads, View<Offset> offsets, Index* start, Index* end) {
    fill(target, limits, threads, offsets, start, end, aligned_range(target, entities, links));
}

}  // namespace xproj
