// How many words a word is the condition of, as four chains have learnt it: articles of few, compounds of many.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "xproj/lanes.hpp"
#include "xproj/views.hpp"

namespace xproj {

class LinkFertilities {
  public:
    static constexpr std::size_t kMost = 16;  // links and more count as one fewer

    explicit LinkFertilities(std::size_t types) : values_(types * kMost) {}

    void clear() { std::fill(values_.begin(), values_.end(), LaneFloats{}); }

    // Counts a word with so many links, towards what learn() makes of it.
    void count(std::size_t type, std::size_t links, std::size_t lane) { values_[place(type, links)].v[lane] += 1.0f; }

    // What was counted before, for all chains; types beyond it are new.
    void set(View<float> counts) {
        for (std::size_t k = 0; k < counts.size(); ++k) values_[k].v = in_all_lanes(counts[k]);
    }

    // Adds the mean counts of the chains, by type and number of links. Not after learn().
    void add_to(std::vector<float>& counts) const {
        for (std::size_t k = 0; k < values_.size(); ++k) {
            const Lanes value = values_[k].v;
            counts[k] += ((value[0] + value[1]) + (value[2] + value[3])) / float{kLanes};
        }
    }

    // Makes of the counts how much likelier one link more is than the links a word has.
    void learn() {
        std::array<std::array<double, kMost>, kLanes> usual{};
        for (std::size_t k = 0; k < values_.size(); ++k) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) usual[lane][k % kMost] += double{values_[k].v[lane]};
        }
        for (auto& counts : usual) {
            double total = 0.0;
            for (std::size_t f = 0; f < kMost; ++f) total += counts[f] += 0.5 * std::pow(0.3, static_cast<double>(f));
            for (double& counted : counts) counted /= total;
        }
        for (std::size_t k = 0; k < values_.size(); ++k) {
            const std::size_t f = k % kMost;
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const auto now = double{values_[k].v[lane]} + usual[lane][f];
                const double then = f + 1 < kMost ? double{values_[k + 1].v[lane]} + usual[lane][f + 1] : 0.0;
                values_[k].v[lane] = static_cast<float>(std::clamp(then / now, 1e-6, 1e6));
            }
        }
    }

    float ratio(std::size_t type, std::size_t links, std::size_t lane) const {
        return values_[place(type, links)].v[lane];
    }

  private:
    static std::size_t place(std::size_t type, std::size_t links) { return type * kMost + std::min(links, kMost - 1); }

    std::vector<LaneFloats> values_;  // counts until learn(), then ratios
};

}  // namespace xproj
