#include "xproj/exact.hpp"

#include <algorithm>

#include "xproj/aligned_spans.hpp"
#include "xproj/components.hpp"
#include "xproj/greedy_loop.hpp"
#include "xproj/own_sets.hpp"
#include "xproj/scored_candidates.hpp"

namespace xproj {
namespace {

class ExactLoop {
  public:
    explicit ExactLoop(const ExactOptions& options) : options_(options), own_sets_(options), solver_(options) {}

    // Returns how sentence s was proved; Proof::none where the search gave up (status feasible) or had no more time
    // (status limit).
    template <class Candidates>
    Proof run(std::size_t s, std::size_t entities, Candidates& candidates, MatchWriter& writer, std::uint8_t* outcome) {
        greedy_.find_bests(entities, candidates, outcome);
        own_total_.clear();
        if (options_.limit.hi == 1 && greedy_.disjoint()) {
            greedy_.write_bests(s, Status::optimal, writer, outcome);
            return Proof::certificate;
        }
        solver_.start_clock();
        if (options_.limit.hi > 1) {
            collect(entities, candidates);
            if (own_sets_.fit(arcs_, row_begin_, own_total_, [&] { return solver_.out_of_time(); })) {
                return write_own_sets(s, writer, outcome);
            }
        } else {
            for (const Best& best : greedy_.bests()) own_total_.push_back(static_cast<double>(best.score));
        }
        greedy_.choose(entities, options_.limit, candidates, outcome);
        picks_ = greedy_.picks();
        if (options_.limit.hi == 1) collect(entities, candidates);
        if (options_.forbid_adjacent) drop_touching();
        if (solver_.out_of_time()) {
            ended_ = Ended::out_of_time;
            return finish(s, entities, writer, outcome, Proof::none);
        }
        measure_picks(entities);
        prune();
        // Greedy's spans count, too, though they may have been pruned: they stay wherever nothing is better.
        connecting_ = arcs_;
        for (const Pick& pick : picks_) {
            connecting_.push_back({pick.entity, pick.span.start, pick.span.end, pick.span.score});
        }
        Proof proof = Proof::certificate;
        for (const std::vector<Index>& component : components_.find(entities, connecting_, row_begin_)) {
            if (certified(component)) continue;
            poll();
            proof = std::max(proof, solve(component, entities));
            if (ended_ != Ended::proved) break;
        }
        return finish(s, entities, writer, outcome, proof);
    }

    double spent() const { return solver_.spent(); }

  private:
    using Pick = GreedyLoop::Pick;

    template <class Candidates>
    void collect(std::size_t entities, const Candidates& candidates) {
        arcs_.clear();
        row_begin_.assign(1, 0);
        words_ = 0;
        ended_ = Ended::proved;
        for (std::size_t e = 0; e < entities; ++e) {
            if (e % kEntitiesPerPoll == kEntitiesPerPoll - 1) poll();
            candidates.each_positive(e, [&](Index start, Index end, float score) {
                arcs_.push_back({static_cast<Index>(e), start, end, score});
                words_ = std::max(words_, end);
            });
            row_begin_.push_back(arcs_.size());
        }
    }

    Proof write_own_sets(std::size_t s, MatchWriter& writer, std::uint8_t* outcome) const {
        for (const Arc& arc : own_sets_.arcs()) {
            outcome[arc.entity] = static_cast<std::uint8_t>(Outcome::projected);
            writer.add(arc.entity, arc.start, arc.end, arc.score);
        }
        writer.finish(s, Status::optimal);
        return Proof::certificate;
    }

    void prune() {
        std::vector<Arc> kept;
        std::vector<std::size_t> begin{0};
        for (std::size_t e = 0; e + 1 < row_begin_.size(); ++e) {
            const std::size_t first = kept.size();
            kept.insert(kept.end(), arcs_.begin() + static_cast<std::ptrdiff_t>(row_begin_[e]),
                        arcs_.begin() + static_cast<std::ptrdiff_t>(row_begin_[e + 1]));
            if (e % kEntitiesPerPoll == kEntitiesPerPoll - 1) poll();
            pruner_.prune(kept, first, words_);
            begin.push_back(kept.size());
        }
        arcs_ = std::move(kept);
        row_begin_ = std::move(begin);
    }

