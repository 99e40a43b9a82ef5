// How many words a word is the condition of, as four chains have learnt it: articles of few, compounds of many.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "xproj/lanes.hpp"

namespace xproj {

class LinkFertilities {
  public:
    explicit LinkFertilities(std::size_t types) : ratios_(types * kMost) {}

    void count(std::size_t type, std::size_t links, std::size_t lane) {
        ratios_[type * kMost + std::min(links, kMost - 1)].v[lane] += 1.0f;
    }

    // Makes of the counts how much likelier one link more is than the links a word has.
    void learn() {
        std::array<std::array<double, kMost>, kLanes> usual{};
        for (std::size_t k = 0; k < ratios_.size(); ++k) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) usual[lane][k % kMost] += double{ratios_[k].v[lane]};
        }
        for (auto& counts : usual) {
            double total = 0.0;
            for (std::size_t f = 0; f < kMost; ++f) total += counts[f] += 0.5 * std::pow(0.3, static_cast<double>(f));
            for (double& counted : counts) counted /= total;
        }
        for (std::size_t k = 0; k < ratios_.size(); ++k) {
            const std::size_t f = k % kMost;
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const auto now = double{ratios_[k].v[lane]} + usual[lane][f];
                const double then = f + 1 < kMost ? double{ratios_[k + 1].v[lane]} + usual[lane][f + 1] : 0.0;
                ratios_[k].v[lane] = static_cast<float>(std::clamp(then / now, 1e-6, 1e6));
            }
        }
    }

    float ratio(std::size_t type, std::size_t links, std::size_t lane) const {
        return ratios_[type * kMost + std::min(links, kMost - 1)].v[lane];
    }

    void clear() { std::fill(ratios_.begin(), ratios_.end(), LaneFloats{}); }

  private:
    static constexpr std::size_t kMost = 16;  // links; more count as these

    std::vector<LaneFloats> ratios_;  // counts until learn()
};

}  // namespace xproj
