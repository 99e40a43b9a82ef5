// Greedy matching of one sentence: take the best pair, drop what overlaps it, repeat while scores are
// positive.
//
// Ties: the larger score, then the lower entity, then the earlier start, then the shorter span. This loop
// settles the first two; best() of the candidates settles the others.
//
// A pick costs a look at every entity and a search for each whose best it hit, which is the fastest there is for
// sentences as they come, and quadratic for those that nobody writes. These are swept: all pairs sorted once.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

#include "xproj/arcs.hpp"
#include "xproj/matches.hpp"
#include "xproj/poll.hpp"
#include "xproj/views.hpp"

namespace xproj {

struct Best {
    float score = 0;  // 0 = no candidate left
    Index start = 0;
    Index end = 0;
};

inline bool overlap(const Best& a, const Best& b) {
    return a.start < b.end && b.start < a.end;
}

class GreedyLoop {
  public:
    struct Pick {
        Index entity;
        Best span;
    };

    // Candidates offers best(entity) -> Best over what is still free, and take(start, end).
    template <class Candidates>
    void run(std::size_t s, std::size_t entities, Limit limit, Candidates& candidates, MatchWriter& writer,
             std::uint8_t* outcome) {
        find_bests(entities, candidates, outcome);
        if (limit.hi == 1 && disjoint()) {  // nobody stands in anybody's way: nearly every real sentence
            write_bests(s, Status::feasible, writer, outcome);
            return;
        }
        choose(entities, limit, candidates, outcome);
        sort_picks(picks_);
        for (const Pick& pick : picks_) writer.add(pick.entity, pick.span.start, pick.span.end, pick.span.score);
        writer.finish(s, satisfied(limit, outcome) == scored(outcome) ? Status::feasible : Status::infeasible);
    }

    // The steps of run(), which the exact matcher takes one by one.
    template <class Candidates>
    void find_bests(std::size_t entities, Candidates& candidates, std::uint8_t* outcome) {
        best_.resize(entities);
        for (std::size_t e = 0; e < entities; ++e) {
            if (e % kFewEntities == kFewEntities - 1) poll();
            best_[e] = candidates.best(e);
            outcome[e] = static_cast<std::uint8_t>(best_[e].score > 0 ? Outcome::overlap : Outcome::unscored);
        }
    }

    void write_bests(std::size_t s, Status status, MatchWriter& writer, std::uint8_t* outcome) const {
        for (std::size_t e = 0; e < best_.size(); ++e) {
            if (best_[e].score <= 0) continue;
            outcome[e] = static_cast<std::uint8_t>(Outcome::projected);
            writer.add(static_cast<Index>(e), best_[e].start, best_[e].end, best_[e].score);
        }
        writer.finish(s, status);
    }

    const std::vector<Best>& bests() const { return best_; }
    const std::vector<Pick>& picks() const { return picks_; }

    static void sort_picks(std::vector<Pick>& picks) {
        std::sort(picks.begin(), picks.end(), [](const Pick& a, const Pick& b) {
            return a.entity != b.entity ? a.entity < b.entity : a.span.start < b.span.start;
        });
    }

    bool disjoint() {
        if (best_.size() > kFewEntities) return disjoint_when_sorted();
        for (std::size_t a = 1; a < best_.size(); ++a) {
            for (std::size_t b = 0; b < a; ++b) {
                if (overlap(best_[a], best_[b])) return false;
            }
        }
        return true;
    }

    template <class Candidates>
    void choose(std::size_t entities, Limit limit, Candidates& candidates, std::uint8_t* outcome) {
        if (entities > kFewEntities || !take_one_by_one(entities, limit, candidates, outcome)) {
            sweep(entities, limit, candidates, outcome);
        }
    }

    // Entities with a positive score (the others are dropped first), and how many of them got enough spans.
    std::size_t scored(const std::uint8_t* outcome) const {
        return static_cast<std::size_t>(std::count_if(outcome, outcome + best_.size(), is_scored));
    }

    std::size_t satisfied(Limit limit, const std::uint8_t* outcome) const {
        std::size_t count = 0;
        for (std::size_t e = 0; e < best_.size(); ++e) count += is_scored(outcome[e]) && taken_[e] >= limit.lo;
        return count;
    }

  private:
    static constexpr std::size_t kFewEntities = 64;
    static constexpr std::size_t kSearchesPerPoll = 32;

    static bool is_scored(std::uint8_t outcome) { return outcome != static_cast<std::uint8_t>(Outcome::unscored); }

    [[gnu::noinline]] bool disjoint_when_sorted() {
        sorted_.clear();
        std::copy_if(best_.begin(), best_.end(), std::back_inserter(sorted_),
                     [](const Best& b) { return b.score > 0; });
        std::sort(sorted_.begin(), sorted_.end(), [](const Best& a, const Best& b) { return a.start < b.start; });
        return std::adjacent_find(sorted_.begin(), sorted_.end(), overlap) == sorted_.end();
    }

    // Returns false, with nothing done that sweep() would not do again, once the searches outgrow the entities.
    template <class Candidates>
    bool take_one_by_one(std::size_t entities, Limit limit, Candidates& candidates, std::uint8_t* outcome) {
        picks_.clear();
        taken_.assign(entities, 0);
        for (std::size_t searches = 4 * entities + 16;;) {
            std::size_t winner = entities;
            float score = 0;
            for (std::size_t e = 0; e < entities; ++e) {
                if (taken_[e] < limit.hi && best_[e].score > score) {
                    winner = e;
                    score = best_[e].score;
                }
            }
            if (winner == entities) return true;
            const Best span = best_[winner];
            picks_.push_back({static_cast<Index>(winner), span});
            candidates.take(span.start, span.end);
            ++taken_[winner];
            outcome[winner] = static_cast<std::uint8_t>(Outcome::projected);
            for (std::size_t e = 0; e < entities; ++e) {
                if (taken_[e] < limit.hi && best_[e].score > 0 && overlap(best_[e], span)) {
                    if (searches-- == 0) return false;
                    if (searches % kSearchesPerPoll == 0) poll();
                    best_[e] = candidates.best(e);
                }
            }
        }
    }

    template <class Candidates>
    [[gnu::noinline]] void sweep(std::size_t entities, Limit limit, const Candidates& candidates,
                                 std::uint8_t* outcome) {
        picks_.clear();
        taken_.assign(entities, 0);
        arcs_.clear();
        for (std::size_t e = 0; e < entities; ++e) {
            if (e % kFewEntities == 0) poll();
            if (!is_scored(outcome[e])) continue;
            outcome[e] = static_cast<std::uint8_t>(Outcome::overlap);
            candidates.each_positive(e, [&](Index start, Index end, float score) {
                arcs_.push_back({static_cast<Index>(e), start, end, score});
            });
        }
        const auto taken = [&](const Arc& arc) -> Index& { return taken_[static_cast<std::size_t>(arc.entity)]; };
        sweep_.run(
            arcs_, [&](const Arc& arc) { return taken(arc) < limit.hi; },
            [&](const Arc& arc) {
                picks_.push_back({arc.entity, {arc.score, arc.start, arc.end}});
                ++taken(arc);
                outcome[arc.entity] = static_cast<std::uint8_t>(Outcome::projected);
            });
    }

    std::vector<Best> best_, sorted_;
    std::vector<Index> taken_;
    std::vector<Pick> picks_;
    std::vector<Arc> arcs_;
    ArcSweep sweep_;
};

}  // namespace xproj
