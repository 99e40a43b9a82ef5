#include "xproj/heuristic.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "xproj/aligned_words.hpp"
#include "xproj/covered_words.hpp"
#include "xproj/root.hpp"

namespace xproj {
namespace {

struct Run {
    Index start;
    Index end;
};

constexpr Index kFree = -1;
constexpr std::size_t kEntitiesPerPoll = 64;

class Labeller {
  public:
    explicit Labeller(const HeuristicOptions& options) : options_(options) {}

    void run(std::size_t s, const TargetWords& target, const Spans& entities, const Links& links, MatchWriter& writer,
             std::uint8_t* outcome) {
        const std::size_t first = at(entities.offsets[s]);
        const std::size_t count = at(entities.offsets[s + 1]) - first;
        aligned_.gather(s, entities, links);
        owner_.assign(static_cast<std::size_t>(target.count(s)), kFree);
        taken_.reset(target.count(s));
        written_.clear();
        order_entities(entities, first, count);
        if (options_.merge_only_i_labels) order_links(s, links);
        for (const std::size_t e : order_) {
            if (e % kEntitiesPerPoll == kEntitiesPerPoll - 1) poll();
            const auto row = aligned_.row(e);
            find_runs(row, entities.start[first + e], entities.end[first + e]);
            const Outcome missed =
                row.size == 0 ? Outcome::unscored : (runs_.empty() ? Outcome::too_short : Outcome::overlap);
            outcome[e] = static_cast<std::uint8_t>(missed);
            for (const Run& found : runs_) write_run(found, static_cast<Index>(e));
        }
        own_words();
        emit(entities, first, writer, outcome);
        writer.finish(s, Status::feasible);
    }

  private:
    void order_entities(const Spans& entities, std::size_t first, std::size_t count) {
        order_.resize(count);
        std::iota(order_.begin(), order_.end(), std::size_t{0});
        if (!options_.shortest_first) return;
        std::stable_sort(order_.begin(), order_.end(), [&](std::size_t a, std::size_t b) {
            return entities.end[first + a] - entities.start[first + a] <
                   entities.end[first + b] - entities.start[first + b];
        });
    }

    void order_links(std::size_t s, const Links& links) {
        ordered_links_.clear();
        for (std::size_t i = at(links.offsets[s]); i < at(links.offsets[s + 1]); ++i) {
            ordered_links_.emplace_back(links.source[i], links.target[i]);
        }
        std::sort(ordered_links_.begin(), ordered_links_.end());
    }

    // Whether a run that starts on `word` goes on with a run that ended `gap` words before it.
    bool joins(Index gap, Index word, Index entity_start) const {
        if (gap == 0) return true;
        if (gap > options_.merge_distance) return false;
        if (!options_.merge_only_i_labels) return true;
        return !std::binary_search(ordered_links_.begin(), ordered_links_.end(), std::pair(entity_start, word));
    }

    void find_runs(const AlignedWords::Row& row, Index entity_start, Index entity_end) {
        runs_.clear();
        for (std::size_t i = 0; i < row.size; ++i) {
            const Index word = row.words[i];
            if (!runs_.empty() && joins(word - runs_.back().end, word, entity_start)) {
                runs_.back().end = word + 1;
            } else {
                runs_.push_back({word, word + 1});
            }
        }
        const auto length = static_cast<double>(entity_end - entity_start);
        std::erase_if(runs_, [&](const Run& r) {
            return static_cast<double>(r.end - r.start) / length <= options_.length_ratio;
        });
        const std::size_t top_k = static_cast<std::size_t>(options_.top_k);
        if (top_k == 0 || runs_.size() <= top_k) return;
        std::stable_sort(runs_.begin(), runs_.end(),
                         [](const Run& a, const Run& b) { return a.end - a.start > b.end - b.start; });
        runs_.resize(top_k);
        std::sort(runs_.begin(), runs_.end(), [](const Run& a, const Run& b) { return a.start < b.start; });
    }