    // What greedy reached, entity by entity.
    void measure_picks(std::size_t entities) {
        reached_.assign(entities, {});
        for (const Pick& pick : picks_) {
            Reached& own = reached_[static_cast<std::size_t>(pick.entity)];
            own.score += static_cast<double>(pick.span.score);
            ++own.spans;
        }
    }

    Objective known(const std::vector<Index>& component) const {
        Objective objective;
        for (const Index e : component) {
            const Reached& own = reached_[static_cast<std::size_t>(e)];
            objective.score += own.score;
            objective.satisfied += own.spans >= options_.limit.lo;
        }
        return objective;
    }

    void drop_touching() {
        GreedyLoop::sort_picks(picks_);
        std::size_t kept = 0;
        for (const Pick& pick : picks_) {
            const bool touches =
                kept > 0 && picks_[kept - 1].entity == pick.entity && picks_[kept - 1].span.end == pick.span.start;
            if (!touches) picks_[kept++] = pick;
        }
        picks_.resize(kept);
    }

    // Whether greedy reached what the entities of a component could reach each on its own.
    bool certified(const std::vector<Index>& component) const {
        Objective bound{static_cast<Index>(component.size()), 0};
        for (const Index e : component) {
            bound.score += own_total_[static_cast<std::size_t>(e)];
        }
        return !bound.clearly_better_than(known(component));
    }

    Proof solve(const std::vector<Index>& component, std::size_t entities) {
        component_arcs_.clear();
        for (const Index e : component) {
            const std::size_t i = static_cast<std::size_t>(e);
            component_arcs_.insert(component_arcs_.end(), arcs_.begin() + static_cast<std::ptrdiff_t>(row_begin_[i]),
                                   arcs_.begin() + static_cast<std::ptrdiff_t>(row_begin_[i + 1]));
        }
        switch (solver_.solve(component_arcs_, known(component))) {
            case Solved::known_is_best:
                return Proof::bound;
            case Solved::better:
                improved_.resize(entities, 0);
                for (const Index e : component) improved_[static_cast<std::size_t>(e)] = 1;
                for (const Arc& arc : solver_.solution()) {
                    better_.push_back({arc.entity, {arc.score, arc.start, arc.end}});
                }
                return Proof::dp;
            case Solved::gave_up:
                ended_ = Ended::too_many_labels;
                break;
            case Solved::out_of_time:
                ended_ = Ended::out_of_time;
                break;
        }
        return Proof::none;
    }

    // Puts what is better than greedy in the place of what greedy picked.
    void improve_picks() {
        if (improved_.empty()) return;
        std::erase_if(picks_, [&](const Pick& pick) { return improved_[static_cast<std::size_t>(pick.entity)] != 0; });
        picks_.insert(picks_.end(), better_.begin(), better_.end());
        improved_.clear();
        better_.clear();
    }

    Proof finish(std::size_t s, std::size_t entities, MatchWriter& writer, std::uint8_t* outcome, Proof proof) {
        improve_picks();
        GreedyLoop::sort_picks(picks_);
        for (std::size_t e = 0; e < entities; ++e) {
            if (outcome[e] == static_cast<std::uint8_t>(Outcome::projected)) {
                outcome[e] = static_cast<std::uint8_t>(Outcome::overlap);
            }
        }
        counts_.assign(entities, 0);
        for (const Pick& pick : picks_) {
            writer.add(pick.entity, pick.span.start, pick.span.end, pick.span.score);
            outcome[pick.entity] = static_cast<std::uint8_t>(Outcome::projected);
            ++counts_[static_cast<std::size_t>(pick.entity)];
        }
        bool met = true;
        for (std::size_t e = 0; e < entities; ++e) {
            met =
                met && (outcome[e] == static_cast<std::uint8_t>(Outcome::unscored) || counts_[e] >= options_.limit.lo);
        }
        const Status unproved = ended_ == Ended::out_of_time ? Status::limit : Status::feasible;
        const Status proved = met ? Status::optimal : Status::infeasible;
        writer.finish(s, ended_ == Ended::proved ? proved : unproved);
        return ended_ == Ended::proved ? proof : Proof::none;
    }

