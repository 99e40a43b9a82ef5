// NER scores: by hand, threads, and random candidates in any shape against plain loops, for the sanitizers.
#include <algorithm>
#include <cmath>
#include <random>

#include "check.hpp"
#include "xproj/ner_scores.hpp"

namespace {

using namespace xproj;

struct Batch {
    std::vector<Offset> target_offsets{0}, entity_offsets{0}, candidate_offsets{0}, score_offsets{0};
    std::vector<float> values;
    std::size_t labels = 5;
    std::vector<Index> entity_class, start, end;
    std::vector<Index> first_column{1, 3}, inside_column{2, 4};
    std::vector<double> weight, predicted_weight;

    void add(std::vector<float> probabilities, std::vector<Index> classes, std::vector<std::pair<Index, Index>> spans) {
        values.insert(values.end(), probabilities.begin(), probabilities.end());
        entity_class.insert(entity_class.end(), classes.begin(), classes.end());
        for (const auto& [a, b] : spans) {
            start.push_back(a);
            end.push_back(b);
        }
        target_offsets.push_back(static_cast<Offset>(values.size() / labels));
        entity_offsets.push_back(static_cast<Offset>(entity_class.size()));
        candidate_offsets.push_back(static_cast<Offset>(start.size()));
        score_offsets.push_back(score_offsets.back() + static_cast<Offset>(classes.size() * spans.size()));
    }

    std::vector<float> scores(bool spans_only, float threshold = 0.05f, int threads = 1) const {
        std::vector<float> out(at(score_offsets.back()), -1.0f);
        const NerRules rules{first_column, inside_column, weight, predicted_weight, threshold, spans_only};
        ner_scores({target_offsets, {}}, {values, labels}, entity_offsets, entity_class,
                   {candidate_offsets, start, end}, rules, score_offsets, threads, out.data());
        return out;
    }
};

std::vector<double> weights(double alpha, int words) {
    std::vector<double> out{0.0};
    for (int k = 1; k <= words; ++k) out.push_back(std::pow(alpha, k - 1) / k);
    return out;
}

Batch random_batch(unsigned seed, int sentences) {
    std::mt19937 random(seed);
    const auto draw = [&](int lo, int hi) { return std::uniform_int_distribution<int>(lo, hi)(random); };
    Batch batch;
    batch.weight = weights(1.0, 12);
    batch.predicted_weight = weights(1.15, 12);
    for (int s = 0; s < sentences; ++s) {
        const int words = draw(0, 12);
        std::vector<float> values;
        for (int k = 0; k < words * 5; ++k) values.push_back(static_cast<float>(draw(0, 4)) / 4);
        std::vector<Index> classes;
        for (int e = draw(0, 4); e > 0; --e) classes.push_back(draw(-1, 1));
        std::vector<std::pair<Index, Index>> spans;
        const int share = draw(1, 3);
        for (Index a = 0; a < words; ++a) {
            for (Index b = a + 1; b <= words; ++b) {
                if (draw(1, 3) <= share) spans.emplace_back(a, b);
            }
        }
        batch.add(values, classes, spans);
    }
    return batch;
}

float plain(const Batch& batch, std::size_t s, std::size_t t, std::size_t c, float threshold) {
    const auto value = [&](Index w, Index label) {
        return batch.values[(at(batch.target_offsets[s]) + static_cast<std::size_t>(w)) * batch.labels +
                            static_cast<std::size_t>(label)];
    };
    const auto likeliest = [&](Index w) {
        Index best = 0;
        for (Index l = 1; l < static_cast<Index>(batch.labels); ++l) {
            if (value(w, l) > value(w, best)) best = l;
        }
        return best;
    };
    const Index a = batch.start[t];
    const Index b = batch.end[t];
    double sum = static_cast<double>(value(a, batch.first_column[c]));
    bool predicted = !batch.predicted_weight.empty() && likeliest(a) == batch.first_column[c];
    for (Index w = a + 1; w < b; ++w) {
        sum += static_cast<double>(value(w, batch.inside_column[c]));  // quarters: exact in any order
        predicted = predicted && likeliest(w) == batch.inside_column[c];
    }
    const std::vector<double>& table = predicted ? batch.predicted_weight : batch.weight;
    const float score = static_cast<float>(sum * table[static_cast<std::size_t>(b - a)]);
    return score < threshold ? 0.0f : score;
}

TEST(ner_scores_by_hand) {
    Batch batch;
    batch.weight = weights(2.0, 3);
    // labels: O, B-0, I-0, B-1, I-1
    batch.add({0.25f, 0.75f, 0, 0, 0, 0.5f, 0, 0.5f, 0, 0, 0.5f, 0, 0, 0.375f, 0}, {0, 1, 0, -1},
              {{0, 1}, {0, 2}, {1, 2}, {2, 3}});
    CHECK((batch.scores(false) ==
           std::vector<float>{0.75f, 1.25f, 0, 0, 0, 0, 0, 0.375f, 0.75f, 1.25f, 0, 0, 0, 0, 0, 0}));
    const std::vector<float> any{0.75f, 1.25f, 0, 0.375f};
    const std::vector<float> spans = batch.scores(true);
    for (std::size_t i = 0; i < spans.size(); ++i) CHECK(spans[i] == any[i % 4]);
}

TEST(ner_scores_equal_plain_loops) {
    for (unsigned seed = 0; seed < 4; ++seed) {
        Batch batch = random_batch(seed, 300);
        if (seed % 2) batch.predicted_weight.clear();
        const std::vector<float> by_class = batch.scores(false);
        const std::vector<float> any_class = batch.scores(true);
        for (std::size_t s = 0; s + 1 < batch.target_offsets.size(); ++s) {
            std::size_t i = at(batch.score_offsets[s]);
            for (std::size_t e = at(batch.entity_offsets[s]); e < at(batch.entity_offsets[s + 1]); ++e) {
                for (std::size_t t = at(batch.candidate_offsets[s]); t < at(batch.candidate_offsets[s + 1]); ++t, ++i) {
                    const float scores[] = {plain(batch, s, t, 0, 0.05f), plain(batch, s, t, 1, 0.05f)};
                    const Index c = batch.entity_class[e];
                    CHECK(by_class[i] == (c < 0 ? 0.0f : scores[c]));
                    CHECK(any_class[i] == std::max(scores[0], scores[1]));
                }
            }
        }
    }
}

TEST(ner_scores_do_not_depend_on_threads) {
    const Batch batch = random_batch(9, 5000);
    for (const bool spans_only : {false, true}) CHECK(batch.scores(spans_only) == batch.scores(spans_only, 0.05f, 4));
}

}  // namespace
