#include "xproj/assignment.hpp"

#include <limits>
#include <utility>

#include "xproj/poll.hpp"

namespace xproj {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

}  // namespace

const std::vector<std::size_t>& Assignment::solve(const std::vector<double>& cost, std::size_t rows,
                                                  std::size_t columns) {
    row_price_.assign(rows, 0.0);
    column_price_.assign(columns, 0.0);
    column_of_row_.assign(rows, kNone);
    row_of_column_.assign(columns, kNone);
    previous_row_.resize(columns);
    for (std::size_t row = 0; row < rows; ++row) {
        poll();
        const std::size_t sink = shortest_path(cost.data(), columns, row);
        if (sink == kNone) continue;
        update_prices(row);
        augment(row, sink);
    }
    return column_of_row_;
}

// Dijkstra over reduced costs, from a free row to the nearest free column. Of equally near columns a free one
// wins, then the first in `open_`.
std::size_t Assignment::shortest_path(const double* cost, std::size_t columns, std::size_t from) {
    distance_.assign(columns, kInfinity);
    closed_.clear();
    open_.resize(columns);
    for (std::size_t j = 0; j < columns; ++j) open_[j] = j;
    length_ = 0.0;
    for (std::size_t row = from;;) {
        const double* costs = cost + row * columns;
        double nearest = kInfinity;
        std::size_t chosen = kNone;
        for (std::size_t k = 0; k < open_.size(); ++k) {
            const std::size_t j = open_[k];
            const double through = length_ + costs[j] - row_price_[row] - column_price_[j];
            if (through < distance_[j]) {
                distance_[j] = through;
                previous_row_[j] = row;
            }
            if (distance_[j] < nearest || (distance_[j] == nearest && row_of_column_[j] == kNone)) {
                nearest = distance_[j];
                chosen = k;
            }
        }
        if (!(nearest < kInfinity)) return kNone;  // only where costs are not finite
        length_ = nearest;
        const std::size_t column = open_[chosen];
        if (row_of_column_[column] == kNone) return column;
        open_[chosen] = open_.back();
        open_.pop_back();
        closed_.push_back(column);
        row = row_of_column_[column];
    }
}

// Keeps all reduced costs at or above 0, and at 0 along the path.
void Assignment::update_prices(std::size_t from) {
    row_price_[from] += length_;
    for (const std::size_t column : closed_) {
        const double slack = length_ - distance_[column];
        row_price_[row_of_column_[column]] += slack;
        column_price_[column] -= slack;
    }
}

void Assignment::augment(std::size_t from, std::size_t sink) {
    for (std::size_t column = sink;;) {
        const std::size_t row = previous_row_[column];
        row_of_column_[column] = row;
        std::swap(column_of_row_[row], column);
        if (row == from) return;
    }
}

}  // namespace xproj
