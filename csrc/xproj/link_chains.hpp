// Four chains of a Gibbs sampler over the links of a text, in one direction: each word in turn gets a new link by how
// likely each is, given the links of all other words.
#pragma once

#include <array>
#include <vector>

#include "xproj/link_fertilities.hpp"
#include "xproj/link_jumps.hpp"
#include "xproj/link_lexicon.hpp"
#include "xproj/split_mix.hpp"

namespace xproj {

enum class LinkStage {
    diagonal,   // words stand where their translations do, in relation to the sentence
    jumps,      // words follow each other as their translations do
    fertility,  // and have as many translations as usual
};

struct SentenceRange {
    std::size_t begin;
    std::size_t end;
};

class LinkChains {
  public:
    // Every chain has a seed of its own, and the links it starts with are random.
    LinkChains(const LinkText& source, const LinkText& target, const LinkCells& cells, const LinkDirection& direction,
               const LexiconWeights& weights, float null_prior, const std::array<std::uint64_t, kLanes>& seeds);

    // Draws the links of these sentences anew. `sums`, where there are any, gets the probabilities of the cells of the
    // sentences added, those of all chains.
    void sweep(LinkStage stage, SentenceRange sentences, float* sums);

    // Learns jumps and fertilities from the links there are.
    void learn();

  private:
    using Linked = std::array<std::int16_t, kLanes>;  // the condition of a word in each chain, -1 = none

    struct Sentence {
        PairSize size;
        std::size_t number = 0, conditions = 0, generated = 0;
        View<Index> condition_words;
        Linked* links = nullptr;
    };

    Sentence sentence(std::size_t s);
    void start(const Sentence& sentence);
    void prepare(const Sentence& sentence, LinkStage stage);
    Lanes place(const Sentence& sentence, std::size_t j, LinkStage stage, const Linked& previous);
    Linked draw(const Sentence& sentence, std::size_t j, Lanes null_place, float* sums);
    void set(const Sentence& sentence, std::size_t j, const Linked& linked, std::int32_t by, LinkStage stage);

    const LinkText& source_;
    const LinkText& target_;
    const LinkCells& cells_;
    const LinkDirection direction_;
    const float null_odds_, null_prior_;
    LinkLexicon lexicon_;
    LinkJumps jumps_;
    LinkFertilities fertilities_;
    std::array<SplitMix, kLanes> random_;
    std::vector<Linked> links_;  // of every generated word

    // Of the sentence at hand: by condition, or `next_` by generated word.
    std::vector<LaneFloats> likelihoods_, places_, scales_, jump_scales_, sums_;
    std::vector<std::array<std::uint16_t, kLanes>> fertility_;
    std::vector<Linked> next_;
    std::vector<float> rising_, falling_;
};

}  // namespace xproj
