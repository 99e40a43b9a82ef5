// What every matcher writes: the chosen spans of each sentence, and how the sentence and its entities fared.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "xproj/parallel.hpp"
#include "xproj/views.hpp"

namespace xproj {

// How many spans one entity may get: every limit form of the methods is some [lo, hi].
struct Limit {
    Index lo = 0;
    Index hi = 1;
    static constexpr Index kUnlimited = std::numeric_limits<Index>::max();
};

enum class Status : std::uint8_t { optimal = 0, feasible = 1, infeasible = 2, limit = 3 };

// Why an entity got its spans, or none. The numbers are part of the Python interface (arrays.py).
enum class Outcome : std::uint8_t {
    projected = 0,
    unscored = 1,  // no candidate scores above 0 (for alignments: no link to an allowed word)
    overlap = 2,   // every candidate it had was taken by other entities
    too_short = 3  // heuristic only: every run failed the length ratio
};

// Spans of one sentence are ordered by entity, then by start. `offsets` has N + 1 entries, `objective` and
// `status` N, `outcome` one per entity; the other four have `capacity` entries.
struct Matches {
    Offset* offsets;
    Index* entity;  // index of the entity inside its sentence
    Index* start;
    Index* end;
    float* score;
    double* objective;
    std::uint8_t* status;
    std::uint8_t* outcome;
};

// Most spans that sentences [begin, end) can get: spans of a sentence are disjoint, and an entity has at most
// hi.
inline Offset match_capacity(View<Offset> entity_offsets, View<Offset> word_offsets, Limit limit, Chunk chunk) {
    const Offset words = word_offsets[chunk.end] - word_offsets[chunk.begin];
    const Offset entities = entity_offsets[chunk.end] - entity_offsets[chunk.begin];
    if (limit.hi == Limit::kUnlimited || entities > words / limit.hi) return words;
    return entities * limit.hi;
}

inline Offset match_capacity(View<Offset> entity_offsets, View<Offset> word_offsets, Limit limit,
                             const std::vector<Chunk>& chunks) {
    Offset total = 0;
    for (const Chunk& chunk : chunks) total += match_capacity(entity_offsets, word_offsets, limit, chunk);
    return total;
}

// Appends the spans of one sentence after another.
class MatchWriter {
  public:
    MatchWriter(const Matches& out, Offset first) : out_(out), first_(first), next_(first), sentence_(first) {}

    void add(Index entity, Index start, Index end, float score) {
        const std::size_t i = at(next_++);
        out_.entity[i] = entity;
        out_.start[i] = start;
        out_.end[i] = end;
        out_.score[i] = score;
    }

    // Ends sentence s. The objective is summed in output order, so it is the same on every backend.
    void finish(std::size_t s, Status status) {
        double objective = 0;
        for (Offset i = sentence_; i < next_; ++i) objective += static_cast<double>(out_.score[at(i)]);
        out_.objective[s] = objective;
        out_.status[s] = static_cast<std::uint8_t>(status);
        out_.offsets[s + 1] = next_ - first_;
        sentence_ = next_;
    }

  private:
    const Matches& out_;
    Offset first_;
    Offset next_;
    Offset sentence_;
};

// Runs match(chunk, writer) over all chunks, each into its own part of the arrays, then closes the gaps.
// Returns the number of spans written.
template <class Match>
Offset match_chunks(const std::vector<Chunk>& chunks, View<Offset> entity_offsets, View<Offset> word_offsets,
                    Limit limit, const Matches& out, Match&& match) {
    std::vector<Offset> first{0};
    for (const Chunk& chunk : chunks) {
        first.push_back(first.back() + match_capacity(entity_offsets, word_offsets, limit, chunk));
    }
    out.offsets[0] = 0;
    for_chunks(chunks, [&](std::size_t c) {
        MatchWriter writer(out, first[c]);
        match(chunks[c], writer);
    });
    Offset total = out.offsets[chunks[0].end];
    for (std::size_t c = 1; c < chunks.size(); ++c) {
        const std::size_t count = at(out.offsets[chunks[c].end]);
        const auto close_gap = [&](auto* values) {
            if (count == 0) return;  // without entities there is no memory either, and memmove wants some
            std::memmove(values + total, values + first[c], count * sizeof(*values));
        };
        close_gap(out.entity);
        close_gap(out.start);
        close_gap(out.end);
        close_gap(out.score);
        for (std::size_t s = chunks[c].begin; s < chunks[c].end; ++s) out.offsets[s + 1] += total;
        total += static_cast<Offset>(count);
    }
    return total;
}

}  // namespace xproj
