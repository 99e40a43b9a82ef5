// The checks that let every other kernel trust its input. Each returns the first fault, or Fault::none; those that
// begin with each_ return the first fault of every sentence that has one.
#pragma once

#include <vector>

#include "xproj/limits.hpp"
#include "xproj/views.hpp"

namespace xproj {

// The numbers are part of the Python interface (pairs.py turns them into messages).
enum class Fault : int {
    none = 0,
    first_offset = 1,   // offsets[0] is not 0
    decreasing = 2,     // offsets[sentence + 1] < offsets[sentence]
    last_offset = 3,    // offsets[N] is not the number of values
    bounds = 4,         // a span outside its sentence, or a link from (source) beyond it
    empty = 5,          // a span with end <= start
    order = 6,          // a span before its predecessor
    overlap = 7,        // a span that shares a word with its predecessor, where that is not allowed
    label = 8,          // a label id outside [0, labels)
    target_bounds = 9,  // a link to a target word beyond the sentence
    too_many = 10       // offsets[sentence + 1] - offsets[sentence] is larger than what can be counted
};

struct Finding {
    Fault fault = Fault::none;
    Offset sentence = 0;
    Offset item = 0;  // flat index of the span, link or label
};

enum class SpanRule {
    disjoint,     // ordered by start, no shared word (flat entities)
    overlapping,  // ordered by start, may share words (nested entities)
    distinct      // strictly ordered by (start, end): candidates
};

Finding check_offsets(View<Offset> offsets, Offset values, Offset most = kMostInSentence);
Finding check_spans(const Spans& spans, View<Offset> word_offsets, SpanRule rule);
Finding check_labels(View<Offset> offsets, View<Index> labels, Index count);
Finding check_links(const Links& links, View<Offset> source_offsets, View<Offset> target_offsets);

std::vector<Finding> each_span_fault(const Spans& spans, View<Offset> word_offsets, SpanRule rule);
std::vector<Finding> each_label_fault(View<Offset> offsets, View<Index> labels, Index count);
std::vector<Finding> each_link_fault(const Links& links, View<Offset> source_offsets, View<Offset> target_offsets);

}  // namespace xproj
