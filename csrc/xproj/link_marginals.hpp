// The probabilities of links that are worth a mention, of some chains in one direction, and the mean over all chains.
#pragma once

#include <vector>

#include "xproj/link_text.hpp"

namespace xproj {

struct SampledLinks;
struct SentenceRange;

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
                const std::vector<float>& sums);

    View<Entry> of(std::size_t s) const {
        return View<Entry>(entries_).subspan(at(offsets_[s]), at(offsets_[s + 1] - offsets_[s]));
    }

  private:
    float samples_;
    std::vector<Offset> offsets_;
    std::vector<Entry> entries_;
};

// The even ones are of the reverse direction, the odd ones of the forward one.
SampledLinks average(const LinkText& source, const LinkText& target, std::size_t first,
                     const std::vector<LinkMarginals>& marginals, int threads);

}  // namespace xproj
