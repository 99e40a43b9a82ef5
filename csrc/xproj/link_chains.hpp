// Four chains of a Gibbs sampler over the links of a text, in one direction: each word in turn gets a new link by how
// likely each is, given the links of all other words.
#pragma once

#include <array>
#include <vector>

#include "xproj/link_fertilities.hpp"
#include "xproj/link_jumps.hpp"
#include "xproj/link_text.hpp"
#include "xproj/split_mix.hpp"

namespace xproj {

enum class LinkStage {
    diagonal,   // words stand where their translations do, in relation to the sentence
    jumps,      // words follow each other as their translations do
    fertility,  // and have as many translations as usual
};

// How words stand to each other and how many links they have, whatever the words.
struct LinkOrder {
    LinkJumps jumps;
    LinkFertilities fertilities;
};

// `Lexicon` is LinkLexicon, which counts along, or KnownLexicon, which does not.
template <class Lexicon>
class LinkChains {
  public:
    using Seeds = std::array<std::uint64_t, kLanes>;

    LinkChains(const LinkDirection& direction, Lexicon& lexicon, const LinkOrder& order, float null_prior);

    // Starts with random links.
    void start(const Seeds& seeds, SentenceRange sentences);

    // Draws the links of these sentences anew. `sums`, where there are any, gets the probabilities of the cells of the
    // sentences added, those of all chains.
    void sweep(LinkStage stage, SentenceRange sentences, float* sums);

    // Counts jumps and fertilities of the links there are.
    void count(LinkOrder& order);

  private:
    using Linked = std::array<std::int16_t, kLanes>;  // the condition of a word in each chain, -1 = none

    struct Sentence {
        PairSize size;
        std::size_t conditions = 0, generated = 0;
        View<Index> condition_words;
        Linked* links = nullptr;
    };

    Sentence sentence(std::size_t s);
    void prepare(const Sentence& sentence, LinkStage stage);
    Lanes place(const Sentence& sentence, std::size_t j, LinkStage stage, const Linked& previous);
    Linked draw(const Sentence& sentence, std::size_t j, Lanes null_place, float* sums);
    void set(const Sentence& sentence, std::size_t j, const Linked& linked, std::int32_t by, LinkStage stage);

    const LinkDirection direction_;
    const float null_odds_, null_prior_;
    Lexicon& lexicon_;
    const LinkOrder& order_;
    std::array<SplitMix, kLanes> random_{SplitMix(0), SplitMix(0), SplitMix(0), SplitMix(0)};
    std::vector<Linked> links_;  // of every generated word

    // Of the sentence at hand: by condition, or `next_` by generated word.
    std::vector<LaneFloats> likelihoods_, places_, scales_, jump_scales_, sums_;
    std::vector<std::array<std::uint16_t, kLanes>> fertility_;
    std::vector<Linked> next_;
    std::vector<float> rising_, falling_;
};

}  // namespace xproj
