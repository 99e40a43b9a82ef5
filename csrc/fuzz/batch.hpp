// A batch of sentence pairs out of a fuzzer's bytes, always a valid one; and what a matcher makes of it.
#pragma once

#include <algorithm>
#include <vector>

#include "fuzz/data.hpp"
#include "tests/batch.hpp"
#include "xproj/matches.hpp"
#include "xproj/validate.hpp"
#include "xproj/views.hpp"

namespace fuzz {

using namespace xproj;

struct Size {
    int sentences, words, entities, links;
};

inline Batch draw_batch(Data& data, Size size) {
    Batch batch;
    const int sentences = data.number(0, size.sentences);
    for (int s = 0; s < sentences; ++s) {
        const int sources = data.number(0, size.words);
        const int targets = data.number(0, size.words);
        for (int w = 0; w < targets; ++w) batch.stop.push_back(data.number(0, 9) == 9);
        int drawn = 0;
        for (int w = 0; w < sources && drawn < size.entities;) {
            const int words = std::min(data.number(1, 3), sources - w);
            if (data.flag()) {
                batch.entity_start.push_back(w);
                batch.entity_end.push_back(w + words);
                ++drawn;
            }
            w += words;
        }
        for (int l = sources && targets ? data.number(0, size.links) : 0; l > 0; --l) {
            batch.link_source.push_back(data.number(0, sources - 1));
            batch.link_target.push_back(data.number(0, targets - 1));
        }
        batch.source_offsets.push_back(batch.source_offsets.back() + sources);
        batch.target_offsets.push_back(batch.target_offsets.back() + targets);
        batch.entity_offsets.push_back(static_cast<Offset>(batch.entity_start.size()));
        batch.link_offsets.push_back(static_cast<Offset>(batch.link_source.size()));
    }
    REQUIRE(check_spans(batch.entities(), batch.source_offsets, SpanRule::disjoint).fault == Fault::none);
    REQUIRE(check_links(batch.links(), batch.source_offsets, batch.target_offsets).fault == Fault::none);
    return batch;
}

struct Candidates {
    std::vector<Offset> offsets{0}, score_offsets{0};
    std::vector<Index> start, end;
    std::vector<float> scores;

    Spans spans() const { return {offsets, start, end}; }
};

// Some of all spans of at most `longest` words, with scores of few values, so that many are equal.
inline Candidates draw_candidates(Data& data, const Batch& batch, Index longest) {
    Candidates out;
    for (std::size_t s = 0; s < batch.sentences(); ++s) {
        const Index words = batch.target().count(s);
        for (Index a = 0; a < words; ++a) {
            for (Index b = a + 1; b <= std::min(words, a + longest); ++b) {
                if (!data.flag()) continue;
                out.start.push_back(a);
                out.end.push_back(b);
            }
        }
        out.offsets.push_back(static_cast<Offset>(out.start.size()));
        const Offset cells = (out.offsets[s + 1] - out.offsets[s]) * batch.entities_of(s);
        for (Offset i = 0; i < cells; ++i) out.scores.push_back(static_cast<float>(data.number(-2, 13)) / 8);
        out.score_offsets.push_back(static_cast<Offset>(out.scores.size()));
    }
    REQUIRE(check_spans(out.spans(), batch.target_offsets, SpanRule::distinct).fault == Fault::none);
    return out;
}

inline Limit draw_limit(Data& data) {
    constexpr Limit kLimits[] = {{0, 1}, {1, 1}, {0, 2}, {2, 2}, {1, Limit::kUnlimited}, {0, Limit::kUnlimited}};
    return kLimits[data.number(0, 5)];
}

// Mostly one, as threads take long to start.
inline int draw_chunks(Data& data) {
    return std::max(data.number(-20, 3), 1);
}

struct Span {
    Index entity, start, end;
    float score;

    bool operator==(const Span&) const = default;
};

// The arrays a matcher fills, with memory of exactly the size it was promised: a sanitizer sees one entry more.
struct Found {
    std::vector<Offset> offsets;
    std::vector<Index> entity, start, end;
    std::vector<float> score;
    std::vector<double> objective, spent;
    std::vector<std::uint8_t> status, outcome, proof;

    bool operator==(const Found&) const = default;

    std::vector<Span> spans(std::size_t s) const {
        std::vector<Span> out;
        for (std::size_t i = at(offsets[s]); i < at(offsets[s + 1]); ++i) {
            out.push_back({entity[i], start[i], end[i], score[i]});
        }
        return out;
    }
};

// match(chunks, out, found) for as many chunks of sentences as asked.
template <class Match>
Found run(const Batch& batch, Limit limit, int chunks_wanted, Match&& match) {
    const auto chunks = make_chunks(batch.sentences(), chunks_wanted, 1);
    const std::size_t capacity = at(match_capacity(batch.entity_offsets, batch.target_offsets, limit, chunks));
    Found found;
    found.offsets.resize(batch.sentences() + 1);
    found.entity.resize(capacity);
    found.start.resize(capacity);
    found.end.resize(capacity);
    found.score.resize(capacity);
    found.objective.resize(batch.sentences());
    found.spent.resize(batch.sentences());
    found.status.resize(batch.sentences());
    found.proof.resize(batch.sentences());
    found.outcome.resize(batch.entity_start.size());
    const Matches out{found.offsets.data(), found.entity.data(),    found.start.data(),  found.end.data(),
                      found.score.data(),   found.objective.data(), found.status.data(), found.outcome.data()};
    const std::size_t count = at(match(chunks, out, found));
    REQUIRE(found.offsets.back() == static_cast<Offset>(count));
    found.entity.resize(count);
    found.start.resize(count);
    found.end.resize(count);
    found.score.resize(count);
    return found;
}

// What every result must be: spans in order, inside of the sentence, none on another, none past the limit.
inline void require_valid(const Batch& batch, const Found& found, Index most) {
    for (std::size_t s = 0; s < batch.sentences(); ++s) {
        const std::vector<Span> spans = found.spans(s);
        std::vector<int> taken(at(batch.target_offsets[s + 1] - batch.target_offsets[s]));
        std::vector<Index> counts(at(batch.entities_of(s)));
        for (std::size_t i = 0; i < spans.size(); ++i) {
            const Span& span = spans[i];
            REQUIRE(span.entity >= 0 && span.entity < batch.entities_of(s));
            REQUIRE(span.start >= 0 && span.start < span.end && at(span.end) <= taken.size());
            for (Index w = span.start; w < span.end; ++w) REQUIRE(++taken[at(w)] == 1);
            REQUIRE(++counts[at(span.entity)] <= most);
            if (i == 0) continue;
            const Span& last = spans[i - 1];
            REQUIRE(last.entity < span.entity || (last.entity == span.entity && last.start < span.start));
        }
        for (std::size_t e = 0; e < counts.size(); ++e) {
            const auto outcome = static_cast<Outcome>(found.outcome[at(batch.entity_offsets[s]) + e]);
            REQUIRE((outcome == Outcome::projected) == (counts[e] > 0));
        }
    }
}

}  // namespace fuzz
