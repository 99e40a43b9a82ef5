// How likely a word is the translation of another, from the links that four chains have at the time, in one direction:
// the words of one side are generated, each from a word of the other side, its condition, or from none.
#pragma once

#include <vector>

#include "xproj/lanes.hpp"
#include "xproj/link_cells.hpp"

namespace xproj {

inline constexpr float kFamilySmoothing = 0.01f;  // links that any two families start with

struct LexiconWeights {
    float sparse;    // observations that any two words start with
    float families;  // observations that the families of two words are worth
};

class LinkLexicon {
  public:
    LinkLexicon(const LinkCells& cells, const LinkDirection& direction, const LexiconWeights& weights)
        : cells_(cells),
          direction_(direction),
          condition_families_(direction.forward ? cells.source_families : cells.target_families),
          similarity_(direction.forward ? cells.source_similarity : cells.target_similarity),
          generated_families_((direction.forward ? cells.target_families : cells.source_families).count),
          weights_(weights),
          pairs_(cells.pairs.size()),
          families_(cells.family_pairs),
          totals_(direction.condition().types()),
          family_totals_(condition_families_.count),
          nulls_(direction.generated().types()),
          scales_(totals_.size()),
          family_scales_(family_totals_.size()),
          shares_(nulls_.size()) {
        for (std::size_t type = 0; type < totals_.size(); ++type) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) rescale(type, lane);
        }
        Offset words = 0;
        for (std::size_t s = 0; s + 1 < cells.offsets.size(); ++s) {
            if (cells.offsets[s] == cells.offsets[s + 1]) continue;
            for (const Index type : direction.generated().words(s)) shares_[at(type)] += 1.0f;
            words += direction.generated().offsets[s + 1] - direction.generated().offsets[s];
        }
        for (float& share : shares_) share /= static_cast<float>(std::max<Offset>(words, 1));
    }

    // The sentence pair that the following is about.
    void enter(std::size_t s, const PairSize& size) {
        condition_ = direction_.condition().words(s).data();
        generated_ = direction_.generated().words(s).data();
        numbers_ = cells_.numbers.get() + cells_.offsets[s];
        conditions_ = direction_.conditions(size);
        condition_step_ = direction_.forward ? size.target : 1;
        generated_step_ = direction_.forward ? 1 : size.target;
    }

    // Counts the link of generated word j to its condition i, -1 = none, once more or (by = -1) once less.
    void count(std::size_t j, std::int32_t i, std::size_t lane, std::int32_t by) {
        if (i < 0) {
            nulls_[at(generated_[j])].v[lane] += by;
            null_total_.v[lane] += by;
            return;
        }
        const LinkCell cell = this->cell(static_cast<std::size_t>(i), j);
        const std::size_t pair = cell.pair();
        const std::size_t family = cell.family(cells_.pairs[pair]);
        if (pair > 0) pairs_[pair].v[lane] += by;
        if (family > 0) families_[family].v[lane] += by;
        const std::size_t type = at(condition_[i]);
        totals_[type].v[lane] += by;
        family_totals_[at(condition_families_.of_type[type])].v[lane] += by;
        rescale(type, lane);
    }

    // The likelihoods of generated word j, for each of its conditions.
    void likelihoods(std::size_t j, LaneFloats* out) const {
        const Lanes once = in_all_lanes(kFamilySmoothing);
        for (std::size_t i = 0; i < conditions_; ++i) {
            const LinkCell cell = this->cell(i, j);
            const std::size_t type = at(condition_[i]);
            const std::size_t pair = cell.pair();
            const TypePair own = cells_.pairs[pair];
            const Lanes family = as_floats(families_[cell.family(own)].v) + once;
            const Lanes family_scale = family_scales_[at(condition_families_.of_type[type])].v;
            const Lanes observed = as_floats(pairs_[pair].v) + in_all_lanes(own.prior) + family * family_scale;
            out[i].v = observed * scales_[type].v;
        }
    }

    // The likelihood of generated word j to have no condition.
    Lanes null_likelihood(std::size_t j) const {
        const std::size_t type = at(generated_[j]);
        const Lanes one = in_all_lanes(1.0f);
        return (as_floats(nulls_[type].v) + in_all_lanes(shares_[type])) / (as_floats(null_total_.v) + one);
    }

  private:
    LinkCell cell(std::size_t i, std::size_t j) const {
        return LinkCell(numbers_[i * condition_step_ + j * generated_step_]);
    }

    // What the sums are divided by changes with a link, and is needed for every cell.
    void rescale(std::size_t type, std::size_t lane) {
        const std::size_t family = at(condition_families_.of_type[type]);
        const auto types = static_cast<float>(direction_.generated().types());
        const auto families = static_cast<float>(generated_families_);
        scales_[type].v[lane] = 1.0f / (static_cast<float>(totals_[type].v[lane]) + weights_.sparse * types +
                                        similarity_[type] + weights_.families);
        family_scales_[family].v[lane] =
            weights_.families / (static_cast<float>(family_totals_[family].v[lane]) + kFamilySmoothing * families);
    }

    const LinkCells& cells_;
    const LinkDirection direction_;
    const WordFamilies& condition_families_;
    const std::vector<float>& similarity_;
    const std::size_t generated_families_;
    const LexiconWeights weights_;
    std::vector<LaneInts> pairs_, families_;        // links of pairs of types, of pairs of families
    std::vector<LaneInts> totals_, family_totals_;  // links of a condition's type, of its family
    std::vector<LaneInts> nulls_;                   // words of a generated type that are linked with none
    LaneInts null_total_{};
    std::vector<LaneFloats> scales_, family_scales_;
    std::vector<float> shares_;  // of the generated types, of all words
    const Index* condition_ = nullptr;
    const Index* generated_ = nullptr;
    const Index* numbers_ = nullptr;
    std::size_t conditions_ = 0, condition_step_ = 0, generated_step_ = 0;
};

}  // namespace xproj
