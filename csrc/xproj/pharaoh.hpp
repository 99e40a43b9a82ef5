// Pharaoh alignments: one sentence per line, links `i-j` with 0-based source and target word.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "xproj/text.hpp"

namespace xproj {

// What to do with the two dialects that carry more than `i-j`; a dialect that was not asked for is an error.
struct PharaohOptions {
    bool probabilities = false;  // read `i-j:p` (and `i?j:p`), keep links with p >= min_probability
    float min_probability = 0;   // 0 = keep all
    enum class Possible { refuse, keep, drop } possible = Possible::refuse;  // links `i?j` of a gold standard
};

struct PharaohBlock {
    std::vector<Offset> offsets{0};
    std::unique_ptr<Index[]> source;  // `links` values; not a vector, which would write zeros first
    std::unique_ptr<Index[]> target;
    std::size_t links = 0;
    std::size_t consumed = 0;
    std::int64_t consumed_lines = 0;
};

PharaohBlock read_pharaoh(std::string_view block, bool at_end_of_file, std::size_t max_sentences,
                          const PharaohOptions& options);

// Links of one string a sentence, as a column of a table holds them.
struct LinkStrings {
    std::vector<Offset> offsets{0};
    std::unique_ptr<Index[]> source;
    std::unique_ptr<Index[]> target;
    std::size_t links = 0;
    std::vector<TextError>
        faults;  // one of each sentence that has one, which then has no links; `line` is the sentence
};

// Sentence s has the bytes [byte_offsets[s], byte_offsets[s + 1]) of `text`: the buffers of an Arrow string array.
LinkStrings read_link_strings(View<std::int64_t> byte_offsets, const char* text, const PharaohOptions& options);

std::string write_pharaoh(const Links& links);

}  // namespace xproj
