#include "xproj/link_cells.hpp"

#include "xproj/poll.hpp"
#include "xproj/word_occurrences.hpp"

namespace xproj {
namespace {

// What is found out about the partners of one word or family, forgotten at once when it is the next one's turn.
struct Partner {
    std::size_t owner = 0;
    bool again = false;     // met in a second cell
    bool numbered = false;  // `number` is there
    Index number = 0;
};

class Partners {
  public:
    explicit Partners(std::size_t count) : partners_(count) {}

    void next_owner() { ++owner_; }
    Partner& operator[](Index id) { return partners_[at(id)]; }
    void meet(Index id) {
        Partner& partner = partners_[at(id)];
        if (partner.owner == owner_) {
            partner.again = true;
        } else {
            partner = {owner_};
        }
    }

  private:
    std::vector<Partner> partners_;
    std::size_t owner_ = 0;
};

class Numbering {
  public:
    Numbering(const LinkText& source, const LinkText& target, const SimilarityWeights& similarity, float sparse,
              LinkCells& cells)
        : target_(target),
          similarity_(similarity),
          sparse_(sparse),
          cells_(cells),
          words_(source, target, cells.source_families),
          types_(target.types()),
          families_(cells.target_families.count) {
        for (std::size_t type = 0; type < source.types(); ++type) source_forms_.emplace_back(source.form(type));
        for (std::size_t type = 0; type < target.types(); ++type) target_forms_.emplace_back(target.form(type));
        cells_.pairs.push_back({0, sparse});
    }

    void number_all() {
        for (std::size_t family = 0; family < words_.families(); ++family) {
            families_.next_owner();
            for (const Occurrence& word : words_.of_family(family)) {
                ticker_.tick();
                for (const Index type : target_.words(at(word.sentence))) families_.meet(family_of(type));
            }
            for (const Index type : words_.types_of(family)) number(type);
        }
    }

  private:
    Index family_of(Index target_type) const { return cells_.target_families.of_type[at(target_type)]; }

    void number(Index source_type) {
        types_.next_owner();
        for (const Occurrence& word : words_.of_type(source_type)) {
            for (const Index type : target_.words(at(word.sentence))) types_.meet(type);
        }
        for (const Occurrence& word : words_.of_type(source_type)) {
            ticker_.tick();
            const View<Index> others = target_.words(at(word.sentence));
            Index* row = cells_.numbers.get() + cells_.offsets[at(word.sentence)] +
                         word.word * static_cast<Offset>(others.size());
            for (const Index type : others) {
                Partner& partner = types_[type];
                if (!partner.numbered) partner.number = number_of(source_type, type, partner.again);
                partner.numbered = true;
                *row++ = partner.number;
            }
        }
    }

    Index number_of(Index source_type, Index target_type, bool again) {
        Partner& family = families_[family_of(target_type)];
        if (family.again && !family.numbered) {
            family.number = static_cast<Index>(cells_.family_pairs++);
            family.numbered = true;
        }
        const float alike =
            similarity_weight(source_forms_[at(source_type)], target_forms_[at(target_type)], similarity_);
        cells_.source_similarity[at(source_type)] += alike;
        cells_.target_similarity[at(target_type)] += alike;
        if (!again && alike == 0.0f) return ~family.number;
        cells_.pairs.push_back({family.number, sparse_ + alike});
        return static_cast<Index>(cells_.pairs.size() - 1);
    }

    const LinkText& target_;
    const SimilarityWeights similarity_;
    const float sparse_;
    LinkCells& cells_;
    const WordOccurrences words_;
    Partners types_, families_;
    std::vector<WordForm> source_forms_, target_forms_;
    Ticker ticker_;
};

}  // namespace

LinkCells link_cells(const LinkText& source, const LinkText& target, const SimilarityWeights& similarity,
                     float sparse) {
    LinkCells cells;
    cells.source_families = word_families(source);
    cells.target_families = word_families(target);
    cells.source_similarity.resize(source.types());
    cells.target_similarity.resize(target.types());
    cells.offsets.push_back(0);
    for (std::size_t s = 0; s < source.sentences(); ++s) {
        cells.offsets.push_back(cells.offsets.back() + static_cast<Offset>(pair_size(source, target, s).cells()));
    }
    cells.numbers = std::make_unique_for_overwrite<Index[]>(at(cells.offsets.back()));
    Numbering(source, target, similarity, sparse, cells).number_all();
    return cells;
}

}  // namespace xproj
