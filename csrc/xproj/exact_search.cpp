// The search of the exact solver: labels over positions, of which those that cannot beat the known solution are
// dropped.
#include <algorithm>
#include <bit>
#include <unordered_map>
#include <utility>

#include "xproj/exact_solver.hpp"

namespace xproj {
namespace {

constexpr std::size_t kStepsPerPoll = 1 << 14;

// What a label is known by: two labels with the same key differ only in what they cost, and the better one
// stays.
struct Key {
    std::uint64_t counts;
    std::size_t touching;

    bool operator==(const Key&) const = default;
};

struct KeyHash {
    std::size_t operator()(const Key& key) const {
        return static_cast<std::size_t>((key.counts ^ (key.touching << 1)) * 0x9E3779B97F4A7C15U >> 7);
    }
};

}  // namespace

Index ExactSolver::satisfied_by(const Group& group, std::uint64_t count) const {
    const std::uint64_t entities = group.entities.size();
    if (options_.limit.lo == 0) return static_cast<Index>(entities);
    return static_cast<Index>(std::min(entities, count / static_cast<std::uint64_t>(options_.limit.lo)));
}

// Groups ordered by where they close, which is behind their last start.
void ExactSolver::list_closing() {
    closing_begin_.assign(at_position(end_) + 2, 0);
    for (const Group& group : groups_) ++closing_begin_[at_position(group.last_start + 1)];  // -1 = no arc is left
    std::size_t before = 0;
    for (std::size_t& begin : closing_begin_) begin = std::exchange(before, before + begin);
    std::vector<std::size_t> next(closing_begin_.begin(), closing_begin_.end() - 1);
    closing_.resize(groups_.size());
    for (std::size_t g = 0; g < groups_.size(); ++g) closing_[next[at_position(groups_[g].last_start + 1)]++] = g;
}

// Takes the digits of groups that have no arc from `position` on into `satisfied`: fewer labels differ then.
void ExactSolver::close_groups(Label& label, Index position) const {
    for (std::size_t i = closing_begin_[at_position(position)]; i < closing_begin_[at_position(position) + 1]; ++i) {
        const Group& group = groups_[closing_[i]];
        const std::uint64_t mask = group.digit ? (std::bit_ceil(group.digit + 1) - 1) << group.shift : 0;
        label.satisfied += satisfied_by(group, (label.counts & mask) >> group.shift);
        label.counts &= ~mask;
    }
}

bool ExactSolver::extend(const Label& label, std::int64_t index, std::size_t arc, Label& next) const {
    const GroupArc& taken = arcs_[arc];
    const Group& group = groups_[taken.group];
    if (options_.forbid_adjacent && label.touching == taken.group + 1) return false;
    next = label;
    if (group.digit) {
        const std::uint64_t mask = (std::bit_ceil(group.digit + 1) - 1) << group.shift;
        const std::uint64_t count = (label.counts & mask) >> group.shift;
        if (count < group.digit) {
            next.counts += std::uint64_t{1} << group.shift;
        } else if (group.most != Limit::kUnlimited) {
            return false;
        }
    }
    next.touching = options_.forbid_adjacent ? taken.group + 1 : 0;
    next.score += static_cast<double>(taken.score);
    next.reduced += static_cast<double>(taken.score) - group.price;
    next.parent = index;
    next.arc = static_cast<std::int64_t>(arc);
    return true;
}

Solved ExactSolver::search(const Objective& known) {
    labels_.clear();
    // here[p]: the labels at position p, in the order they were made; the first of equals stays.
    std::vector<std::unordered_map<Key, std::int64_t, KeyHash>> here(at_position(end_) + 1);
    std::vector<std::vector<std::int64_t>> order(at_position(end_) + 1);
    list_closing();
    std::vector<Index> open(at_position(end_) + 1);  // open[p]: entities whose spans are not settled yet at p
    for (Index p = end_ - 1; p >= 0; --p) {
        open[at_position(p)] = open[at_position(p) + 1];
        for (std::size_t i = closing_begin_[at_position(p) + 1]; i < closing_begin_[at_position(p) + 2]; ++i) {
            open[at_position(p)] += static_cast<Index>(groups_[closing_[i]].entities.size());
        }
    }
    const auto hopeless = [&](const Label& label, Index position) {
        const Objective bound{label.satisfied + open[at_position(position)],
                              label.reduced + to_go_[at_position(position)] + constant_};
        return !bound.clearly_better_than(known);
    };
    const auto offer = [&](const Label& label, Index position) {
        if (hopeless(label, position)) return true;
        auto [place, added] = here[at_position(position)].try_emplace(Key{label.counts, label.touching},
                                                                      static_cast<std::int64_t>(labels_.size()));
        if (added) {
            if (labels_.size() >= options_.max_labels) return false;
            order[at_position(position)].push_back(place->second);
            labels_.push_back(label);
            return true;
        }
        Label& held = labels_[static_cast<std::size_t>(place->second)];
        if (label.satisfied > held.satisfied || (label.satisfied == held.satisfied && label.score > held.score)) {
            held = label;
        }
        return true;
    };
    Label start{0, 0, 0.0, 0.0, 0, kNone, kNone};
    for (const Group& group : groups_) {
        // A group all of whose arcs were dropped is closed from the start.
        if (group.last_start < 0) start.satisfied += satisfied_by(group, 0);
    }
    if (!offer(start, 0)) return Solved::gave_up;
    std::size_t first_arc = 0;
    std::size_t steps = 0;
    for (Index p = 0; p < end_; ++p) {
        std::size_t last_arc = first_arc;
        while (last_arc < arcs_.size() && arcs_[last_arc].start == p) ++last_arc;
        for (std::size_t i = 0; i < order[at_position(p)].size(); ++i) {
            steps += last_arc - first_arc + 1;
            if (steps > kStepsPerPoll) {
                steps = 0;
                poll();
                if (out_of_time()) return Solved::out_of_time;
            }
            const std::int64_t index = order[at_position(p)][i];
            const Label label = labels_[static_cast<std::size_t>(index)];
            Label skipped = label;
            skipped.touching = 0;
            close_groups(skipped, p + 1);
            if (!offer(skipped, p + 1)) return Solved::gave_up;
            for (std::size_t arc = first_arc; arc < last_arc; ++arc) {
                Label next;
                if (!extend(label, index, arc, next)) continue;
                for (Index q = p + 1; q <= arcs_[arc].end; ++q) close_groups(next, q);
                if (!offer(next, arcs_[arc].end)) return Solved::gave_up;
            }
        }
        first_arc = last_arc;
    }
    std::int64_t best = kNone;
    for (const std::int64_t index : order[at_position(end_)]) {
        const Label& label = labels_[static_cast<std::size_t>(index)];
        if (best == kNone) {
            best = index;
            continue;
        }
        const Label& held = labels_[static_cast<std::size_t>(best)];
        if (label.satisfied > held.satisfied || (label.satisfied == held.satisfied && label.score > held.score)) {
            best = index;
        }
    }
    if (best == kNone) return Solved::known_is_best;
    const Label& winner = labels_[static_cast<std::size_t>(best)];
    // It beat the known solution by its bound, which counts what unused capacity might have been worth.
    if (!Objective{winner.satisfied, winner.score}.clearly_better_than(known)) return Solved::known_is_best;
    rebuild(best);
    return Solved::better;
}

void ExactSolver::rebuild(std::int64_t label) {
    std::vector<Arc> taken;
    for (; label != kNone; label = labels_[static_cast<std::size_t>(label)].parent) {
        const std::int64_t arc = labels_[static_cast<std::size_t>(label)].arc;
        if (arc == kNone) continue;
        const GroupArc& one = arcs_[static_cast<std::size_t>(arc)];
        taken.push_back({static_cast<Index>(one.group), word_at_[at_position(one.start)],
                         word_at_[at_position(one.end)], one.score});
    }
    std::reverse(taken.begin(), taken.end());
    assign_entities(taken);
    solution_ = std::move(taken);
}

// Deals the spans of a merged group to its entities, leftmost span to lowest entity: as many entities as can
// be reach the lower limit, and without one the spans are spread evenly.
void ExactSolver::assign_entities(std::vector<Arc>& taken) const {
    std::vector<std::vector<Arc*>> spans_of(groups_.size());
    for (Arc& arc : taken) spans_of[static_cast<std::size_t>(arc.entity)].push_back(&arc);
    for (std::size_t g = 0; g < groups_.size(); ++g) {
        const std::size_t entities = groups_[g].entities.size();
        const std::size_t lo = static_cast<std::size_t>(std::max(options_.limit.lo, Index{1}));
        std::vector<std::size_t> quota(entities, 0);
        std::size_t left = spans_of[g].size();
        for (std::size_t share = lo; left > 0; share = 1) {  // lo each while that lasts, then one by one
            for (std::size_t e = 0; e < entities && left > 0; ++e) {
                const std::size_t given = std::min(share, left);
                quota[e] += given;
                left -= given;
            }
        }
        std::size_t next = 0;
        for (std::size_t e = 0; e < entities; ++e) {
            for (std::size_t i = 0; i < quota[e]; ++i) spans_of[g][next++]->entity = groups_[g].entities[e];
        }
    }
}

}  // namespace xproj
