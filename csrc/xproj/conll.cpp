#include "xproj/conll.hpp"

#include <algorithm>
#include <unordered_map>

namespace xproj {
namespace {

constexpr std::string_view kDocstart = "-DOCSTART-";

bool looks_like_tag(std::string_view tag) {
    constexpr std::string_view prefixes = "BIESLUO";
    return tag == "O" || (tag.size() > 2 && tag[1] == '-' && prefixes.find(tag[0]) != std::string_view::npos);
}

bool is_blank_line(std::string_view line) {
    return std::all_of(line.begin(), line.end(), is_blank);
}

class Reader {
  public:
    Reader(const ConllOptions& options, ConllBlock& out) : options_(options), out_(out) {}

    void read(std::string_view block, bool at_end_of_file, std::size_t max_sentences) {
        LineCutter lines(block, at_end_of_file);
        std::string_view line;
        commit(lines);
        while (sentences() < max_sentences && lines.next(line)) {
            if (is_blank_line(line)) {
                end_sentence();
                commit(lines);
            } else {
                read_line(line, lines.lines() - 1);
            }
        }
        const bool whole_file = at_end_of_file && lines.position() == block.size();
        if (whole_file && sentences() < max_sentences) {  // the last sentence may lack its blank line
            if (pending_words() > 0) out_.words.end_sentence();
            commit(lines);
        }
        drop_uncommitted();
    }

  private:
    std::size_t sentences() const { return out_.words.sentence_offsets.size() - 1; }
    Offset pending_words() const { return out_.words.words() - out_.words.sentence_offsets.back(); }

    // Everything up to here need not be read again.
    void commit(const LineCutter& lines) {
        out_.words.consumed = lines.position();
        out_.words.consumed_lines = lines.lines();
        committed_docstarts_ = out_.docstarts;
        committed_comments_ = out_.comments;
    }

    void end_sentence() {
        if (pending_words() > 0 || (options_.empty_sentences && !after_docstart_)) out_.words.end_sentence();
        after_docstart_ = false;
    }

    // The words of a sentence that the block cut in two.
    void drop_uncommitted() {
        const std::size_t words = at(out_.words.sentence_offsets.back());
        out_.words.byte_offsets.resize(words + 1);
        out_.words.bytes.resize(static_cast<std::size_t>(out_.words.byte_offsets[words]));
        out_.lines.resize(words);
        if (options_.tags) out_.tags.resize(words);
        out_.docstarts = committed_docstarts_;
        out_.comments = committed_comments_;
    }

    void split(std::string_view line) {
        fields_.clear();
        if (options_.separator != '\t') {
            each_field(line, [&](std::string_view field) { fields_.push_back(field); });
            return;
        }
        for (;;) {
            const std::size_t tab = line.find('\t');
            fields_.push_back(line.substr(0, tab));
            if (tab == std::string_view::npos) return;
            line.remove_prefix(tab + 1);
        }
    }

    // The field of a column, or nullptr where the line has too few.
    const std::string_view* field(int column) const {
        const int count = static_cast<int>(fields_.size());
        const int index = column < 0 ? count + column : column;
        return index < 0 || index >= count ? nullptr : &fields_[static_cast<std::size_t>(index)];
    }

    void read_line(std::string_view line, std::int64_t number) {
        split(line);
        const std::string_view* word = field(options_.word_column);
        const std::string_view* tag = options_.tags ? field(options_.tag_column) : word;
        const bool complete = word && tag && !word->empty() && (!options_.tags || fields_.size() > 1);
        if (line[0] == '#' && is_comment(line, complete, tag)) {
            ++out_.comments;
            return;
        }
        if (!complete) fail(line, number);
        if (options_.skip_docstart && *word == kDocstart) {
            ++out_.docstarts;
            after_docstart_ = true;
            return;
        }
        if (options_.tags) {
            if (!looks_like_tag(*tag)) {
                throw TextError(number, "expected a tag such as O, B-PER or I-PER in column " +
                                            std::to_string(options_.tag_column) + ", got '" + std::string(*tag) + "'");
            }
            out_.tags.push_back(tag_id(*tag));
        }
        out_.words.add_word(*word);
        out_.lines.push_back(static_cast<std::int32_t>(number));
    }

