// What a sampler does when: the stage of each sweep, the seed of each chain, and how much of it all is done.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>

#include "xproj/link_chains.hpp"
#include "xproj/link_sampler.hpp"

namespace xproj {

inline LinkStage stage_of(int sweep, const SamplerSettings& settings) {
    if (sweep < settings.diagonal) return LinkStage::diagonal;
    return sweep < settings.diagonal + settings.jumps ? LinkStage::jumps : LinkStage::fertility;
}

inline int sweeps_of(const SamplerSettings& settings) {
    return settings.diagonal + settings.jumps + settings.fertility;
}

// The seeds of the chains that run at once.
inline std::array<std::uint64_t, kLanes> seeds_of(std::uint64_t seed, std::size_t group, bool forward) {
    std::array<std::uint64_t, kLanes> seeds;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const std::uint64_t chain = SplitMix(seed).next() ^ (group * kLanes + lane);
        seeds[lane] = SplitMix(SplitMix(chain).next() ^ static_cast<std::uint64_t>(forward)).next();
    }
    return seeds;
}

// Tells how much of the work of all threads is done.
class Teller {
  public:
    Teller(std::size_t work, const Progress& progress) : work_(work), progress_(progress) {}

    void did(std::size_t work, bool callers_thread) {
        const std::size_t done = done_.fetch_add(work, std::memory_order_relaxed) + work;
        // More than all where something was tried a second time.
        if (callers_thread && progress_) {
            progress_(std::min(1.0, static_cast<double>(done) / static_cast<double>(work_)));
        }
    }

  private:
    std::atomic<std::size_t> done_{0};
    const std::size_t work_;
    const Progress& progress_;
};

}  // namespace xproj
