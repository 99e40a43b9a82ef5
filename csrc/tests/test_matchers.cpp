// The kernels on random batches, for the sanitizers: the fused matcher equals the staged one, and the number
// of threads changes nothing. Correctness against the plain reference is tested from Python.
#include <random>

#include "batch.hpp"
#include "check.hpp"
#include "xproj/alignment_scores.hpp"
#include "xproj/candidates.hpp"
#include "xproj/greedy.hpp"
#include "xproj/greedy_alignment.hpp"
#include "xproj/heuristic.hpp"
#include "xproj/iob.hpp"
#include "xproj/symmetrize.hpp"
#include "xproj/validate.hpp"

namespace {

using namespace xproj;

Batch random_batch(unsigned seed, int sentences) {
    std::mt19937 random(seed);
    const auto draw = [&](int lo, int hi) { return std::uniform_int_distribution<int>(lo, hi)(random); };
    Batch batch;
    for (int s = 0; s < sentences; ++s) {
        const int sources = draw(0, 12);
        const int targets = draw(0, 12);
        for (int w = 0; w < targets; ++w) batch.stop.push_back(draw(0, 9) == 0);
        for (int w = 0; w < sources;) {
            const int size = std::min(draw(1, 3), sources - w);
            if (draw(0, 2) == 0) {
                batch.entity_start.push_back(w);
                batch.entity_end.push_back(w + size);
            }
            w += size;
        }
        for (int l = sources && targets ? draw(0, 20) : 0; l > 0; --l) {
            batch.link_source.push_back(draw(0, sources - 1));
            batch.link_target.push_back(draw(0, targets - 1));
        }
        batch.source_offsets.push_back(batch.source_offsets.back() + sources);
        batch.target_offsets.push_back(batch.target_offsets.back() + targets);
        batch.entity_offsets.push_back(static_cast<Offset>(batch.entity_start.size()));
        batch.link_offsets.push_back(static_cast<Offset>(batch.link_source.size()));
    }
    return batch;
}

struct Found {
    std::vector<Offset> offsets;
    std::vector<Index> entity, start, end;
    std::vector<float> score;
    std::vector<double> objective;
    std::vector<std::uint8_t> status, outcome;