    // A line that starts with '#' is a comment unless it reads as a word line.
    bool is_comment(std::string_view line, bool complete, const std::string_view* tag) const {
        if (options_.tags) return !complete || !looks_like_tag(*tag);
        if (options_.separator == '\t') return fields_.size() == 1 && line.size() > 1 && is_blank(line[1]);
        // By spaces a comment looks like columns; what tells them apart is the tag of a word line.
        return fields_.size() > 1 && !looks_like_tag(fields_.back());
    }

    [[noreturn]] void fail(std::string_view line, std::int64_t number) const {
        const int word = options_.word_column < 0 ? -options_.word_column : options_.word_column + 1;
        const int tag = options_.tag_column < 0 ? -options_.tag_column : options_.tag_column + 1;
        const int needed = options_.tags ? std::max({word, tag, 2}) : word;
        const char* separator = options_.separator == '\t' ? "a tab" : "spaces";
        throw TextError(number, "expected a word" + std::string(options_.tags ? " and its tag" : "") + " in at least " +
                                    std::to_string(needed) + " columns separated by " + separator + ", got '" +
                                    std::string(line.substr(0, 60)) + "'");
    }

    Index tag_id(std::string_view tag) {
        if (!out_.tag_names.empty() && tag == out_.tag_names.front()) return 0;  // O, nearly always
        const auto [entry, added] = tag_ids_.try_emplace(std::string(tag), static_cast<Index>(out_.tag_names.size()));
        if (added) out_.tag_names.emplace_back(tag);
        return entry->second;
    }

    const ConllOptions& options_;
    ConllBlock& out_;
    std::vector<std::string_view> fields_;
    std::unordered_map<std::string, Index> tag_ids_;
    bool after_docstart_ = false;
    std::int64_t committed_docstarts_ = 0;
    std::int64_t committed_comments_ = 0;
};

}  // namespace

ConllBlock read_conll(std::string_view block, bool at_end_of_file, std::size_t max_sentences,
                      const ConllOptions& options) {
    ConllBlock out;
    Reader(options, out).read(block, at_end_of_file, max_sentences);
    return out;
}

template <class ByteOffset>
std::string write_conll(View<Offset> sentence_offsets, View<ByteOffset> byte_offsets, const char* bytes,
                        View<Index> tags, const std::vector<std::string>& tag_names) {
    const std::size_t words = byte_offsets.size() - 1;
    std::string text;
    text.reserve(static_cast<std::size_t>(byte_offsets[words] - byte_offsets[0]) + words * 4 + sentence_offsets.size());
    for (std::size_t s = 0; s + 1 < sentence_offsets.size(); ++s) {
        for (std::size_t w = at(sentence_offsets[s]); w < at(sentence_offsets[s + 1]); ++w) {
            const std::string_view word(bytes + byte_offsets[w],
                                        static_cast<std::size_t>(byte_offsets[w + 1] - byte_offsets[w]));
            if (word.empty() || word.find_first_of("\t\n\r") != std::string_view::npos) {
                throw TextError(static_cast<std::int64_t>(w),
                                "CoNLL cannot hold a word that is empty or has a tab "
                                "or line break inside, got '" +
                                    std::string(word) + "'");
            }
            text.append(word);
            text.push_back('\t');
            text.append(tag_names[static_cast<std::size_t>(tags[w])]);
            text.push_back('\n');
        }
        text.push_back('\n');
    }
    return text;
}

template std::string write_conll(View<Offset>, View<std::int32_t>, const char*, View<Index>,
                                 const std::vector<std::string>&);
template std::string write_conll(View<Offset>, View<std::int64_t>, const char*, View<Index>,
                                 const std::vector<std::string>&);

}  // namespace xproj
