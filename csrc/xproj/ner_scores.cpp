#include "xproj/ner_scores.hpp"

#include <algorithm>
#include <vector>

#include "xproj/parallel.hpp"

namespace xproj {
namespace {

// Candidates with one start and consecutive ends, as n-grams come: what belongs to them lies side by side.
struct Run {
    Index start, end, count;  // of the first; how many
};

class Sentence {
  public:
    Sentence(const LabelProbabilities& probabilities, const NerRules& rules)
        : probabilities_(probabilities),
          rules_(rules),
          weight_(padded(rules.weight)),
          predicted_weight_(rules.predicted_weight.empty() ? std::vector<double>{} : padded(rules.predicted_weight)),
          row_of_(rules.first_column.size()) {}

    // Entities are their classes; `out` takes entities x candidates scores.
    void score(Offset first_word, Index words, View<Index> entities, View<Index> start, View<Index> end, float* out) {
        first_word_ = first_word;
        words_ = static_cast<std::size_t>(words);
        find_runs(start, end);
        if (!predicted_weight_.empty()) find_likeliest();
        std::fill(row_of_.begin(), row_of_.end(), nullptr);
        const std::size_t candidates = start.size();
        row_.resize(candidates + kBlock);
        const float* any_class = nullptr;
        for (const Index entity : entities) {
            if (candidates > kCandidatesPerPoll) poll();
            const float*& row = rules_.spans_only || entity < 0 ? any_class : row_of_[static_cast<std::size_t>(entity)];
            if (!rules_.spans_only && entity < 0) {
                std::fill(out, out + candidates, 0.0f);
            } else if (row != nullptr) {
                std::copy(row, row + candidates, out);
            } else {
                row = out;
                score_class(rules_.spans_only ? 0 : static_cast<std::size_t>(entity));
                write<false>(candidates, out);
                for (std::size_t c = 1; rules_.spans_only && c < row_of_.size(); ++c) {
                    score_class(c);
                    write<true>(candidates, out);
                }
            }
            out += candidates;
        }
    }

  private:
    static constexpr std::size_t kCandidatesPerPoll = 4096;
    static constexpr std::size_t kBlock = 4;  // scores made at once; what they are made of has room for a whole block

    static std::vector<double> padded(View<double> values) {
        std::vector<double> out(values.begin(), values.end());
        out.resize(values.size() + kBlock);
        return out;
    }

    // Candidates are strictly ordered, so all between two of one run are of that run: most runs are found by looking
    // at their last, which n-grams have where the run before had it, or one earlier.
    void find_runs(View<Index> start, View<Index> end) {
        runs_.clear();
        std::size_t count = 1;
        for (std::size_t t = 0; t < start.size(); t += count) {
            const auto in_run = [&](std::size_t i) {
                return t + i < start.size() && start[t + i] == start[t] && end[t + i] == end[t] + static_cast<Index>(i);
            };
            while (!in_run(count - 1)) --count;
            while (in_run(count)) ++count;
            runs_.push_back({start[t], end[t], static_cast<Index>(count)});
        }
    }

    void find_likeliest() {
        likeliest_.resize(words_);
        for (std::size_t w = 0; w < words_; ++w) {
            const float* row = probabilities_.word(first_word_ + static_cast<Offset>(w));
            std::size_t best = 0;
            for (std::size_t l = 1; l < probabilities_.labels; ++l) {
                if (row[l] > row[best]) best = l;
            }
            likeliest_[w] = static_cast<Index>(best);
        }
    }

    // One past the longest entity of a class that the likeliest labels form from `start` on; `start` where none does.
    Index predicted_end(std::size_t c, Index start) const {
        std::size_t w = static_cast<std::size_t>(start);
        if (likeliest_[w] != rules_.first_column[c]) return start;
        for (++w; w < words_ && likeliest_[w] == rules_.inside_column[c];) ++w;
        return static_cast<Index>(w);
    }

    // Fills row_ with the scores of all candidates for one class.
    void score_class(std::size_t c) {
        const std::size_t inside = static_cast<std::size_t>(rules_.inside_column[c]);
        const std::size_t first = static_cast<std::size_t>(rules_.first_column[c]);
        before_.resize(words_ + 1 + kBlock);
        double sum = 0.0;
        before_[0] = sum;
        for (std::size_t w = 0; w < words_; ++w) {
            sum += static_cast<double>(probabilities_.word(first_word_ + static_cast<Offset>(w))[inside]);
            before_[w + 1] = sum;
        }
        float* row = row_.data();
        for (const Run& run : runs_) {
            const double lead = static_cast<double>(probabilities_.word(first_word_ + run.start)[first]);
            Index predicted = 0;  // how many of the run's first candidates are predicted entities
            if (!predicted_weight_.empty()) {
                predicted = std::clamp<Index>(predicted_end(c, run.start) - run.end + 1, 0, run.count);
                score_run(run, 0, predicted, lead, predicted_weight_.data(), row);
            }
            score_run(run, predicted, run.count, lead, weight_.data(), row);
            row += run.count;
        }
    }

    // In whole blocks: what is written past the end is overwritten by what follows.
    void score_run(const Run& run, Index begin, Index end, double lead, const double* weight, float* row) const {
        const double base = before_[static_cast<std::size_t>(run.start) + 1];
        const double* before = before_.data() + run.end;
        weight += run.end - run.start;
        for (Index i = begin; i < end; i += static_cast<Index>(kBlock)) {
            for (Index j = i; j < i + static_cast<Index>(kBlock); ++j) {
                row[j] = static_cast<float>((lead + (before[j] - base)) * weight[j]);
            }
        }
    }

    template <bool kMerge>
    void write(std::size_t candidates, float* out) const {
        const float threshold = rules_.threshold;
        for (std::size_t t = 0; t < candidates; ++t) {
            const float score = row_[t] < threshold ? 0.0f : row_[t];
            out[t] = kMerge ? std::max(out[t], score) : score;
        }
    }

    LabelProbabilities probabilities_;
    NerRules rules_;
    Offset first_word_ = 0;
    std::size_t words_ = 0;
    std::vector<Run> runs_;
    std::vector<double> weight_, predicted_weight_;
    std::vector<float> row_;            // the scores of all candidates for one class
    std::vector<Index> likeliest_;      // the label of each word with the largest probability, of equals the first
    std::vector<double> before_;        // the sum over the words before each
    std::vector<const float*> row_of_;  // per class: the scores of the first entity that has it
};

}  // namespace

void ner_scores(const TargetWords& target, const LabelProbabilities& probabilities, View<Offset> entity_offsets,
                View<Index> entity_class, const Spans& candidates, const NerRules& rules, View<Offset> score_offsets,
                int threads, float* scores) {
    const auto chunks = make_chunks(target.sentences(), threads);
    for_chunks(chunks, [&](std::size_t c) {
        Sentence sentence(probabilities, rules);
        for_sentences(chunks[c], [&](std::size_t s) {
            const auto part = [s](View<Offset> offsets, View<Index> values) {
                return values.subspan(at(offsets[s]), at(offsets[s + 1] - offsets[s]));
            };
            const View<Index> entities = part(entity_offsets, entity_class);
            const View<Index> start = part(candidates.offsets, candidates.start);
            if (entities.empty() || start.empty()) return;
            sentence.score(target.offsets[s], target.count(s), entities, start,
                           part(candidates.offsets, candidates.end), scores + score_offsets[s]);
        });
    });
}

}  // namespace xproj
