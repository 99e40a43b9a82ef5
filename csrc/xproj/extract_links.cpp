#include "xproj/extract_links.hpp"

#include <algorithm>

#include "xproj/assignment.hpp"
#include "xproj/parallel.hpp"
#include "xproj/softmax_links.hpp"

namespace xproj {
namespace {

// A sentence costs some 10 microseconds, far more than in the other kernels.
constexpr std::size_t kMinSentences = 64;

// The links of one sentence pair's subwords, then of its words.
class Sentence {
  public:
    explicit Sentence(const ExtractionOptions& options) : options_(options) {}

    void extract(const Similarity& similarity, View<Index> source_word, View<Index> target_word, WordLinks& words) {
        similarity_ = similarity;
        links_.assign(similarity.rows * similarity.columns, kNoLink);
        switch (options_.method) {
            case Extraction::awesome:
                softmax_.find(similarity, options_.threshold, links_.data());
                break;
            case Extraction::argmax:
                argmax(1);
                break;
            case Extraction::itermax:
                argmax(options_.iterations);
                break;
            case Extraction::match:
                match();
                break;
        }
        append(source_word, target_word, words);
    }

  private:
    void link(std::size_t i, std::size_t j) {
        const double value = similarity_.row(i)[j];
        if (options_.threshold > 0.0 && !(value >= options_.threshold)) return;
        links_[i * similarity_.columns + j] = confidence_of(value);
    }

    // Round 1 links subwords that are each other's best; further rounds do so again with the similarity of
    // those that have a link weighed down, to 0 where both ends have one. This is simalign's itermax: no further
    // rounds below 3 subwords, nor once a side has none left without a link or a round finds nothing.
    void argmax(int rounds) {
        row_linked_.assign(similarity_.rows, 0);
        column_linked_.assign(similarity_.columns, 0);
        if (std::min(similarity_.rows, similarity_.columns) <= 2) rounds = 1;
        const double one_free = std::clamp(options_.alpha, 0.0, 1.0);
        const double both_free = std::clamp(2.0 * options_.alpha, 0.0, 1.0);
        find_best(1.0, 1.0, 1.0);
        std::size_t found = link_best();
        for (int round = 1; round < rounds && found > 0; ++round) {
            poll();
            if (!has_free(row_linked_) || !has_free(column_linked_)) return;
            find_best(both_free, one_free, 0.0);
            found = link_best();
        }
    }

    static bool has_free(const std::vector<std::uint8_t>& linked) {
        return std::find(linked.begin(), linked.end(), 0) != linked.end();
    }

    // The best column of each row and the best row of each column, of equals the first.
    void find_best(double both_free, double one_free, double none_free) {
        const std::size_t columns = similarity_.columns;
        best_column_.resize(similarity_.rows);
        best_row_.assign(columns, 0);
        column_best_.resize(columns);
        for (std::size_t i = 0; i < similarity_.rows; ++i) {
            const float* row = similarity_.row(i);
            const double weights[2] = {row_linked_[i] ? one_free : both_free, row_linked_[i] ? none_free : one_free};
            double best = 0.0;
            for (std::size_t j = 0; j < columns; ++j) {
                const double value = row[j] * weights[column_linked_[j]];
                if (j == 0 || value > best) {
                    best = value;
                    best_column_[i] = j;
                }
                if (i == 0 || value > column_best_[j]) {
                    column_best_[j] = value;
                    best_row_[j] = i;
                }
            }
        }
    }

    // Links what is each other's best and has a free end (so nothing twice); returns how many.
    std::size_t link_best() {
        chosen_.clear();
        for (std::size_t i = 0; i < similarity_.rows; ++i) {
            const std::size_t j = best_column_[i];
            if (best_row_[j] == i && !(row_linked_[i] && column_linked_[j])) chosen_.push_back(i);
        }
        for (const std::size_t i : chosen_) {
            link(i, best_column_[i]);
            row_linked_[i] = 1;
            column_linked_[best_column_[i]] = 1;
        }
        return chosen_.size();
    }

    void match() {
        const bool turned = similarity_.rows > similarity_.columns;
        const std::size_t rows = turned ? similarity_.columns : similarity_.rows;
        const std::size_t columns = turned ? similarity_.rows : similarity_.columns;
        cost_.resize(rows * columns);
        for (std::size_t i = 0; i < rows; ++i) {
            for (std::size_t j = 0; j < columns; ++j) {
                cost_[i * columns + j] = -static_cast<double>(turned ? similarity_.row(j)[i] : similarity_.row(i)[j]);
            }
        }
        const std::vector<std::size_t>& column_of_row = assignment_.solve(cost_, rows, columns);
        for (std::size_t i = 0; i < rows; ++i) {
            const std::size_t j = column_of_row[i];
            if (j == Assignment::kNone) continue;
            turned ? link(j, i) : link(i, j);
        }
    }

    // A word pair is linked where any of its subwords are.
    void append(View<Index> source_word, View<Index> target_word, WordLinks& words) {
        const std::size_t columns = similarity_.columns;
        for (std::size_t i = 0; i < similarity_.rows;) {
            const Index source = source_word[i];
            row_.assign(columns, kNoLink);
            for (; i < similarity_.rows && source_word[i] == source; ++i) {
                const float* links = links_.data() + i * columns;
                for (std::size_t j = 0; j < columns; ++j) row_[j] = std::max(row_[j], links[j]);
            }
            for (std::size_t j = 0; j < columns;) {
                const Index target = target_word[j];
                float most = kNoLink;
                for (; j < columns && target_word[j] == target; ++j) most = std::max(most, row_[j]);
                if (most == kNoLink) continue;
                words.source.push_back(source);
                words.target.push_back(target);
                words.confidence.push_back(most);
            }
        }
    }

    ExtractionOptions options_;
    Similarity similarity_{};
    SoftmaxLinks softmax_;
    Assignment assignment_;
    std::vector<float> links_, row_;  // the confidence of linked subwords, kNoLink elsewhere; its largest per word
    std::vector<double> cost_, column_best_;
    std::vector<std::size_t> best_column_, best_row_, chosen_;
    std::vector<std::uint8_t> row_linked_, column_linked_;
};

}  // namespace

WordLinks extract_links(const Pieces& source, const Pieces& target, View<Offset> block_offsets, View<float> similarity,
                        const ExtractionOptions& options, int threads) {
    const auto chunks = make_chunks(source.offsets.size() - 1, threads, kMinSentences);
    std::vector<WordLinks> parts(chunks.size());
    for_chunks(chunks, [&](std::size_t c) {
        Sentence sentence(options);
        WordLinks& part = parts[c] = {};  // anew, where this is not the first try
        for_sentences(chunks[c], [&](std::size_t s) {
            poll();  // the work of a sentence is the square of its length, or its cube
            const Similarity block{similarity.data() + block_offsets[s], source.count(s), target.count(s)};
            if (block.rows > 0 && block.columns > 0) {
                sentence.extract(block, source.words(s), target.words(s), part);
            }
            part.offsets.push_back(static_cast<Offset>(part.source.size()));
        });
    });
    WordLinks all;
    all.offsets.push_back(0);
    for (const WordLinks& part : parts) {
        const Offset base = all.offsets.back();
        for (const Offset offset : part.offsets) all.offsets.push_back(base + offset);
        all.source.insert(all.source.end(), part.source.begin(), part.source.end());
        all.target.insert(all.target.end(), part.target.begin(), part.target.end());
        all.confidence.insert(all.confidence.end(), part.confidence.begin(), part.confidence.end());
    }
    return all;
}

}  // namespace xproj