    void write_run(const Run& found, Index entity) {
        if (!options_.overwrite && !taken_.claim(found.start, found.end)) return;
        written_.push_back({entity, found});
    }

    // Each word belongs to the run that was written last. From the last run on each word is visited once: those that
    // have their owner are jumped over.
    void own_words() {
        if (!options_.overwrite) {  // no two runs share a word
            for (std::size_t i = 0; i < written_.size(); ++i) {
                const Run& run = written_[i].run;
                std::fill(owner_.begin() + run.start, owner_.begin() + run.end, static_cast<Index>(i));
            }
            return;
        }
        next_free_.resize(owner_.size() + 1);
        std::iota(next_free_.begin(), next_free_.end(), Index{0});
        for (std::size_t i = written_.size(); i-- > 0;) {
            const Run& run = written_[i].run;
            for (Index word = free_from(run.start); word < run.end; word = free_from(word)) {
                owner_[static_cast<std::size_t>(word)] = static_cast<Index>(i);
                next_free_[static_cast<std::size_t>(word)] = word + 1;
            }
        }
    }

    Index free_from(Index word) { return root_of(next_free_, word); }

    // Reads the labelled words back as maximal pieces of one run (overwriting can split a run), entity by
    // entity.
    void emit(const Spans& entities, std::size_t first, MatchWriter& writer, std::uint8_t* outcome) {
        pieces_.clear();
        for (std::size_t w = 0; w < owner_.size();) {
            const Index owner = owner_[w];
            std::size_t end = w + 1;
            while (end < owner_.size() && owner_[end] == owner) ++end;
            if (owner != kFree) {
                pieces_.push_back({written_[static_cast<std::size_t>(owner)].entity,
                                   {static_cast<Index>(w), static_cast<Index>(end)}});
            }
            w = end;
        }
        std::stable_sort(pieces_.begin(), pieces_.end(),
                         [](const Piece& a, const Piece& b) { return a.entity < b.entity; });
        for (const Piece& piece : pieces_) {
            const std::size_t e = static_cast<std::size_t>(piece.entity);
            const auto row = aligned_.row(e);
            const Index length = entities.end[first + e] - entities.start[first + e];
            const auto position = [&](Index word) { return std::lower_bound(row.words, row.words + row.size, word); };
            const Index inside =
                row.before[position(piece.run.end) - row.words] - row.before[position(piece.run.start) - row.words];
            writer.add(piece.entity, piece.run.start, piece.run.end,
                       static_cast<float>(2 * inside) / static_cast<float>(length + piece.run.end - piece.run.start));
            outcome[e] = static_cast<std::uint8_t>(Outcome::projected);
        }
    }

    struct Piece {
        Index entity;
        Run run;
    };

    const HeuristicOptions& options_;
    AlignedWords aligned_;
    std::vector<std::pair<Index, Index>> ordered_links_;  // (source, target), where it matters which word starts a run
    std::vector<std::size_t> order_;
    std::vector<Run> runs_;
    CoveredWords taken_;  // words of the runs written so far, unless these may be overwritten
    std::vector<Piece> written_;
    std::vector<Index> owner_;  // per target word the written run that holds it, or kFree
    std::vector<Index> next_free_;
    std::vector<Piece> pieces_;
};

}  // namespace

Offset heuristic(const TargetWords& target, const Spans& entities, const Links& links, const HeuristicOptions& options,
                 const std::vector<Chunk>& chunks, const Matches& out) {
    const Limit limit{0, Limit::kUnlimited};
    const auto match = [&](Chunk chunk, MatchWriter& writer) {
        Labeller labeller(options);
        for_sentences(chunk, [&](std::size_t s) {
            labeller.run(s, target, entities, links, writer, out.outcome + entities.offsets[s]);
        });
    };
    return match_chunks(chunks, entities.offsets, target.offsets, limit, out, match);
}

}  // namespace xproj
