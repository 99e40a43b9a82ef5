// Links where the softmax over either side is large (Dou & Neubig 2021, awesome-align).
#pragma once

#include <cstdint>
#include <vector>

#include "xproj/similarity.hpp"

namespace xproj {

// Scratch of one thread.
class SoftmaxLinks {
  public:
    // Writes the confidence of each linked cell of `links` (rows x columns), kNoLink elsewhere.
    void find(const Similarity& similarity, double threshold, float* links);

  private:
    void pass_rows(const Similarity& similarity, double threshold, float* links);
    void pass_columns(const Similarity& similarity, double threshold, float* links);
    void weigh(const Similarity& similarity, float* links);

    std::vector<double> row_max_, column_max_, column_sum_, weight_;
    std::vector<std::uint8_t> row_linked_;
    std::vector<std::size_t> linked_columns_;
};

}  // namespace xproj
