#include "xproj/known_lexicon.hpp"
#include "xproj/link_schedule.hpp"
#include "xproj/parallel.hpp"

namespace xproj {
namespace {

constexpr std::size_t kMinPairs = 16;  // that are worth a thread: a pair costs about a millisecond
constexpr std::size_t kStep = 64;      // sentence pairs between two looks at the progress

LinkOrder order_of(std::size_t types, View<double> jumps, View<float> fertilities) {
    LinkOrder order{{}, LinkFertilities(types)};
    order.jumps.set(jumps);
    order.jumps.learn();
    order.fertilities.set(fertilities);
    order.fertilities.learn();
    return order;
}

// One direction of all chains, for one sentence pair after the other.
class Direction {
  public:
    Direction(const KnownTables& tables, const LinkDirection& direction, const LinkOrder& order,
              const SamplerSettings& settings)
        : settings_(settings),
          forward_(direction.forward),
          lexicon_(tables, direction, settings.lexicon, settings.similarity),
          chains_(direction, lexicon_, order, settings.null_prior) {}

    void sample(std::size_t s, const PairSize& size, std::vector<float>& probabilities) {
        probabilities.assign(size.cells(), 0.0f);
        const auto groups = static_cast<std::size_t>(settings_.chains) / kLanes;
        const int sweeps = sweeps_of(settings_);
        for (std::size_t group = 0; group < groups; ++group) {
            chains_.start(seeds_of(settings_.seed, group, forward_), {s, s + 1});
            for (int number = 0; number < sweeps; ++number) {
                const bool kept = number >= sweeps - settings_.kept;
                chains_.sweep(stage_of(number, settings_), {s, s + 1}, kept ? probabilities.data() : nullptr);
            }
        }
        const float share = 1.0f / static_cast<float>(settings_.chains * settings_.kept);
        for (float& probability : probabilities) probability *= share;
    }

  private:
    const SamplerSettings& settings_;
    const bool forward_;
    KnownLexicon lexicon_;
    LinkChains<KnownLexicon> chains_;
};

}  // namespace

SampledLinks known_links(const LinkText& source, const LinkText& target, const SamplerSettings& settings,
                         const KnownLinks& known, int threads, const Progress& progress) {
    const KnownTables tables(source, target, known);
    const LinkOrder forward_order = order_of(source.types(), known.forward_jumps, known.forward_fertilities);
    const LinkOrder reverse_order = order_of(target.types(), known.reverse_jumps, known.reverse_fertilities);
    const std::vector<Chunk> chunks = make_chunks(source.sentences(), threads, kMinPairs);
    std::vector<LinkReport> parts(chunks.size());
    Teller teller(source.sentences(), progress);
    for_chunks(chunks, [&](std::size_t c) {
        LinkReport& part = parts[c] = {};  // anew, where this is not the first try
        Direction reverse(tables, {source, target, false}, reverse_order, settings);
        Direction forward(tables, {source, target, true}, forward_order, settings);
        PairProbabilities probabilities;
        std::size_t done = 0;
        for (std::size_t s = chunks[c].begin; s < chunks[c].end; ++s) {
            poll();
            const PairSize size = pair_size(source, target, s);
            reverse.sample(s, size, probabilities[0]);
            forward.sample(s, size, probabilities[1]);
            part.append(size, probabilities);
            if (++done % kStep == 0) teller.did(kStep, c == 0);
        }
    });
    return LinkReport::join(parts);
}

}  // namespace xproj
