// Columns of words and tags: cut anywhere the same, and what is written of them is read as it was.
#include "xproj/conll.hpp"

#include "fuzz/blocks.hpp"

namespace {

using namespace xproj;

struct Rows {
    std::vector<std::vector<std::pair<std::string, std::string>>> sentences;
    std::int64_t docstarts = 0, comments = 0, ranges = 0;

    bool operator==(const Rows&) const = default;
};

void append(const ConllBlock& block, bool tags, Rows& rows) {
    const WordBlock& words = block.words;
    REQUIRE(block.lines.size() == at(words.words()));
    REQUIRE(block.tags.size() == (tags ? at(words.words()) : 0));
    for (std::size_t s = 0; s + 1 < words.sentence_offsets.size(); ++s) {
        auto& sentence = rows.sentences.emplace_back();
        for (std::size_t w = at(words.sentence_offsets[s]); w < at(words.sentence_offsets[s + 1]); ++w) {
            const auto begin = static_cast<std::size_t>(words.byte_offsets[w]);
            const auto end = static_cast<std::size_t>(words.byte_offsets[w + 1]);
            sentence.emplace_back(words.bytes.substr(begin, end - begin),
                                  tags ? block.tag_names.at(static_cast<std::size_t>(block.tags[w])) : "");
        }
    }
    rows.docstarts += block.docstarts;
    rows.comments += block.comments;
    rows.ranges += block.ranges;
}

// What is written is read as it was, unless the writer refuses it.
void round_trip(std::string_view text, const ConllOptions& options) {
    ConllBlock block;
    std::string written;
    try {
        block = read_conll(text, true, 1'000'000, options);
        written = write_conll<std::int32_t>(block.words.sentence_offsets, block.words.byte_offsets,
                                            block.words.bytes.data(), block.tags, block.tag_names);
    } catch (const TextError&) {
        return;
    }
    if (written.find(" \t") != std::string::npos || written.find('#') != std::string::npos) return;
    ConllOptions own;
    own.empty_sentences = true;
    Rows first, again;
    append(block, true, first);
    append(read_conll(written, true, 1'000'000, own), true, again);
    REQUIRE(first.sentences == again.sentences);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Data data(bytes, size);
    const fuzz::Cut cuts(data);
    ConllOptions options;
    options.separator = data.flag() ? ' ' : '\t';
    options.word_column = data.number(-2, 3);
    options.tag_column = data.number(-2, 3);
    options.tags = data.flag();
    options.skip_docstart = data.flag();
    options.empty_sentences = data.flag();
    int columns = 0;
    const auto read = [&](std::string_view block, bool at_end, Rows& rows) {
        ConllOptions here = options;
        here.columns = columns;
        const ConllBlock found = read_conll(block, at_end, cuts.most, here);
        append(found, options.tags, rows);
        columns = found.columns;
        return std::pair(found.words.consumed, found.words.consumed_lines);
    };
    const auto cut = fuzz::read_in_steps<Rows>(data.rest(), cuts.step, read);
    columns = 0;
    const auto whole = fuzz::read_in_steps<Rows>(data.rest(), data.rest().size() + 1, read);
    REQUIRE(cut.faulty_line == whole.faulty_line);
    if (cut.faulty_line < 0) REQUIRE(cut.result == whole.result);
    if (options.tags) round_trip(data.rest(), options);
    return 0;
}
