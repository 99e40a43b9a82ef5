// Shared by the text readers: blocks of UTF-8 text in, columnar arrays out.
//
// A reader gets a block of a file and says how much of it it consumed: a file streams through block by block,
// and a sentence that the block cuts in two is read again with the next one. UTF-8 itself is checked above.
#pragma once

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "xproj/limits.hpp"
#include "xproj/views.hpp"

namespace xproj {

// `line` is 0-based inside the block.
class TextError : public std::runtime_error {
  public:
    TextError(std::int64_t line, const std::string& what) : std::runtime_error(what), line_(line) {}
    std::int64_t line() const { return line_; }

  private:
    std::int64_t line_;
};

// Words of sentences: sentence s has words [sentence_offsets[s], sentence_offsets[s + 1]), word w has bytes
// [byte_offsets[w], byte_offsets[w + 1]) of `bytes`: the buffers of an Arrow list<string>.
struct WordBlock {
    std::vector<Offset> sentence_offsets{0};
    std::vector<std::int32_t> byte_offsets{0};
    std::string bytes;
    std::size_t consumed = 0;         // bytes of the block
    std::int64_t consumed_lines = 0;  // lines of the block

    void add_word(std::string_view word) {
        bytes.append(word);
        byte_offsets.push_back(static_cast<std::int32_t>(bytes.size()));
    }
    Offset words() const { return static_cast<Offset>(byte_offsets.size()) - 1; }
    void end_sentence() { sentence_offsets.push_back(words()); }
};

// Every reader begins with this, see limits.hpp.
inline void check_size(std::string_view block, std::size_t most_bytes) {
    if (block.size() <= most_bytes) return;
    throw TextError(0, "expected a sentence of at most " + std::to_string(most_bytes) + " bytes, got more");
}

inline bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// Cuts lines off a block; a line ends with \n or \r\n, and at the end of the file without either.
class LineCutter {
  public:
    LineCutter(std::string_view block, bool at_end_of_file) : block_(block), at_end_(at_end_of_file) {}

    bool next(std::string_view& line) {
        if (position_ >= block_.size()) return false;
        std::size_t end = block_.find('\n', position_);
        if (end == std::string_view::npos) {
            if (!at_end_) return false;
            end = block_.size();
        }
        line = block_.substr(position_, end - position_);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        position_ = std::min(end + 1, block_.size());
        ++lines_;
        return true;
    }

    std::size_t position() const { return position_; }
    std::int64_t lines() const { return lines_; }

  private:
    std::string_view block_;
    bool at_end_;
    std::size_t position_ = 0;
    std::int64_t lines_ = 0;
};

// Calls use(field) for every maximal run of characters other than space and tab. Only these two split words:
// a no-break space or any other Unicode space stays inside its word.
template <class Use>
void each_field(std::string_view line, Use&& use) {
    std::size_t i = 0;
    while (i < line.size()) {
        if (is_blank(line[i])) {
            ++i;
            continue;
        }
        std::size_t end = i + 1;
        while (end < line.size() && !is_blank(line[end])) ++end;
        use(line.substr(i, end - i));
        i = end;
    }
}

}  // namespace xproj
