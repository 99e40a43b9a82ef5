// The best spans of one entity on its own: what it would get if no other entity were there.
#pragma once

#include <vector>

#include "xproj/arcs.hpp"
#include "xproj/exact_solver.hpp"

namespace xproj {

class BestSet {
  public:
    // Appends to `chosen` at most `most` disjoint arcs of arcs[first, last) (one entity, ordered by start, then end)
    // with the largest total score: greedy's own choice, which also goes to `greedy`, wherever that is not clearly
    // beaten. Returns the total.
    double choose(const std::vector<Arc>& arcs, std::size_t first, std::size_t last, Index most,
                  std::vector<Arc>& chosen, std::vector<Arc>& greedy) {
        if (last - first == 1) {
            chosen.push_back(arcs[first]);
            greedy.push_back(arcs[first]);
            return static_cast<double>(arcs[first].score);
        }
        const std::size_t before = greedy.size();
        const double taken = take_greedily(arcs, first, last, most, greedy);
        const double best = solve(arcs, first, last, most);
        if (!Objective{0, best}.clearly_better_than({0, taken})) {
            chosen.insert(chosen.end(), greedy.begin() + static_cast<std::ptrdiff_t>(before), greedy.end());
            return taken;
        }
        follow(arcs, first, last, chosen);
        return best;
    }

  private:
    double take_greedily(const std::vector<Arc>& arcs, std::size_t first, std::size_t last, Index most,
                         std::vector<Arc>& chosen) {
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

    // total_[k * (n + 1) + i] = best total of at most k arcs among those from i on. Without a limit on their
    // number one row, which then refers to itself, is enough.
    double solve(const std::vector<Arc>& arcs, std::size_t first, std::size_t last, Index most) {
        const std::size_t count = last - first;
        bounded_ = most < arcs[last - 1].end && static_cast<std::size_t>(most) < count;
        rounds_ = bounded_ ? static_cast<std::size_t>(most) : 1;
        total_.assign((rounds_ + 1) * (count + 1), 0.0);
        next_.resize(count);
        for (std::size_t i = count; i-- > 0;) {
            std::size_t next = i + 1;
            while (next < count && arcs[first + next].start < arcs[first + i].end) ++next;
            next_[i] = next;
        }
        for (std::size_t k = 1; k <= rounds_; ++k) {
            double* row = total_.data() + k * (count + 1);
            const double* behind = bounded_ ? row - (count + 1) : row;
            for (std::size_t i = count; i-- > 0;) {
                row[i] = std::max(row[i + 1], static_cast<double>(arcs[first + i].score) + behind[next_[i]]);
            }
        }
        return total_[rounds_ * (count + 1)];
    }

    void follow(const std::vector<Arc>& arcs, std::size_t first, std::size_t last, std::vector<Arc>& chosen) const {
        const std::size_t count = last - first;
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
    }

    bool bounded_ = false;
    std::size_t rounds_ = 0;
    std::vector<double> total_;
    std::vector<std::size_t> next_;
};

}  // namespace xproj
