// What each entity of a sentence would choose on its own, whatever the others take.
#pragma once

#include <algorithm>
#include <vector>

#include "xproj/arcs.hpp"
#include "xproj/best_set.hpp"
#include "xproj/exact_solver.hpp"
#include "xproj/poll.hpp"

namespace xproj {

class OwnSets {
  public:
    explicit OwnSets(const ExactOptions& options) : options_(options) {}

    // Whether every entity can have its own choice, which then is the optimum. Where the entities' own greedy choices
    // clash, greedy itself may reach as much in another way: that is left to the comparison. `totals` gets what each
    // entity reaches on its own, for as many as there is time for.
    template <class OutOfTime>
    bool fit(const std::vector<Arc>& arcs, const std::vector<std::size_t>& row_begin, std::vector<double>& totals,
             OutOfTime&& out_of_time) {
        own_.clear();
        greedy_.clear();
        const std::size_t entities = row_begin.size() - 1;
        bool fit = true;
        for (std::size_t e = 0; e < entities && !out_of_time(); ++e) {
            const std::size_t before = own_.size();
            BestSet::Total total{0.0, true};
            if (row_begin[e] < row_begin[e + 1]) {
                if (row_begin[e + 1] - row_begin[e] > kArcsPerPoll) poll();
                total = best_set_.choose(arcs, row_begin[e], row_begin[e + 1], options_.limit.hi, own_, greedy_);
            }
            totals.push_back(total.bound);
            fit = fit && total.reached;
            const std::size_t spans = own_.size() - before;
            fit = fit && (spans == 0 || spans >= static_cast<std::size_t>(options_.limit.lo));
            std::sort(own_.begin() + static_cast<std::ptrdiff_t>(before), own_.end(), arc_before);
        }
        return fit && totals.size() == entities && disjoint(own_) && disjoint(greedy_);
    }

    // The choices, entity by entity, each by start.
    const std::vector<Arc>& arcs() const { return own_; }

  private:
    bool disjoint(const std::vector<Arc>& arcs) {
        ordered_ = arcs;
        std::sort(ordered_.begin(), ordered_.end(), arc_before);
        return std::adjacent_find(ordered_.begin(), ordered_.end(), [&](const Arc& a, const Arc& b) {
                   const bool touch = options_.forbid_adjacent && a.end == b.start && a.entity == b.entity;
                   return b.start < a.end || touch;
               }) == ordered_.end();
    }

    static constexpr std::size_t kArcsPerPoll = 1024;

    ExactOptions options_;
    BestSet best_set_;
    std::vector<Arc> own_;
    std::vector<Arc> greedy_;  // what each would choose greedily
    std::vector<Arc> ordered_;
};

}  // namespace xproj
