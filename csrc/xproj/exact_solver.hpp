// The exact optimum of one connected component of a sentence: which arcs to take so that none overlap and no
// entity gets more (or, if it can be helped, fewer) than its limit allows.
//
// Lagrangian prices on the entities' capacities give an upper bound by one weighted interval scheduling an
// iteration; what they leave open is settled by a label-setting dynamic program over positions, in which a
// label that cannot beat the best known solution is dropped.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

#include "xproj/arcs.hpp"
#include "xproj/matches.hpp"

namespace xproj {

// Objectives closer than this (relative to the larger of 1 and the objective) count as equal: float32 scores
// carry no more, and exact must differ from greedy only where it is really better.
inline constexpr double kTolerance = 1e-6;

struct ExactOptions {
    Limit limit;
    bool forbid_adjacent = false;  // two spans of one entity may not touch
    std::size_t max_labels = 300'000;
    double time_limit = std::numeric_limits<double>::infinity();  // seconds per sentence
};

// Lexicographic: first how many entities reach the lower limit, then the sum of scores.
struct Objective {
    Index satisfied = 0;
    double score = 0;

    bool clearly_better_than(const Objective& other) const {
        if (satisfied != other.satisfied) return satisfied > other.satisfied;
        return score > other.score + kTolerance * std::max(1.0, other.score);
    }
};

enum class Solved {
    known_is_best,  // nothing clearly beats the solution that was known before
    better,         // solution() does, and nothing beats that
    gave_up,        // more labels than allowed
    out_of_time
};

class ExactSolver {
  public:
    explicit ExactSolver(const ExactOptions& options) : options_(options) {}

    // From here on the time of a sentence counts.
    void start_clock() {
        if (limited()) start_ = Clock::now();
    }

    // Seconds since then, where time is limited.
    double spent() const { return limited() ? std::chrono::duration<double>(Clock::now() - start_).count() : 0.0; }

    bool out_of_time() const { return limited() && spent() >= options_.time_limit; }

    // `arcs` of one component, entity by entity, each by (start, end).
    Solved solve(const std::vector<Arc>& arcs, const Objective& known);

    // The arcs taken, with the entity each belongs to, ordered by start; valid after Solved::better.
    const std::vector<Arc>& solution() const { return solution_; }

  private:
    // Entities with identical arcs, which are one with as many times the capacity: without this, search
    // explodes on their symmetry (NER scores of one class).
    struct Group {
        std::vector<Index> entities;
        Index most = 0;           // spans it may get; kUnlimited = no bound
        unsigned shift = 0;       // where its digit stands in a label's counts
        std::uint64_t digit = 0;  // largest value of the digit; 0 = it needs none
        Index last_start = 0;     // no arc of it starts behind
        double price = 0;
    };

    struct GroupArc {
        Index start;
        Index end;
        float score;
        std::size_t group;
    };

    using Clock = std::chrono::steady_clock;

    static constexpr std::int64_t kNone = -1;  // no arc, no label

    static std::size_t at_position(Index position) { return static_cast<std::size_t>(position); }

    struct Label {
        std::uint64_t counts;  // spans each open group has so far, as digits
        std::size_t touching;  // group + 1 of a span that ends right here (only kept with forbid_adjacent), else 0
        double score;
        double reduced;   // score less the prices of what was taken
        Index satisfied;  // entities of closed groups that reached the lower limit
        std::int64_t parent;
        std::int64_t arc;
    };

    bool limited() const { return options_.time_limit < std::numeric_limits<double>::infinity(); }
    void number_positions(const std::vector<Arc>& arcs);
    Index position_of(Index word) const;
    void make_groups(const std::vector<Arc>& arcs);
    void list_closing();
    bool assign_digits();
    double backward();
    double prices(const Objective& known, double& lower);
    double trimmed_path();
    void drop_hopeless_arcs(const Objective& known);
    Solved search(const Objective& known);
    bool extend(const Label& label, std::int64_t index, std::size_t arc, Label& next) const;
    void close_groups(Label& label, Index position) const;
    Index satisfied_by(const Group& group, std::uint64_t count) const;
    void rebuild(std::int64_t label);
    void assign_entities(std::vector<Arc>& taken) const;

    ExactOptions options_;
    Clock::time_point start_;
    std::vector<Group> groups_;
    std::vector<std::size_t> closing_;        // groups by their last start ...
    std::vector<std::size_t> closing_begin_;  // ... and where those of each begin
    std::vector<GroupArc> arcs_;
    std::vector<Index> word_at_;  // words where arcs start or end; their numbers are the positions of all that follows
    Index end_ = 0;               // no arc ends behind
    std::vector<double> to_go_;   // to_go_[p] = best reduced score from position p on
    std::vector<std::int64_t> take_;                 // the arc that starts at p on that path, or -1
    double constant_ = 0;                            // sum of price * capacity
    std::vector<std::vector<double>> taken_scores_;  // per group, the scores of its arcs on the path
    Index total_entities_ = 0;
    std::vector<Label> labels_;
    std::vector<Arc> solution_;
};

}  // namespace xproj
