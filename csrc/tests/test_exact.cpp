// The exact solver against trying everything, on small dense problems; and on larger ones for the sanitizers.
#include <algorithm>
#include <random>

#include "check.hpp"
#include "xproj/exact.hpp"
#include "xproj/exact_solver.hpp"

namespace {

using namespace xproj;

// Arcs of `entities` rows over `words` words, some rows identical, ordered as the solver wants them.
std::vector<Arc> random_arcs(std::mt19937& random, Index entities, Index words, Index longest) {
    std::uniform_real_distribution<float> score(0.01F, 1.0F);
    std::vector<Arc> arcs;
    ArcPruner pruner;
    for (Index e = 0; e < entities; ++e) {
        const std::size_t first = arcs.size();
        if (e > 0 && random() % 3 == 0) {  // as the entity before
            const std::vector<Arc> all = arcs;
            for (const Arc& arc : all) {
                if (arc.entity == e - 1) arcs.push_back({e, arc.start, arc.end, arc.score});
            }
            continue;
        }
        for (Index start = 0; start < words; ++start) {
            for (Index end = start + 1; end <= std::min(words, start + longest); ++end) {
                if (random() % 4) arcs.push_back({e, start, end, score(random)});
            }
        }
        pruner.prune(arcs, first, words);
    }
    return arcs;
}

// The best objective by trying every set of arcs.
void try_all(const std::vector<Arc>& arcs, std::size_t next, std::vector<const Arc*>& chosen, Index entities,
             const ExactOptions& options, Objective& best) {
    if (next == arcs.size()) {
        std::vector<Index> counts(static_cast<std::size_t>(entities));
        Objective objective;
        for (const Arc* arc : chosen) {
            ++counts[static_cast<std::size_t>(arc->entity)];
            objective.score += static_cast<double>(arc->score);
        }
        for (Index e = 0; e < entities; ++e) {
            const bool has_arcs =
                std::any_of(arcs.begin(), arcs.end(), [&](const Arc& arc) { return arc.entity == e; });
            if (counts[static_cast<std::size_t>(e)] > options.limit.hi) return;
            objective.satisfied += has_arcs && counts[static_cast<std::size_t>(e)] >= options.limit.lo;
        }
        if (objective.satisfied > best.satisfied ||
            (objective.satisfied == best.satisfied && objective.score > best.score)) {
            best = objective;
        }
        return;
    }
    try_all(arcs, next + 1, chosen, entities, options, best);
    for (const Arc* other : chosen) {
        if (other->start < arcs[next].end && arcs[next].start < other->end) return;
        const bool touch = other->start == arcs[next].end || arcs[next].start == other->end;
        if (options.forbid_adjacent && touch && other->entity == arcs[next].entity) return;
    }
    chosen.push_back(&arcs[next]);
    try_all(arcs, next + 1, chosen, entities, options, best);
    chosen.pop_back();
}

TEST(solver_finds_what_trying_everything_finds) {
    std::mt19937 random(11);
    for (int round = 0; round < 400; ++round) {
        const Index entities = static_cast<Index>(1 + random() % 3);
        const std::vector<Arc> arcs = random_arcs(random, entities, 5, 3);
        if (arcs.size() > 18) continue;
        for (const Limit limit : {Limit{0, 1}, Limit{0, 2}, Limit{1, 1}, Limit{2, Limit::kUnlimited}}) {
            const ExactOptions options{limit, round % 2 == 0};
            Objective best{-1, 0};
            std::vector<const Arc*> chosen;
            try_all(arcs, 0, chosen, entities, options, best);
            ExactSolver solver(options);
            if (solver.solve(arcs, {-1, 0}) != Solved::better) continue;
            double score = 0;
            for (const Arc& arc : solver.solution()) score += static_cast<double>(arc.score);
            CHECK(std::abs(score - best.score) < 1e-5);
        }
    }
}

TEST(solver_is_bounded) {
    std::mt19937 random(5);
    for (const std::size_t most : {std::size_t{1}, std::size_t{50}, std::size_t{100'000}}) {
        const std::vector<Arc> arcs = random_arcs(random, 12, 60, 8);
        ExactOptions options{{0, 1}};
        options.max_labels = most;
        ExactSolver solver(options);
        const Solved solved = solver.solve(arcs, {12, 0});
        CHECK(most > 1 || solved == Solved::gave_up);
        CHECK(most < 100'000 || solved == Solved::better);
        for (std::size_t i = 1; solved == Solved::better && i < solver.solution().size(); ++i) {
            CHECK(solver.solution()[i - 1].end <= solver.solution()[i].start);
        }
    }
}

TEST(solver_ends_with_its_time) {
    std::mt19937 random(5);
    const std::vector<Arc> arcs = random_arcs(random, 12, 60, 8);
    ExactOptions options{{0, 1}};
    options.time_limit = 0;
    ExactSolver solver(options);
    solver.start_clock();
    CHECK(solver.solve(arcs, {12, 0}) == Solved::out_of_time);
}

TEST(pruner_keeps_what_no_inner_span_equals) {
    std::mt19937 random(3);
    ArcPruner pruner;
    for (int round = 0; round < 300; ++round) {
        const Index words = static_cast<Index>(1 + random() % 40);
        std::vector<Arc> kept{{0, 0, 1, 1.0F}};  // of an entity before, which is not looked at
        std::vector<Arc> arcs;
        for (Index start = 0; start < words; ++start) {
            for (Index end = start + 1; end <= words; ++end) {
                if (random() % 3 == 0) arcs.push_back({1, start, end, 0.1F * static_cast<float>(1 + random() % 9)});
            }
        }
        kept.insert(kept.end(), arcs.begin(), arcs.end());
        pruner.prune(kept, 1, words);
        std::size_t next = 1;
        for (const Arc& outer : arcs) {
            const bool beaten = std::any_of(arcs.begin(), arcs.end(), [&](const Arc& inner) {
                const bool same = outer.start == inner.start && outer.end == inner.end;
                return !same && outer.start <= inner.start && inner.end <= outer.end && inner.score >= outer.score;
            });
            if (beaten) continue;
            CHECK(next < kept.size() && kept[next].start == outer.start && kept[next].end == outer.end);
            ++next;
        }
        CHECK(next == kept.size());
    }
}

TEST(pruned_arcs_hold_no_better_span) {
    std::mt19937 random(2);
    for (int round = 0; round < 200; ++round) {
        const std::vector<Arc> arcs = random_arcs(random, 1, 12, 6);
        for (const Arc& outer : arcs) {
            for (const Arc& inner : arcs) {
                const bool inside = outer.start <= inner.start && inner.end <= outer.end;
                const bool same = outer.start == inner.start && outer.end == inner.end;
                CHECK(!inside || same || inner.score < outer.score);
            }
        }
    }
}

}  // namespace
