// The learned score: distances against the plain table, threads, and random sentences for the sanitizers.
#include <algorithm>
#include <cmath>
#include <random>

#include "batch.hpp"
#include "check.hpp"
#include "xproj/learned_scores.hpp"

namespace {

using namespace xproj;

Index plain_distance(const std::vector<Index>& a, const std::vector<Index>& b) {
    std::vector<Index> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<Index>(j);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        Index diagonal = row[0];
        row[0] = static_cast<Index>(i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const Index above = row[j];
            row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1])});
            diagonal = above;
        }
    }
    return row[b.size()];
}

TEST(edit_distances_equal_the_plain_table) {
    std::mt19937 random(1);
    const auto draw = [&](int lo, int hi) { return std::uniform_int_distribution<int>(lo, hi)(random); };
    EditDistance distance;
    for (const int length : {0, 1, 2, 5, 31, 63, 64, 65, 127, 128, 129, 300}) {
        for (int letters : {1, 3, 1000}) {
            std::vector<Index> text;
            for (int i = 0; i < length; ++i)
                text.push_back(letters == 1000 ? draw(0, 0x10FFFF) : draw(97, 96 + letters));
            distance.set_text(text);
            for (int repeat = 0; repeat < 2; ++repeat) {
                distance.restart();
                std::vector<Index> grown;
                for (int step = 0; step < 6; ++step) {
                    const std::size_t before = grown.size();
                    const int more = draw(0, 1 + length / 2);
                    for (int i = 0; i < more; ++i) {
                        const bool copied = length > 0 && draw(0, 1) == 0;
                        grown.push_back(copied ? text[static_cast<std::size_t>(draw(0, length - 1))] : draw(97, 105));
                    }
                    distance.extend(View<Index>(grown).subspan(before));
                    const double longer = static_cast<double>(std::max(text.size(), grown.size()));
                    const bool empty = text.empty() || grown.empty();
                    CHECK(distance.similarity() ==
                          (empty ? 0.0 : 1.0 - static_cast<double>(plain_distance(text, grown)) / longer));
                }
            }
        }
    }
}

// Word types that look like nothing, like each other, and like long words; and candidates of any shape.
struct LearnedBatch : Batch {
    std::vector<Index> source_ids, target_ids, codes, candidate_start, candidate_end;
    std::vector<Offset> code_offsets{0}, candidate_offsets{0}, score_offsets{0};
    std::vector<std::uint8_t> flags;

    WordShapes source() const { return {source_offsets, source_ids, code_offsets, codes, flags}; }
    WordShapes shapes() const { return {target_offsets, target_ids, code_offsets, codes, flags}; }
    Spans candidates() const { return {candidate_offsets, candidate_start, candidate_end}; }

    std::vector<float> scores(View<double> weights, int threads) const {
        std::vector<float> out(at(score_offsets.back()), -1.0F);
        learned_scores(source(), shapes(), entities(), links(), candidates(), weights, score_offsets, threads,
                       out.data());
        return out;
    }
    LearnedRows rows(int threads) const {
        return learned_rows(source(), shapes(), entities(), links(), candidates(), score_offsets, threads);
    }
};

LearnedBatch random_batch(unsigned seed, int sentences) {
    std::mt19937 random(seed);
    const auto draw = [&](int lo, int hi) { return std::uniform_int_distribution<int>(lo, hi)(random); };
    LearnedBatch batch;
    for (int t = 0; t < 20; ++t) {
        for (int letters = t == 19 ? 150 : draw(0, 7); letters > 0; --letters) batch.codes.push_back(draw(97, 101));
        batch.code_offsets.push_back(static_cast<Offset>(batch.codes.size()));
        batch.flags.push_back(static_cast<std::uint8_t>(draw(0, 15)));
    }
    for (int s = 0; s < sentences; ++s) {
        const int sources = draw(0, 8);
        const int targets = draw(0, 12);
        for (int w = 0; w < sources; ++w) batch.source_ids.push_back(draw(0, 19));
        for (int w = 0; w < targets; ++w) batch.target_ids.push_back(draw(0, 19));
        for (int e = sources ? draw(0, 3) : 0, start = 0; e > 0; --e) {
            start = draw(start, sources - 1);
            batch.entity_start.push_back(start);
            batch.entity_end.push_back(draw(start + 1, sources));
        }
        for (int l = sources && targets ? draw(0, 9) : 0; l > 0; --l) {
            batch.link_source.push_back(draw(0, sources - 1));
            batch.link_target.push_back(draw(0, targets - 1));
        }
        for (Index a = 0; a < targets; ++a) {
            for (Index b = a + 1; b <= targets; ++b) {
                if (draw(0, 3) == 0) continue;
                batch.candidate_start.push_back(a);
                batch.candidate_end.push_back(b);
            }
        }
        batch.source_offsets.push_back(static_cast<Offset>(batch.source_ids.size()));
        batch.target_offsets.push_back(static_cast<Offset>(batch.target_ids.size()));
        batch.entity_offsets.push_back(static_cast<Offset>(batch.entity_start.size()));
        batch.link_offsets.push_back(static_cast<Offset>(batch.link_source.size()));
        batch.candidate_offsets.push_back(static_cast<Offset>(batch.candidate_start.size()));
        const auto s_ = static_cast<std::size_t>(s);
        batch.score_offsets.push_back(batch.score_offsets.back() +
                                      batch.entities_of(s_) *
                                          (batch.candidate_offsets[s_ + 1] - batch.candidate_offsets[s_]));
    }
    return batch;
}

TEST(learned_rows_and_scores_are_of_the_same_pairs) {
    const LearnedBatch batch = random_batch(1, 600);
    const LearnedRows rows = batch.rows(1);
    CHECK(rows.position.size() > 1000);
    CHECK(rows.features.size() == rows.position.size() * kLearnedFeatures);
    CHECK(std::is_sorted(rows.position.begin(), rows.position.end()));
    std::vector<double> weights(kLearnedFeatures + 1);
    weights[kAlignment] = 1.0;
    weights.back() = -0.25;
    const std::vector<float> scores = batch.scores(weights, 1);
    std::vector<float> expected(scores.size(), 0.0F);
    for (std::size_t i = 0; i < rows.position.size(); ++i) {
        const auto aligned = static_cast<double>(rows.features[i * kLearnedFeatures + kAlignment]);
        expected[at(rows.position[i])] = static_cast<float>(1.0 / (1.0 + std::exp(0.25 - aligned)));
    }
    CHECK(scores == expected);
}

TEST(learned_scores_do_not_depend_on_threads) {
    const LearnedBatch batch = random_batch(2, 2000);
    std::vector<double> weights;
    for (std::size_t i = 0; i <= kLearnedFeatures; ++i) weights.push_back(0.1 * static_cast<double>(i % 7) - 0.3);
    CHECK(batch.scores(weights, 1) == batch.scores(weights, 4));
    const LearnedRows one = batch.rows(1);
    const LearnedRows four = batch.rows(4);
    CHECK(one.position == four.position);
    CHECK(one.features == four.features);
}

}  // namespace
