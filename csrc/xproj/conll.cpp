#include "xproj/conll.hpp"

#include <unordered_map>

#include "xproj/conll_sentence.hpp"

namespace xproj {
namespace {

bool is_blank_line(std::string_view line) {
    return line.empty() || (is_blank(line[0]) && std::all_of(line.begin(), line.end(), is_blank));
}

bool breaks_a_row(std::string_view field) {
    return field.empty() || field.find_first_of("\t\n\r") != std::string_view::npos;
}

class Reader {
  public:
    Reader(const ConllOptions& options, ConllBlock& out) : options_(options), out_(out), sentence_(options) {}

    void read(std::string_view block, bool at_end_of_file, std::size_t max_sentences) {
        LineCutter lines(block, at_end_of_file);
        std::string_view line;
        bool after_docstart = false;  // which is a sentence by itself, whether a blank line follows or not
        while (sentences() < max_sentences) {
            const LineCutter before = lines;
            if (!lines.next(line)) break;
            if (is_blank_line(line)) {
                end_sentence();
                commit(lines);
                after_docstart = false;
                continue;
            }
            const bool docstart = sentence_.is_docstart(line);
            if (!sentence_.empty() && (docstart || after_docstart)) {
                end_sentence();
                commit(before);
                if (sentences() == max_sentences) break;
            }
            sentence_.add(line, before.lines());
            after_docstart = docstart;
        }
        const bool whole_file = at_end_of_file && lines.position() == block.size();
        if (whole_file && sentences() < max_sentences) {  // the last sentence may lack its blank line
            if (!sentence_.empty()) end_sentence();
            commit(lines);
        }
        out_.columns = sentence_.columns();
    }

  private:
    std::size_t sentences() const { return out_.words.sentence_offsets.size() - 1; }

    // Everything up to here need not be read again.
    void commit(const LineCutter& lines) {
        out_.words.consumed = lines.position();
        out_.words.consumed_lines = lines.lines();
    }

    void end_sentence() {
        const Offset words = out_.words.words();
        const bool blank_line = sentence_.empty();
        if (!blank_line) add_rows();
        // A blank line behind nothing but comments is theirs.
        if (out_.words.words() > words || (blank_line && options_.empty_sentences)) out_.words.end_sentence();
        sentence_.clear();
    }

    void add_rows() {
        if (sentence_.is_docstart(sentence_.rows().front().line)) {
            if (options_.skip_docstart) {
                ++out_.docstarts;
            } else {
                add_word(kDocstart, sentence_.docstart_tag(), sentence_.rows().front().number);
            }
            return;
        }
        sentence_.measure();
        for (const Sentence::Row& row : sentence_.rows()) {
            if (sentence_.is_comment(row)) {
                ++out_.comments;
            } else if (sentence_.is_range(row)) {
                ++out_.ranges;
            } else {
                const std::string_view word = sentence_.word(row);
                add_word(word, options_.tags ? sentence_.tag(row) : word, row.number);
            }
        }
    }

    void add_word(std::string_view word, std::string_view tag, std::int64_t line) {
        if (options_.tags) out_.tags.push_back(tag_id(tag));
        out_.words.add_word(word);
        out_.lines.push_back(static_cast<std::int32_t>(line));
    }

    Index tag_id(std::string_view tag) {
        if (!out_.tag_names.empty() && tag == out_.tag_names.front()) return 0;  // O, nearly always
        const auto [entry, added] = tag_ids_.try_emplace(std::string(tag), static_cast<Index>(out_.tag_names.size()));
        if (added) out_.tag_names.emplace_back(tag);
        return entry->second;
    }

    const ConllOptions& options_;
    ConllBlock& out_;
    Sentence sentence_;
    std::unordered_map<std::string, Index> tag_ids_;
};

}  // namespace

ConllBlock read_conll(std::string_view block, bool at_end_of_file, std::size_t max_sentences,
                      const ConllOptions& options, std::size_t most_bytes) {
    check_size(block, most_bytes);
    ConllBlock out;
    out.columns = options.columns;
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
            if (breaks_a_row(word)) {
                throw TextError(static_cast<std::int64_t>(w),
                                "CoNLL cannot hold a word that is empty or has a tab "
                                "or line break inside, got '" +
                                    std::string(word) + "'");
            }
            if (word == kDocstart && sentence_offsets[s + 1] - sentence_offsets[s] > 1) {
                throw TextError(static_cast<std::int64_t>(w),
                                "CoNLL cannot hold -DOCSTART- among other words, as it ends the sentence before it");
            }
            const std::string& tag = tag_names[static_cast<std::size_t>(tags[w])];
            if (breaks_a_row(tag)) {
                throw TextError(
                    static_cast<std::int64_t>(w),
                    "CoNLL cannot hold a tag that is empty or has a tab or line break inside, got '" + tag + "'");
            }
            text.append(word);
            text.push_back('\t');
            text.append(tag);
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
