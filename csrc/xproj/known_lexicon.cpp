#include "xproj/known_lexicon.hpp"

#include <algorithm>
#include <numeric>

#include "xproj/poll.hpp"

namespace xproj {
namespace {

constexpr Offset kNowhere = -1;

Offset find_in(View<Offset> offsets, View<Index> values, Index row, Index value) {
    if (at(row) + 1 >= offsets.size()) return kNowhere;
    const auto begin = values.begin() + offsets[at(row)];
    const auto end = values.begin() + offsets[at(row) + 1];
    const auto found = std::lower_bound(begin, end, value);
    return found != end && *found == value ? found - values.begin() : kNowhere;
}

float value_at(View<float> values, Offset place) {
    return place == kNowhere ? 0.0f : values[at(place)];
}

float value_of(View<float> values, Index type, float of_new_ones = 0.0f) {
    return at(type) < values.size() ? values[at(type)] : of_new_ones;
}

float sum(View<float> values) {
    return static_cast<float>(std::accumulate(values.begin(), values.end(), 0.0));
}

}  // namespace

KnownTables::Side::Side(const LinkText& text, std::size_t known_types)
    : families(word_families(text)), totals(known_types) {
    for (std::size_t type = 0; type < text.types(); ++type) forms.emplace_back(text.form(type));
    for (std::size_t type = 0; type < known_types; ++type) {
        known_families = std::max(known_families, at(families.of_type[type]) + 1);
    }
    family_totals.resize(known_families);
}

KnownTables::KnownTables(const LinkText& source_text, const LinkText& target_text, const KnownLinks& known_links)
    : known(known_links),
      source(source_text, known_links.source_types()),
      target(target_text, known_links.target_types()),
      source_words(sum(known_links.source_words)),
      target_words(sum(known_links.target_words)),
      source_nulls(sum(known_links.source_nulls)),
      target_nulls(sum(known_links.target_nulls)) {
    std::vector<std::vector<Index>> types(source.known_families);
    for (std::size_t type = 0; type < known.source_types(); ++type) {
        types[at(source.families.of_type[type])].push_back(static_cast<Index>(type));
    }
    std::vector<float> forward(target.known_families), reverse(target.known_families);
    std::vector<Index> met;
    std::vector<std::uint8_t> is_met(target.known_families);
    family_offsets.push_back(0);
    for (std::size_t family = 0; family < source.known_families; ++family) {
        for (const Index type : types[family]) {
            for (Offset k = known.offsets[at(type)]; k < known.offsets[at(type) + 1]; ++k) {
                const Index other_type = known.target[at(k)];
                const std::size_t other = at(target.families.of_type[at(other_type)]);
                source.totals[at(type)] += known.forward[at(k)];
                target.totals[at(other_type)] += known.reverse[at(k)];
                forward[other] += known.forward[at(k)];
                reverse[other] += known.reverse[at(k)];
                if (!is_met[other]) met.push_back(static_cast<Index>(other));
                is_met[other] = 1;
            }
        }
        std::ranges::sort(met);
        for (const Index other : met) {
            family_target.push_back(other);
            family_forward.push_back(forward[at(other)]);
            family_reverse.push_back(reverse[at(other)]);
            source.family_totals[family] += forward[at(other)];
            target.family_totals[at(other)] += reverse[at(other)];
            forward[at(other)] = reverse[at(other)] = 0.0f;
            is_met[at(other)] = 0;
        }
        met.clear();
        family_offsets.push_back(static_cast<Offset>(family_target.size()));
    }
}

Offset KnownTables::find(Index source_type, Index target_type) const {
    return find_in(known.offsets, known.target, source_type, target_type);
}

Offset KnownTables::find_family(Index source_family, Index target_family) const {
    return find_in(family_offsets, family_target, source_family, target_family);
}

void KnownLexicon::compare(Index condition, View<Index> generated) {
    const std::vector<WordForm>& conditions = (direction_.forward ? tables_.source : tables_.target).forms;
    const std::vector<WordForm>& others = (direction_.forward ? tables_.target : tables_.source).forms;
    for (std::size_t j = 0; j < generated.size(); ++j) {
        alike_[j] = similarity_weight(conditions[at(condition)], others[at(generated[j])], similarity_);
    }
}

void KnownLexicon::enter(std::size_t s, const PairSize& size) {
    if (s == entered_) return;
    entered_ = s;
    poll();  // the longest sentences are a million cells
    const bool forward = direction_.forward;
    const KnownLinks& known = tables_.known;
    const KnownTables::Side& side = forward ? tables_.source : tables_.target;
    const KnownTables::Side& other = forward ? tables_.target : tables_.source;
    const View<Index> conditions = direction_.condition().words(s);
    const View<Index> generated = direction_.generated().words(s);
    conditions_ = conditions.size();
    values_.resize(size.cells());
    alike_.resize(generated.size());
    repeats_.assign(generated.size(), 0);
    std::vector<std::size_t> order(generated.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t j) { return generated[j]; });
    for (std::size_t k = 1; k < order.size(); ++k) repeats_[order[k]] = generated[order[k]] == generated[order[k - 1]];
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        const Index type = conditions[i];
        const Index family = side.families.of_type[at(type)];
        compare(type, generated);
        float alike = 0.0f;
        for (std::size_t j = 0; j < generated.size(); ++j) alike += repeats_[j] ? 0.0f : alike_[j];
        // By the earlier text, or by this sentence where that is more.
        alike = std::max(alike, value_of(forward ? known.source_similarity : known.target_similarity, type));
        const float total = value_of(side.totals, type) + weights_.sparse * static_cast<float>(other.totals.size()) +
                            alike + weights_.families;
        const float family_total =
            value_of(side.family_totals, family) + kFamilySmoothing * static_cast<float>(other.known_families);
        for (std::size_t j = 0; j < generated.size(); ++j) {
            const Index word = generated[j];
            const Index word_family = other.families.of_type[at(word)];
            const Offset pair = forward ? tables_.find(type, word) : tables_.find(word, type);
            const Offset families =
                forward ? tables_.find_family(family, word_family) : tables_.find_family(word_family, family);
            const float links = value_at(forward ? known.forward : known.reverse, pair);
            const float family_links =
                value_at(forward ? View<float>(tables_.family_forward) : tables_.family_reverse, families);
            values_[j * conditions_ + i] = (links + weights_.sparse + alike_[j] +
                                            weights_.families * (family_links + kFamilySmoothing) / family_total) /
                                           total;
        }
    }
    nulls_.resize(generated.size());
    const View<float> words = forward ? known.target_words : known.source_words;
    const View<float> nulls = forward ? known.target_nulls : known.source_nulls;
    const float all_words = std::max(forward ? tables_.target_words : tables_.source_words, 1.0f);
    const float all_nulls = forward ? tables_.target_nulls : tables_.source_nulls;
    for (std::size_t j = 0; j < generated.size(); ++j) {
        const float share = value_of(words, generated[j], 1.0f) / all_words;
        nulls_[j] = (value_of(nulls, generated[j]) + share) / (all_nulls + 1.0f);
    }
}

}  // namespace xproj
