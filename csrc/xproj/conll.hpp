// CoNLL-style columns: a word and its tag per line, a blank line after each sentence.
//
// One rule says what a line that starts with '#' is, whether tags are read or not: a comment has another number of
// columns than the rows of its sentence. Where that leaves a doubt, see Sentence::is_comment in conll_sentence.hpp.
#pragma once

#include <string>
#include <string_view>

#include "xproj/text.hpp"

namespace xproj {

struct ConllOptions {
    char separator = '\t';         // '\t': exactly one tab between columns; ' ': any run of spaces and tabs
    int word_column = 0;           // negative counts from the last column
    int tag_column = -1;           // negative counts from the last column
    bool tags = true;              // false: read words only
    bool skip_docstart = false;    // drop -DOCSTART- lines (counted); false: they are one-word sentences
    bool empty_sentences = false;  // each blank line beyond the first is a sentence without words
    int columns = 0;               // of the rows before this block, for a sentence that is all '#'; 0 = not known
};

struct ConllBlock {
    WordBlock words;
    std::vector<Index> tags;             // one per word, ids into tag_names
    std::vector<std::string> tag_names;  // in order of first appearance in this block
    std::vector<std::int32_t> lines;     // of each word, 0-based inside the block: for error messages
    std::int64_t docstarts = 0;          // dropped
    std::int64_t comments = 0;           // dropped
    std::int64_t ranges = 0;             // dropped: CoNLL-U's multiword ranges (1-2) and empty nodes (8.1)
    int columns = 0;                     // of the last sentence's rows: the next block's options.columns
};

ConllBlock read_conll(std::string_view block, bool at_end_of_file, std::size_t max_sentences,
                      const ConllOptions& options, std::size_t most_bytes = kMostBlockBytes);

// Writes word TAB tag lines and a blank line after every sentence (an empty sentence is one blank line more).
// Throws TextError with the flat word index for a word that no column file can hold: one that is empty, has a tab or
// line break inside, or is -DOCSTART- among other words, which ends a sentence.
template <class ByteOffset>
std::string write_conll(View<Offset> sentence_offsets, View<ByteOffset> byte_offsets, const char* bytes,
                        View<Index> tags, const std::vector<std::string>& tag_names);

}  // namespace xproj
