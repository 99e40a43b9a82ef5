// The candidates of the fused matchers: spans that start and end on a word aligned to the entity, scored by
// alignment.
#pragma once

#include <vector>

#include "xproj/aligned_words.hpp"
#include "xproj/greedy_loop.hpp"

namespace xproj {

// The spans of one sentence that start and end on a word aligned to the entity, scored as they are
// enumerated.
class AlignedSpans {
  public:
    AlignedSpans(const AlignedWords& aligned, const Index* starts, const Index* ends, Index words,
                 const std::uint8_t* stop, Index max_words, std::vector<std::uint8_t>& blocked)
        : aligned_(aligned),
          starts_(starts),
          ends_(ends),
          words_(words),
          stop_(stop),
          blocked_words_(stop),
          max_words_(max_words),
          blocked_(blocked) {}

    // The best span over words that are neither stop words nor taken; of equals the earlier, then the
    // shorter.
    Best best(std::size_t entity) const {
        const AlignedWords::Row row = aligned_.row(entity);
        const Index length = ends_[entity] - starts_[entity];
        return blocked_words_ ? search<true>(row, length) : search<false>(row, length);
    }

    // Calls emit(start, end, score) for every span without stop words, taken or not, by start, then by end.
    template <class Emit>
    void each_positive(std::size_t entity, Emit&& emit) const {
        const Index length = ends_[entity] - starts_[entity];
        if (stop_) {
            each<true>(aligned_.row(entity), length, stop_, emit);
        } else {
            each<false>(aligned_.row(entity), length, nullptr, emit);
        }
    }

    void take(Index start, Index end) {
        if (!any_taken_) {
            if (stop_) {
                blocked_.assign(stop_, stop_ + words_);
            } else {
                blocked_.assign(static_cast<std::size_t>(words_), 0);
            }
            blocked_words_ = blocked_.data();
            any_taken_ = true;
        }
        std::fill(blocked_.begin() + start, blocked_.begin() + end, std::uint8_t{1});
    }

  private:
    template <bool kBlocked>
    Best search(const AlignedWords::Row& row, Index length) const {
        Best best;
        each<kBlocked>(row, length, blocked_words_, [&](Index start, Index end, float score) {
            if (score > best.score) best = {score, start, end};
        });
        return best;
    }

    template <bool kBlocked, class Emit>
    void each(const AlignedWords::Row& row, Index length, const std::uint8_t* blocked, Emit&& emit) const {
        for (std::size_t a = 0; a < row.size; ++a) {
            const Index start = row.words[a];
            Index checked = start;
            for (std::size_t b = a; b < row.size; ++b) {
                const Index end = row.words[b] + 1;
                if (end - start > max_words_) break;
                if constexpr (kBlocked) {
                    while (checked < end && !blocked[checked]) ++checked;
                    if (checked < end) break;
                }
                const Index links = row.before[b + 1] - row.before[a];
                emit(start, end, static_cast<float>(2 * links) / static_cast<float>(length + end - start));
            }
        }
    }

    const AlignedWords& aligned_;
    const Index* starts_;
    const Index* ends_;
    Index words_;
    const std::uint8_t* stop_;           // stop words, or nullptr
    const std::uint8_t* blocked_words_;  // words no span may hold: stop words, and taken ones once there are any
    Index max_words_;
    std::vector<std::uint8_t>& blocked_;
    bool any_taken_ = false;
};

}  // namespace xproj
