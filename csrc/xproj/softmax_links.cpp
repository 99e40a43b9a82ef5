#include "xproj/softmax_links.hpp"

#include <cmath>
#include <limits>

namespace xproj {
namespace {

constexpr double kLowest = -std::numeric_limits<double>::infinity();

}  // namespace

// All sums run in the order of their index, in double: the other backend and the reference get the same bits.
void SoftmaxLinks::find(const Similarity& similarity, double threshold, float* links) {
    pass_rows(similarity, threshold, links);
    pass_columns(similarity, threshold, links);
    weigh(similarity, links);
}

// Marks with 0 what passes the softmax over its row; finds all maxima on the way.
void SoftmaxLinks::pass_rows(const Similarity& similarity, double threshold, float* links) {
    const std::size_t columns = similarity.columns;
    row_max_.assign(similarity.rows, kLowest);
    column_max_.assign(columns, kLowest);
    weight_.resize(columns);
    for (std::size_t i = 0; i < similarity.rows; ++i) {
        const float* row = similarity.row(i);
        double most = kLowest;
        for (std::size_t j = 0; j < columns; ++j) {
            const double value = row[j];
            if (value > most) most = value;
            if (value > column_max_[j]) column_max_[j] = value;
        }
        row_max_[i] = most;
        double sum = 0.0;
        for (std::size_t j = 0; j < columns; ++j) {
            weight_[j] = std::exp(row[j] - most);
            sum += weight_[j];
        }
        for (std::size_t j = 0; j < columns; ++j) {
            links[i * columns + j] = weight_[j] / sum > threshold ? 0.0f : kNoLink;
        }
    }
}

// Takes the mark from what fails the softmax over its column; notes the rows and columns that keep one.
void SoftmaxLinks::pass_columns(const Similarity& similarity, double threshold, float* links) {
    const std::size_t columns = similarity.columns;
    column_sum_.assign(columns, 0.0);
    for (std::size_t i = 0; i < similarity.rows; ++i) {
        const float* row = similarity.row(i);
        for (std::size_t j = 0; j < columns; ++j) column_sum_[j] += std::exp(row[j] - column_max_[j]);
    }
    row_linked_.assign(similarity.rows, 0);
    std::vector<double>& column_linked = weight_;
    column_linked.assign(columns, 0.0);
    for (std::size_t i = 0; i < similarity.rows; ++i) {
        const float* row = similarity.row(i);
        for (std::size_t j = 0; j < columns; ++j) {
            float& link = links[i * columns + j];
            if (link == kNoLink) continue;
            if (std::exp(row[j] - column_max_[j]) / column_sum_[j] > threshold) {
                row_linked_[i] = 1;
                column_linked[j] = 1.0;
            } else {
                link = kNoLink;
            }
        }
    }
    linked_columns_.clear();
    for (std::size_t j = 0; j < columns; ++j) {
        if (column_linked[j] > 0.0) linked_columns_.push_back(j);
    }
}

// The confidence of the links: the harmonic mean of both softmaxes over S / sqrt(number of cells summed over).
void SoftmaxLinks::weigh(const Similarity& similarity, float* links) {
    const std::size_t columns = similarity.columns;
    const double row_root = std::sqrt(static_cast<double>(columns));
    const double column_root = std::sqrt(static_cast<double>(similarity.rows));
    column_sum_.assign(columns, 0.0);
    for (std::size_t i = 0; i < similarity.rows; ++i) {
        const float* row = similarity.row(i);
        for (const std::size_t j : linked_columns_) column_sum_[j] += std::exp((row[j] - column_max_[j]) / column_root);
    }
    for (std::size_t i = 0; i < similarity.rows; ++i) {
        if (!row_linked_[i]) continue;
        const float* row = similarity.row(i);
        double sum = 0.0;
        for (std::size_t j = 0; j < columns; ++j) {
            weight_[j] = std::exp((row[j] - row_max_[i]) / row_root);
            sum += weight_[j];
        }
        for (const std::size_t j : linked_columns_) {
            if (links[i * columns + j] == kNoLink) continue;
            const double p = weight_[j] / sum;
            const double q = std::exp((row[j] - column_max_[j]) / column_root) / column_sum_[j];
            links[i * columns + j] = confidence_of(2.0 * p * q / (p + q));
        }
    }
}

}  // namespace xproj