    bool operator==(const Found&) const = default;
};

template <class Match>
Found run(const Batch& batch, Limit limit, int threads, Match&& match) {
    const auto chunks = make_chunks(batch.target().sentences(), threads, 4);
    const std::size_t capacity = at(match_capacity(batch.entity_offsets, batch.target_offsets, limit, chunks));
    const std::size_t sentences = batch.target().sentences();
    Found found{std::vector<Offset>(sentences + 1),   std::vector<Index>(capacity),
                std::vector<Index>(capacity),         std::vector<Index>(capacity),
                std::vector<float>(capacity),         std::vector<double>(sentences),
                std::vector<std::uint8_t>(sentences), std::vector<std::uint8_t>(batch.entity_start.size())};
    const Matches out{found.offsets.data(), found.entity.data(),    found.start.data(),  found.end.data(),
                      found.score.data(),   found.objective.data(), found.status.data(), found.outcome.data()};
    const std::size_t count = at(match(chunks, out));
    found.entity.resize(count);
    found.start.resize(count);
    found.end.resize(count);
    found.score.resize(count);
    return found;
}

Found staged(const Batch& batch, Index max_words, Limit limit) {
    const std::size_t sentences = batch.target().sentences();
    std::vector<Offset> offsets(sentences + 1);
    count_ngrams(batch.target(), {1, max_words}, 1, offsets.data() + 1);
    for (std::size_t s = 0; s < sentences; ++s) offsets[s + 1] += offsets[s];
    std::vector<Index> start(at(offsets.back())), end(at(offsets.back()));
    fill_ngrams(batch.target(), {1, max_words}, 1, offsets, start.data(), end.data());
    const Spans candidates{offsets, start, end};
    std::vector<Offset> score_offsets{0};
    for (std::size_t s = 0; s < sentences; ++s) {
        score_offsets.push_back(score_offsets.back() + (offsets[s + 1] - offsets[s]) *
                                                           (batch.entity_offsets[s + 1] - batch.entity_offsets[s]));
    }
    std::vector<float> scores(at(score_offsets.back()));
    alignment_scores(batch.target(), batch.entities(), batch.links(), candidates, score_offsets, 2, scores.data());
    return run(batch, limit, 1, [&](const auto& chunks, const Matches& out) {
        return greedy(batch.target(), batch.entities(), candidates, score_offsets, scores, limit, chunks, out);
    });
}

TEST(fused_greedy_equals_staged_for_any_threads) {
    for (unsigned seed = 0; seed < 40; ++seed) {
        const Batch batch = random_batch(seed, 50);
        CHECK(check_links(batch.links(), batch.source_offsets, batch.target_offsets).fault == Fault::none);
        CHECK(check_spans(batch.entities(), batch.source_offsets, SpanRule::disjoint).fault == Fault::none);
        for (const Limit limit : {Limit{0, 1}, Limit{0, 2}, Limit{2, 2}, Limit{1, Limit::kUnlimited}}) {
            for (const Index max_words : {1, 3, Limit::kUnlimited}) {
                const auto fused = [&](const auto& chunks, const Matches& out) {
                    return greedy_alignment(batch.target(), batch.entities(), batch.links(), max_words, limit, chunks,
                                            out);
                };
                const Found one = run(batch, limit, 1, fused);
                CHECK(one == staged(batch, max_words, limit));
                CHECK(one == run(batch, limit, 4, fused));
            }
        }
    }
}

TEST(without_entities_there_is_nothing_to_write_and_nowhere_to_write_it) {
    Batch batch = random_batch(1, 50);
    batch.entity_offsets.assign(batch.entity_offsets.size(), 0);
    batch.entity_start.clear();
    batch.entity_end.clear();
    const Found found = run(batch, {0, 1}, 4, [&](const auto& chunks, const Matches& out) {
        return greedy_alignment(batch.target(), batch.entities(), batch.links(), 3, {0, 1}, chunks, out);
    });
    CHECK(found.entity.empty());
    CHECK(found.offsets == std::vector<Offset>(51, 0));
}

TEST(heuristic_is_the_same_for_any_threads) {
    for (unsigned seed = 0; seed < 40; ++seed) {
        const Batch batch = random_batch(seed, 50);
        for (const bool overwrite : {false, true}) {
            const HeuristicOptions options{1, 0.5, 2, !overwrite, overwrite, overwrite};
            const auto match = [&](const auto& chunks, const Matches& out) {
                return heuristic(batch.target(), batch.entities(), batch.links(), options, chunks, out);
            };
            CHECK(run(batch, {0, Limit::kUnlimited}, 1, match) == run(batch, {0, Limit::kUnlimited}, 3, match));
        }
    }
}

TEST(a_run_that_starts_an_entity_anew_can_stay_apart) {
    const std::vector<Offset> words{0, 5}, one{0, 1}, linked{0, 3};
    const std::vector<Index> start{0}, end{2}, source{0, 1, 0}, target{0, 2, 4};  // target words 0, 2, 4: B I B
    for (const bool only_i : {false, true}) {
        const HeuristicOptions options{1, 0.0, 0, true, false, only_i};
        std::vector<Offset> offsets(2);
        std::vector<Index> entity(5), from(5), to(5);
        std::vector<float> score(5);
        double objective = 0;
        std::uint8_t status = 0, outcome = 0;
        const Matches out{offsets.data(), entity.data(), from.data(), to.data(),
                          score.data(),   &objective,    &status,     &outcome};
        const Offset found =
            heuristic({words, {}}, {one, start, end}, {linked, source, target}, options, make_chunks(1, 1), out);
        CHECK(found == (only_i ? 2 : 1));
        CHECK(from[0] == 0 && to[0] == (only_i ? 3 : 5));
        if (only_i) CHECK(from[1] == 4 && to[1] == 5);
    }
}

TEST(aligned_ngrams_are_some_of_the_ngrams) {
    const Batch batch = random_batch(7, 200);
    const std::size_t sentences = batch.target().sentences();
    std::vector<Offset> all(sentences), aligned(sentences);
    count_ngrams(batch.target(), {1, 5}, 2, all.data());
    count_aligned_ngrams(batch.target(), batch.entities(), batch.links(), {1, 5}, 2, aligned.data());
    for (std::size_t s = 0; s < sentences; ++s) CHECK(aligned[s] <= all[s]);
}

TEST(symmetrizations_are_nested) {
    const Batch forward = random_batch(1, 100);
    for (const int threads : {1, 2}) {
        std::size_t previous = 0;
        for (const auto method : {Symmetrization::intersection, Symmetrization::grow_diag,
                                  Symmetrization::grow_diag_final_and, Symmetrization::union_}) {
            Batch reverse = forward;  // every second link one word further: an overlap, and something to grow by
            for (std::size_t i = 0; i < reverse.link_target.size(); i += 2) reverse.link_target[i] ^= 1;
            const LinkList links = symmetrize(forward.links(), reverse.links(), method, threads);
            CHECK(links.source.size() >= previous);
            previous = links.source.size();
        }
    }
}

TEST(tags_round_trip) {
    const std::vector<Offset> words{0, 3, 3, 7};
    const std::vector<Offset> offsets{0, 1, 1, 3};
    const std::vector<Index> start{1, 0, 2}, end{3, 2, 3}, label{1, 0, 0};
    std::vector<Index> tags(7);
    CHECK(encode_iob2(words, {offsets, start, end}, label, 2, tags.data()) == -1);
    CHECK((tags == std::vector<Index>{0, 3, 4, 1, 2, 1, 0}));
    const std::vector<std::uint8_t> prefixes{0, 1, 2, 1, 2};
    const std::vector<Index> labels{-1, 0, 0, 1, 1};
    const EntityList list = decode_tags(words, tags, prefixes, labels, TagScheme::iob2);
    CHECK(list.broken.empty());
    CHECK(list.offsets == offsets && list.start == start && list.end == end && list.label == label);
    const std::vector<Index> broken{0, 4, 0, 0, 0, 0, 0};
    CHECK((decode_tags(words, broken, prefixes, labels, TagScheme::iob2).broken == std::vector<Offset>{1}));
}

TEST(tags_are_written_inside_their_sentence_only) {
    const std::vector<Offset> words{0, 3, 5}, offsets{0, 0, 2};
    const auto first_fault = [&](Index start, Index end, Index label) {
        const std::vector<Index> starts{0, start}, ends{1, end}, labels{0, label};
        std::vector<Index> tags(5);
        return encode_iob2(words, {offsets, starts, ends}, labels, 2, tags.data());
    };
    CHECK(first_fault(1, 2, 0) == -1);
    CHECK(first_fault(-1, 1, 0) == 1);
    CHECK(first_fault(1, 3, 0) == 1);
    CHECK(first_fault(1, 1, 0) == 1);
    CHECK(first_fault(1, 2, -1) == 1);
    CHECK(first_fault(1, 2, 2) == 1);
}

TEST(checks_find_faults) {
    const std::vector<Offset> words{0, 2};
    const std::vector<Offset> one{0, 1};
    const std::vector<Index> zero{0}, two{2}, three{3}, minus{-1};
    CHECK(check_offsets(std::vector<Offset>{0, 3, 2}, 2).fault == Fault::decreasing);
    CHECK(check_offsets(std::vector<Offset>{1, 2}, 2).fault == Fault::first_offset);
    CHECK(check_offsets(std::vector<Offset>{0, 3, 4}, 4, 3).fault == Fault::none);
    CHECK(check_offsets(std::vector<Offset>{0, 3, 4}, 4, 2).fault == Fault::too_many);
    CHECK(check_offsets(std::vector<Offset>{0, (Offset{1} << 32) + 2}, (Offset{1} << 32) + 2).fault == Fault::too_many);
    CHECK(check_offsets(std::vector<Offset>{}, 0).fault == Fault::first_offset);
    CHECK(check_spans({one, zero, three}, words, SpanRule::disjoint).fault == Fault::bounds);
    CHECK(check_spans({one, zero, zero}, words, SpanRule::disjoint).fault == Fault::empty);
    CHECK(check_links({one, minus, zero}, words, words).fault == Fault::bounds);
    CHECK(check_links({one, zero, two}, words, words).fault == Fault::target_bounds);
    CHECK(check_labels(one, two, 2).fault == Fault::label);
}

}  // namespace
