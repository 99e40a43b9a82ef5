#include "xproj/validate.hpp"

#include <algorithm>

namespace xproj {
namespace {

std::uint32_t unsigned_of(Index value) {
    return static_cast<std::uint32_t>(value);  // a negative index becomes larger than any sentence
}

Fault check_span(const Spans& spans, std::size_t i, bool first, Index words, SpanRule rule) {
    if (unsigned_of(spans.start[i]) >= unsigned_of(words) || spans.end[i] > words) return Fault::bounds;
    if (spans.end[i] <= spans.start[i]) return Fault::empty;
    if (first) return Fault::none;
    if (spans.start[i] < spans.start[i - 1]) return Fault::order;
    if (rule == SpanRule::disjoint && spans.start[i] < spans.end[i - 1]) return Fault::overlap;
    if (rule == SpanRule::distinct && spans.start[i] == spans.start[i - 1] && spans.end[i] <= spans.end[i - 1]) {
        return Fault::order;
    }
    return Fault::none;
}

// Whether any span of [begin, end) is at fault. Without a branch, so that a compiler checks several at once: candidates
// are many, and nearly always right.
bool any_fault(const Spans& spans, std::size_t begin, std::size_t end, Index words, SpanRule rule) {
    const Index *start = spans.start.data(), *stop = spans.end.data();
    unsigned wrong = 0;
    for (std::size_t i = begin; i < end; ++i) {
        wrong |= unsigned{start[i] < 0} | unsigned{stop[i] > words} | unsigned{stop[i] <= start[i]};
    }
    const bool distinct = rule == SpanRule::distinct, disjoint = rule == SpanRule::disjoint;
    for (std::size_t i = begin + 1; i < end; ++i) {
        const unsigned again = unsigned{start[i] == start[i - 1]} & unsigned{stop[i] <= stop[i - 1]};
        const unsigned overlap = unsigned{start[i] < stop[i - 1]};
        wrong |= unsigned{start[i] < start[i - 1]} | (again & unsigned{distinct}) | (overlap & unsigned{disjoint});
    }
    return wrong != 0;
}

// Hands the first fault of each sentence to `report`, which says whether to look further.
template <class Report>
void look_at_spans(const Spans& spans, View<Offset> word_offsets, SpanRule rule, Report&& report) {
    for (std::size_t s = 0; s < spans.sentences(); ++s) {
        const Index words = static_cast<Index>(word_offsets[s + 1] - word_offsets[s]);
        if (!any_fault(spans, at(spans.offsets[s]), at(spans.offsets[s + 1]), words, rule)) continue;
        for (Offset i = spans.offsets[s]; i < spans.offsets[s + 1]; ++i) {
            const Fault fault = check_span(spans, at(i), i == spans.offsets[s], words, rule);
            if (fault == Fault::none) continue;
            if (!report({fault, static_cast<Offset>(s), i})) return;
            break;
        }
    }
}

template <class Report>
void look_at_labels(View<Offset> offsets, View<Index> labels, Index count, Report&& report) {
    const auto wrong = [&](Index label) { return unsigned_of(label) >= unsigned_of(count); };
    auto from = labels.begin();
    while ((from = std::find_if(from, labels.end(), wrong)) != labels.end()) {
        const Offset item = from - labels.begin();
        const auto next = std::upper_bound(offsets.begin(), offsets.end(), item);
        if (!report({Fault::label, next - offsets.begin() - 1, item})) return;
        from = labels.begin() + *next;
    }
}

template <class Report>
void look_at_links(const Links& links, View<Offset> source_offsets, View<Offset> target_offsets, Report&& report) {
    for (std::size_t s = 0; s + 1 < links.offsets.size(); ++s) {
        const std::uint32_t sources = static_cast<std::uint32_t>(source_offsets[s + 1] - source_offsets[s]);
        const std::uint32_t targets = static_cast<std::uint32_t>(target_offsets[s + 1] - target_offsets[s]);
        const std::size_t first = at(links.offsets[s]);
        const std::size_t last = at(links.offsets[s + 1]);
        std::uint32_t outside = 0;  // no early exit: the loop vectorises, and faults are rare
        for (std::size_t i = first; i < last; ++i) {
            outside |= static_cast<std::uint32_t>(unsigned_of(links.source[i]) >= sources) |
                       static_cast<std::uint32_t>(unsigned_of(links.target[i]) >= targets);
        }
        for (std::size_t i = first; outside && i < last; ++i) {
            const bool of_source = unsigned_of(links.source[i]) >= sources;
            if (!of_source && unsigned_of(links.target[i]) < targets) continue;
            const Fault fault = of_source ? Fault::bounds : Fault::target_bounds;
            if (!report({fault, static_cast<Offset>(s), static_cast<Offset>(i)})) return;
            break;
        }
    }
}

// What a look finds first, and all that it finds.
template <class Look>
Finding first_of(Look&& look) {
    Finding first;
    look([&](const Finding& found) {
        first = found;
        return false;
    });
    return first;
}

template <class Look>
std::vector<Finding> all_of(Look&& look) {
    std::vector<Finding> all;
    look([&](const Finding& found) {
        all.push_back(found);
        return true;
    });
    return all;
}

}  // namespace

Finding check_offsets(View<Offset> offsets, Offset values, Offset most) {
    if (offsets.empty() || offsets[0] != 0) return {Fault::first_offset, 0, 0};
    for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
        if (offsets[s + 1] < offsets[s]) return {Fault::decreasing, static_cast<Offset>(s), 0};
        if (offsets[s + 1] - offsets[s] > most) return {Fault::too_many, static_cast<Offset>(s), 0};
    }
    if (offsets.back() != values) return {Fault::last_offset, static_cast<Offset>(offsets.size() - 1), 0};
    return {};
}

Finding check_spans(const Spans& spans, View<Offset> word_offsets, SpanRule rule) {
    return first_of([&](auto&& report) { look_at_spans(spans, word_offsets, rule, report); });
}

std::vector<Finding> each_span_fault(const Spans& spans, View<Offset> word_offsets, SpanRule rule) {
    return all_of([&](auto&& report) { look_at_spans(spans, word_offsets, rule, report); });
}

Finding check_labels(View<Offset> offsets, View<Index> labels, Index count) {
    return first_of([&](auto&& report) { look_at_labels(offsets, labels, count, report); });
}

std::vector<Finding> each_label_fault(View<Offset> offsets, View<Index> labels, Index count) {
    return all_of([&](auto&& report) { look_at_labels(offsets, labels, count, report); });
}

Finding check_links(const Links& links, View<Offset> source_offsets, View<Offset> target_offsets) {
    return first_of([&](auto&& report) { look_at_links(links, source_offsets, target_offsets, report); });
}

std::vector<Finding> each_link_fault(const Links& links, View<Offset> source_offsets, View<Offset> target_offsets) {
    return all_of([&](auto&& report) { look_at_links(links, source_offsets, target_offsets, report); });
}

}  // namespace xproj
