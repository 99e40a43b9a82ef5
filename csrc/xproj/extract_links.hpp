// From similarities of subwords to word links (Dou & Neubig 2021; Jalili Sabet et al. 2020).
#pragma once

#include <vector>

#include "xproj/views.hpp"

namespace xproj {

enum class Extraction { awesome, argmax, itermax, match };

struct ExtractionOptions {
    Extraction method;
    double threshold;  // awesome: both softmaxes must exceed it; else: the least similarity, 0 = any
    int iterations;    // itermax: rounds, the first is argmax
    double alpha;      // itermax: what the similarity of a subword that has a link counts for in later rounds
};

// Subwords and the word of its sentence each belongs to; `word` never decreases inside a sentence.
struct Pieces {
    View<Offset> offsets;
    View<Index> word;

    std::size_t count(std::size_t s) const { return at(offsets[s + 1] - offsets[s]); }
    View<Index> words(std::size_t s) const { return word.subspan(at(offsets[s]), count(s)); }
};

struct WordLinks {
    std::vector<Offset> offsets;
    std::vector<Index> source;
    std::vector<Index> target;
    std::vector<float> confidence;
};

// Sentence s owns the row-major (source x target subwords) block at similarity[block_offsets[s]]. The links are
// ordered by (source, target), unique, each with the largest confidence of its linked subwords.
WordLinks extract_links(const Pieces& source, const Pieces& target, View<Offset> block_offsets, View<float> similarity,
                        const ExtractionOptions& options, int threads);

}  // namespace xproj
