// Logistic regression by Newton's method, for some dozens of features.
#pragma once

#include <vector>

#include "xproj/views.hpp"

namespace xproj {

// Row-major (rows x columns); right[row] != 0: what is to be told apart from the others.
struct LogisticRows {
    View<float> features;
    std::size_t columns;
    View<std::uint8_t> right;

    std::size_t size() const { return right.size(); }
    const float* row(std::size_t r) const { return features.data() + r * columns; }
};

// Returns a weight a column, then the bias, for the features as they are: P(right) = 1 / (1 + exp(-(weights . x +
// bias))). Features are standardised for the fit, so that `l2` (of each weight and of the bias, which bounds them where
// all rows are of one kind) means the same for all. A column of one value has the weight 0.
//
// Rows are added up in blocks, the blocks in their order: the number of threads changes no bit.
std::vector<double> fit_logistic(const LogisticRows& rows, double l2, int steps, int threads);

}  // namespace xproj
