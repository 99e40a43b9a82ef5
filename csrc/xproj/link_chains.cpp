#include "xproj/link_chains.hpp"

#include <cmath>

#include "xproj/poll.hpp"

namespace xproj {
namespace {

constexpr float kSteepness = 4.0f;  // of the likelihood of words away from the diagonal

}  // namespace

LinkChains::LinkChains(const LinkText& source, const LinkText& target, const LinkCells& cells,
                       const LinkDirection& direction, const LexiconWeights& weights, float null_prior,
                       const std::array<std::uint64_t, kLanes>& seeds)
    : source_(source),
      target_(target),
      cells_(cells),
      direction_(direction),
      null_odds_(null_prior / (1.0f - null_prior)),
      null_prior_(null_prior),
      lexicon_(cells, direction, weights),
      fertilities_(direction.condition.types()),
      random_{SplitMix(seeds[0]), SplitMix(seeds[1]), SplitMix(seeds[2]), SplitMix(seeds[3])},
      links_(direction.generated.ids.size()),
      likelihoods_(at(kMostLinkedWords)),
      places_(at(kMostLinkedWords)),
      scales_(at(kMostLinkedWords)),
      jump_scales_(at(kMostLinkedWords)),
      sums_(at(kMostLinkedWords)),
      fertility_(at(kMostLinkedWords)),
      next_(at(kMostLinkedWords)),
      rising_(at(kMostLinkedWords)),
      falling_(at(kMostLinkedWords)) {
    for (std::size_t s = 0; s < source.sentences(); ++s) start(sentence(s));
}

LinkChains::Sentence LinkChains::sentence(std::size_t s) {
    Sentence found{pair_size(source_, target_, s),
                   s,
                   0,
                   0,
                   direction_.condition.words(s),
                   links_.data() + direction_.generated.offsets[s]};
    found.conditions = direction_.forward ? found.size.source : found.size.target;
    found.generated = direction_.forward ? found.size.target : found.size.source;
    lexicon_.enter(s, found.size);
    return found;
}

void LinkChains::start(const Sentence& sentence) {
    for (std::size_t j = 0; j < sentence.generated; ++j) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            const bool none = random_[lane].unit() < double{null_prior_};
            const auto any = static_cast<std::int16_t>(random_[lane].below(sentence.conditions));
            sentence.links[j][lane] = none ? std::int16_t{-1} : any;
        }
        set(sentence, j, sentence.links[j], 1, LinkStage::diagonal);
    }
}

void LinkChains::sweep(LinkStage stage, SentenceRange sentences, float* sums) {
    Ticker ticker;
    for (std::size_t s = sentences.begin; s < sentences.end; ++s) {
        const Sentence now = sentence(s);
        prepare(now, stage);
        Linked previous;
        previous.fill(-1);
        for (std::size_t j = 0; j < now.generated; ++j) {
            ticker.tick();
            Linked& linked = now.links[j];
            set(now, j, linked, -1, stage);
            linked = draw(now, j, place(now, j, stage, previous), sums);
            set(now, j, linked, 1, stage);
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                if (linked[lane] >= 0) previous[lane] = linked[lane];
            }
        }
        if (sums) sums += now.size.cells();
    }
}

// What stays the same, or nearly so, for all words of a sentence.
void LinkChains::prepare(const Sentence& sentence, LinkStage stage) {
    const std::size_t conditions = sentence.conditions;
    if (stage == LinkStage::diagonal) {
        for (std::size_t i = 0; i < conditions; ++i) {
            rising_[i] = std::exp(kSteepness * (static_cast<float>(i) + 0.5f) / static_cast<float>(conditions));
            falling_[i] = 1.0f / rising_[i];
            scales_[i].v = in_all_lanes(1.0f);
        }
        return;
    }
    Linked next;
    next.fill(static_cast<std::int16_t>(conditions));
    for (std::size_t j = sentence.generated; j-- > 0;) {
        next_[j] = next;
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            if (sentence.links[j][lane] >= 0) next[lane] = sentence.links[j][lane];
        }
    }
    for (std::size_t i = 0; i < conditions; ++i) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) scales_[i].v[lane] = jumps_.scale(i, conditions, lane);
    }
    if (stage != LinkStage::fertility) return;
    std::fill_n(fertility_.begin(), conditions, std::array<std::uint16_t, kLanes>{});
    for (std::size_t j = 0; j < sentence.generated; ++j) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            if (sentence.links[j][lane] >= 0) ++fertility_[static_cast<std::size_t>(sentence.links[j][lane])][lane];
        }
    }
    for (std::size_t i = 0; i < conditions; ++i) {
        jump_scales_[i] = scales_[i];
        const std::size_t type = at(sentence.condition_words[i]);
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            scales_[i].v[lane] *= fertilities_.ratio(type, fertility_[i][lane], lane);
        }
    }
}

