#include "xproj/link_sampler.hpp"

#include <algorithm>
#include <atomic>

#include "xproj/link_marginals.hpp"
#include "xproj/parallel.hpp"

namespace xproj {
namespace {

constexpr std::size_t kBlockCells = std::size_t{1} << 24;  // whose probabilities are held at a time, by each thread
constexpr std::size_t kStep = 4096;                        // sentences between two looks at the progress

std::uint64_t seed_of(std::uint64_t seed, std::uint64_t chain, bool forward) {
    SplitMix random(seed);
    random = SplitMix(random.next() ^ chain);
    random = SplitMix(random.next() ^ static_cast<std::uint64_t>(forward));
    return random.next();
}

// Tells how much of the work of all threads is done.
class Teller {
  public:
    Teller(std::size_t work, const Progress& progress) : work_(work), progress_(progress) {}

    void did(std::size_t work, bool callers_thread) {
        const std::size_t done = done_.fetch_add(work, std::memory_order_relaxed) + work;
        if (callers_thread && progress_) progress_(static_cast<double>(done) / static_cast<double>(work_));
    }

  private:
    std::atomic<std::size_t> done_{0};
    const std::size_t work_;
    const Progress& progress_;
};

LinkStage stage_of(int sweep, const SamplerSettings& settings) {
    if (sweep < settings.diagonal) return LinkStage::diagonal;
    return sweep < settings.diagonal + settings.jumps ? LinkStage::jumps : LinkStage::fertility;
}

LinkMarginals run(LinkChains& chains, const LinkText& source, const LinkText& target, const LinkCells& cells,
                  const SamplerSettings& settings, std::size_t first, const std::function<void(std::size_t)>& did) {
    const std::size_t sentences = cells.offsets.size() - 1;
    const int sweeps = settings.diagonal + settings.jumps + settings.fertility;
    const auto sweep = [&](int number, SentenceRange range, float* sums) {
        for (std::size_t begin = range.begin; begin < range.end; begin += kStep) {
            const std::size_t end = std::min(begin + kStep, range.end);
            chains.sweep(stage_of(number, settings), {begin, end}, sums);
            if (sums) sums += cells.offsets[end] - cells.offsets[begin];
            did(end - begin);
        }
    };
    for (int number = 0; number < sweeps - settings.kept; ++number) {
        sweep(number, {0, sentences}, nullptr);
        chains.learn();
    }
    LinkMarginals marginals(static_cast<float>(kLanes) * static_cast<float>(settings.kept));
    std::vector<float> sums;
    for (std::size_t begin = 0; begin < first;) {
        std::size_t end = begin + 1;
        const Offset room = cells.offsets[begin] + static_cast<Offset>(kBlockCells);
        while (end < first && cells.offsets[end + 1] <= room) ++end;
        sums.assign(at(cells.offsets[end] - cells.offsets[begin]), 0.0f);
        for (int number = sweeps - settings.kept; number < sweeps; ++number) sweep(number, {begin, end}, sums.data());
        marginals.append(source, target, {begin, end}, sums);
        begin = end;
    }
    return marginals;
}

}  // namespace

SampledLinks sample_links(const LinkText& source, const LinkText& target, const SamplerSettings& settings,
                          std::size_t first, int threads, const Progress& progress) {
    const auto groups = static_cast<std::size_t>(settings.chains) / kLanes;
    std::vector<LinkMarginals> marginals(2 * groups, LinkMarginals(1.0f));
    {
        const LinkCells cells = link_cells(source, target, settings.similarity, settings.lexicon.sparse);
        const LinkDirection directions[2] = {
            {target, source, cells.target_families, cells.source_families, cells.target_similarity, false},
            {source, target, cells.source_families, cells.target_families, cells.source_similarity, true}};
        const auto learning =
            static_cast<std::size_t>(settings.diagonal + settings.jumps + settings.fertility - settings.kept);
        const std::size_t work = learning * source.sentences() + static_cast<std::size_t>(settings.kept) * first;
        Teller teller(work * marginals.size(), progress);
        const std::vector<Chunk> chunks = make_chunks(marginals.size(), threads, 1);
        for_chunks(chunks, [&](std::size_t c) {
            for (std::size_t task = chunks[c].begin; task < chunks[c].end; ++task) {
                const bool forward = task % 2 == 1;
                std::array<std::uint64_t, kLanes> seeds;
                for (std::size_t lane = 0; lane < kLanes; ++lane) {
                    seeds[lane] = seed_of(settings.seed, task / 2 * kLanes + lane, forward);
                }
                LinkChains chains(source, target, cells, directions[forward], settings.lexicon, settings.null_prior,
                                  seeds);
                marginals[task] = run(chains, source, target, cells, settings, first,
                                      [&](std::size_t sentences) { teller.did(sentences, c == 0); });
            }
        });
    }
    return average(source, target, first, marginals, threads);
}

}  // namespace xproj
