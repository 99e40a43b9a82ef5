#include "xproj/conll_sentence.hpp"

#include <algorithm>
#include <string>

namespace xproj {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_number(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

// 1-2 or 8.1, as CoNLL-U numbers what is no word.
bool is_range_id(std::string_view text) {
    const std::size_t at = text.find_first_of("-.");
    return at != std::string_view::npos && is_number(text.substr(0, at)) && is_number(text.substr(at + 1));
}

// The number of a word in its sentence, or what stands in its place.
bool is_id(std::string_view text) {
    return is_number(text) || is_range_id(text);
}

// "# text = ...", "# newdoc id = ...": one or two names and an equals sign, as CoNLL-U writes what it says of a
// sentence.
bool is_metadata(std::string_view line) {
    int names = 0;
    bool is_first = true;
    bool found = false;
    each_field(line, [&](std::string_view field) {
        if (is_first) {
            is_first = false;
            names = field == "#" ? 0 : -9;
        } else if (!found && names >= 0) {
            found = field == "=" && names > 0;
            if (++names > 2 && !found) names = -9;
        }
    });
    return found;
}

}  // namespace

bool looks_like_tag(std::string_view field) {
    constexpr std::string_view prefixes = "BIESLUO";
    return field == "O" || (field.size() > 2 && field[1] == '-' && prefixes.find(field[0]) != std::string_view::npos);
}

void Sentence::add(std::string_view line, std::int64_t number) {
    const std::size_t first = fields_.size();
    if (options_.separator == '\t') {
        std::string_view rest = line;
        for (;;) {
            const std::size_t tab = rest.find('\t');
            fields_.push_back(rest.substr(0, tab));
            if (tab == std::string_view::npos) break;
            rest.remove_prefix(tab + 1);
        }
    } else {
        each_field(line, [&](std::string_view field) { fields_.push_back(field); });
    }
    rows_.push_back({line, number, first, static_cast<int>(fields_.size() - first)});
}

void Sentence::clear() {
    rows_.clear();
    fields_.clear();
}

void Sentence::measure() {
    some_end_empty_ = false;
    numbered_ = true;
    bool all_end_empty = true;
    bool same = true;
    int least = 0;
    const Row* reference = nullptr;  // the first row
    for (const Row& row : rows_) {
        if (starts_like_comment(row)) continue;
        if (!reference) {
            reference = &row;
            least = row.count;
        }
        same &= row.count == reference->count;
        least = std::min(least, row.count);
        const bool empty = ends_empty(row);
        some_end_empty_ |= empty;
        all_end_empty &= empty;
        numbered_ = numbered_ && is_id(field(row, 0));
    }
    has_rows_ = reference != nullptr;
    numbered_ = numbered_ && has_rows_;
    if (!has_rows_) return;
    columns_ = same && all_end_empty ? least - 1 : least;
    if (!same || least < columns_needed()) check_rows(*reference);
}

// Throws for the first row that is too short, or has other columns than the first one.
void Sentence::check_rows(const Row& reference) const {
    const auto fits = [&](const Row& row) {
        return row.count == columns_ || (row.count == columns_ + 1 && ends_empty(row));
    };
    for (const Row& row : rows_) {
        if (!starts_like_comment(row) && row.count < columns_needed()) fail(row);
    }
    for (const Row& row : rows_) {
        // Where the first row itself has too many, it is the one that has fewer which differs from the line before.
        if (starts_like_comment(row) || (fits(reference) ? fits(row) : row.count != columns_)) continue;
        throw TextError(row.number, "expected " + std::to_string(reference.count) +
                                        (reference.count == 1 ? " column" : " columns") +
                                        " as in the first row of the sentence, got " + std::to_string(row.count) +
                                        " in '" + std::string(row.line.substr(0, 60)) + "'");
    }
}

bool Sentence::all_tagged() const {
    return std::all_of(rows_.begin(), rows_.end(),
                       [&](const Row& row) { return starts_like_comment(row) || has_tag(row); });
}

bool Sentence::is_docstart(std::string_view line) const {
    if (line[0] == '-' && line.substr(0, kDocstart.size()) == kDocstart) {
        return line.size() == kDocstart.size() || is_blank(line[kDocstart.size()]);
    }
    if (options_.word_column == 0 || line.find(kDocstart) == std::string_view::npos) return false;
    bool found = false;
    each_field(line, [&](std::string_view field) { found |= field == kDocstart; });
    return found;
}

std::string_view Sentence::docstart_tag() const {
    const std::string_view line = rows_.front().line;
    const std::size_t blank = line.find_last_of(" \t");
    const std::string_view last = blank == std::string_view::npos ? line : line.substr(blank + 1);
    return looks_like_tag(last) ? last : "O";
}

bool Sentence::has_tag(const Row& row) const {
    const int index = index_of(row, options_.tag_column);
    return index >= 0 && index < row.count && looks_like_tag(field(row, index));
}

bool Sentence::is_comment(const Row& row) const {
    if (!starts_like_comment(row)) return false;
    const bool by_spaces = options_.separator != '\t';
    if (by_spaces && is_metadata(row.line)) return true;
    if (columns_ == 0) {  // nothing to hold it against: a row has a tag
        return row.count < 2 || !looks_like_tag(field(row, row.count - 1));
    }
    // An empty column at the end is one where rows have such a column, too.
    const int filled = row.count - (ends_empty(row) ? 1 : 0);
    if (filled != columns_ && !(some_end_empty_ && row.count == columns_)) return true;
    if (numbered_ && index_of(row, options_.word_column) != 0)
        return true;  // every row but this begins with its number
    // A lone # is a word with the tag of a word, or the beginning of a comment that happens to have as many columns.
    if (columns_ < 2 || field(row, 0) != "#" || has_tag(row)) return false;
    return has_rows_ ? all_tagged() : by_spaces;
}

bool Sentence::is_range(const Row& row) const {
    return numbered_ && index_of(row, options_.word_column) != 0 && is_range_id(field(row, 0));
}

std::string_view Sentence::word(const Row& row) const {
    const int index = index_of(row, options_.word_column);
    if (index < 0 || index >= row.count || field(row, index).empty()) fail(row);
    return field(row, index);
}

std::string_view Sentence::tag(const Row& row) const {
    const int index = index_of(row, options_.tag_column);
    if (index < 0 || index >= row.count || columns_of(row) < 2) fail(row);
    const std::string_view tag = field(row, index);
    if (!looks_like_tag(tag)) {
        throw TextError(row.number, "expected a tag such as O, B-PER or I-PER in column " +
                                        std::to_string(options_.tag_column) + ", got '" + std::string(tag) + "'");
    }
    return tag;
}

int Sentence::columns_needed() const {
    const auto least = [](int column) { return column < 0 ? -column : column + 1; };
    const int word = least(options_.word_column);
    return options_.tags ? std::max({word, least(options_.tag_column), 2}) : word;
}

void Sentence::fail(const Row& row) const {
    const int needed = columns_needed();
    const char* separator = options_.separator == '\t' ? "a tab" : "spaces";
    throw TextError(row.number, "expected a word" + std::string(options_.tags ? " and its tag" : "") + " in at least " +
                                    std::to_string(needed) + (needed == 1 ? " column" : " columns") + " separated by " +
                                    separator + ", got '" + std::string(row.line.substr(0, 60)) + "'");
}

}  // namespace xproj
