// The checks on arrays of anything, against one condition a line: the first fault, or none.
#include "xproj/validate.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "fuzz/data.hpp"

using namespace xproj;

namespace {

template <class T>
T draw(fuzz::Data& data) {
    constexpr T kOdd[] = {std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), -1, 1000};
    const int value = data.number(0, 15);
    return value < 12 ? static_cast<T>(value) : kOdd[value - 12];
}

std::vector<Index> draw_values(fuzz::Data& data, std::size_t count) {
    std::vector<Index> values(count);
    for (Index& value : values) value = draw<Index>(data);
    return values;
}

// Offsets that are right over `values`, once their check was tried on some that may not be.
std::vector<Offset> draw_offsets(fuzz::Data& data, std::size_t sentences, Offset values) {
    std::vector<Offset> any(data.flag() ? sentences + 1 : 0);
    for (Offset& offset : any) offset = draw<Offset>(data);
    const bool right =
        !any.empty() && any.front() == 0 && any.back() == values && std::is_sorted(any.begin(), any.end());
    REQUIRE((check_offsets(any, values).fault == Fault::none) == right);
    if (right) return any;
    std::vector<Offset> offsets(sentences + 1);
    for (Offset& offset : offsets) offset = data.number(0, static_cast<int>(values));
    std::sort(offsets.begin(), offsets.end());
    offsets.front() = 0;
    offsets.back() = values;
    REQUIRE(check_offsets(offsets, values).fault == Fault::none);
    return offsets;
}

Finding plain_spans(const Spans& spans, View<Offset> words, SpanRule rule) {
    for (std::size_t s = 0; s < spans.sentences(); ++s) {
        for (std::size_t i = at(spans.offsets[s]); i < at(spans.offsets[s + 1]); ++i) {
            const auto fault = [&](Fault kind) {
                return Finding{kind, static_cast<Offset>(s), static_cast<Offset>(i)};
            };
            const Offset start = spans.start[i], end = spans.end[i], count = words[s + 1] - words[s];
            if (start < 0 || start >= count || end > count) return fault(Fault::bounds);
            if (end <= start) return fault(Fault::empty);
            if (i == at(spans.offsets[s])) continue;
            const Offset last_start = spans.start[i - 1], last_end = spans.end[i - 1];
            if (start < last_start) return fault(Fault::order);
            if (rule == SpanRule::disjoint && start < last_end) return fault(Fault::overlap);
            if (rule == SpanRule::distinct && start == last_start && end <= last_end) return fault(Fault::order);
        }
    }
    return {};
}

Finding plain_links(const Links& links, View<Offset> sources, View<Offset> targets) {
    for (std::size_t s = 0; s + 1 < links.offsets.size(); ++s) {
        for (std::size_t i = at(links.offsets[s]); i < at(links.offsets[s + 1]); ++i) {
            const auto inside = [s](Offset word, View<Offset> words) {
                return word >= 0 && word < words[s + 1] - words[s];
            };
            const auto fault = [&](Fault kind) {
                return Finding{kind, static_cast<Offset>(s), static_cast<Offset>(i)};
            };
            if (!inside(links.source[i], sources)) return fault(Fault::bounds);
            if (!inside(links.target[i], targets)) return fault(Fault::target_bounds);
        }
    }
    return {};
}

bool same(const Finding& a, const Finding& b) {
    return a.fault == b.fault && (a.fault == Fault::none || (a.sentence == b.sentence && a.item == b.item));
}

// What a check finds in each sentence alone, where nothing before it can hide it.
template <class Check>
void require_each(const std::vector<Finding>& found, View<Offset> offsets, Check&& check) {
    std::size_t k = 0;
    for (std::size_t s = 0; s + 1 < offsets.size(); ++s) {
        const auto first = at(offsets[s]), count = at(offsets[s + 1]) - first;
        const std::vector<Offset> own{0, static_cast<Offset>(count)};
        const Finding alone = check(s, View<Offset>(own), first, count);
        if (alone.fault == Fault::none) continue;
        REQUIRE(k < found.size() && found[k].fault == alone.fault);
        REQUIRE(found[k].sentence == static_cast<Offset>(s));
        REQUIRE(found[k].item == alone.item + static_cast<Offset>(first));
        ++k;
    }
    REQUIRE(k == found.size());
}

std::vector<Offset> words_of(View<Offset> offsets, std::size_t s) {
    return {0, offsets[s + 1] - offsets[s]};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Data data(bytes, size);
    const auto sentences = static_cast<std::size_t>(data.number(0, 4));
    const auto items = sentences == 0 ? 0 : data.number(0, 12);
    const std::vector<Offset> sources = draw_offsets(data, sentences, sentences ? data.number(0, 30) : 0);
    const std::vector<Offset> targets = draw_offsets(data, sentences, sentences ? data.number(0, 30) : 0);
    const std::vector<Offset> offsets = draw_offsets(data, sentences, items);
    const auto first = draw_values(data, static_cast<std::size_t>(items));
    auto second = draw_values(data, static_cast<std::size_t>(items));
    const Links links{offsets, first, second};
    REQUIRE(same(check_links(links, sources, targets), plain_links(links, sources, targets)));
    for (const auto rule : {SpanRule::disjoint, SpanRule::overlapping, SpanRule::distinct}) {
        const Spans spans{offsets, first, second};
        REQUIRE(same(check_spans(spans, targets, rule), plain_spans(spans, targets, rule)));
    }
    const View<Index> firsts(first), seconds(second);
    for (const auto rule : {SpanRule::disjoint, SpanRule::overlapping, SpanRule::distinct}) {
        require_each(each_span_fault({offsets, first, second}, targets, rule), offsets,
                     [&](std::size_t s, View<Offset> own, std::size_t from, std::size_t many) {
                         const Spans spans{own, firsts.subspan(from, many), seconds.subspan(from, many)};
                         return check_spans(spans, words_of(targets, s), rule);
                     });
    }
    require_each(each_link_fault(links, sources, targets), offsets,
                 [&](std::size_t s, View<Offset> own, std::size_t from, std::size_t many) {
                     const Links some{own, firsts.subspan(from, many), seconds.subspan(from, many)};
                     return check_links(some, words_of(sources, s), words_of(targets, s));
                 });
    const Index count = data.number(0, 5);
    require_each(each_label_fault(offsets, first, count), offsets,
                 [&](std::size_t, View<Offset> own, std::size_t from, std::size_t many) {
                     return check_labels(own, firsts.subspan(from, many), count);
                 });
    const Finding label = check_labels(offsets, first, count);
    const auto wrong = std::find_if(first.begin(), first.end(), [&](Index id) { return id < 0 || id >= count; });
    REQUIRE((label.fault == Fault::none) == (wrong == first.end()));
    if (wrong != first.end()) {
        REQUIRE(label.item == wrong - first.begin());
        REQUIRE(offsets[at(label.sentence)] <= label.item && label.item < offsets[at(label.sentence) + 1]);
    }
    return 0;
}
