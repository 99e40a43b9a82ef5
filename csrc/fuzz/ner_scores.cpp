// NER scores of any candidates against plain sums, to the bit.
#include "xproj/ner_scores.hpp"

#include "fuzz/batch.hpp"

using namespace xproj;

namespace {

constexpr Index kClasses = 3;
constexpr std::size_t kLabels = 2 * kClasses + 1;
constexpr Index kFirst[] = {1, 3, 5}, kInside[] = {2, 4, 5};  // the last class has one label for both
constexpr int kWords = 9;

// Quarters, whose sums are exact in any order.
float plain(View<float> values, Offset first_word, Index a, Index b, Index c, const NerRules& rules) {
    const auto row = [&](Index w) { return values.data() + at(first_word + w) * kLabels; };
    const auto likeliest = [&](Index w) {
        return static_cast<Index>(std::max_element(row(w), row(w) + kLabels) - row(w));
    };
    double sum = static_cast<double>(row(a)[kFirst[c]]);
    bool predicted = !rules.predicted_weight.empty() && likeliest(a) == kFirst[c];
    for (Index w = a + 1; w < b; ++w) {
        sum += static_cast<double>(row(w)[kInside[c]]);
        predicted = predicted && likeliest(w) == kInside[c];
    }
    const View<double> weights = predicted ? rules.predicted_weight : rules.weight;
    const float score = static_cast<float>(sum * weights[at(b - a)]);
    return score < rules.threshold ? 0.0F : score;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Data data(bytes, size);
    const bool spans_only = data.flag();
    const float threshold = static_cast<float>(data.number(0, 3)) / 4;
    std::vector<double> weight{0.0}, predicted_weight;
    for (int k = 1; k <= kWords; ++k) weight.push_back(1.0 / k);
    if (data.flag()) {
        predicted_weight.push_back(0.0);
        for (int k = 1; k <= kWords; ++k) predicted_weight.push_back(static_cast<double>(data.number(1, 8)) / 4);
    }
    const fuzz::Batch batch = fuzz::draw_batch(data, {3, kWords, 4, 0});
    const fuzz::Candidates candidates = fuzz::draw_candidates(data, batch, kWords);
    std::vector<Index> classes(batch.entity_start.size());
    for (Index& c : classes) c = data.number(-1, kClasses - 1);
    std::vector<float> values(at(batch.target_offsets.back()) * kLabels);
    for (float& value : values) value = static_cast<float>(data.number(0, 4)) / 4;

    const NerRules rules{kFirst, kInside, weight, predicted_weight, threshold, spans_only};
    std::vector<float> scores(candidates.scores.size(), -1);
    ner_scores(batch.target(), {values, kLabels}, batch.entity_offsets, classes, candidates.spans(), rules,
               candidates.score_offsets, 1, scores.data());
    std::size_t next = 0;
    for (std::size_t s = 0; s < batch.sentences(); ++s) {
        for (std::size_t e = at(batch.entity_offsets[s]); e < at(batch.entity_offsets[s + 1]); ++e) {
            for (std::size_t t = at(candidates.offsets[s]); t < at(candidates.offsets[s + 1]); ++t) {
                const auto of_class = [&](Index c) {
                    return plain(values, batch.target_offsets[s], candidates.start[t], candidates.end[t], c, rules);
                };
                float expected = 0;
                if (spans_only) {
                    for (Index c = 0; c < kClasses; ++c) expected = std::max(expected, of_class(c));
                } else if (classes[e] >= 0) {
                    expected = of_class(classes[e]);
                }
                REQUIRE(scores[next++] == expected);
            }
        }
    }
    return 0;
}
