// The best spans of one entity on its own: what it would get if no other entity were there.
#pragma once

#include <algorithm>
#include <vector>

#include "xproj/arcs.hpp"
#include "xproj/exact_solver.hpp"

namespace xproj {

class BestSet {
  public:
    // What an entity could have: no set scores more than `bound`, and whether the one that was chosen scores so much.
    struct Total {
        double bound;
        bool reached;
    };

    // Appends to `chosen` at most `most` disjoint arcs of arcs[first, last) (one entity, ordered by start, then end)
    // with the largest total score: greedy's own choice, which also goes to `greedy`, wherever that is not clearly
    // beaten. Where finding them would take more than kMostCells, greedy's choice and a bound.
    Total choose(const std::vector<Arc>& arcs, std::size_t first, std::size_t last, Index most,
                 std::vector<Arc>& chosen, std::vector<Arc>& greedy) {
        if (last - first == 1) {
            chosen.push_back(arcs[first]);
            greedy.push_back(arcs[first]);
            return {static_cast<double>(arcs[first].score), true};
        }
        const std::size_t before = greedy.size();
        const double taken = take_greedily(arcs, first, last, most, greedy);
        const double best = solve(arcs, first, last, most);
        const bool beaten = Objective{0, best}.clearly_better_than({0, taken});
        if (beaten && follow(arcs, first, last, most, chosen)) return {best, true};
        chosen.insert(chosen.end(), greedy.begin() + static_cast<std::ptrdiff_t>(before), greedy.end());
        return beaten ? Total{best, false} : Total{taken, true};
    }

  private:
    static constexpr std::size_t kMostCells = std::size_t{1} << 24;
    static constexpr std::size_t kFewArcs = 64;

    double take_greedily(const std::vector<Arc>& arcs, std::size_t first, std::size_t last, Index most,
                         std::vector<Arc>& chosen) {
        if (last - first > kFewArcs) return sweep(arcs, first, last, most, chosen);
        const std::size_t before = chosen.size();
        double total = 0;
        for (Index taken = 0; taken < most; ++taken) {
            const Arc* best = nullptr;
            for (std::size_t i = first; i < last; ++i) {
                if ((!best || arcs[i].score > best->score) && is_free(arcs[i], chosen, before)) best = &arcs[i];
            }
            if (!best) break;
            chosen.push_back(*best);
            total += static_cast<double>(best->score);
        }
        return total;
    }

    static bool is_free(const Arc& arc, const std::vector<Arc>& chosen, std::size_t from) {
        for (std::size_t i = from; i < chosen.size(); ++i) {
            if (arc.start < chosen[i].end && chosen[i].start < arc.end) return false;
        }
        return true;
    }

    double sweep(const std::vector<Arc>& arcs, std::size_t first, std::size_t last, Index most,
                 std::vector<Arc>& chosen) {
        sorted_.assign(arcs.begin() + static_cast<std::ptrdiff_t>(first),
                       arcs.begin() + static_cast<std::ptrdiff_t>(last));
        double total = 0;
        sweep_.run(
            sorted_, [&](const Arc&) { return most > 0; },
            [&](const Arc& arc) {
                chosen.push_back(arc);
                total += static_cast<double>(arc.score);
                --most;
            });
        return total;
    }

    // total_[k * (n + 1) + i] = best total of at most k arcs among those from i on. Without a limit on their number one
    // row, which then refers to itself, is enough; so it is for a bound where there is no room for more.
    double solve(const std::vector<Arc>& arcs, std::size_t first, std::size_t last, Index most) {
        const std::size_t count = last - first;
        find_next(arcs, first, count);
        const bool limited = most < arcs[last - 1].end && static_cast<std::size_t>(most) < count;
        bounded_ = limited && static_cast<std::size_t>(most) < kMostCells / count;
        rounds_ = bounded_ ? static_cast<std::size_t>(most) : 1;
        total_.assign((rounds_ + 1) * (count + 1), 0.0);
        for (std::size_t k = 1; k <= rounds_; ++k) {
            poll();
            double* row = total_.data() + k * (count + 1);
            const double* behind = bounded_ ? row - (count + 1) : row;
            for (std::size_t i = count; i-- > 0;) {
                row[i] = std::max(row[i + 1], static_cast<double>(arcs[first + i].score) + behind[next_[i]]);
            }
        }
        return total_[rounds_ * (count + 1)];
    }

    // next_[i] = the first arc behind arc i that starts where it ends, or later.
    void find_next(const std::vector<Arc>& arcs, std::size_t first, std::size_t count) {
        next_.resize(count);
        const auto begin = arcs.begin() + static_cast<std::ptrdiff_t>(first);
        for (std::size_t i = 0; i < count; ++i) {
            std::size_t next = i + 1;
            const std::size_t near = std::min(count, i + kFewArcs);
            while (next < near && arcs[first + next].start < arcs[first + i].end) ++next;
            if (next == near && near < count) {
                const auto starts_before = [](const Arc& arc, Index word) { return arc.start < word; };
                const auto from = begin + static_cast<std::ptrdiff_t>(next);
                const auto to = begin + static_cast<std::ptrdiff_t>(count);
                next = static_cast<std::size_t>(std::lower_bound(from, to, arcs[first + i].end, starts_before) - begin);
            }
            next_[i] = next;
        }
    }

    // Appends the arcs that make up the best total; nothing, and false, where a bound has more than `most`.
    bool follow(const std::vector<Arc>& arcs, std::size_t first, std::size_t last, Index most,
                std::vector<Arc>& chosen) const {
        const std::size_t count = last - first;
        const std::size_t before = chosen.size();
        std::size_t k = rounds_;
        for (std::size_t i = 0; i < count && k > 0;) {
            const double* row = total_.data() + k * (count + 1);
            if (row[i] == row[i + 1]) {
                ++i;
                continue;
            }
            chosen.push_back(arcs[first + i]);
            i = next_[i];
            if (bounded_) --k;
        }
        if (chosen.size() - before <= static_cast<std::size_t>(most)) return true;
        chosen.resize(before);
        return false;
    }

    bool bounded_ = false;
    std::size_t rounds_ = 0;
    std::vector<double> total_;
    std::vector<std::size_t> next_;
    std::vector<Arc> sorted_;
    ArcSweep sweep_;
};

}  // namespace xproj
