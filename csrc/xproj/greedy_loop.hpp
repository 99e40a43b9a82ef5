// Greedy matching of one sentence: take the best pair, drop what overlaps it, repeat while scores are
// positive.
//
// Ties: the larger score, then the lower entity, then the earlier start, then the shorter span. This loop
// settles the first two; best() of the candidates settles the others.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "xproj/matches.hpp"
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
        take_one_by_one(entities, limit, candidates, outcome);
        sort_picks(picks_);
        for (const Pick& pick : picks_) writer.add(pick.entity, pick.span.start, pick.span.end, pick.span.score);
        writer.finish(s, satisfied(limit, outcome) == scored(outcome) ? Status::feasible : Status::infeasible);
    }

    // The steps of run(), which the exact matcher takes one by one.
    template <class Candidates>
    void find_bests(std::size_t entities, Candidates& candidates, std::uint8_t* outcome) {
        best_.resize(entities);
        for (std::size_t e = 0; e < entities; ++e) {
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

    bool disjoint() const {
        for (std::size_t a = 1; a < best_.size(); ++a) {
            for (std::size_t b = 0; b < a; ++b) {
                if (overlap(best_[a], best_[b])) return false;
            }
        }
        return true;
    }

    template <class Candidates>
    void take_one_by_one(std::size_t entities, Limit limit, Candidates& candidates, std::uint8_t* outcome) {
        picks_.clear();
        taken_.assign(entities, 0);
        for (;;) {
            std::size_t winner = entities;
            float score = 0;
            for (std::size_t e = 0; e < entities; ++e) {
                if (taken_[e] < limit.hi && best_[e].score > score) {
                    winner = e;
                    score = best_[e].score;
                }
            }
            if (winner == entities) return;
            const Best span = best_[winner];
            picks_.push_back({static_cast<Index>(winner), span});
            candidates.take(span.start, span.end);
            ++taken_[winner];
            outcome[winner] = static_cast<std::uint8_t>(Outcome::projected);
            for (std::size_t e = 0; e < entities; ++e) {
                if (taken_[e] < limit.hi && best_[e].score > 0 && overlap(best_[e], span)) {
                    best_[e] = candidates.best(e);
                }
            }
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
    static bool is_scored(std::uint8_t outcome) { return outcome != static_cast<std::uint8_t>(Outcome::unscored); }

    std::vector<Best> best_;
    std::vector<Index> taken_;
    std::vector<Pick> picks_;
};

}  // namespace xproj
