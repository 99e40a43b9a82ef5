// The matchers: arrays in, the arrays of Matches out.
#include "arrays.hpp"
#include "xproj/exact.hpp"
#include "xproj/greedy.hpp"
#include "xproj/greedy_alignment.hpp"
#include "xproj/heuristic.hpp"

namespace xproj::bindings {
namespace {

using Offsets = Array<Offset>;
using Indices = Array<Index>;
using Bytes = Array<std::uint8_t>;

template <class Match>
py::tuple run(const TargetWords& target, const Spans& entities, Limit limit, int threads, Match&& match) {
    const std::vector<Chunk> chunks = make_chunks(target.sentences(), threads);
    MatchArrays arrays(static_cast<Offset>(target.sentences()), entities.offsets.back(),
                       match_capacity(entities.offsets, target.offsets, limit, chunks));
    const Matches out = arrays.out();
    Offset count = 0;
    {
        py::gil_scoped_release no_gil;
        count = match(chunks, out);
    }
    return arrays.result(count);
}

py::tuple greedy_scored(const Offsets& target_offsets, const Offsets& entity_offsets, const Indices& entity_start,
                        const Indices& entity_end, const Offsets& candidate_offsets, const Indices& candidate_start,
                        const Indices& candidate_end, const Offsets& score_offsets, const Array<float>& scores,
                        Index lo, Index hi, int threads) {
    const TargetWords target{view(target_offsets), {}};
    const Spans entities{view(entity_offsets), view(entity_start), view(entity_end)};
    const Spans candidates{view(candidate_offsets), view(candidate_start), view(candidate_end)};
    const Limit limit{lo, hi};
    return run(target, entities, limit, threads, [&](const std::vector<Chunk>& chunks, const Matches& out) {
        return greedy(target, entities, candidates, view(score_offsets), view(scores), limit, chunks, out);
    });
}

py::tuple greedy_aligned(const Offsets& target_offsets, const Bytes& stop, const Offsets& entity_offsets,
                         const Indices& entity_start, const Indices& entity_end, const Offsets& link_offsets,
                         const Indices& link_source, const Indices& link_target, Index max_words, Index lo, Index hi,
                         int threads) {
    const TargetWords target = target_words(target_offsets, stop);
    const Spans entities{view(entity_offsets), view(entity_start), view(entity_end)};
    const Links links{view(link_offsets), view(link_source), view(link_target)};
    const Limit limit{lo, hi};
    return run(target, entities, limit, threads, [&](const std::vector<Chunk>& chunks, const Matches& out) {
        return greedy_alignment(target, entities, links, max_words, limit, chunks, out);
    });
}

template <class Match>
py::tuple run_exactly(const TargetWords& target, const Spans& entities, Limit limit, int threads, Match&& match) {
    Array<std::uint8_t> proof(static_cast<py::ssize_t>(target.sentences()));
    Array<double> spent(static_cast<py::ssize_t>(target.sentences()));
    std::uint8_t* proofs = proof.mutable_data();
    double* seconds = spent.mutable_data();
    std::fill_n(seconds, target.sentences(), 0.0);
    const py::tuple matches =
        run(target, entities, limit, threads, [&](const std::vector<Chunk>& chunks, const Matches& out) {
            return match(chunks, ExactOutput{out, proofs, seconds});
        });
    return py::make_tuple(matches + py::make_tuple(proof), spent);
}

py::tuple exact_scored(const Offsets& target_offsets, const Offsets& entity_offsets, const Indices& entity_start,
                       const Indices& entity_end, const Offsets& candidate_offsets, const Indices& candidate_start,
                       const Indices& candidate_end, const Offsets& score_offsets, const Array<float>& scores, Index lo,
                       Index hi, bool forbid_adjacent, std::size_t max_labels, double time_limit, int threads) {
    const TargetWords target{view(target_offsets), {}};
    const Spans entities{view(entity_offsets), view(entity_start), view(entity_end)};
    const Spans candidates{view(candidate_offsets), view(candidate_start), view(candidate_end)};
    const ExactOptions options{{lo, hi}, forbid_adjacent, max_labels, time_limit};
    return run_exactly(target, entities, options.limit, threads, [&](const auto& chunks, const ExactOutput& out) {
        return exact(target, entities, candidates, view(score_offsets), view(scores), options, chunks, out);
    });
}

py::tuple exact_aligned(const Offsets& target_offsets, const Bytes& stop, const Offsets& entity_offsets,
                        const Indices& entity_start, const Indices& entity_end, const Offsets& link_offsets,
                        const Indices& link_source, const Indices& link_target, Index max_words, Index lo, Index hi,
                        bool forbid_adjacent, std::size_t max_labels, double time_limit, int threads) {
    const TargetWords target = target_words(target_offsets, stop);
    const Spans entities{view(entity_offsets), view(entity_start), view(entity_end)};
    const Links links{view(link_offsets), view(link_source), view(link_target)};
    const ExactOptions options{{lo, hi}, forbid_adjacent, max_labels, time_limit};
    return run_exactly(target, entities, options.limit, threads, [&](const auto& chunks, const ExactOutput& out) {
        return exact_alignment(target, entities, links, max_words, options, chunks, out);
    });
}

py::tuple heuristic_runs(const Offsets& target_offsets, const Offsets& entity_offsets, const Indices& entity_start,
                         const Indices& entity_end, const Offsets& link_offsets, const Indices& link_source,
                         const Indices& link_target, Index merge_distance, double length_ratio, Index top_k,
                         bool shortest_first, bool overwrite, int threads) {
    const TargetWords target{view(target_offsets), {}};
    const Spans entities{view(entity_offsets), view(entity_start), view(entity_end)};
    const Links links{view(link_offsets), view(link_source), view(link_target)};
    const HeuristicOptions options{merge_distance, length_ratio, top_k, shortest_first, overwrite};
    const Limit any_number{0, Limit::kUnlimited};
    return run(target, entities, any_number, threads, [&](const std::vector<Chunk>& chunks, const Matches& out) {
        return heuristic(target, entities, links, options, chunks, out);
    });
}

}  // namespace

void bind_matchers(py::module_& m) {
    const auto strict = [](const char* name) { return py::arg(name).noconvert(); };
    m.def("greedy", &greedy_scored, strict("target_offsets"), strict("entity_offsets"), strict("entity_start"),
          strict("entity_end"), strict("candidate_offsets"), strict("candidate_start"), strict("candidate_end"),
          strict("score_offsets"), strict("scores"), py::arg("lo"), py::arg("hi"), py::arg("threads"));
    m.def("greedy_alignment", &greedy_aligned, strict("target_offsets"), strict("stop"), strict("entity_offsets"),
          strict("entity_start"), strict("entity_end"), strict("link_offsets"), strict("link_source"),
          strict("link_target"), py::arg("max_words"), py::arg("lo"), py::arg("hi"), py::arg("threads"));
    m.def("exact", &exact_scored, strict("target_offsets"), strict("entity_offsets"), strict("entity_start"),
          strict("entity_end"), strict("candidate_offsets"), strict("candidate_start"), strict("candidate_end"),
          strict("score_offsets"), strict("scores"), py::arg("lo"), py::arg("hi"), py::arg("forbid_adjacent"),
          py::arg("max_labels"), py::arg("time_limit"), py::arg("threads"));
    m.def("exact_alignment", &exact_aligned, strict("target_offsets"), strict("stop"), strict("entity_offsets"),
          strict("entity_start"), strict("entity_end"), strict("link_offsets"), strict("link_source"),
          strict("link_target"), py::arg("max_words"), py::arg("lo"), py::arg("hi"), py::arg("forbid_adjacent"),
          py::arg("max_labels"), py::arg("time_limit"), py::arg("threads"));
    m.def("heuristic", &heuristic_runs, strict("target_offsets"), strict("entity_offsets"), strict("entity_start"),
          strict("entity_end"), strict("link_offsets"), strict("link_source"), strict("link_target"),
          py::arg("merge_distance"), py::arg("length_ratio"), py::arg("top_k"), py::arg("shortest_first"),
          py::arg("overwrite"), py::arg("threads"));
}

}  // namespace xproj::bindings
