// Silver and the fit, for the sanitizers: what they promise, on random text and rows of any size.
#include <algorithm>
#include <cmath>
#include <random>

#include "check.hpp"
#include "xproj/logistic.hpp"
#include "xproj/silver.hpp"

namespace {

using namespace xproj;

struct Text {
    std::vector<Offset> source_offsets{0}, target_offsets{0}, entity_offsets{0}, link_offsets{0};
    std::vector<Index> ids, start, end, source, target;
    std::vector<Offset> code_offsets{0, 0, 0, 0};  // of three types without letters
    std::vector<std::uint8_t> flags{WordShapes::capital, WordShapes::lower, WordShapes::punctuation};

    Silver silver(Offset most, std::uint64_t seed) const {
        return find_silver({source_offsets, ids, code_offsets, {}, flags}, target_offsets, {entity_offsets, start, end},
                           {link_offsets, source, target}, most, seed);
    }
};

Text random_text(unsigned seed, int sentences) {
    std::mt19937 random(seed);
    const auto draw = [&](int lo, int hi) { return std::uniform_int_distribution<int>(lo, hi)(random); };
    Text text;
    for (int s = 0; s < sentences; ++s) {
        const int sources = draw(0, 12);
        const int targets = draw(0, 12);
        for (int w = 0; w < sources; ++w) text.ids.push_back(draw(0, 2));
        for (Index a = draw(0, 3); a < sources; a += draw(1, 5)) {
            text.start.push_back(a);
            text.end.push_back(std::min(sources, a + draw(1, 3)));  // they may nest
        }
        for (int l = sources > 0 && targets > 0 ? draw(0, 6) : 0; l > 0; --l) {
            text.source.push_back(draw(0, sources - 1));
            text.target.push_back(draw(0, targets - 1));
        }
        text.source_offsets.push_back(text.source_offsets.back() + sources);
        text.target_offsets.push_back(text.target_offsets.back() + targets);
        text.entity_offsets.push_back(static_cast<Offset>(text.start.size()));
        text.link_offsets.push_back(static_cast<Offset>(text.source.size()));
    }
    return text;
}

bool is_consistent(const Text& text, std::size_t s, Index start, Index end, Index low, Index high) {
    bool linked = false;
    for (Offset l = text.link_offsets[s]; l < text.link_offsets[s + 1]; ++l) {
        const bool from = text.source[at(l)] >= start && text.source[at(l)] < end;
        const bool into = text.target[at(l)] >= low && text.target[at(l)] < high;
        if (from != into) return false;
        linked |= from;
    }
    return linked;
}

TEST(silver_is_consistent_and_inside_its_sentence) {
    const Text text = random_text(1, 400);
    const Silver found = text.silver(300, 7);
    CHECK(found.sentence.size() > 100);
    for (std::size_t k = 0; k < found.sentence.size(); ++k) {
        const std::size_t s = at(found.sentence[k]);
        const Offset sources = text.source_offsets[s + 1] - text.source_offsets[s];
        const Offset targets = text.target_offsets[s + 1] - text.target_offsets[s];
        Index before = 0;
        for (std::size_t i = at(found.entity_offsets[k]); i < at(found.entity_offsets[k + 1]); ++i) {
            CHECK(before <= found.start[i] && found.start[i] < found.end[i] && found.end[i] <= sources);
            CHECK(is_consistent(text, s, found.start[i], found.end[i], found.target_start[i], found.target_end[i]));
            before = found.end[i];
        }
        for (std::size_t l = at(found.link_offsets[k]); l < at(found.link_offsets[k + 1]); ++l) {
            CHECK(found.source[l] >= 0 && found.source[l] < sources);
            CHECK(found.target[l] >= 0 && found.target[l] < targets);
        }
    }
}

TEST(silver_stops_where_it_is_enough_and_a_seed_draws_the_same) {
    const Text text = random_text(2, 400);
    CHECK(text.silver(10, 1).sentence.size() == 10);
    CHECK(text.silver(0, 1).sentence.empty());
    CHECK(text.silver(50, 3).source == text.silver(50, 3).source);
    CHECK(text.silver(50, 3).sentence != text.silver(50, 4).sentence);
    CHECK(Text{}.silver(9, 1).sentence.empty());
}

TEST(a_fit_finds_what_rows_were_made_of_whatever_the_threads) {
    std::mt19937 random(3);
    std::normal_distribution<float> normal(2.0F, 5.0F);
    std::uniform_real_distribution<double> uniform(0.0, 1.0);
    const double made_of[] = {0.5, -1.0, 0.0};
    std::vector<float> features;
    std::vector<std::uint8_t> right;
    for (int r = 0; r < 9000; ++r) {
        double logit = 1.0;
        for (const double weight : made_of) {
            features.push_back(normal(random));
            logit += weight * static_cast<double>(features.back());
        }
        features.push_back(0.1F);  // the same everywhere
        right.push_back(uniform(random) < 1.0 / (1.0 + std::exp(-logit)));
    }
    const LogisticRows rows{features, 4, right};
    const std::vector<double> found = fit_logistic(rows, 0.5, 12, 1);
    for (std::size_t i = 0; i < 3; ++i) CHECK(std::abs(found[i] - made_of[i]) < 0.1);
    CHECK(found[3] == 0.0);
    CHECK(std::abs(found[4] - 1.0) < 0.3);
    for (const int threads : {2, 3, 64}) CHECK(fit_logistic(rows, 0.5, 12, threads) == found);
}

TEST(a_fit_of_hardly_anything) {
    const std::vector<float> features{1.0F, 2.0F};
    const std::vector<std::uint8_t> right{1};
    CHECK(fit_logistic({{}, 2, {}}, 0.5, 12, 1) == std::vector<double>(3));
    const std::vector<double> one = fit_logistic({features, 2, right}, 0.5, 12, 3);
    CHECK(one[0] == 0.0 && one[1] == 0.0 && one[2] > 0.0);
}

}  // namespace
