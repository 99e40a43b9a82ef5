#include "xproj/link_marginals.hpp"

#include <algorithm>
#include <cmath>

#include "xproj/link_sampler.hpp"
#include "xproj/parallel.hpp"

namespace xproj {
namespace {

constexpr float kNoted = 0.01f;    // of one direction, by some of the chains
constexpr float kReported = 0.1f;  // of both together
constexpr std::size_t kMinSentences = 256;

enum Best : std::uint8_t { kNone = 0, kForward = 1, kReverse = 2 };

// The mean probabilities of one sentence pair, and which of them are the best of their words.
class PairAverage {
  public:
    explicit PairAverage(const std::vector<LinkMarginals>& marginals) : marginals_(marginals) {}

    void append(std::size_t s, const PairSize& size, SampledLinks& links) {
        for (auto& values : values_) values.assign(size.cells(), 0.0f);
        for (std::size_t m = 0; m < marginals_.size(); ++m) {
            for (const auto& entry : marginals_[m].of(s)) values_[m % 2][at(entry.cell)] += entry.probability;
        }
        const float share = 2.0f / static_cast<float>(marginals_.size());
        for (auto& values : values_) {
            for (float& value : values) value *= share;
        }
        best_.assign(size.cells(), kNone);
        for (std::size_t i = 0; i < size.source; ++i) {
            mark_best(values_[0], i * size.target, 1, size.target, kReverse);
        }
        for (std::size_t j = 0; j < size.target; ++j) {
            mark_best(values_[1], j, size.target, size.source, kForward);
        }
        for (std::size_t cell = 0; cell < size.cells(); ++cell) {
            const float reverse = values_[0][cell];
            const float forward = values_[1][cell];
            if (best_[cell] == kNone && std::sqrt(forward * reverse) < kReported) continue;
            links.source.push_back(static_cast<Index>(cell / size.target));
            links.target.push_back(static_cast<Index>(cell % size.target));
            links.forward.push_back(std::min(forward, 1.0f));
            links.reverse.push_back(std::min(reverse, 1.0f));
            links.best.push_back(best_[cell]);
        }
    }

  private:
    // Of the cells of one word the likeliest, of equals the first, where it is likelier than no link.
    void mark_best(const std::vector<float>& values, std::size_t cell, std::size_t step, std::size_t count, Best mark) {
        std::size_t best = cell;
        float sum = 0.0f;
        for (std::size_t k = 0; k < count; ++k, cell += step) {
            sum += values[cell];
            if (values[cell] > values[best]) best = cell;
        }
        if (values[best] > 1.0f - sum) best_[best] = static_cast<std::uint8_t>(best_[best] | mark);
    }

    const std::vector<LinkMarginals>& marginals_;
    std::vector<float> values_[2];  // reverse, forward
    std::vector<std::uint8_t> best_;
};

}  // namespace

void LinkMarginals::append(const LinkText& source, const LinkText& target, SentenceRange sentences,
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

SampledLinks average(const LinkText& source, const LinkText& target, std::size_t first,
                     const std::vector<LinkMarginals>& marginals, int threads) {
    const std::vector<Chunk> chunks = make_chunks(first, threads, kMinSentences);
    std::vector<SampledLinks> parts(chunks.size());
    for_chunks(chunks, [&](std::size_t c) {
        PairAverage pair(marginals);
        SampledLinks& part = parts[c] = {};  // anew, where this is not the first try
        for_sentences(chunks[c], [&](std::size_t s) {
            pair.append(s, pair_size(source, target, s), part);
            part.offsets.push_back(static_cast<Offset>(part.source.size()));
        });
    });
    SampledLinks all;
    all.offsets.push_back(0);
    for (const SampledLinks& part : parts) {
        const Offset base = all.offsets.back();
        for (const Offset offset : part.offsets) all.offsets.push_back(base + offset);
        all.source.insert(all.source.end(), part.source.begin(), part.source.end());
        all.target.insert(all.target.end(), part.target.begin(), part.target.end());
        all.forward.insert(all.forward.end(), part.forward.begin(), part.forward.end());
        all.reverse.insert(all.reverse.end(), part.reverse.begin(), part.reverse.end());
        all.best.insert(all.best.end(), part.best.begin(), part.best.end());
    }
    return all;
}

}  // namespace xproj
