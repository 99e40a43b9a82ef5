// The upper bounds of the exact solver: Lagrangian prices, and the arcs that they rule out.
#include <algorithm>
#include <functional>
#include <limits>
#include <utility>

#include "xproj/exact_solver.hpp"

namespace xproj {
namespace {

constexpr int kPriceRounds = 300;
constexpr int kPatience = 8;  // rounds without a better bound before the step is halved
constexpr int kRoundsPerDrop = 15;

}  // namespace

// Weighted interval scheduling with the prices taken off, from the end to the start; returns the upper bound.
double ExactSolver::backward() {
    to_go_.assign(at_position(end_) + 1, 0.0);
    take_.assign(at_position(end_) + 1, kNone);
    std::size_t arc = arcs_.size();
    for (Index p = end_ - 1; p >= 0; --p) {
        double best = to_go_[at_position(p) + 1];
        while (arc > 0 && arcs_[arc - 1].start == p) {
            --arc;
            const double score = static_cast<double>(arcs_[arc].score) - groups_[arcs_[arc].group].price +
                                 to_go_[at_position(arcs_[arc].end)];
            if (score > best) {
                best = score;
                take_[at_position(p)] = static_cast<std::int64_t>(arc);
            }
        }
        to_go_[at_position(p)] = best;
    }
    constant_ = 0;
    for (const Group& group : groups_) {
        if (group.price > 0) constant_ += group.price * static_cast<double>(group.most);
    }
    return to_go_[0] + constant_;
}

// What the path of the last backward() is worth when every group keeps only its best arcs, as many as it may have.
double ExactSolver::trimmed_path() {
    taken_scores_.resize(groups_.size());
    for (auto& scores : taken_scores_) scores.clear();
    for (Index p = 0; p < end_;) {
        const std::int64_t arc = take_[at_position(p)];
        if (arc == kNone) {
            ++p;
            continue;
        }
        const GroupArc& taken = arcs_[static_cast<std::size_t>(arc)];
        taken_scores_[taken.group].push_back(static_cast<double>(taken.score));
        p = taken.end;
    }
    double total = 0;
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        auto& scores = taken_scores_[g];
        std::sort(scores.begin(), scores.end(), std::greater<>());
        const std::size_t kept = std::min(scores.size(), static_cast<std::size_t>(groups_[g].most));
        for (std::size_t i = 0; i < kept; ++i) total += scores[i];
    }
    return total;
}

// Subgradient steps on the prices; returns the best upper bound, whose prices and arcs are kept. `lower` rises to
// what some solution is known to reach.
double ExactSolver::prices(const Objective& known, double& lower) {
    const bool plain = options_.limit.lo == 0 && !options_.forbid_adjacent;  // then a trimmed path is a solution
    std::vector<double> best_prices(groups_.size(), 0.0);
    double best_bound = std::numeric_limits<double>::infinity();
    double pace = 1;
    int stale = 0;
    for (int round = 0; round < kPriceRounds && !out_of_time(); ++round) {
        poll();
        const double bound = backward();
        if (bound < best_bound - kTolerance) {
            best_bound = bound;
            stale = 0;
            for (std::size_t g = 0; g < groups_.size(); ++g) best_prices[g] = groups_[g].price;
        } else if (++stale >= kPatience) {
            pace /= 2;
            stale = 0;
        }
        const double trimmed = trimmed_path();
        if (plain) lower = std::max(lower, trimmed);
        if (!Objective{known.satisfied, best_bound}.clearly_better_than({known.satisfied, lower})) break;
        double norm = 0;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            if (groups_[g].most == Limit::kUnlimited) continue;
            const double slack = static_cast<double>(groups_[g].most) - static_cast<double>(taken_scores_[g].size());
            if (slack < 0 || groups_[g].price > 0) norm += slack * slack;
        }
        if (norm == 0) break;  // within all capacities, and nothing left to lower
        const double step = pace * std::max(bound - lower, kTolerance) / norm;
        for (std::size_t g = 0; g < groups_.size(); ++g) {
            if (groups_[g].most == Limit::kUnlimited) continue;
            const double slack = static_cast<double>(groups_[g].most) - static_cast<double>(taken_scores_[g].size());
            groups_[g].price = std::max(0.0, groups_[g].price - step * slack);
        }
        if (round % kRoundsPerDrop == kRoundsPerDrop - 1) {
            // With fewer arcs the rounds that follow are cheaper, and their bound can only be lower.
            std::vector<double> current(groups_.size());
            for (std::size_t g = 0; g < groups_.size(); ++g)
                current[g] = std::exchange(groups_[g].price, best_prices[g]);
            backward();
            const double least = kTolerance * std::max(1.0, best_bound);
            drop_hopeless_arcs({known.satisfied, std::max(lower - 4 * least, known.score)});
            for (std::size_t g = 0; g < groups_.size(); ++g) groups_[g].price = current[g];
        }
    }
    for (std::size_t g = 0; g < groups_.size(); ++g) groups_[g].price = best_prices[g];
    return backward();
}

// Drops arcs that no solution better than `known` can hold, by the bound of the best path through them. Needs
// to_go_ of the arcs and prices there are; leaves that of the arcs that remain.
void ExactSolver::drop_hopeless_arcs(const Objective& known) {
    std::vector<double> so_far(at_position(end_) + 1, 0.0);
    std::vector<GroupArc> kept;
    std::size_t arc = 0;
    for (Index p = 0; p <= end_; ++p) {
        if (p > 0) so_far[at_position(p)] = std::max(so_far[at_position(p)], so_far[at_position(p) - 1]);
        for (; arc < arcs_.size() && arcs_[arc].start == p; ++arc) {
            const GroupArc& candidate = arcs_[arc];
            const double here =
                so_far[at_position(p)] + static_cast<double>(candidate.score) - groups_[candidate.group].price;
            double& behind = so_far[at_position(candidate.end)];
            behind = std::max(behind, here);
            const double bound = here + to_go_[at_position(candidate.end)] + constant_;
            if (Objective{known.satisfied, bound}.clearly_better_than(known)) kept.push_back(candidate);
        }
    }
    arcs_ = std::move(kept);
    for (Group& group : groups_) group.last_start = -1;
    for (const GroupArc& one : arcs_) groups_[one.group].last_start = one.start;
    backward();
}

}  // namespace xproj
