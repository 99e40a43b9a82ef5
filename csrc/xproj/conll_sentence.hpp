// The lines of one sentence of a column file: what is a row, and what its columns are.
#pragma once

#include <string_view>
#include <vector>

#include "xproj/conll.hpp"

namespace xproj {

constexpr std::string_view kDocstart = "-DOCSTART-";

// O, or a prefix and a class.
bool looks_like_tag(std::string_view field);

class Sentence {
  public:
    struct Row {
        std::string_view line;
        std::int64_t number;  // of the line, 0-based inside the block
        std::size_t first;    // of its fields
        int count;            // of its fields
    };

    explicit Sentence(const ConllOptions& options) : options_(options), columns_(options.columns) {}

    void add(std::string_view line, std::int64_t number);
    void clear();
    bool empty() const { return rows_.empty(); }
    const std::vector<Row>& rows() const { return rows_; }

    // Finds out how many columns the rows have. Throws TextError where that differs within the sentence.
    void measure();
    // The columns of the last sentence that was measured; 0 = not known.
    int columns() const { return columns_; }

    // Whether the one line there is is -DOCSTART-: it tells nothing about columns, and is a sentence by itself.
    bool is_docstart(std::string_view line) const;
    std::string_view docstart_tag() const;
    // Valid once measured.
    bool is_comment(const Row& row) const;
    bool is_range(const Row& row) const;
    // The word and the tag of a row. Throw TextError where there is none.
    std::string_view word(const Row& row) const;
    std::string_view tag(const Row& row) const;

  private:
    static bool starts_like_comment(const Row& row) { return row.line[0] == '#'; }
    std::string_view field(const Row& row, int index) const {
        return fields_[row.first + static_cast<std::size_t>(index)];
    }
    bool ends_empty(const Row& row) const { return row.count > 1 && field(row, row.count - 1).empty(); }
    int columns_of(const Row& row) const { return columns_ > 0 ? columns_ : row.count; }
    int index_of(const Row& row, int column) const { return column < 0 ? columns_of(row) + column : column; }
    bool has_tag(const Row& row) const;
    bool all_tagged() const;
    void check_rows(const Row& reference) const;
    int columns_needed() const;
    [[noreturn]] void fail(const Row& row) const;

    const ConllOptions& options_;
    std::vector<Row> rows_;
    std::vector<std::string_view> fields_;
    int columns_;
    bool has_rows_ = false;        // lines that do not start with '#'
    bool some_end_empty_ = false;  // of those rows
    bool numbered_ = false;        // all begin with a number, or a range of CoNLL-U
};

}  // namespace xproj
