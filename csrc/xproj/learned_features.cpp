#include "xproj/learned_features.hpp"

#include <algorithm>
#include <cmath>

namespace xproj {
namespace {

constexpr Index kBeyondHull = 3;        // words that a candidate may reach beyond the linked ones
constexpr Index kMostWithoutLinks = 4;  // words of a candidate then; also at most one more than the entity has
constexpr double kSimilar = 0.5, kSimilarWithoutLinks = 0.2;
constexpr Index kMostCounted = 6;
constexpr Index kSpace = ' ';

float flag(bool set) {
    return set ? 1.0F : 0.0F;
}

float real(double value) {
    return static_cast<float>(value);
}

double alignment(Index links, Index words) {
    return static_cast<double>(2 * links) / static_cast<double>(words);
}

}  // namespace

void LearnedFeatures::begin_sentence(std::size_t s) {
    first_source_ = source_.offsets[s];
    first_target_ = target_.offsets[s];
    words_of_target_ = static_cast<Index>(target_.offsets[s + 1] - first_target_);
    find_links(s);
    const auto words = static_cast<std::size_t>(words_of_target_);
    if (words_.size() < words + 2) {
        words_.resize(2 * words + 2);
        inside_before_.resize(2 * words + 2);
        covered_before_.resize(2 * words + 2);
    }
    words_[0] = {0.0F, 1.0F, 0.0F, 0, 0, 0};
    Index lower = 0;
    Index unaligned = 0;
    Index links = 0;
    for (std::size_t w = 0; w < words; ++w) {
        const std::uint8_t set = flags(target_, first_target_ + static_cast<Offset>(w));
        const bool alone = links_total_[w] == 0;
        words_[w + 1] = {
            flag(set & WordShapes::capital), flag(set & WordShapes::punctuation), flag(alone), lower, unaligned, links};
        lower += (set & WordShapes::lower) != 0;
        unaligned += alone;
        links += links_total_[w];
    }
    words_[words + 1] = {0.0F, 1.0F, 0.0F, lower, unaligned, links};
}

// A link given twice counts once.
void LearnedFeatures::find_links(std::size_t s) {
    all_links_.clear();
    for (std::size_t l = at(links_.offsets[s]); l < at(links_.offsets[s + 1]); ++l) {
        all_links_.push_back({links_.source[l], links_.target[l]});
    }
    if (!std::is_sorted(all_links_.begin(), all_links_.end())) std::sort(all_links_.begin(), all_links_.end());
    all_links_.erase(std::unique(all_links_.begin(), all_links_.end()), all_links_.end());
    links_total_.assign(static_cast<std::size_t>(words_of_target_), 0);
    for (const Link& link : all_links_) ++links_total_[static_cast<std::size_t>(link.to)];
}

void LearnedFeatures::begin_entity(std::size_t s, std::size_t e) {
    const std::size_t i = at(entities_.offsets[s]) + e;
    entity_start_ = entities_.start[i];
    entity_words_ = entities_.end[i] - entity_start_;
    per_entity_word_ = 1.0 / static_cast<double>(entity_words_);
    find_own_links();
    find_candidates(s);
    if (!near_.empty()) read_entity();
}

void LearnedFeatures::find_own_links() {
    own_links_.clear();
    const Index end = entity_start_ + entity_words_;
    auto link = std::lower_bound(all_links_.begin(), all_links_.end(), Link{entity_start_, 0});
    for (; link != all_links_.end() && link->from < end; ++link) {
        own_links_.push_back({link->to, link->from - entity_start_});
    }
    std::sort(own_links_.begin(), own_links_.end());
    window_start_ = 0;
    window_end_ = words_of_target_;
    if (!own_links_.empty()) {
        hull_start_ = own_links_.front().from;
        hull_end_ = own_links_.back().from + 1;
        window_start_ = std::max(hull_start_ - kBeyondHull, window_start_);
        window_end_ = std::min(hull_end_ + kBeyondHull, window_end_);
    }
    std::size_t next = 0;
    Index linked = 0;
    for (Index w = window_start_; w <= window_end_; ++w) {
        inside_before_[static_cast<std::size_t>(w)] = static_cast<Index>(next);
        covered_before_[static_cast<std::size_t>(w)] = linked;
        const std::size_t before = next;
        while (next < own_links_.size() && own_links_[next].from == w) ++next;
        linked += next > before;
    }
}

void LearnedFeatures::find_candidates(std::size_t s) {
    near_.clear();
    best_alignment_ = 0.0;
    const Index most_words =
        own_links_.empty() ? std::min(kMostWithoutLinks, entity_words_ + 1) : window_end_ - window_start_;
    const View<Index> starts = candidates_.start;
    const auto first = starts.begin() + candidates_.offsets[s];
    const auto last = starts.begin() + candidates_.offsets[s + 1];
    for (auto start = std::lower_bound(first, last, window_start_); start != last && *start < window_end_; ++start) {
        ticker_.tick();
        const Index end = candidates_.end[static_cast<std::size_t>(start - starts.begin())];
        if (end > window_end_ || end - *start > most_words) continue;
        near_.push_back({static_cast<std::size_t>(start - first), *start, end});
        best_alignment_ = std::max(best_alignment_, alignment(inside(*start, end), entity_words_ + end - *start));
    }
}

void LearnedFeatures::read_entity() {
    const Offset first = first_source_ + entity_start_;
    const Offset last = first + entity_words_ - 1;
    text_.clear();
    Index lower = 0;
    for (Offset w = first; w <= last; ++w) {
        if (w != first) text_.push_back(kSpace);
        const View<Index> letters = codes(source_, w);
        text_.insert(text_.end(), letters.begin(), letters.end());
        lower += (flags(source_, w) & WordShapes::lower) != 0;
    }
    distance_.set_text(text_);
    capital_first_ = flag(flags(source_, first) & WordShapes::capital);
    capital_last_ = flag(flags(source_, last) & WordShapes::capital);
    lower_share_ = lower * per_entity_word_;
    log_words_ = log_of(entity_words_);
    seen_.assign(static_cast<std::size_t>(entity_words_), 0);
    stamp_ = 0;
    next_link_ = 0;
    span_start_ = -1;
    row_[kSourceLength] = static_cast<float>(std::min(entity_words_, kMostCounted));
}

void LearnedFeatures::begin_span(Index start) {
    span_start_ = span_end_ = start;
    covered_source_ = 0;
    ++stamp_;
    next_link_ = static_cast<std::size_t>(inside_before_[static_cast<std::size_t>(start)]);
    distance_.restart();
}

void LearnedFeatures::extend_span(Index end) {
    for (; span_end_ < end; ++span_end_) {
        if (span_end_ != span_start_) distance_.extend({&kSpace, 1});
        distance_.extend(codes(target_, first_target_ + span_end_));
    }
    for (; next_link_ < own_links_.size() && own_links_[next_link_].from < end; ++next_link_) {
        std::uint32_t& seen = seen_[static_cast<std::size_t>(own_links_[next_link_].to)];
        covered_source_ += seen != stamp_;
        seen = stamp_;
    }
}

// Fills the row; false where the pair is not kept.
bool LearnedFeatures::measure(const Candidate& candidate) {
    ticker_.tick();
    const auto [column, start, end] = candidate;
    if (start != span_start_) begin_span(start);
    extend_span(end);
    const Index in = inside(start, end);
    const double similarity = distance_.similarity();
    const bool linked = !own_links_.empty();
    if (in == 0 && similarity < kSimilar && (linked || similarity <= kSimilarWithoutLinks)) return false;

    const Index n = end - start;
    const double aligned = alignment(in, entity_words_ + n);
    const double per_word = 1.0 / static_cast<double>(n);
    const double log_ratio = log_of(n) - log_words_;
    const Word& before = word(start - 1);
    const Word& first = word(start);
    const Word& last = word(end - 1);
    const Word& after = word(end);
    FeatureRow& x = row_;
    x[kAlignment] = real(aligned);
    x[kCoveredSource] = real(covered_source_ * per_entity_word_);
    x[kCoveredTarget] = real(covered(start, end) * per_word);
    x[kOtherLinks] = real((after.links_before - first.links_before - in) * per_word);
    x[kLinksMissed] = real((static_cast<Index>(own_links_.size()) - in) * per_entity_word_);
    x[kSimilarity] = real(similarity);
    x[kSameText] = flag(similarity == 1.0);
    x[kLengthDistance] = real(std::abs(log_ratio));
    x[kLengthRatio] = real(log_ratio);
    x[kSameLength] = flag(n == entity_words_);
    x[kTargetLength] = static_cast<float>(std::min(n, kMostCounted));
    x[kCapitalFirstDiffers] = first.capital - capital_first_;
    x[kCapitalLastDiffers] = last.capital - capital_last_;
    x[kCapitalFirst] = first.capital;
    x[kCapitalLast] = last.capital;
    x[kCapitalBefore] = before.capital;
    x[kCapitalAfter] = after.capital;
    x[kLowerDiffers] = real((after.lower_before - first.lower_before) * per_word - lower_share_);
    x[kPunctuationFirst] = first.punctuation;
    x[kPunctuationLast] = last.punctuation;
    x[kPunctuationBefore] = before.punctuation;
    x[kPunctuationAfter] = after.punctuation;
    x[kAlignmentToBest] = real(aligned - best_alignment_);
    x[kBestAlignment] = flag(in > 0 && aligned == best_alignment_);
    x[kHullStart] = flag(linked && start == hull_start_);
    x[kHullEnd] = flag(linked && end == hull_end_);
    x[kStartToHull] = linked ? static_cast<float>(std::clamp(start - hull_start_, -3, 3)) : 0.0F;
    x[kEndToHull] = linked ? static_cast<float>(std::clamp(end - hull_end_, -3, 3)) : 0.0F;
    x[kUnalignedFirst] = first.unaligned;
    x[kUnalignedLast] = last.unaligned;
    x[kUnalignedShare] = real((after.unaligned_before - first.unaligned_before) * per_word);
    x[kUnalignedBefore] = before.unaligned;
    x[kUnalignedAfter] = after.unaligned;
    return true;
}

double LearnedFeatures::log_of(Index words) {
    const auto i = static_cast<std::size_t>(words);
    while (logs_.size() <= i) logs_.push_back(std::log(static_cast<double>(std::max<std::size_t>(logs_.size(), 1))));
    return logs_[i];
}

}  // namespace xproj
