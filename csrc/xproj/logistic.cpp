#include "xproj/logistic.hpp"

#include <algorithm>
#include <cmath>

#include "xproj/parallel.hpp"

namespace xproj {
namespace {

constexpr std::size_t kBlock = 2048;   // rows that are added up by themselves
constexpr double kMostLogit = 30.0;    // beyond it a probability is 0 or 1
constexpr double kLeastWeight = 1e-6;  // of a row in the curvature, however sure
constexpr double kLeastChange = 1e-4;  // a smaller step is the last

class Fit {
  public:
    Fit(const LogisticRows& rows, double l2, int threads)
        : rows_(rows),
          size_(rows.columns + 1),
          l2_(l2),
          chunks_(make_chunks((rows.size() + kBlock - 1) / kBlock, threads, 1)),
          mean_(rows.columns),
          scale_(rows.columns),
          weights_(size_) {
        standardise();
    }

    // Returns whether more steps are worth it.
    bool step() {
        add_up();
        solve();
        double change = 0.0;
        for (std::size_t i = 0; i < size_; ++i) {
            weights_[i] += gradient_[i];
            change = std::max(change, std::abs(gradient_[i]));
        }
        return change >= kLeastChange;
    }

    // The weights of features as they are.
    std::vector<double> raw() const {
        std::vector<double> out = weights_;
        for (std::size_t i = 0; i + 1 < size_; ++i) {
            out[i] *= scale_[i];
            out.back() -= out[i] * mean_[i];
        }
        return out;
    }

  private:
    // A column of one value is told by comparing: its mean need not be that value.
    void standardise() {
        const auto count = static_cast<double>(rows_.size());
        std::vector<std::uint8_t> varies(rows_.columns);
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            for (std::size_t i = 0; i < rows_.columns; ++i) {
                mean_[i] += static_cast<double>(rows_.row(r)[i]);
                varies[i] |= static_cast<std::uint8_t>(rows_.row(r)[i] != rows_.row(0)[i]);
            }
        }
        for (double& mean : mean_) mean /= count;
        std::vector<double> square(rows_.columns);
        for (std::size_t r = 0; r < rows_.size(); ++r) {
            for (std::size_t i = 0; i < rows_.columns; ++i) {
                const double off = static_cast<double>(rows_.row(r)[i]) - mean_[i];
                square[i] += off * off;
            }
        }
        for (std::size_t i = 0; i < rows_.columns; ++i) {
            scale_[i] = varies[i] && square[i] > 0.0 ? 1.0 / std::sqrt(square[i] / count) : 0.0;
        }
    }

    // Fills gradient_, and curvature_ as far as its lower triangle.
    void add_up() {
        const std::size_t blocks = chunks_.back().end;
        const std::size_t part = size_ + size_ * size_;
        parts_.assign(blocks * part, 0.0);
        for_chunks(chunks_, [&](std::size_t c) {
            std::vector<double> z(size_, 1.0);
            for (std::size_t b = chunks_[c].begin; b < chunks_[c].end; ++b) {
                poll();
                double* sums = parts_.data() + b * part;
                std::fill_n(sums, part, 0.0);
                const std::size_t end = std::min(rows_.size(), (b + 1) * kBlock);
                for (std::size_t r = b * kBlock; r < end; ++r) add_row(r, z.data(), sums, sums + size_);
            }
        });
        gradient_.resize(size_);
        curvature_.assign(size_ * size_, 0.0);
        for (std::size_t i = 0; i < size_; ++i) {
            gradient_[i] = -l2_ * weights_[i];
            curvature_[i * size_ + i] = l2_;
        }
        for (std::size_t b = 0; b < blocks; ++b) {
            const double* sums = parts_.data() + b * part;
            for (std::size_t i = 0; i < size_; ++i) gradient_[i] += sums[i];
            for (std::size_t i = 0; i < curvature_.size(); ++i) curvature_[i] += sums[size_ + i];
        }
    }

    // `z` takes the standardised row; its last value is the bias's 1.
    void add_row(std::size_t r, double* z, double* gradient, double* curvature) const {
        double logit = weights_.back();
        for (std::size_t i = 0; i + 1 < size_; ++i) {
            z[i] = (static_cast<double>(rows_.row(r)[i]) - mean_[i]) * scale_[i];
            logit += z[i] * weights_[i];
        }
        const double p = 1.0 / (1.0 + std::exp(-std::clamp(logit, -kMostLogit, kMostLogit)));
        const double off = (rows_.right[r] != 0 ? 1.0 : 0.0) - p;
        const double weight = p * (1.0 - p) + kLeastWeight;
        for (std::size_t i = 0; i < size_; ++i) {
            gradient[i] += off * z[i];
            const double scaled = weight * z[i];
            double* row = curvature + i * size_;
            for (std::size_t j = 0; j <= i; ++j) row[j] += scaled * z[j];
        }
    }

    // curvature_ . x = gradient_ by Cholesky, in place: the curvature is at least l2 in every direction.
    void solve() {
        double* const a = curvature_.data();
        const auto dot = [&](std::size_t i, std::size_t j) {
            double sum = 0.0;
            for (std::size_t k = 0; k < j; ++k) sum += a[i * size_ + k] * a[j * size_ + k];
            return sum;
        };
        for (std::size_t j = 0; j < size_; ++j) {
            a[j * size_ + j] = std::sqrt(a[j * size_ + j] - dot(j, j));
            for (std::size_t i = j + 1; i < size_; ++i) {
                a[i * size_ + j] = (a[i * size_ + j] - dot(i, j)) / a[j * size_ + j];
            }
        }
        for (std::size_t i = 0; i < size_; ++i) {
            for (std::size_t k = 0; k < i; ++k) gradient_[i] -= a[i * size_ + k] * gradient_[k];
            gradient_[i] /= a[i * size_ + i];
        }
        for (std::size_t i = size_; i-- > 0;) {
            for (std::size_t k = i + 1; k < size_; ++k) gradient_[i] -= a[k * size_ + i] * gradient_[k];
            gradient_[i] /= a[i * size_ + i];
        }
    }

    LogisticRows rows_;
    std::size_t size_;  // weights, with the bias
    double l2_;
    std::vector<Chunk> chunks_;  // of blocks
    std::vector<double> mean_, scale_, weights_, gradient_, curvature_;
    std::vector<double> parts_;  // gradient and curvature of each block
};

}  // namespace

std::vector<double> fit_logistic(const LogisticRows& rows, double l2, int steps, int threads) {
    if (rows.size() == 0) return std::vector<double>(rows.columns + 1);
    Fit fit(rows, l2, threads);
    for (int k = 0; k < steps && fit.step();) ++k;
    return fit.raw();
}

}  // namespace xproj