    static constexpr std::size_t kEntitiesPerPoll = 64;

    struct Reached {
        double score = 0;
        Index spans = 0;
    };

    enum class Ended { proved, too_many_labels, out_of_time };

    ExactOptions options_;
    GreedyLoop greedy_;
    ArcPruner pruner_;
    OwnSets own_sets_;
    ExactSolver solver_;
    std::vector<double> own_total_;  // per entity what it could have on its own
    std::vector<Pick> picks_;
    std::vector<Arc> arcs_;               // entity by entity, each by start, then end
    std::vector<std::size_t> row_begin_;  // where an entity's arcs begin
    std::vector<Arc> connecting_;
    std::vector<Arc> component_arcs_;
    Components components_;
    std::vector<Index> counts_;
    std::vector<Reached> reached_;
    std::vector<std::uint8_t> improved_;  // entities of components where something beat greedy ...
    std::vector<Pick> better_;            // ... and their spans
    Index words_ = 0;                     // no arc ends behind
    Ended ended_ = Ended::proved;
};

template <class MakeCandidates>
Offset match_exactly(const TargetWords& target, const Spans& entities, const ExactOptions& options,
                     const std::vector<Chunk>& chunks, const ExactOutput& out, MakeCandidates&& make_candidates) {
    const auto match = [&](Chunk chunk, MatchWriter& writer) {
        ExactLoop loop(options);
        auto candidates_of = make_candidates();
        for_sentences(chunk, [&](std::size_t s) {
            const Offset entity = entities.offsets[s];
            const std::size_t count = at(entities.offsets[s + 1] - entity);
            if (count == 0) {
                writer.finish(s, Status::optimal);
                out.proof[s] = static_cast<std::uint8_t>(Proof::certificate);
                return;
            }
            auto candidates = candidates_of(s);
            const Proof proof = loop.run(s, count, candidates, writer, out.matches.outcome + entity);
            out.proof[s] = static_cast<std::uint8_t>(proof);
            if (proof == Proof::none) out.spent[s] = loop.spent();
        });
    };
    return match_chunks(chunks, entities.offsets, target.offsets, options.limit, out.matches, match);
}

}  // namespace

Offset exact(const TargetWords& target, const Spans& entities, const Spans& candidates, View<Offset> score_offsets,
             View<float> scores, const ExactOptions& options, const std::vector<Chunk>& chunks,
             const ExactOutput& out) {
    return match_exactly(target, entities, options, chunks, out, [&] {
        return [&, dead = std::vector<std::uint8_t>()](std::size_t s) mutable {
            const std::size_t first = at(candidates.offsets[s]);
            return ScoredCandidates(candidates.start.data() + first, candidates.end.data() + first,
                                    at(candidates.offsets[s + 1]) - first, scores.data() + score_offsets[s], dead);
        };
    });
}

Offset exact_alignment(const TargetWords& target, const Spans& entities, const Links& links, Index max_words,
                       const ExactOptions& options, const std::vector<Chunk>& chunks, const ExactOutput& out) {
    return match_exactly(target, entities, options, chunks, out, [&] {
        return [&, aligned = AlignedWords(), blocked = std::vector<std::uint8_t>()](std::size_t s) mutable {
            aligned.gather(s, entities, links);
            const Offset entity = entities.offsets[s];
            return AlignedSpans(aligned, entities.start.data() + entity, entities.end.data() + entity, target.count(s),
                                target.stop_of(s), max_words, blocked);
        };
    });
}

}  // namespace xproj
