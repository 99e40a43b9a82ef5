#include "xproj/link_report.hpp"

#include <algorithm>
#include <cmath>

namespace xproj {
namespace {

constexpr float kReported = 0.1f;  // the geometric mean of both directions

enum Best : std::uint8_t { kNone = 0, kForward = 1, kReverse = 2 };

// Of the cells of one word the likeliest, of equals the first, where it is likelier than no link.
void mark_best(const std::vector<float>& values, std::size_t cell, std::size_t step, std::size_t count, Best mark,
               std::vector<std::uint8_t>& marks) {
    std::size_t best = cell;
    float sum = 0.0f;
    for (std::size_t k = 0; k < count; ++k, cell += step) {
        sum += values[cell];
        if (values[cell] > values[best]) best = cell;
    }
    if (values[best] > 1.0f - sum) marks[best] = static_cast<std::uint8_t>(marks[best] | mark);
}

}  // namespace

void LinkReport::append(const PairSize& size, const PairProbabilities& probabilities) {
    best_.assign(size.cells(), kNone);
    for (std::size_t i = 0; i < size.source; ++i) {
        mark_best(probabilities[0], i * size.target, 1, size.target, kReverse, best_);
    }
    for (std::size_t j = 0; j < size.target; ++j) {
        mark_best(probabilities[1], j, size.target, size.source, kForward, best_);
    }
    for (std::size_t cell = 0; cell < size.cells(); ++cell) {
        const float reverse = probabilities[0][cell];
        const float forward = probabilities[1][cell];
        if (best_[cell] == kNone && std::sqrt(forward * reverse) < kReported) continue;
        links_.source.push_back(static_cast<Index>(cell / size.target));
        links_.target.push_back(static_cast<Index>(cell % size.target));
        links_.forward.push_back(std::min(forward, 1.0f));
        links_.reverse.push_back(std::min(reverse, 1.0f));
        links_.best.push_back(best_[cell]);
    }
    links_.offsets.push_back(static_cast<Offset>(links_.source.size()));
}

SampledLinks LinkReport::join(const std::vector<LinkReport>& parts) {
    SampledLinks all;
    all.offsets.push_back(0);
    for (const LinkReport& part : parts) {
        const SampledLinks& links = part.links_;
        const Offset base = all.offsets.back();
        for (const Offset offset : links.offsets) all.offsets.push_back(base + offset);
        all.source.insert(all.source.end(), links.source.begin(), links.source.end());
        all.target.insert(all.target.end(), links.target.begin(), links.target.end());
        all.forward.insert(all.forward.end(), links.forward.begin(), links.forward.end());
        all.reverse.insert(all.reverse.end(), links.reverse.begin(), links.reverse.end());
        all.best.insert(all.best.end(), links.best.begin(), links.best.end());
    }
    return all;
}

}  // namespace xproj
