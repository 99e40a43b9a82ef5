#include "xproj/link_chains.hpp"

#include <cmath>

#include "xproj/known_lexicon.hpp"
#include "xproj/link_lexicon.hpp"
#include "xproj/poll.hpp"

namespace xproj {
namespace {

constexpr float kSteepness = 4.0f;  // of the likelihood of words away from the diagonal

}  // namespace

template <class Lexicon>
LinkChains<Lexicon>::LinkChains(const LinkDirection& direction, Lexicon& lexicon, const LinkOrder& order,
                                float null_prior)
    : direction_(direction),
      null_odds_(null_prior / (1.0f - null_prior)),
      null_prior_(null_prior),
      lexicon_(lexicon),
      order_(order),
      links_(direction.generated().ids.size()),
      likelihoods_(at(kMostLinkedWords)),
      places_(at(kMostLinkedWords)),
      scales_(at(kMostLinkedWords)),
      jump_scales_(at(kMostLinkedWords)),
      sums_(at(kMostLinkedWords)),
      fertility_(at(kMostLinkedWords)),
      next_(at(kMostLinkedWords)),
      rising_(at(kMostLinkedWords)),
      falling_(at(kMostLinkedWords)) {}

template <class Lexicon>
typename LinkChains<Lexicon>::Sentence LinkChains<Lexicon>::sentence(std::size_t s) {
    const PairSize size = pair_size(direction_.source, direction_.target, s);
    if (size.cells() > 0) lexicon_.enter(s, size);
    return {size, direction_.conditions(size), direction_.generated(size), direction_.condition().words(s),
            links_.data() + direction_.generated().offsets[s]};
}

template <class Lexicon>
void LinkChains<Lexicon>::start(const Seeds& seeds, SentenceRange sentences) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) random_[lane] = SplitMix(seeds[lane]);
    for (std::size_t s = sentences.begin; s < sentences.end; ++s) {
        const Sentence now = sentence(s);
        for (std::size_t j = 0; j < now.generated; ++j) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) {
                const bool none = random_[lane].unit() < double{null_prior_};
                const auto any = static_cast<std::int16_t>(random_[lane].below(now.conditions));
                now.links[j][lane] = none ? std::int16_t{-1} : any;
            }
            set(now, j, now.links[j], 1, LinkStage::diagonal);
        }
    }
}

template <class Lexicon>
void LinkChains<Lexicon>::sweep(LinkStage stage, SentenceRange sentences, float* sums) {
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
template <class Lexicon>
void LinkChains<Lexicon>::prepare(const Sentence& sentence, LinkStage stage) {
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
        for (std::size_t lane = 0; lane < kLanes; ++lane) scales_[i].v[lane] = order_.jumps.scale(i, conditions, lane);
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
            scales_[i].v[lane] *= order_.fertilities.ratio(type, fertility_[i][lane], lane);
        }
    }
}

// How likely generated word j is to have each of its conditions by their places alone. Returns the same for none.
template <class Lexicon>
Lanes LinkChains<Lexicon>::place(const Sentence& sentence, std::size_t j, LinkStage stage, const Linked& previous) {
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
        order_.jumps.via(previous[lane], next_[j][lane], sentence.conditions, lane, places_.data());
        none[lane] = order_.jumps.likelihood(next_[j][lane] - previous[lane], lane);
    }
    return none;
}

template <class Lexicon>
typename LinkChains<Lexicon>::Linked LinkChains<Lexicon>::draw(const Sentence& sentence, std::size_t j,
                                                               Lanes null_place, float* sums) {
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

template <class Lexicon>
void LinkChains<Lexicon>::set(const Sentence& sentence, std::size_t j, const Linked& linked, std::int32_t by,
                              LinkStage stage) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
        lexicon_.count(j, linked[lane], lane, by);
        if (stage != LinkStage::fertility || linked[lane] < 0) continue;
        const auto i = static_cast<std::size_t>(linked[lane]);
        fertility_[i][lane] = static_cast<std::uint16_t>(fertility_[i][lane] + by);
        scales_[i].v[lane] = jump_scales_[i].v[lane] *
                             order_.fertilities.ratio(at(sentence.condition_words[i]), fertility_[i][lane], lane);
    }
}

template <class Lexicon>
void LinkChains<Lexicon>::count(LinkOrder& order) {
    order.jumps.clear();
    order.fertilities.clear();
    Ticker ticker;
    for (std::size_t s = 0; s < direction_.source.sentences(); ++s) {
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
                order.jumps.count(i - previous[lane], lane);
                ++fertility_[static_cast<std::size_t>(i)][lane];
                previous[lane] = i;
            }
        }
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            order.jumps.count(static_cast<std::ptrdiff_t>(now.conditions) - previous[lane], lane);
            for (std::size_t i = 0; i < now.conditions; ++i) {
                order.fertilities.count(at(now.condition_words[i]), fertility_[i][lane], lane);
            }
        }
    }
}

template class LinkChains<LinkLexicon>;
template class LinkChains<KnownLexicon>;

}  // namespace xproj
