// How far a link is from the one before it: the order of words in a language pair, as four chains have learnt it.
#pragma once

#include <array>
#include <vector>

#include "xproj/lanes.hpp"
#include "xproj/link_text.hpp"

namespace xproj {

class LinkJumps {
  public:
    static constexpr std::size_t kReach = kMostLinkedWords + 1;  // from before the first word to behind the last
    static constexpr std::size_t kJumps = 2 * kReach + 1;

    LinkJumps() { learn(); }

    void clear() {
        for (Table& table : tables_) table.counts.assign(kJumps, 0.0);
    }

    // Counts one jump, from -kReach to kReach, towards what learn() makes likely from then on.
    void count(std::ptrdiff_t jump, std::size_t lane) { tables_[lane].counts[index(jump)] += 1.0; }

    // What was counted before, for all chains.
    void set(View<double> counts) {
        for (Table& table : tables_) table.counts.assign(counts.begin(), counts.end());
    }

    // Adds the mean counts of the chains, by jump.
    void add_to(std::vector<double>& counts) const {
        for (std::size_t k = 0; k < kJumps; ++k) {
            for (const Table& table : tables_) counts[k] += table.counts[k] / double{kLanes};
        }
    }

    void learn() {
        for (Table& table : tables_) table.learn();
    }

    float likelihood(std::ptrdiff_t jump, std::size_t lane) const { return tables_[lane].forward[index(jump)]; }

    // 1 / the likelihood of all jumps from word i of `words` that stay inside the sentence, its end included.
    float scale(std::size_t i, std::size_t words, std::size_t lane) const {
        const std::vector<double>& sums = tables_[lane].sums;
        return static_cast<float>(1.0 / (sums[kReach + words - i + 1] - sums[kReach - i]));
    }

    // The likelihoods to get to word i from `previous`, and from there to `next`, for every i of `words`.
    void via(std::ptrdiff_t previous, std::ptrdiff_t next, std::size_t words, std::size_t lane, LaneFloats* out) const {
        const float* to = tables_[lane].forward.data() + index(-previous);
        const float* from = tables_[lane].backward.data() + index(-next);
        for (std::size_t i = 0; i < words; ++i) out[i].v[lane] = to[i] * from[i];
    }

  private:
    static constexpr double kSmoothing = 0.5;

    static std::size_t index(std::ptrdiff_t jump) {
        return static_cast<std::size_t>(jump + static_cast<std::ptrdiff_t>(kReach));
    }

    struct Table {
        std::vector<double> counts = std::vector<double>(kJumps);
        std::vector<float> forward = std::vector<float>(kJumps);   // by jump
        std::vector<float> backward = std::vector<float>(kJumps);  // by jump the other way
        std::vector<double> sums = std::vector<double>(kJumps + 1);

        void learn() {
            double total = 0.0;
            for (const double counted : counts) total += counted + kSmoothing;
            for (std::size_t k = 0; k < kJumps; ++k) {
                const double likelihood = (counts[k] + kSmoothing) / total;
                sums[k + 1] = sums[k] + likelihood;
                forward[k] = backward[kJumps - 1 - k] = static_cast<float>(likelihood);
            }
        }
    };

    std::array<Table, kLanes> tables_;
};

}  // namespace xproj