// How likely generated word j is to have each of its conditions by their places alone. Returns the same for none.
Lanes LinkChains::place(const Sentence& sentence, std::size_t j, LinkStage stage, const Linked& previous) {
    if (stage == LinkStage::diagonal) {
        // e^-|x - y| is the smaller one of e^(x - y) and e^(y - x).
        const float here =
            std::exp(kSteepness * (static_cast<float>(j) + 0.5f) / static_cast<float>(sentence.generated));
        const float back = 1.0f / here;
        float total = 0.0f;
        for (std::size_t i = 0; i < sentence.conditions; ++i) {
            const float value = std::min(rising_[i] * back, falling_[i] * here);
            places_[i].v = in_all_lanes(value);
            total += value;
        }
        return in_all_lanes(total);
    }
    Lanes none{};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        jumps_.via(previous[lane], next_[j][lane], sentence.conditions, lane, places_.data());
        none[lane] = jumps_.likelihood(next_[j][lane] - previous[lane], lane);
    }
    return none;
}

LinkChains::Linked LinkChains::draw(const Sentence& sentence, std::size_t j, Lanes null_place, float* sums) {
    const std::size_t conditions = sentence.conditions;
    lexicon_.likelihoods(j, likelihoods_.data());
    Lanes sum{};
    for (std::size_t i = 0; i < conditions; ++i) {
        likelihoods_[i].v *= places_[i].v * scales_[i].v;
        sum += likelihoods_[i].v;
        sums_[i].v = sum;
    }
    const Lanes all = sum + lexicon_.null_likelihood(j) * in_all_lanes(null_odds_) * null_place;
    Lanes drawn{};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        drawn[lane] = static_cast<float>(random_[lane].unit()) * all[lane];
    }
    LaneCounts passed{};
    for (std::size_t i = 0; i < conditions; ++i) passed -= sums_[i].v <= drawn;
    if (sums) {
        const Lanes scale = in_all_lanes(1.0f) / all;
        float* cell = sums + (direction_.forward ? j : j * conditions);
        for (std::size_t i = 0; i < conditions; ++i, cell += direction_.forward ? sentence.generated : 1) {
            const Lanes probability = likelihoods_[i].v * scale;
            *cell += (probability[0] + probability[1]) + (probability[2] + probability[3]);
        }
    }
    Linked linked;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        const bool none = static_cast<std::size_t>(passed[lane]) == conditions;
        linked[lane] = static_cast<std::int16_t>(none ? -1 : passed[lane]);
    }
    return linked;
}

void LinkChains::set(const Sentence& sentence, std::size_t j, const Linked& linked, std::int32_t by, LinkStage stage) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        lexicon_.count(j, linked[lane], lane, by);
        if (stage != LinkStage::fertility || linked[lane] < 0) continue;
        const auto i = static_cast<std::size_t>(linked[lane]);
        fertility_[i][lane] = static_cast<std::uint16_t>(fertility_[i][lane] + by);
        scales_[i].v[lane] =
            jump_scales_[i].v[lane] * fertilities_.ratio(at(sentence.condition_words[i]), fertility_[i][lane], lane);
    }
}

void LinkChains::learn() {
    fertilities_.clear();
    Ticker ticker;
    for (std::size_t s = 0; s < source_.sentences(); ++s) {
        const Sentence now = sentence(s);
        if (now.generated == 0) continue;
        std::fill_n(fertility_.begin(), now.conditions, std::array<std::uint16_t, kLanes>{});
        Linked previous;
        previous.fill(-1);
        for (std::size_t j = 0; j < now.generated; ++j) {
            ticker.tick();
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const std::int16_t i = now.links[j][lane];
                if (i < 0) continue;
                jumps_.count(i - previous[lane], lane);
                ++fertility_[static_cast<std::size_t>(i)][lane];
                previous[lane] = i;
            }
        }
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            jumps_.count(static_cast<std::ptrdiff_t>(now.conditions) - previous[lane], lane);
            for (std::size_t i = 0; i < now.conditions; ++i) {
                fertilities_.count(at(now.condition_words[i]), fertility_[i][lane], lane);
            }
        }
    }
    jumps_.learn();
    fertilities_.learn();
}

}  // namespace xproj
