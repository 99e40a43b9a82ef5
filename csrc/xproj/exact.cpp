#include "xproj/exact.hpp"

#include <algorithm>
#include <numeric>

#include "xproj/aligned_spans.hpp"
#include "xproj/best_set.hpp"
#include "xproj/greedy_loop.hpp"
#include "xproj/scored_candidates.hpp"

namespace xproj {
namespace {

constexpr std::size_t kSentencesPerPoll = 4096;  // where all is easy; a hard sentence polls by itself

class ExactLoop {
  public:
    explicit ExactLoop(const ExactOptions& options) : options_(options), solver_(options) {}

    // Returns how sentence s was proved; Proof::none where the search gave up (status limit).
    template <class Candidates, class OwnPoll>
    Proof run(std::size_t s, std::size_t entities, Candidates& candidates, MatchWriter& writer, std::uint8_t* outcome,
              const OwnPoll& poll) {
        greedy_.find_bests(entities, candidates, outcome);
        own_total_.clear();
        if (options_.limit.hi == 1 && greedy_.disjoint()) {
            greedy_.write_bests(s, Status::optimal, writer, outcome);
            return Proof::certificate;
        }
        if (options_.limit.hi > 1) {
            collect(entities, candidates);
            if (own_sets_fit(entities)) return write_own_sets(s, writer, outcome);
        } else {
            for (const Best& best : greedy_.bests()) own_total_.push_back(static_cast<double>(best.score));
        }
        greedy_.take_one_by_one(entities, options_.limit, candidates, outcome);
        picks_ = greedy_.picks();
        if (options_.limit.hi == 1) collect(entities, candidates);
        prune();
        Proof proof = Proof::certificate;
        for (const std::vector<Index>& component : components(entities)) {
            if (certified(component)) continue;
            poll();
            proof = std::max(proof, solve(component, entities));
            if (gave_up_) break;
        }
        return finish(s, entities, writer, outcome, proof);
    }

  private:
    using Pick = GreedyLoop::Pick;

    template <class Candidates>
    void collect(std::size_t entities, const Candidates& candidates) {
        arcs_.clear();
        row_begin_.assign(1, 0);
        gave_up_ = false;
        for (std::size_t e = 0; e < entities; ++e) {
            candidates.each_positive(e, [&](Index start, Index end, float score) {
                arcs_.push_back({static_cast<Index>(e), start, end, score});
            });
            row_begin_.push_back(arcs_.size());
        }
    }

    // Whether every entity can have what it would choose on its own, which then is the optimum. Where the entities'
    // own greedy choices clash, greedy itself may reach as much in another way: that is left to the comparison.
    bool own_sets_fit(std::size_t entities) {
        own_.clear();
        own_greedy_.clear();
        bool fit = true;
        for (std::size_t e = 0; e < entities; ++e) {
            const std::size_t before = own_.size();
            own_total_.push_back(
                row_begin_[e] == row_begin_[e + 1]
                    ? 0.0
                    : best_set_.choose(arcs_, row_begin_[e], row_begin_[e + 1], options_.limit.hi, own_, own_greedy_));
            const std::size_t spans = own_.size() - before;
            fit = fit && (spans == 0 || spans >= static_cast<std::size_t>(options_.limit.lo));
            std::sort(own_.begin() + static_cast<std::ptrdiff_t>(before), own_.end(), arc_before);
        }
        return fit && disjoint(own_) && disjoint(own_greedy_);
    }

    bool disjoint(const std::vector<Arc>& arcs) const {
        for (std::size_t a = 1; a < arcs.size(); ++a) {
            for (std::size_t b = 0; b < a; ++b) {
                if (arcs[a].start < arcs[b].end && arcs[b].start < arcs[a].end) return false;
                const bool touch = arcs[a].start == arcs[b].end || arcs[b].start == arcs[a].end;
                if (options_.forbid_adjacent && touch && arcs[a].entity == arcs[b].entity) return false;
            }
        }
        return true;
    }

    Proof write_own_sets(std::size_t s, MatchWriter& writer, std::uint8_t* outcome) const {
        for (const Arc& arc : own_) {
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
            pruner_.prune(kept, first);
            begin.push_back(kept.size());
        }
        arcs_ = std::move(kept);
        row_begin_ = std::move(begin);
    }

    // Entities whose arcs share words, directly or through others. Inside a run of words that arcs connect,
    // all entities belong together; an entity ties the runs it has arcs in.
    const std::vector<std::vector<Index>>& components(std::size_t entities) {
        parent_.resize(entities);
        std::iota(parent_.begin(), parent_.end(), Index{0});
        // Greedy's spans count, too, though they may have been pruned: they stay wherever nothing is better.
        connecting_ = arcs_;
        for (const Pick& pick : picks_) {
            connecting_.push_back({pick.entity, pick.span.start, pick.span.end, pick.span.score});
        }
        std::sort(connecting_.begin(), connecting_.end(), arc_before);
        Index reach = 0;
        Index previous = 0;
        for (const Arc& arc : connecting_) {
            if (arc.start < reach) parent_[static_cast<std::size_t>(root(arc.entity))] = root(previous);
            reach = std::max(reach, arc.end);
            previous = arc.entity;
        }
        components_.assign(entities, {});
        for (std::size_t e = 0; e < entities; ++e) {
            if (row_begin_[e] < row_begin_[e + 1]) {
                components_[static_cast<std::size_t>(root(static_cast<Index>(e)))].push_back(static_cast<Index>(e));
            }
        }
        std::erase_if(components_, [](const auto& component) { return component.empty(); });
        return components_;
    }

