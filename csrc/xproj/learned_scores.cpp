#include "xproj/learned_scores.hpp"

#include <algorithm>
#include <cmath>

#include "xproj/parallel.hpp"

namespace xproj {
namespace {

constexpr std::size_t kMinSentences = 256;  // for a thread of its own: a sentence takes longer here than elsewhere
constexpr std::size_t kBlock = 4;

double sigmoid(double x) {
    return 1.0 / (1.0 + std::exp(-x));
}

// In four sums, so that the compiler may use vectors: the order of adding is part of the result.
double dot(const FeatureRow& row, const std::array<double, kFeatureRow>& weights) {
    double sums[kBlock] = {};
    for (std::size_t i = 0; i < kFeatureRow; i += kBlock) {
        for (std::size_t k = 0; k < kBlock; ++k) sums[k] += static_cast<double>(row[i + k]) * weights[i + k];
    }
    return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

}  // namespace

void learned_scores(const WordShapes& source, const WordShapes& target, const Spans& entities, const Links& links,
                    const Spans& candidates, View<double> weights, View<Offset> score_offsets, int threads,
                    float* scores) {
    std::array<double, kFeatureRow> padded{};
    std::copy(weights.begin(), weights.end(), padded.begin());
    const auto chunks = make_chunks(target.sentences(), threads, kMinSentences);
    for_chunks(chunks, [&](std::size_t c) {
        LearnedFeatures features(source, target, entities, links, candidates);
        for_sentences(chunks[c], [&](std::size_t s) {
            float* out = scores + score_offsets[s];
            std::fill(out, scores + score_offsets[s + 1], 0.0F);
            features.each_kept(s, [&](std::size_t position, const FeatureRow& row) {
                out[position] = static_cast<float>(sigmoid(dot(row, padded)));
            });
        });
    });
}

LearnedRows learned_rows(const WordShapes& source, const WordShapes& target, const Spans& entities, const Links& links,
                         const Spans& candidates, View<Offset> score_offsets, int threads) {
    const auto chunks = make_chunks(target.sentences(), threads, kMinSentences);
    std::vector<LearnedRows> parts(chunks.size());
    for_chunks(chunks, [&](std::size_t c) {
        LearnedRows& part = parts[c];
        part = {};
        LearnedFeatures features(source, target, entities, links, candidates);
        for_sentences(chunks[c], [&](std::size_t s) {
            features.each_kept(s, [&](std::size_t position, const FeatureRow& row) {
                part.position.push_back(score_offsets[s] + static_cast<Offset>(position));
                part.features.insert(part.features.end(), row.begin(), row.begin() + kLearnedFeatures);
            });
        });
    });
    LearnedRows all = std::move(parts[0]);
    for (std::size_t c = 1; c < parts.size(); ++c) {
        all.position.insert(all.position.end(), parts[c].position.begin(), parts[c].position.end());
        all.features.insert(all.features.end(), parts[c].features.begin(), parts[c].features.end());
        parts[c] = {};
    }
    return all;
}

}  // namespace xproj
