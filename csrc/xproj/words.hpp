// One sentence a line, words apart by spaces or tabs; and which words are stop words.
#pragma once

#include <string_view>

#include "xproj/text.hpp"

namespace xproj {

// An empty line is an empty sentence.
WordBlock read_word_lines(std::string_view block, bool at_end_of_file, std::size_t max_sentences,
                          std::size_t most_bytes = kMostBlockBytes);

// is_stop[w] = whether word w equals one of `stop_words`. Words are Arrow string buffers with int32 or int64
// offsets.
template <class ByteOffset>
void mark_stop_words(View<ByteOffset> byte_offsets, const char* bytes, const std::vector<std::string>& stop_words,
                     std::uint8_t* is_stop);

}  // namespace xproj
