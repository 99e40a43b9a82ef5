// Word links sampled: the parts by hand, all of it on random text for the sanitizers, and what ends it.
#include <cmath>
#include <random>
#include <stdexcept>

#include "check.hpp"
#include "xproj/link_sampler.hpp"

namespace {

using namespace xproj;

struct Text {
    std::vector<Offset> offsets{0}, form_offsets{0};
    std::vector<Index> ids, forms;

    void add(const std::vector<Index>& words) {
        ids.insert(ids.end(), words.begin(), words.end());
        offsets.push_back(static_cast<Offset>(ids.size()));
    }
    void type(const std::string& form) {
        forms.insert(forms.end(), form.begin(), form.end());
        form_offsets.push_back(static_cast<Offset>(forms.size()));
    }
    LinkText view() const { return {offsets, ids, form_offsets, forms}; }
};

// Zipf-like words, empty sentences among them.
std::pair<Text, Text> random_pairs(unsigned seed, int pairs, int types) {
    std::mt19937 random(seed);
    std::pair<Text, Text> text;
    for (Text* side : {&text.first, &text.second}) {
        for (int k = 0; k < types; ++k) {
            std::string form;
            for (auto c = random() % 9; c > 0; --c) form += static_cast<char>('a' + random() % 4);
            side->type(form);
        }
        for (int s = 0; s < pairs; ++s) {
            std::vector<Index> words(random() % 12);
            for (Index& word : words)
                word = static_cast<Index>((random() % static_cast<std::uint64_t>(types)) * (random() % 8) / 8);
            side->add(words);
        }
    }
    return text;
}

const SamplerSettings kSettings{12, 2, 2, 3, 2, {1e-4f, 0.5f}, 0.2f, {3.0f, 3.0f, 0.6f}, 1};

SampledLinks sample(const std::pair<Text, Text>& text, int threads, LinkCounts* counts = nullptr,
                    const Progress& progress = {}) {
    const LinkText source = text.first.view();
    return sample_links(source, text.second.view(), kSettings, source.sentences(), counts, threads, progress);
}

bool same(const SampledLinks& a, const SampledLinks& b) {
    return a.offsets == b.offsets && a.source == b.source && a.target == b.target && a.forward == b.forward &&
           a.reverse == b.reverse && a.best == b.best;
}

float weight(const std::string& a, const std::string& b) {
    const std::vector<Index> left(a.begin(), a.end()), right(b.begin(), b.end());
    return similarity_weight(WordForm(left), WordForm(right), {3.0f, 3.0f, 0.6f});
}

TEST(similar_words_by_hand) {
    const auto near = [](float a, float b) { return std::abs(a - b) < 1e-5f; };
    CHECK(near(weight("maria", "maria"), 3.0f));
    CHECK(near(weight("1999", "1999"), 3.0f));
    CHECK(near(weight("maria", "marija"), 3.0f * (5.0f / 6.0f - 0.5f) / 0.5f));
    CHECK(near(weight("abcde", "abcxy"), 0.6f));  // just alike
    CHECK(weight("abcde", "abxyz") == 0.0f);
    CHECK(weight("1999", "1998") == 0.0f);
    CHECK(weight("an", "in") == 0.0f);
    CHECK(weight("", "") == 0.0f);
    CHECK(weight("abc", "abcdef") == 0.0f);
    CHECK(near(weight(std::string(65, 'a'), std::string(65, 'a')), 3.0f));
    CHECK(weight(std::string(65, 'a'), std::string(64, 'a')) == 0.0f);
}

TEST(only_what_meets_again_or_is_alike_has_a_count) {
    Text source, target;
    for (const char* form : {"dog", "tree", "maria"}) source.type(form);
    for (const char* form : {"hund", "baum", "maria"}) target.type(form);
    source.add({0, 1});
    target.add({0, 1});
    source.add({0, 2});
    target.add({0, 2});
    const LinkCells cells = link_cells(source.view(), target.view(), {3.0f, 3.0f, 0.6f}, 0.5f);
    const auto cell = [&](std::size_t k) { return LinkCell(cells.numbers[k]); };
    CHECK(cells.pairs.size() == 3);  // nobody's; dog and hund; maria
    CHECK(cell(0).pair() == cell(4).pair() && cell(0).pair() > 0);
    CHECK(cells.pairs[cell(0).pair()].prior == 0.5f);
    CHECK(cells.pairs[cell(7).pair()].prior == 3.5f);
    CHECK(cell(1).pair() == 0 && cell(3).pair() == 0);
    CHECK(cell(0).family(cells.pairs[cell(0).pair()]) == 1);
    CHECK(cell(1).family(cells.pairs[0]) == 0);
    CHECK((cells.source_similarity == std::vector<float>{0.0f, 0.0f, 3.0f}));
    CHECK((cells.target_similarity == std::vector<float>{0.0f, 0.0f, 3.0f}));
}

TEST(sampled_links_do_not_depend_on_threads) {
    const auto text = random_pairs(3, 600, 40);
    LinkCounts counts, others;
    const SampledLinks one = sample(text, 1, &counts);
    CHECK(!one.source.empty());
    for (const int threads : {2, 5}) {
        CHECK(same(one, sample(text, threads, &others)));
        CHECK(others.forward == counts.forward && others.order[1].jumps == counts.order[1].jumps);
        others = {};
    }
    CHECK(same(one, sample(text, 3)));  // what is kept of it changes no link
    for (const float p : one.forward) CHECK(p >= 0.0f && p <= 1.0f);
}

TEST(known_links_do_not_depend_on_threads) {
    const auto text = random_pairs(5, 300, 30);
    LinkCounts counts;
    sample(text, 2, &counts);
    const KnownLinks known{counts.offsets,
                           counts.target,
                           counts.forward,
                           counts.reverse,
                           counts.source_words,
                           counts.target_words,
                           counts.source_nulls,
                           counts.target_nulls,
                           counts.source_similarity,
                           counts.target_similarity,
                           counts.order[1].jumps,
                           counts.order[0].jumps,
                           counts.order[1].fertilities,
                           counts.order[0].fertilities};
    const auto align = [&](int threads) {
        return known_links(text.first.view(), text.second.view(), kSettings, known, threads, {});
    };
    const SampledLinks one = align(1);
    CHECK(!one.source.empty());
    CHECK(same(one, align(4)));
}

TEST(progress_that_throws_ends_all_threads) {
    const auto text = random_pairs(7, 5000, 40);
    for (const int threads : {1, 3}) {
        int calls = 0;
        bool thrown = false;
        try {
            sample(text, threads, nullptr, [&](double done) {
                CHECK(done > 0.0 && done <= 1.0);
                if (++calls == 3) throw std::runtime_error("enough");
            });
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        CHECK(thrown);
        CHECK(calls == 3);
    }
}

}  // namespace
