#include "xproj/link_sampler.hpp"

#include <algorithm>

#include "xproj/link_schedule.hpp"
#include "xproj/parallel.hpp"

namespace xproj {
namespace {

constexpr std::size_t kBlockCells = std::size_t{1} << 22;  // whose probabilities are held at a time, by each thread
constexpr std::size_t kStep = 4096;                        // sentence pairs between two looks at the progress
constexpr std::size_t kMinPairs = 256;                     // that are worth a thread, once they are sampled

// One direction of four chains, from the start to what is reported.
class Run {
  public:
    Run(const LinkCells& cells, const LinkDirection& direction, const SamplerSettings& settings,
        std::function<void(std::size_t)> did)
        : cells_(cells),
          direction_(direction),
          settings_(settings),
          did_(std::move(did)),
          lexicon_(cells, direction, settings.lexicon),
          order_{{}, LinkFertilities(direction.condition().types())},
          chains_(direction, lexicon_, order_, settings.null_prior) {}

    LinkMarginals sample(std::size_t group, std::size_t first) {
        const std::size_t pairs = direction_.source.sentences();
        const int learning = sweeps_of(settings_) - settings_.kept;
        chains_.start(seeds_of(settings_.seed, group, direction_.forward), {0, pairs});
        for (int number = 0; number < learning; ++number) {
            sweep(number, {0, pairs}, nullptr);
            chains_.count(order_);
            order_.jumps.learn();
            order_.fertilities.learn();
        }
        LinkMarginals marginals(float{kLanes} * static_cast<float>(settings_.kept));
        std::vector<float> sums;
        for (std::size_t begin = 0; begin < first;) {
            const std::size_t end = end_of_block(begin, first);
            sums.assign(at(cells_.offsets[end] - cells_.offsets[begin]), 0.0f);
            for (int number = learning; number < sweeps_of(settings_); ++number) {
                sweep(number, {begin, end}, sums.data());
            }
            marginals.append(direction_.source, direction_.target, {begin, end}, sums);
            begin = end;
        }
        return marginals;
    }

    LearntOrder learnt() {
        LearntOrder learnt;
        learnt.fertilities.resize(direction_.condition().types() * LinkFertilities::kMost);
        chains_.count(order_);
        order_.jumps.add_to(learnt.jumps);
        order_.fertilities.add_to(learnt.fertilities);
        return learnt;
    }

  private:
    void sweep(int number, SentenceRange range, float* sums) {
        for (std::size_t begin = range.begin; begin < range.end; begin += kStep) {
            const std::size_t end = std::min(begin + kStep, range.end);
            chains_.sweep(stage_of(number, settings_), {begin, end}, sums);
            if (sums) sums += cells_.offsets[end] - cells_.offsets[begin];
            did_(end - begin);
        }
    }

    std::size_t end_of_block(std::size_t begin, std::size_t first) const {
        std::size_t end = begin + 1;
        const Offset room = cells_.offsets[begin] + static_cast<Offset>(kBlockCells);
        while (end < first && cells_.offsets[end + 1] <= room) ++end;
        return end;
    }

    const LinkCells& cells_;
    const LinkDirection direction_;
    const SamplerSettings& settings_;
    const std::function<void(std::size_t)> did_;
    LinkLexicon lexicon_;
    LinkOrder order_;
    LinkChains<LinkLexicon> chains_;
};

void add(const LearntOrder& from, float share, LearntOrder& to) {
    to.fertilities.resize(from.fertilities.size());
    for (std::size_t k = 0; k < from.jumps.size(); ++k) to.jumps[k] += from.jumps[k] * double{share};
    for (std::size_t k = 0; k < from.fertilities.size(); ++k) to.fertilities[k] += from.fertilities[k] * share;
}

SampledLinks average(const LinkText& source, const LinkText& target, std::size_t first,
                     const std::vector<LinkMarginals>& marginals, int threads) {
    const std::vector<Chunk> chunks = make_chunks(first, threads, kMinPairs);
    const float share = 2.0f / static_cast<float>(marginals.size());
    std::vector<LinkReport> parts(chunks.size());
    for_chunks(chunks, [&](std::size_t c) {
        LinkReport& part = parts[c] = {};  // anew, where this is not the first try
        PairProbabilities means;
        for_sentences(chunks[c], [&](std::size_t s) {
            const PairSize size = pair_size(source, target, s);
            for (auto& mean : means) mean.assign(size.cells(), 0.0f);
            for (std::size_t m = 0; m < marginals.size(); ++m) {
                for (const auto& entry : marginals[m].of(s)) means[m % 2][at(entry.cell)] += entry.probability * share;
            }
            part.append(size, means);
        });
    });
    return LinkReport::join(parts);
}

}  // namespace

SampledLinks sample_links(const LinkText& source, const LinkText& target, const SamplerSettings& settings,
                          std::size_t first, LinkCounts* counts, int threads, const Progress& progress) {
    const std::size_t runs = 2 * static_cast<std::size_t>(settings.chains) / kLanes;  // even ones in reverse
    const std::size_t reported = counts ? source.sentences() : first;
    std::vector<LinkMarginals> marginals(runs, LinkMarginals(1.0f));
    std::vector<LearntOrder> orders(counts ? runs : 0);
    {
        LinkCells cells = link_cells(source, target, settings.similarity, settings.lexicon.sparse);
        const auto learning = static_cast<std::size_t>(sweeps_of(settings) - settings.kept);
        const std::size_t work = learning * source.sentences() + static_cast<std::size_t>(settings.kept) * reported;
        Teller teller(work * runs, progress);
        const std::vector<Chunk> chunks = make_chunks(runs, threads, 1);
        for_chunks(chunks, [&](std::size_t c) {
            for (std::size_t number = chunks[c].begin; number < chunks[c].end; ++number) {
                Run run(cells, {source, target, number % 2 == 1}, settings,
                        [&](std::size_t pairs) { teller.did(pairs, c == 0); });
                marginals[number] = run.sample(number / 2, reported);
                if (counts) orders[number] = run.learnt();
            }
        });
        if (counts) {
            counts->source_similarity = std::move(cells.source_similarity);
            counts->target_similarity = std::move(cells.target_similarity);
        }
    }
    if (counts) {
        count_links(source, target, marginals, *counts);
        const float share = 2.0f / static_cast<float>(runs);
        for (std::size_t number = 0; number < runs; ++number) add(orders[number], share, counts->order[number % 2]);
    }
    return average(source, target, first, marginals, threads);
}

}  // namespace xproj
