#include "xproj/exact_solver.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>
#include <utility>

namespace xproj {
namespace {

constexpr double kFirstFloor = 1024;  // how far under the bound is looked first: this part of the gap
constexpr double kNextFloor = 4;      // and how much further each time that nothing was found
constexpr unsigned kCountBits = 64;   // of a label

bool same(View<Arc> a, View<Arc> b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Arc& x, const Arc& y) {
        return x.start == y.start && x.end == y.end && x.score == y.score;
    });
}

std::uint64_t hash_of(View<Arc> row) {
    std::uint64_t hash = row.size();
    const auto mix = [&](std::uint32_t value) { hash = (std::rotl(hash, 23) ^ value) * 0x9E3779B97F4A7C15U; };
    for (const Arc& arc : row) {
        mix(static_cast<std::uint32_t>(arc.start));
        mix(static_cast<std::uint32_t>(arc.end));
        mix(std::bit_cast<std::uint32_t>(arc.score));  // positive, so equal scores have equal bits
    }
    return hash;
}

}  // namespace

Solved ExactSolver::solve(const std::vector<Arc>& arcs, const Objective& known) {
    if (out_of_time()) return Solved::out_of_time;
    number_positions(arcs);
    make_groups(arcs);
    if (!assign_digits()) return Solved::gave_up;
    total_entities_ = 0;
    for (const Group& group : groups_) total_entities_ += static_cast<Index>(group.entities.size());
    if (known.satisfied < total_entities_) {
        // A better solution may satisfy more entities and score less: no bound on scores can be trusted to cut.
        backward();
        return search(known);
    }
    double lower = known.score;
    const double bound = prices(known, lower);
    if (!Objective{known.satisfied, bound}.clearly_better_than(known)) return Solved::known_is_best;
    // The optimum lies close under the bound. Look there first: the higher the floor, the fewer arcs and labels.
    const std::vector<GroupArc> all = arcs_;
    for (double gap = (bound - lower) / kFirstFloor;; gap *= kNextFloor) {
        const double least = kTolerance * std::max(1.0, bound);
        const bool last = bound - std::max(gap, least) <= lower;
        const Objective floor{known.satisfied,
                              last ? std::max(lower - 4 * least, known.score) : bound - std::max(gap, least)};
        arcs_ = all;
        backward();
        drop_hopeless_arcs(floor);
        const Solved solved = search(floor);
        if (solved != Solved::known_is_best || last) return solved;
    }
}

// Only words where an arc starts or ends count, so that a component costs no more for lying far apart, or far behind.
void ExactSolver::number_positions(const std::vector<Arc>& arcs) {
    word_at_.clear();
    for (const Arc& arc : arcs) {
        word_at_.push_back(arc.start);
        word_at_.push_back(arc.end);
    }
    std::sort(word_at_.begin(), word_at_.end());
    word_at_.erase(std::unique(word_at_.begin(), word_at_.end()), word_at_.end());
    end_ = static_cast<Index>(word_at_.size()) - 1;
}

Index ExactSolver::position_of(Index word) const {
    return static_cast<Index>(std::lower_bound(word_at_.begin(), word_at_.end(), word) - word_at_.begin());
}

void ExactSolver::make_groups(const std::vector<Arc>& arcs) {
    groups_.clear();
    arcs_.clear();
    std::unordered_multimap<std::uint64_t, std::pair<View<Arc>, std::size_t>> seen;  // by hash: arcs, their group
    for (std::size_t first = 0, last = 0; first < arcs.size(); first = last) {
        while (last < arcs.size() && arcs[last].entity == arcs[first].entity) ++last;
        const View<Arc> row(arcs.data() + first, last - first);
        std::size_t g = groups_.size();
        // Whether two spans of a merged group belong to one entity is only settled at the end: no merging then.
        if (!options_.forbid_adjacent) {
            const std::uint64_t hash = hash_of(row);
            const auto [from, to] = seen.equal_range(hash);
            const auto twin = std::find_if(from, to, [&](const auto& other) { return same(other.second.first, row); });
            if (twin == to) {
                seen.emplace(hash, std::pair{row, g});
            } else {
                g = twin->second.second;
            }
        }
        if (g < groups_.size()) {
            groups_[g].entities.push_back(row[0].entity);
            continue;
        }
        groups_.emplace_back();
        groups_.back().entities.push_back(row[0].entity);
        groups_.back().last_start = position_of(row.back().start);
        for (const Arc& arc : row) arcs_.push_back({position_of(arc.start), position_of(arc.end), arc.score, g});
    }
    std::stable_sort(arcs_.begin(), arcs_.end(), [](const GroupArc& a, const GroupArc& b) {
        return a.start != b.start ? a.start < b.start : a.end < b.end;
    });
}

bool ExactSolver::assign_digits() {
    unsigned shift = 0;
    for (Group& group : groups_) {
        const std::uint64_t entities = group.entities.size();
        const bool unbounded = options_.limit.hi >= end_;  // no entity can have more spans than there are words
        group.most = unbounded ? Limit::kUnlimited : static_cast<Index>(entities) * options_.limit.hi;
        // Without an upper bound a digit need only count up to the lower one.
        group.digit =
            entities * static_cast<std::uint64_t>(unbounded ? std::min(options_.limit.lo, end_) : options_.limit.hi);
        group.shift = shift;
        group.price = 0;
        shift += static_cast<unsigned>(std::bit_width(group.digit));
    }
    return shift <= kCountBits;
}

}  // namespace xproj
