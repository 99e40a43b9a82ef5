// Checks, candidates, scores and symmetrisation: arrays in, arrays out.
#include "xproj/candidates.hpp"
#include "arrays.hpp"
#include "xproj/alignment_scores.hpp"
#include "xproj/iob.hpp"
#include "xproj/symmetrize.hpp"
#include "xproj/validate.hpp"

namespace xproj::bindings {
namespace {

using Offsets = Array<Offset>;
using Indices = Array<Index>;
using Bytes = Array<std::uint8_t>;

py::tuple tuple_of(const Finding& finding) {
    return py::make_tuple(static_cast<int>(finding.fault), finding.sentence, finding.item);
}

// Turns counts (at [0, N)) into offsets in place; the array has N + 1 entries.
Offset counts_to_offsets(Offset* values, std::size_t sentences) {
    Offset total = 0;
    for (std::size_t s = 0; s < sentences; ++s) {
        const Offset count = values[s];
        values[s] = total;
        total += count;
    }
    values[sentences] = total;
    return total;
}

template <class Count, class Fill>
py::tuple count_allocate_fill(std::size_t sentences, Count&& count, Fill&& fill) {
    Offsets offsets(static_cast<py::ssize_t>(sentences) + 1);
    Offset* values = offsets.mutable_data();
    Offset total = 0;
    {
        py::gil_scoped_release no_gil;
        count(values);
        total = counts_to_offsets(values, sentences);
    }
    Indices start(total);
    Indices end(total);
    Index* start_values = start.mutable_data();
    Index* end_values = end.mutable_data();
    {
        py::gil_scoped_release no_gil;
        fill(View<Offset>(values, sentences + 1), start_values, end_values);
    }
    return py::make_tuple(offsets, start, end);
}

py::tuple ngrams(const Offsets& target_offsets, const Bytes& stop, Index min_words, Index max_words, int threads) {
    const TargetWords target = target_words(target_offsets, stop);
    const NgramLimits limits{min_words, max_words};
    return count_allocate_fill(
        target.sentences(), [&](Offset* counts) { count_ngrams(target, limits, threads, counts); },
        [&](View<Offset> offsets, Index* start, Index* end) {
            fill_ngrams(target, limits, threads, offsets, start, end);
        });
}

py::tuple aligned_ngrams(const Offsets& target_offsets, const Bytes& stop, const Offsets& entity_offsets,
                         const Indices& entity_start, const Indices& entity_end, const Offsets& link_offsets,
                         const Indices& link_source, const Indices& link_target, Index min_words, Index max_words,
                         int threads) {
    const TargetWords target = target_words(target_offsets, stop);
    const Spans entities{view(entity_offsets), view(entity_start), view(entity_end)};
    const Links links{view(link_offsets), view(link_source), view(link_target)};
    const NgramLimits limits{min_words, max_words};
    return count_allocate_fill(
        target.sentences(),
        [&](Offset* counts) { count_aligned_ngrams(target, entities, links, limits, threads, counts); },
        [&](View<Offset> offsets, Index* start, Index* end) {
            fill_aligned_ngrams(target, entities, links, limits, threads, offsets, start, end);
        });
}

Array<float> scores(const Offsets& target_offsets, const Offsets& entity_offsets, const Indices& entity_start,
                    const Indices& entity_end, const Offsets& link_offsets, const Indices& link_source,
                    const Indices& link_target, const Offsets& candidate_offsets, const Indices& candidate_start,
                    const Indices& candidate_end, const Offsets& score_offsets, int threads) {
    const View<Offset> offsets = view(score_offsets);
    Array<float> out(offsets.back());
    float* values = out.mutable_data();
    py::gil_scoped_release no_gil;
    alignment_scores({view(target_offsets), {}}, {view(entity_offsets), view(entity_start), view(entity_end)},
                     {view(link_offsets), view(link_source), view(link_target)},
                     {view(candidate_offsets), view(candidate_start), view(candidate_end)}, offsets, threads, values);
    return out;
}

py::tuple symmetrized(const Offsets& forward_offsets, const Indices& forward_source, const Indices& forward_target,
                      const Offsets& reverse_offsets, const Indices& reverse_source, const Indices& reverse_target,
                      int method, int threads) {
    LinkList links;
    {
        py::gil_scoped_release no_gil;
        links = symmetrize({view(forward_offsets), view(forward_source), view(forward_target)},
                           {view(reverse_offsets), view(reverse_source), view(reverse_target)},
                           static_cast<Symmetrization>(method), threads);
    }
    return py::make_tuple(to_numpy(std::move(links.offsets)), to_numpy(std::move(links.source)),
                          to_numpy(std::move(links.target)));
}

py::tuple decoded(const Offsets& word_offsets, const Indices& tags, const Bytes& prefixes, const Indices& labels,
                  int scheme) {
    EntityList list =
        decode_tags(view(word_offsets), view(tags), view(prefixes), view(labels), static_cast<TagScheme>(scheme));
    return py::make_tuple(to_numpy(std::move(list.offsets)), to_numpy(std::move(list.start)),
                          to_numpy(std::move(list.end)), to_numpy(std::move(list.label)), list.broken_word);
}

Indices encoded(const Offsets& word_offsets, const Offsets& span_offsets, const Indices& start, const Indices& end,
                const Indices& labels, Index classes) {
    const View<Offset> words = view(word_offsets);
    const Spans spans{view(span_offsets), view(start), view(end)};
    require_offsets(words, words.empty() ? 0 : words.back());
    require_offsets(spans.offsets, start.size());
    if (words.size() != spans.offsets.size() || start.size() != end.size() || start.size() != labels.size()) {
        throw py::index_error("expected spans of as many sentences as words, and a label a span");
    }
    Indices tags(words.back());
    const Offset broken = encode_iob2(words, spans, view(labels), classes, tags.mutable_data());
    if (broken < 0) return tags;
    throw py::index_error("span " + std::to_string(broken) + ": expected one inside its sentence with a label in [0, " +
                          std::to_string(classes) + "), got [" + std::to_string(start.at(broken)) + ", " +
                          std::to_string(end.at(broken)) + ") with label " + std::to_string(labels.at(broken)));
}

}  // namespace

void bind_candidates(py::module_& m) {
    const auto strict = [](const char* name) { return py::arg(name).noconvert(); };
    m.def(
        "check_offsets",
        [](const Offsets& offsets, Offset values) { return tuple_of(check_offsets(view(offsets), values)); },
        strict("offsets"), py::arg("values"));
    m.def(
        "check_spans",
        [](const Offsets& offsets, const Indices& start, const Indices& end, const Offsets& words, int rule) {
            return tuple_of(
                check_spans({view(offsets), view(start), view(end)}, view(words), static_cast<SpanRule>(rule)));
        },
        strict("offsets"), strict("start"), strict("end"), strict("word_offsets"), py::arg("rule"));
    m.def(
        "check_labels",
        [](const Offsets& offsets, const Indices& labels, Index count) {
            return tuple_of(check_labels(view(offsets), view(labels), count));
        },
        strict("offsets"), strict("labels"), py::arg("count"));
    m.def(
        "check_links",
        [](const Offsets& offsets, const Indices& source, const Indices& target, const Offsets& source_words,
           const Offsets& target_words_) {
            return tuple_of(
                check_links({view(offsets), view(source), view(target)}, view(source_words), view(target_words_)));
        },
        strict("offsets"), strict("source"), strict("target"), strict("source_offsets"), strict("target_offsets"));
    m.def("ngrams", &ngrams, strict("target_offsets"), strict("stop"), py::arg("min_words"), py::arg("max_words"),
          py::arg("threads"));
    m.def("aligned_ngrams", &aligned_ngrams, strict("target_offsets"), strict("stop"), strict("entity_offsets"),
          strict("entity_start"), strict("entity_end"), strict("link_offsets"), strict("link_source"),
          strict("link_target"), py::arg("min_words"), py::arg("max_words"), py::arg("threads"));
    m.def("alignment_scores", &scores, strict("target_offsets"), strict("entity_offsets"), strict("entity_start"),
          strict("entity_end"), strict("link_offsets"), strict("link_source"), strict("link_target"),
          strict("candidate_offsets"), strict("candidate_start"), strict("candidate_end"), strict("score_offsets"),
          py::arg("threads"));
    m.def("symmetrize", &symmetrized, strict("forward_offsets"), strict("forward_source"), strict("forward_target"),
          strict("reverse_offsets"), strict("reverse_source"), strict("reverse_target"), py::arg("method"),
          py::arg("threads"));
    m.def("decode_tags", &decoded, strict("word_offsets"), strict("tags"), strict("prefixes"), strict("labels"),
          py::arg("scheme"));
    m.def("encode_iob2", &encoded, strict("word_offsets"), strict("span_offsets"), strict("start"), strict("end"),
          strict("labels"), py::arg("classes"));
}

}  // namespace xproj::bindings
