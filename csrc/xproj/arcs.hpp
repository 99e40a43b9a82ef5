// What the exact matcher works on: the pairs of one sentence that could still be part of an optimum.
#pragma once

#include <algorithm>
#include <vector>

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

// Drops the arcs of one entity that contain a sub-span scoring at least as much: swapping in the sub-span
// frees words and loses nothing, so an optimum without them remains. Arcs come and stay ordered by (start,
// end).
class ArcPruner {
  public:
    void prune(std::vector<Arc>& arcs, std::size_t first) {
        if (arcs.size() - first < 2) return;
        const Index base = arcs[first].start;
        Index width = 0;
        for (std::size_t i = first; i < arcs.size(); ++i) width = std::max(width, arcs[i].end - arcs[i].start);
        const std::size_t rows = static_cast<std::size_t>(arcs.back().start - base) + static_cast<std::size_t>(width);
        const std::size_t columns = static_cast<std::size_t>(width);
        if (rows * columns > kMostCells) return;  // pruning saves time, it is not needed
        // inside[s][l] = the best score of an arc inside [s, s + l + 1)
        inside_.assign((rows + 1) * columns, 0.0F);
        const auto cell = [&](Index start, Index length) -> float& {
            return inside_[static_cast<std::size_t>(start - base) * columns + static_cast<std::size_t>(length - 1)];
        };
        for (std::size_t i = first; i < arcs.size(); ++i)
            cell(arcs[i].start, arcs[i].end - arcs[i].start) = arcs[i].score;
        // From the last start backwards: the cells of start + 1 are final before those of start.
        std::size_t i = arcs.size();
        for (Index start = base + static_cast<Index>(rows) - 1; start >= base; --start) {
            std::size_t group = i;
            while (group > first && arcs[group - 1].start == start) --group;
            std::size_t next = group;
            float below = 0;
            for (Index length = 1; length <= width; ++length) {
                const float beside =
                    length > 1 && start + 1 < base + static_cast<Index>(rows) ? cell(start + 1, length - 1) : 0.0F;
                const float best = std::max(below, beside);
                if (next < i && arcs[next].end - start == length) {
                    if (arcs[next].score <= best) arcs[next].score = 0;  // dominated: dropped below
                    ++next;
                }
                below = cell(start, length) = std::max(best, cell(start, length));
            }
            i = group;
        }
        std::erase_if(arcs, [](const Arc& arc) { return arc.score <= 0; });
    }

  private:
    static constexpr std::size_t kMostCells = std::size_t{1} << 22;
    std::vector<float> inside_;
};

}  // namespace xproj
