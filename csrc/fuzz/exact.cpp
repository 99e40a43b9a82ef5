// Exact matching against trying everything, and the one-pass matcher against the one in stages.
#include "xproj/exact.hpp"

#include <array>
#include <map>

#include "fuzz/aligned.hpp"

namespace {

using namespace fuzz;

constexpr int kEntities = 3;

// A solution is written from left to right: at each word, leave it or place a span that starts here. Solutions that
// agree on how many spans each entity has and on whose span ended last are continued alike, once.
class Everything {
  public:
    Everything(const Batch& batch, const Candidates& candidates, std::size_t s, const ExactOptions& options)
        : options_(options), words_(batch.target().count(s)) {
        const std::size_t first = at(candidates.offsets[s]), count = at(candidates.offsets[s + 1]) - first;
        for (std::size_t e = 0; e < at(batch.entities_of(s)); ++e) {
            for (std::size_t c = 0; c < count; ++c) {
                const float score = candidates.scores[at(candidates.score_offsets[s]) + e * count + c];
                if (score <= 0) continue;
                scored_[e] = true;
                pairs_.push_back(
                    {static_cast<Index>(e), candidates.start[first + c], candidates.end[first + c], score});
            }
        }
    }

    Objective best() { return continued({0, 0, 0, 0, -1}); }

    // What a solution reaches, once it is seen to be one.
    Objective value(const std::vector<Span>& spans) const {
        State counts{0, 0, 0, 0, -1};
        Objective objective;
        for (const Span& span : spans) {
            REQUIRE(std::find(pairs_.begin(), pairs_.end(), span) != pairs_.end());
            const auto touches = [&](const Span& other) {
                return other.entity == span.entity && other.end == span.start;
            };
            REQUIRE(!options_.forbid_adjacent || std::none_of(spans.begin(), spans.end(), touches));
            ++counts[at(span.entity)];
            objective.score += static_cast<double>(span.score);
        }
        objective.satisfied = satisfied(counts);
        return objective;
    }

    Index scored() const { return static_cast<Index>(std::count(scored_.begin(), scored_.end(), true)); }

  private:
    using State = std::array<Index, kEntities + 2>;  // spans of each entity, the word, whose span ended here

    Index satisfied(const State& state) const {
        Index count = 0;
        for (std::size_t e = 0; e < kEntities; ++e) count += scored_[e] && state[e] >= options_.limit.lo;
        return count;
    }

    Objective continued(const State& state) {
        const Index word = state[kEntities];
        if (word == words_) return {satisfied(state), 0};
        if (const auto known = known_.find(state); known != known_.end()) return known->second;
        State next = state;
        next[kEntities] = word + 1;
        next[kEntities + 1] = -1;
        Objective best = continued(next);
        for (const Span& pair : pairs_) {
            if (pair.start != word || state[at(pair.entity)] == options_.limit.hi) continue;
            if (options_.forbid_adjacent && state[kEntities + 1] == pair.entity) continue;
            next = state;
            ++next[at(pair.entity)];
            next[kEntities] = pair.end;
            next[kEntities + 1] = pair.entity;
            Objective with = continued(next);
            with.score += static_cast<double>(pair.score);
            if (std::pair(with.satisfied, with.score) > std::pair(best.satisfied, best.score)) best = with;
        }
        return known_[state] = best;
    }

    ExactOptions options_;
    Index words_;
    std::vector<Span> pairs_;
    std::array<bool, kEntities> scored_{};
    std::map<State, Objective> known_;
};

Found checked(const Batch& batch, const Candidates& candidates, const ExactOptions& options, int chunks) {
    const Found found = run(batch, options.limit, chunks, [&](const auto& parts, const Matches& out, Found& all) {
        return exact(batch.target(), batch.entities(), candidates.spans(), candidates.score_offsets, candidates.scores,
                     options, parts, {out, all.proof.data(), all.spent.data()});
    });
    require_valid(batch, found, options.limit.hi);
    for (std::size_t s = 0; s < batch.sentences(); ++s) {
        Everything everything(batch, candidates, s, options);
        const Objective got = everything.value(found.spans(s)), best = everything.best();
        REQUIRE(!best.clearly_better_than(got));
        const auto status = best.satisfied == everything.scored() ? Status::optimal : Status::infeasible;
        REQUIRE(found.status[s] == static_cast<std::uint8_t>(status));
        REQUIRE(static_cast<Proof>(found.proof[s]) != Proof::none);
    }
    return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    Data data(bytes, size);
    ExactOptions options;
    options.limit = draw_limit(data);
    options.forbid_adjacent = data.flag();
    const Index longest = data.flag() ? data.number(1, 4) : Limit::kUnlimited;
    const int chunks = draw_chunks(data);
    const Batch batch = draw_batch(data, {2, 7, kEntities, 16});
    const Found staged = checked(batch, aligned_candidates(batch, longest), options, 1);
    const Found one_pass = run(batch, options.limit, chunks, [&](const auto& parts, const Matches& out, Found& all) {
        return exact_alignment(batch.target(), batch.entities(), batch.links(), longest, options, parts,
                               {out, all.proof.data(), all.spent.data()});
    });
    REQUIRE(one_pass == staged);
    checked(batch, draw_candidates(data, batch, 4), options, chunks);
    return 0;
}
