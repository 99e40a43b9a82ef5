// The candidates of the staged matchers: given spans with a score for every entity.
#pragma once

#include <vector>

#include "xproj/greedy_loop.hpp"

namespace xproj {

// The candidates of one sentence with their dense scores.
class ScoredCandidates {
  public:
    ScoredCandidates(const Index* start, const Index* end, std::size_t count, const float* scores,
                     std::vector<std::uint8_t>& dead)
        : start_(start), end_(end), count_(count), scores_(scores), dead_(dead) {
        dead_.assign(count, 0);
    }

    // Candidates are ordered by (start, end), so the first of equals is the one the tie rule wants.
    Best best(std::size_t entity) const {
        const float* row = scores_ + entity * count_;
        std::size_t winner = count_;
        float score = 0;
        for (std::size_t t = 0; t < count_; ++t) {
            if (row[t] > score && !dead_[t]) {
                winner = t;
                score = row[t];
            }
        }
        return winner == count_ ? Best{} : Best{score, start_[winner], end_[winner]};
    }

    // Calls emit(start, end, score) for every candidate with a positive score, taken or not, by start, then
    // by end.
    template <class Emit>
    void each_positive(std::size_t entity, Emit&& emit) const {
        const float* row = scores_ + entity * count_;
        for (std::size_t t = 0; t < count_; ++t) {
            if (row[t] > 0) emit(start_[t], end_[t], row[t]);
        }
    }

    void take(Index start, Index end) {
        for (std::size_t t = 0; t < count_; ++t) {
            dead_[t] |= static_cast<std::uint8_t>(start_[t] < end && start < end_[t]);
        }
    }

  private:
    const Index* start_;
    const Index* end_;
    std::size_t count_;
    const float* scores_;
    std::vector<std::uint8_t>& dead_;
};

}  // namespace xproj
