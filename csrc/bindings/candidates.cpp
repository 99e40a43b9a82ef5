// Target candidates.
#include "xproj/candidates.hpp"
#include "records.hpp"

namespace xproj::bindings {
namespace {

// Turns counts (at [0, N)) into offsets in place; the array has N + 1 entries.
Offset counts_to_offsets(Offset* values, std::size_t sentences) {
    Offset total = 0;
    for (std::size_t s = 0; s < sentences; ++s) total += std::exchange(values[s], total);
    values[sentences] = total;
    return total;
}

template <class Count, class Fill>
py::object count_allocate_fill(std::size_t sentences, Count&& count, Fill&& fill) {
    auto offsets = allocate<Offset>(sentences + 1);
    Offset* values = offsets.mutable_data();
    Offset total = 0;
    {
        const py::gil_scoped_release no_gil;
        count(values);
        total = counts_to_offsets(values, sentences);
    }
    auto start = allocate<Index>(at(total));
    auto end = allocate<Index>(at(total));
    Index* start_values = start.mutable_data();
    Index* end_values = end.mutable_data();
    {
        const py::gil_scoped_release no_gil;
        fill(View<Offset>(values, sentences + 1), start_values, end_values);
    }
    return make_record<"Spans">(offsets, start, end);
}

py::object ngrams(View<Offset> target_offsets, View<std::uint8_t> stop, Index min_words, Index max_words, int threads) {
    const TargetWords target{target_offsets, stop};
    const NgramLimits limits{min_words, max_words};
    return count_allocate_fill(
        target.sentences(), [&](Offset* counts) { count_ngrams(target, limits, threads, counts); },
        [&](View<Offset> offsets, Index* start, Index* end) {
            fill_ngrams(target, limits, threads, offsets, start, end);
        });
}

py::object aligned_ngrams(View<Offset> target_offsets, View<std::uint8_t> stop, const Spans& entities,
                          const Links& links, Index min_words, Index max_words, int threads) {
    const TargetWords target{target_offsets, stop};
    const NgramLimits limits{min_words, max_words};
    return count_allocate_fill(
        target.sentences(),
        [&](Offset* counts) { count_aligned_ngrams(target, entities, links, limits, threads, counts); },
        [&](View<Offset> offsets, Index* start, Index* end) {
            fill_aligned_ngrams(target, entities, links, limits, threads, offsets, start, end);
        });
}

}  // namespace

void bind_candidates(py::module_& m) {
    m.def("ngrams", &ngrams, py::arg("target_offsets"), py::arg("stop"), py::arg("min_words"), py::arg("max_words"),
          py::arg("threads"));
    m.def("aligned_ngrams", &aligned_ngrams, py::arg("target_offsets"), py::arg("stop"), py::arg("entities"),
          py::arg("links"), py::arg("min_words"), py::arg("max_words"), py::arg("threads"));
}

}  // namespace xproj::bindings
