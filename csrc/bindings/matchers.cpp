// The matchers.
#include "records.hpp"
#include "xproj/exact.hpp"
#include "xproj/greedy.hpp"
#include "xproj/greedy_alignment.hpp"

namespace xproj::bindings {
namespace {

// Allocates what a matcher fills, lets it run without the GIL, and trims to what it wrote. `more` are further columns
// of Matches.
template <class Match, class... More>
py::object run(const TargetWords& target, const Spans& entities, Limit limit, int threads, Match&& match,
               const More&... more) {
    const std::size_t sentences = target.sentences();
    const std::vector<Chunk> chunks = make_chunks(sentences, threads);
    const std::size_t capacity = at(match_capacity(entities.offsets, target.offsets, limit, chunks));
    auto offsets = allocate<Offset>(sentences + 1);
    auto entity = allocate<Index>(capacity);
    auto start = allocate<Index>(capacity);
    auto end = allocate<Index>(capacity);
    auto score = allocate<float>(capacity);
    auto objective = allocate<double>(sentences);
    auto status = allocate<std::uint8_t>(sentences);
    auto outcome = allocate<std::uint8_t>(at(entities.offsets.back()));
    const Matches out{offsets.mutable_data(), entity.mutable_data(),    start.mutable_data(),  end.mutable_data(),
                      score.mutable_data(),   objective.mutable_data(), status.mutable_data(), outcome.mutable_data()};
    Offset count = 0;
    {
        const py::gil_scoped_release no_gil;
        count = match(chunks, out);
    }
    return make_record<"Matches">(offsets, head(entity, count), head(start, count), head(end, count),
                                  head(score, count), objective, status, outcome, more...);
}

py::object greedy_scored(View<Offset> target_offsets, const Spans& entities, const Spans& candidates,
                         const PairScores& scores, Index lo, Index hi, int threads) {
    const TargetWords target{target_offsets, {}};
    const Limit limit{lo, hi};
    return run(target, entities, limit, threads, [&](const std::vector<Chunk>& chunks, const Matches& out) {
        return greedy(target, entities, candidates, scores.offsets, scores.values, limit, chunks, out);
    });
}

py::object greedy_aligned(View<Offset> target_offsets, View<std::uint8_t> stop, const Spans& entities,
                          const Links& links, Index max_words, Index lo, Index hi, int threads) {
    const TargetWords target{target_offsets, stop};
    const Limit limit{lo, hi};
    return run(target, entities, limit, threads, [&](const std::vector<Chunk>& chunks, const Matches& out) {
        return greedy_alignment(target, entities, links, max_words, limit, chunks, out);
    });
}

// Returns the matches, and the seconds spent on each sentence that was not proved.
template <class Match>
py::tuple run_exactly(const TargetWords& target, const Spans& entities, Limit limit, int threads, Match&& match) {
    auto proof = allocate<std::uint8_t>(target.sentences());
    auto spent = allocate<double>(target.sentences());
    std::uint8_t* proofs = proof.mutable_data();
    double* seconds = spent.mutable_data();
    std::fill_n(seconds, target.sentences(), 0.0);
    const auto proving = [&](const std::vector<Chunk>& chunks, const Matches& out) {
        return match(chunks, ExactOutput{out, proofs, seconds});
    };
    return py::make_tuple(run(target, entities, limit, threads, proving, proof), spent);
}

py::tuple exact_scored(View<Offset> target_offsets, const Spans& entities, const Spans& candidates,
                       const PairScores& scores, Index lo, Index hi, bool forbid_adjacent, std::size_t max_labels,
                       double time_limit, int threads) {
    const TargetWords target{target_offsets, {}};
    const ExactOptions options{{lo, hi}, forbid_adjacent, max_labels, time_limit};
    return run_exactly(target, entities, options.limit, threads, [&](const auto& chunks, const ExactOutput& out) {
        return exact(target, entities, candidates, scores.offsets, scores.values, options, chunks, out);
    });
}

py::tuple exact_aligned(View<Offset> target_offsets, View<std::uint8_t> stop, const Spans& entities, const Links& links,
                        Index max_words, Index lo, Index hi, bool forbid_adjacent, std::size_t max_labels,
                        double time_limit, int threads) {
    const TargetWords target{target_offsets, stop};
    const ExactOptions options{{lo, hi}, forbid_adjacent, max_labels, time_limit};
    return run_exactly(target, entities, options.limit, threads, [&](const auto& chunks, const ExactOutput& out) {
        return exact_alignment(target, entities, links, max_words, options, chunks, out);
    });
}

py::object heuristic_runs(View<Offset> target_offsets, const Spans& entities, const Links& links,
                          const HeuristicOptions& options, int threads) {
    const TargetWords target{target_offsets, {}};
    const Limit any_number{0, Limit::kUnlimited};
    return run(target, entities, any_number, threads, [&](const std::vector<Chunk>& chunks, const Matches& out) {
        return heuristic(target, entities, links, options, chunks, out);
    });
}

}  // namespace

void bind_matchers(py::module_& m) {
    m.def("greedy", &greedy_scored, py::arg("target_offsets"), py::arg("entities"), py::arg("candidates"),
          py::arg("scores"), py::arg("lo"), py::arg("hi"), py::arg("threads"));
    m.def("greedy_alignment", &greedy_aligned, py::arg("target_offsets"), py::arg("stop"), py::arg("entities"),
          py::arg("links"), py::arg("max_words"), py::arg("lo"), py::arg("hi"), py::arg("threads"));
    m.def("exact", &exact_scored, py::arg("target_offsets"), py::arg("entities"), py::arg("candidates"),
          py::arg("scores"), py::arg("lo"), py::arg("hi"), py::arg("forbid_adjacent"), py::arg("max_labels"),
          py::arg("time_limit"), py::arg("threads"));
    m.def("exact_alignment", &exact_aligned, py::arg("target_offsets"), py::arg("stop"), py::arg("entities"),
          py::arg("links"), py::arg("max_words"), py::arg("lo"), py::arg("hi"), py::arg("forbid_adjacent"),
          py::arg("max_labels"), py::arg("time_limit"), py::arg("threads"));
    m.def("heuristic", &heuristic_runs, py::arg("target_offsets"), py::arg("entities"), py::arg("links"),
          py::arg("options"), py::arg("threads"));
}

}  // namespace xproj::bindings
