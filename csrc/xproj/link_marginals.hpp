// The probabilities of links that are worth a mention, of some chains in one direction.
#pragma once

#include <vector>

#include "xproj/link_text.hpp"

namespace xproj {

class LinkMarginals {
  public:
    struct Entry {
        Index cell;  // inside the block of its sentence pair
        float probability;
    };

    // `samples` is what the sums that come are divided by.
    explicit LinkMarginals(float samples) : samples_(samples), offsets_(1) {}

    // Sentence pairs come in order; `sums` is by cell.
    void append(const LinkText& source, const LinkText& target, SentenceRange sentences,
                const std::vector<float>& sums) {
        const float least = kNoted * samples_;
        const float* sum = sums.data();
        for (std::size_t s = sentences.begin; s < sentences.end; ++s) {
            const std::size_t cells = pair_size(source, target, s).cells();
            for (std::size_t cell = 0; cell < cells; ++cell, ++sum) {
                if (*sum >= least) entries_.push_back({static_cast<Index>(cell), *sum / samples_});
            }
            offsets_.push_back(static_cast<Offset>(entries_.size()));
        }
    }

    View<Entry> of(std::size_t s) const {
        return View<Entry>(entries_).subspan(at(offsets_[s]), at(offsets_[s + 1] - offsets_[s]));
    }

  private:
    static constexpr float kNoted = 0.01f;  // all smaller probabilities together are little

    float samples_;
    std::vector<Offset> offsets_;
    std::vector<Entry> entries_;
};

}  // namespace xproj
