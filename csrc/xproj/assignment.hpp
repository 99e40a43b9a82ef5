// Minimum-cost assignment by shortest augmenting paths (Jonker & Volgenant 1987, in the form of Crouse 2016).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace xproj {

// Scratch of one thread.
class Assignment {
  public:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

    // `cost` is row-major, rows <= columns. Returns the column of each row, all different; kNone only where costs
    // are not finite. O(rows^2 * columns).
    const std::vector<std::size_t>& solve(const std::vector<double>& cost, std::size_t rows, std::size_t columns);

  private:
    std::size_t shortest_path(const double* cost, std::size_t columns, std::size_t from);
    void update_prices(std::size_t from);
    void augment(std::size_t from, std::size_t sink);

    std::vector<double> row_price_, column_price_, distance_;
    std::vector<std::size_t> column_of_row_, row_of_column_, previous_row_, open_, closed_;
    double length_ = 0.0;
};

}  // namespace xproj
