#include "xproj/word_similarity.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace xproj {
namespace {

constexpr std::size_t kShortest = 3;  // shorter words are alike by chance
constexpr std::size_t kLongest = 64;

std::size_t edit_distance(View<Index> a, View<Index> b) {
    std::array<std::size_t, kLongest + 1> row;
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

WordForm::WordForm(View<Index> form) : chars(form) {
    for (const Index c : form) {
        letters |= std::uint64_t{1} << (static_cast<std::uint32_t>(c) % 64);
        has_digit |= c >= '0' && c <= '9';
    }
}

float similarity_weight(const WordForm& a, const WordForm& b, const SimilarityWeights& weights) {
    const std::size_t shorter = std::min(a.chars.size(), b.chars.size());
    const std::size_t longer = std::max(a.chars.size(), b.chars.size());
    if (shorter == 0) return 0.0f;
    // A character that the other has not is an edit at least.
    const int foreign = std::max(std::popcount(a.letters & ~b.letters), std::popcount(b.letters & ~a.letters));
    const float most_edits = (1.0f - weights.least) * static_cast<float>(longer) + 1e-4f;
    if (static_cast<float>(foreign) > most_edits) return 0.0f;
    if (std::ranges::equal(a.chars, b.chars)) return weights.same;
    if (a.has_digit || b.has_digit || shorter < kShortest || longer > kLongest) return 0.0f;
    if (static_cast<float>(longer - shorter) > most_edits) return 0.0f;
    const auto edits = static_cast<float>(edit_distance(a.chars, b.chars));
    if (edits > most_edits) return 0.0f;
    // From a fifth of `alike` for words that just are, to all of it for those that hardly differ.
    const float above = 1.0f - edits / static_cast<float>(longer) - weights.least;
    return weights.alike * (above + 0.1f) / (1.0f - weights.least + 0.1f);
}

}  // namespace xproj