    Index root(Index entity) {
        while (parent_[static_cast<std::size_t>(entity)] != entity) entity = parent_[static_cast<std::size_t>(entity)];
        return entity;
    }

    static bool holds(const std::vector<Index>& component, Index entity) {
        return std::find(component.begin(), component.end(), entity) != component.end();
    }

    // What greedy reached in a component, without spans that touch where that is forbidden.
    Objective known(const std::vector<Index>& component) {
        if (options_.forbid_adjacent) drop_touching();
        Objective objective;
        for (const Index e : component) {
            Index count = 0;
            for (const Pick& pick : picks_) {
                if (pick.entity != e) continue;
                ++count;
                objective.score += static_cast<double>(pick.span.score);
            }
            objective.satisfied += count >= options_.limit.lo;
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
    bool certified(const std::vector<Index>& component) {
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
        switch (solver_.solve(component_arcs_, static_cast<Index>(entities), known(component))) {
            case Solved::known_is_best:
                return Proof::bound;
            case Solved::better:
                std::erase_if(picks_, [&](const Pick& pick) { return holds(component, pick.entity); });
                for (const Arc& arc : solver_.solution()) {
                    picks_.push_back({arc.entity, {arc.score, arc.start, arc.end}});
                }
                return Proof::dp;
            case Solved::gave_up:
                gave_up_ = true;
                break;
        }
        return Proof::none;
    }

    Proof finish(std::size_t s, std::size_t entities, MatchWriter& writer, std::uint8_t* outcome, Proof proof) {
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
        const Status proved = met ? Status::optimal : Status::infeasible;
        writer.finish(s, gave_up_ ? Status::limit : proved);
        return gave_up_ ? Proof::none : proof;
    }

    ExactOptions options_;
    GreedyLoop greedy_;
    ArcPruner pruner_;
    BestSet best_set_;
    ExactSolver solver_;
    std::vector<double> own_total_;  // per entity what it could have on its own
    std::vector<Arc> own_greedy_;
    std::vector<Arc> own_;  // and the arcs it would take
    std::vector<Pick> picks_;
    std::vector<Arc> arcs_;               // entity by entity, each by start, then end
    std::vector<std::size_t> row_begin_;  // where an entity's arcs begin
    std::vector<Arc> connecting_;
    std::vector<Arc> component_arcs_;
    std::vector<Index> parent_;
    std::vector<std::vector<Index>> components_;
    std::vector<Index> counts_;
    bool gave_up_ = false;
};

template <class MakeCandidates>
Offset match_exactly(const TargetWords& target, const Spans& entities, const ExactOptions& options,
                     const std::vector<Chunk>& chunks, const Poll& poll, const ExactOutput& out,
                     MakeCandidates&& make_candidates) {
    const auto match = [&](Chunk chunk, MatchWriter& writer) {
        const auto own_poll = [&, first = chunk.begin == 0] { poll(first); };
        ExactLoop loop(options);
        auto candidates_of = make_candidates();
        for (std::size_t s = chunk.begin; s < chunk.end; ++s) {
            if (s % kSentencesPerPoll == 0) own_poll();
            const Offset entity = entities.offsets[s];
            const std::size_t count = at(entities.offsets[s + 1] - entity);
            if (count == 0) {
                writer.finish(s, Status::optimal);
                out.proof[s] = static_cast<std::uint8_t>(Proof::certificate);
                continue;
            }
            auto candidates = candidates_of(s);
            const Proof proof = loop.run(s, count, candidates, writer, out.matches.outcome + entity, own_poll);
            out.proof[s] = static_cast<std::uint8_t>(proof);
        }
    };
    return match_chunks(chunks, entities.offsets, target.offsets, options.limit, out.matches, match);
}

}  // namespace

Offset exact(const TargetWords& target, const Spans& entities, const Spans& candidates, View<Offset> score_offsets,
             View<float> scores, const ExactOptions& options, const std::vector<Chunk>& chunks, const Poll& poll,
             const ExactOutput& out) {
    return match_exactly(target, entities, options, chunks, poll, out, [&] {
        return [&, dead = std::vector<std::uint8_t>()](std::size_t s) mutable {
            const std::size_t first = at(candidates.offsets[s]);
            return ScoredCandidates(candidates.start.data() + first, candidates.end.data() + first,
                                    at(candidates.offsets[s + 1]) - first, scores.data() + score_offsets[s], dead);
        };
    });
}

Offset exact_alignment(const TargetWords& target, const Spans& entities, const Links& links, Index max_words,
                       const ExactOptions& options, const std::vector<Chunk>& chunks, const Poll& poll,
                       const ExactOutput& out) {
    return match_exactly(target, entities, options, chunks, poll, out, [&] {
        return [&, aligned = AlignedWords(), blocked = std::vector<std::uint8_t>()](std::size_t s) mutable {
            aligned.gather(s, entities, links);
            const Offset entity = entities.offsets[s];
            return AlignedSpans(aligned, entities.start.data() + entity, entities.end.data() + entity, target.count(s),
                                target.stop_of(s), max_words, blocked);
        };
    });
}

}  // namespace xproj
