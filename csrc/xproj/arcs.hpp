// The pairs of one sentence that matchers choose from.
#pragma once

#include <algorithm>
#include <vector>

#include "xproj/covered_words.hpp"
#include "xproj/poll.hpp"
#include "xproj/views.hpp"

namespace xproj {

// One (entity, candidate) pair with a positive score. The candidate covers words [start, end).
struct Arc {
    Index entity;
    Index start;
    Index end;
    float score;
};

// By start, then end, then entity: the order every step of the exact matcher relies on.
inline bool arc_before(const Arc& a, const Arc& b) {
    if (a.start != b.start) return a.start < b.start;
    return a.end != b.end ? a.end < b.end : a.entity < b.entity;
}

// Takes arcs in greedy's order by one sort, where looking at all of them a pick would be quadratic.
class ArcSweep {
  public:
    // Calls take(arc) for each that is wanted(arc) then and shares no word with one taken before.
    template <class Wanted, class Take>
    void run(std::vector<Arc>& arcs, Wanted&& wanted, Take&& take) {
        Index words = 0;
        for (const Arc& arc : arcs) words = std::max(words, arc.end);
        covered_.reset(words);
        sort_by_rank(arcs);
        for (const Arc& arc : arcs) {
            if (wanted(arc) && covered_.claim(arc.start, arc.end)) take(arc);
        }
    }

  private:
    // The larger score, then the lower entity, the earlier start, the shorter span.
    static void sort_by_rank(std::vector<Arc>& arcs) {
        Ticker ticker;
        std::sort(arcs.begin(), arcs.end(), [&](const Arc& a, const Arc& b) {
            ticker.tick();
            if (a.score != b.score) return a.score > b.score;
            if (a.entity != b.entity) return a.entity < b.entity;
            return a.start != b.start ? a.start < b.start : a.end < b.end;
        });
    }

    CoveredWords covered_;
};

// Drops the arcs of one entity that contain a sub-span scoring at least as much: swapping in the sub-span
// frees words and loses nothing, so an optimum without them remains. Arcs come and stay ordered by (start,
// end).
class ArcPruner {
  public:
    // `words` = how many words the sentence has, or more.
    void prune(std::vector<Arc>& arcs, std::size_t first, Index words) {
        if (arcs.size() - first < 2) return;
        best_.resize(std::max(best_.size(), static_cast<std::size_t>(words) + 1), 0.0F);
        // From the last start backwards, and from the shortest of a start on: what an arc contains comes before it.
        for (std::size_t last = arcs.size(); last > first;) {
            std::size_t group = last;
            while (group > first && arcs[group - 1].start == arcs[last - 1].start) --group;
            for (std::size_t i = group; i < last; ++i) {
                const float score = arcs[i].score;
                if (score <= best_up_to(arcs[i].end)) {
                    arcs[i].score = 0;  // dropped below; what beats it stands for it
                } else {
                    put(arcs[i].end, score);
                }
            }
            last = group;
        }
        for (std::size_t i = first; i < arcs.size(); ++i) forget(arcs[i].end);
        const auto begin = arcs.begin() + static_cast<std::ptrdiff_t>(first);
        arcs.erase(std::remove_if(begin, arcs.end(), [](const Arc& arc) { return arc.score <= 0; }), arcs.end());
    }

  private:
    // A Fenwick tree of maxima: best_[end] holds the best score of those among the arcs so far that end in the
    // (end & -end) words up to `end`.
    float best_up_to(Index end) const {
        float best = 0;
        for (; end > 0; end &= end - 1) best = std::max(best, best_[static_cast<std::size_t>(end)]);
        return best;
    }

    void put(Index end, float score) {
        for (auto i = static_cast<std::size_t>(end); i < best_.size(); i += i & (~i + 1)) {
            best_[i] = std::max(best_[i], score);
        }
    }

    void forget(Index end) {
        for (auto i = static_cast<std::size_t>(end); i < best_.size() && best_[i] > 0; i += i & (~i + 1)) best_[i] = 0;
    }

    std::vector<float> best_;
};

}  // namespace xproj
