// Subword similarities to word links: hand-made cases, the assignment against all permutations, and random
// batches with non-finite values for the sanitizers.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>

#include "check.hpp"
#include "xproj/assignment.hpp"
#include "xproj/extract_links.hpp"

namespace {

using namespace xproj;

struct Batch {
    std::vector<Offset> source_offsets{0}, target_offsets{0}, block_offsets{0};
    std::vector<Index> source_word, target_word;
    std::vector<float> similarity;

    void add(std::vector<Index> source, std::vector<Index> target, std::vector<float> values) {
        source_word.insert(source_word.end(), source.begin(), source.end());
        target_word.insert(target_word.end(), target.begin(), target.end());
        similarity.insert(similarity.end(), values.begin(), values.end());
        source_offsets.push_back(static_cast<Offset>(source_word.size()));
        target_offsets.push_back(static_cast<Offset>(target_word.size()));
        block_offsets.push_back(static_cast<Offset>(similarity.size()));
    }

    WordLinks links(const ExtractionOptions& options, int threads = 1) const {
        return extract_links({source_offsets, source_word}, {target_offsets, target_word}, block_offsets, similarity,
                             options, threads);
    }
};

Batch random_batch(unsigned seed, int sentences, bool odd_values) {
    std::mt19937 random(seed);
    const auto draw = [&](int lo, int hi) { return std::uniform_int_distribution<int>(lo, hi)(random); };
    const float odd[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                         -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::max()};
    const auto words = [&](int pieces) {
        std::vector<Index> word;
        for (int i = 0, w = draw(0, 1); i < pieces; ++i, w += draw(0, 2)) word.push_back(w);
        return word;
    };
    Batch batch;
    for (int s = 0; s < sentences; ++s) {
        const int rows = draw(0, 9);
        const int columns = draw(0, 9);
        std::vector<float> values;
        for (int k = 0; k < rows * columns; ++k) {
            values.push_back(odd_values && draw(0, 2) == 0 ? odd[draw(0, 3)] : static_cast<float>(draw(0, 16)) / 16);
        }
        batch.add(words(rows), words(columns), values);
    }
    return batch;
}

bool same(const WordLinks& a, const WordLinks& b) {
    return a.offsets == b.offsets && a.source == b.source && a.target == b.target && a.confidence == b.confidence;
}

const std::vector<ExtractionOptions> kOptions{{Extraction::awesome, 1e-3, 2, 0.9}, {Extraction::argmax, 0.0, 2, 0.9},
                                              {Extraction::itermax, 0.0, 2, 0.9},  {Extraction::itermax, 0.3, 9, 0.4},
                                              {Extraction::match, 0.0, 2, 0.9},    {Extraction::match, 0.5, 2, 0.9}};

double best_total(const std::vector<double>& cost, std::size_t rows, std::size_t columns) {
    std::vector<std::size_t> order(columns);
    std::iota(order.begin(), order.end(), std::size_t{0});
    double best = std::numeric_limits<double>::infinity();
    do {
        double total = 0.0;
        for (std::size_t i = 0; i < rows; ++i) total += cost[i * columns + order[i]];
        best = std::min(best, total);
    } while (std::next_permutation(order.begin(), order.end()));
    return best;
}

TEST(assignment_is_the_cheapest_of_all) {
    std::mt19937 random(7);
    Assignment assignment;
    for (int round = 0; round < 300; ++round) {
        const std::size_t columns = 1 + random() % 6;
        const std::size_t rows = 1 + random() % columns;
        std::vector<double> cost(rows * columns);
        for (double& value : cost) value = static_cast<double>(random() % 9) / 4.0 - 1.0;  // exact sums, many ties
        const std::vector<std::size_t>& found = assignment.solve(cost, rows, columns);
        std::vector<std::uint8_t> taken(columns, 0);
        double total = 0.0;
        for (std::size_t i = 0; i < rows; ++i) {
            CHECK(found[i] < columns);
            if (found[i] >= columns) continue;
            CHECK(!taken[found[i]]);
            taken[found[i]] = 1;
            total += cost[i * columns + found[i]];
        }
        CHECK(total == best_total(cost, rows, columns));
    }
}

TEST(extraction_by_hand) {
    Batch batch;
    batch.add({0, 0, 2}, {0, 1, 1}, {0.9f, 0.8f, 0.1f, 0.8f, 0.1f, 0.1f, 0.1f, 0.1f, 0.5f});
    batch.add({}, {0}, {});
    const WordLinks argmax = batch.links({Extraction::argmax, 0.0, 2, 0.9});
    CHECK((argmax.offsets == std::vector<Offset>{0, 2, 2}));
    CHECK((argmax.source == std::vector<Index>{0, 2}));
    CHECK((argmax.target == std::vector<Index>{0, 1}));
    CHECK((argmax.confidence == std::vector<float>{0.9f, 0.5f}));
    const WordLinks match = batch.links({Extraction::match, 0.0, 2, 0.9});  // 0.8 + 0.8 + 0.5
    CHECK((match.source == std::vector<Index>{0, 0, 2}));
    CHECK((match.target == std::vector<Index>{0, 1, 1}));
    CHECK((match.confidence == std::vector<float>{0.8f, 0.8f, 0.5f}));
    CHECK((batch.links({Extraction::match, 0.6, 2, 0.9}).source == std::vector<Index>{0, 0}));
}

TEST(extraction_does_not_depend_on_threads) {
    const Batch batch = random_batch(3, 400, false);
    for (const ExtractionOptions& options : kOptions) {
        const WordLinks one = batch.links(options);
        CHECK(!one.source.empty());
        CHECK(same(one, batch.links(options, 4)));
    }
}

TEST(extraction_survives_values_that_are_not_finite) {
    const Batch batch = random_batch(5, 400, true);
    for (const ExtractionOptions& options : kOptions) {
        const WordLinks links = batch.links(options, 2);
        CHECK(links.offsets.size() == 401);
        for (const float confidence : links.confidence) CHECK(confidence >= 0.0f && confidence <= 1.0f);
    }
}

}  // namespace
