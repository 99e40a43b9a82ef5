// Word links from similarities of subwords against the methods as they are defined, densely.
#include "xproj/extract_links.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "fuzz/data.hpp"

using namespace xproj;

namespace {

using Point = std::pair<std::size_t, std::size_t>;
using Scored = std::map<Point, double>;

struct Matrix {
    std::size_t rows = 0, columns = 0;
    std::vector<float> values;

    double operator()(std::size_t i, std::size_t j) const { return static_cast<double>(values[i * columns + j]); }
    bool finite() const {
        return std::all_of(values.begin(), values.end(), [](float value) { return std::isfinite(value); });
    }
};

// exp(of(k) / root) over the sum of all such.
template <class Of>
double softmax(std::size_t count, std::size_t k, double root, Of&& of) {
    double most = -std::numeric_limits<double>::infinity(), sum = 0;
    for (std::size_t i = 0; i < count; ++i) most = std::max(most, of(i));
    for (std::size_t i = 0; i < count; ++i) sum += std::exp((of(i) - most) / root);
    return std::exp((of(k) - most) / root) / sum;
}

Scored awesome(const Matrix& matrix, double threshold) {
    Scored links;
    for (std::size_t i = 0; i < matrix.rows; ++i) {
        for (std::size_t j = 0; j < matrix.columns; ++j) {
            const auto of_row = [&](std::size_t k) { return matrix(i, k); };
            const auto of_column = [&](std::size_t k) { return matrix(k, j); };
            if (!(softmax(matrix.columns, j, 1, of_row) > threshold)) continue;
            if (!(softmax(matrix.rows, i, 1, of_column) > threshold)) continue;
            const double p = softmax(matrix.columns, j, std::sqrt(static_cast<double>(matrix.columns)), of_row);
            const double q = softmax(matrix.rows, i, std::sqrt(static_cast<double>(matrix.rows)), of_column);
            links[{i, j}] = 2 * p * q / (p + q);
        }
    }
    return links;
}

Scored itermax(const Matrix& matrix, int rounds, double alpha) {
    Scored links;
    std::vector<bool> row(matrix.rows), column(matrix.columns);
    if (std::min(matrix.rows, matrix.columns) <= 2) rounds = 1;
    for (int round = 0; round < rounds; ++round) {
        const auto all = [](const std::vector<bool>& side) {
            return std::find(side.begin(), side.end(), false) == side.end();
        };
        if (all(row) || all(column)) break;
        const auto value = [&](std::size_t i, std::size_t j) {
            const double weight = round == 0 ? 1 : std::clamp(alpha * (2 - row[i] - column[j]), 0.0, 1.0);
            return matrix(i, j) * weight;
        };
        std::vector<Point> found;
        for (std::size_t i = 0; i < matrix.rows; ++i) {
            std::size_t best = 0;
            for (std::size_t j = 1; j < matrix.columns; ++j) best = value(i, j) > value(i, best) ? j : best;
            std::size_t back = 0;
            for (std::size_t k = 1; k < matrix.rows; ++k) back = value(k, best) > value(back, best) ? k : back;
            if (back == i && !(row[i] && column[best])) found.emplace_back(i, best);
        }
        if (found.empty()) break;
        for (const auto& [i, j] : found) {
            links[{i, j}] = matrix(i, j);
            row[i] = column[j] = true;
        }
    }
    return links;
}

// The largest total similarity of a one-to-one assignment.
double best_total(const Matrix& matrix) {
    const bool turned = matrix.rows > matrix.columns;
    std::vector<std::size_t> order(std::max(matrix.rows, matrix.columns));
    std::iota(order.begin(), order.end(), std::size_t{0});
    double best = -std::numeric_limits<double>::infinity();
    do {
        double total = 0;
        for (std::size_t i = 0; i < std::min(matrix.rows, matrix.columns); ++i) {
            total += turned ? matrix(order[i], i) : matrix(i, order[i]);
        }
        best = std::max(best, total);
    } while (std::next_permutation(order.begin(), order.end()));
    return best;
}

std::vector<Index> draw_words(fuzz::Data& data, std::size_t pieces, bool one_each) {
    std::vector<Index> words;
    Index word = 0;
    for (std::size_t i = 0; i < pieces; ++i, word += one_each ? 1 : data.number(0, 2)) words.push_back(word);
    return words;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Data data(bytes, size);
    constexpr float kOdd[] = {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
                              -std::numeric_limits<float>::infinity(), std::numeric_limits<float>::max()};
    const ExtractionOptions options{static_cast<Extraction>(data.number(0, 3)), data.number(0, 4) / 8.0,
                                    data.number(1, 4), data.number(0, 8) / 8.0};
    const bool match = options.method == Extraction::match;
    const bool odd = data.flag();
    Matrix matrix;
    matrix.rows = static_cast<std::size_t>(data.number(0, 6));
    matrix.columns = static_cast<std::size_t>(data.number(0, 6));
    const std::vector<Index> source = draw_words(data, matrix.rows, match);
    const std::vector<Index> target = draw_words(data, matrix.columns, match);
    for (std::size_t k = 0; k < matrix.rows * matrix.columns; ++k) {
        const int value = data.number(-4, odd ? 19 : 16);
        matrix.values.push_back(odd && value > 15 ? kOdd[value - 16] : static_cast<float>(value) / 16);
    }
    const std::vector<Offset> source_offsets{0, static_cast<Offset>(matrix.rows)};
    const std::vector<Offset> target_offsets{0, static_cast<Offset>(matrix.columns)};
    const std::vector<Offset> blocks{0, static_cast<Offset>(matrix.values.size())};
    const WordLinks found =
        extract_links({source_offsets, source}, {target_offsets, target}, blocks, matrix.values, options, 1);
    REQUIRE(found.offsets.size() == 2 && found.offsets[1] == static_cast<Offset>(found.source.size()));
    std::map<std::pair<Index, Index>, float> got;
    double total = 0;
    for (std::size_t l = 0; l < found.source.size(); ++l) {
        const std::pair point(found.source[l], found.target[l]);
        REQUIRE(got.empty() || got.rbegin()->first < point);
        REQUIRE(found.confidence[l] >= 0 && found.confidence[l] <= 1);
        got[point] = found.confidence[l];
        if (match) total += matrix(at(point.first), at(point.second));
    }
    if (matrix.values.empty()) REQUIRE(got.empty());
    if (!matrix.finite() || matrix.values.empty()) return 0;

    if (match) {
        if (options.threshold > 0) return 0;
        REQUIRE(got.size() == std::min(matrix.rows, matrix.columns));
        REQUIRE(std::abs(total - best_total(matrix)) < 1e-9);
        return 0;
    }
    const bool softmaxes = options.method == Extraction::awesome;
    const int rounds = options.method == Extraction::itermax ? options.iterations : 1;
    const Scored links = softmaxes ? awesome(matrix, options.threshold) : itermax(matrix, rounds, options.alpha);
    std::map<std::pair<Index, Index>, float> expected;
    for (const auto& [point, value] : links) {
        if (!softmaxes && options.threshold > 0 && value < options.threshold) continue;
        const auto confidence = static_cast<float>(std::clamp(value, 0.0, 1.0));
        auto& most = expected.try_emplace({source[point.first], target[point.second]}, confidence).first->second;
        most = std::max(most, confidence);
    }
    REQUIRE(got == expected);
    return 0;
}
