// The text readers, also on blocks that cut sentences anywhere, and on noise.
#include <random>

#include "check.hpp"
#include "xproj/conll.hpp"
#include "xproj/pharaoh.hpp"
#include "xproj/words.hpp"

namespace {

using namespace xproj;

// Reads `text` in blocks that grow by `step` bytes, as a streaming caller would.
ConllBlock read_in_steps(std::string_view text, std::size_t step, const ConllOptions& options) {
    ConllBlock all;
    std::size_t done = 0;
    std::size_t filled = 0;
    while (done < text.size()) {
        filled = std::min(filled + step, text.size());
        const ConllBlock block = read_conll(text.substr(done, filled - done), filled == text.size(), 1000, options);
        for (std::size_t s = 0; s + 1 < block.words.sentence_offsets.size(); ++s) {
            for (Offset w = block.words.sentence_offsets[s]; w < block.words.sentence_offsets[s + 1]; ++w) {
                const auto begin = static_cast<std::size_t>(block.words.byte_offsets[at(w)]);
                const auto end = static_cast<std::size_t>(block.words.byte_offsets[at(w) + 1]);
                all.words.add_word(std::string_view(block.words.bytes).substr(begin, end - begin));
                all.tag_names.push_back(block.tag_names[static_cast<std::size_t>(block.tags[at(w)])]);
            }
            all.words.end_sentence();
        }
        all.comments += block.comments;
        all.docstarts += block.docstarts;
        done += block.words.consumed;
        if (filled == text.size() && block.words.consumed == 0) break;
    }
    return all;
}

TEST(conll_is_the_same_however_it_is_cut) {
    const std::string text = "# newdoc\n-DOCSTART-\tO\n\nEU\tB-ORG\r\nrejects\tO\n\n\n#\tO\nx\tB-PER\ny\tI-PER";
    for (const bool skip : {false, true}) {
        for (const bool empty : {false, true}) {
            ConllOptions options;
            options.skip_docstart = skip;
            options.empty_sentences = empty;
            const ConllBlock whole = read_in_steps(text, text.size(), options);
            CHECK(whole.comments == 1);
            CHECK(whole.docstarts == (skip ? 1 : 0));
            CHECK(whole.words.words() == (skip ? 5 : 6));
            for (std::size_t step = 1; step < text.size(); ++step) {
                const ConllBlock cut = read_in_steps(text, step, options);
                CHECK(cut.words.sentence_offsets == whole.words.sentence_offsets);
                CHECK(cut.words.bytes == whole.words.bytes);
                CHECK(cut.tag_names == whole.tag_names);
            }
        }
    }
}

std::string words_of(std::string_view text, const ConllOptions& options) {
    const ConllBlock block = read_conll(text, true, 1000, options);
    std::string words;
    for (std::size_t s = 0; s + 1 < block.words.sentence_offsets.size(); ++s) {
        for (Offset w = block.words.sentence_offsets[s]; w < block.words.sentence_offsets[s + 1]; ++w) {
            const auto begin = static_cast<std::size_t>(block.words.byte_offsets[at(w)]);
            const auto end = static_cast<std::size_t>(block.words.byte_offsets[at(w) + 1]);
            words += block.words.bytes.substr(begin, end - begin) + ' ';
        }
        words += '|';
    }
    return words;
}

std::int64_t faulty_line(std::string_view text, const ConllOptions& options) {
    try {
        read_conll(text, true, 1000, options);
    } catch (const TextError& error) {
        return error.line();
    }
    return -1;
}

TEST(conll_comments_have_other_columns_than_rows) {
    ConllOptions options;
    options.separator = ' ';
    for (const bool tags : {true, false}) {
        options.tags = tags;
        CHECK(words_of("# text = a B-52\nAnna B-PER\n# O\n", options) == "Anna # |");
        CHECK(words_of("a O\n\n# new document\n\n#x O\n", options) == "a |#x |");
    }
    options.separator = '\t';
    options.word_column = 1;
    options.tag_column = 2;
    CHECK(words_of("#\turl\t[date]\t\n1\tAnna\tB-PER\tO\n1-2\tx\tO\tO\n1.1\ty\tO\tO\n", options) == "Anna |");
    CHECK(read_conll("1\ta\tO\n1-2\tb\tO\n", true, 9, options).ranges == 1);
}

TEST(conll_rows_of_a_sentence_have_as_many_columns) {
    ConllOptions options;
    CHECK(words_of("a\tO\t\nb\tO\n\nc\tx\tO\n", options) == "a b |c |");
    CHECK(faulty_line("a\tO\n\nb\tO\nNew\tYork\tO\n", options) == 3);
    CHECK(faulty_line("a\tx\tO\nb\tO\n", options) == 1);
    options.separator = ' ';
    CHECK(faulty_line("a O\n: \" O\n", options) == 1);
}

TEST(conll_docstart_is_a_sentence_by_itself) {
    ConllOptions options;
    options.separator = ' ';
    const std::string text = "-DOCSTART- -X- O\na O\n-DOCSTART-\nb O\n\n";
    CHECK(words_of(text, options) == "-DOCSTART- |a |-DOCSTART- |b |");
    options.skip_docstart = true;
    CHECK(words_of(text, options) == "a |b |");
    const ConllBlock one = read_conll(text, true, 1, options);  // stops before the -DOCSTART- that ends the sentence
    CHECK(text.substr(one.words.consumed) == "-DOCSTART-\nb O\n\n");
}

TEST(conll_round_trips) {
    const std::string text = "EU\tB-ORG\nrejects\tO\n\nx\tI-PER\n\n";
    const ConllBlock block = read_conll(text, true, 10, {});
    CHECK(write_conll<std::int32_t>(block.words.sentence_offsets, block.words.byte_offsets, block.words.bytes.data(),
                                    block.tags, block.tag_names) == text);
}

TEST(conll_refuses_what_would_be_read_as_something_else) {
    const std::vector<Offset> sentences{0, 1}, bytes{0, 1};
    const std::vector<Index> tags{0};
    const auto refused = [&](const char* word, const char* tag) {
        try {
            write_conll<Offset>(sentences, bytes, word, tags, {tag});
        } catch (const TextError& error) {
            return error.line() == 0;
        }
        return false;
    };
    for (const char* field : {"\t", "\n", "\r"}) {
        CHECK(refused(field, "O"));
        CHECK(refused("a", field));
    }
    CHECK(refused("a", ""));
    CHECK(refused("a", "B-X\r"));  // what a middle column may end with: at the end of a line it is the line's
    CHECK(!refused("a", "B-X"));
}

std::vector<Index> sources(std::string_view text, const PharaohOptions& options) {
    const PharaohBlock block = read_pharaoh(text, true, 9, options);
    return {block.source.get(), block.source.get() + block.links};
}

TEST(pharaoh_reads_its_dialects) {
    PharaohOptions options;
    CHECK((read_pharaoh("0-1 2-3\n\n4-5", true, 9, options).offsets == std::vector<Offset>{0, 2, 2, 3}));
    CHECK((sources("0-1\r\n2-3\r\n", options) == std::vector<Index>{0, 2}));
    CHECK((sources("0-1  12-345 6789-0\n100-7", options) == std::vector<Index>{0, 12, 6789, 100}));
    CHECK(read_pharaoh("0-1 2-", false, 9, options).consumed == 0);
    options.probabilities = true;
    options.min_probability = 0.5F;
    options.possible = PharaohOptions::Possible::drop;
    CHECK((sources("0-1:0.25 1-1:1 2?2:0.9\n", options) == std::vector<Index>{1}));
}

TEST(readers_survive_noise) {
    std::mt19937 random(3);
    const std::string alphabet = "0123456789-:?. \t\n\r#OBI\xc3\xa9";
    for (int round = 0; round < 20000; ++round) {
        std::string text;
        const int size = std::uniform_int_distribution<int>(0, 30)(random);
        for (int i = 0; i < size; ++i) {
            text.push_back(alphabet[std::uniform_int_distribution<std::size_t>(0, alphabet.size() - 1)(random)]);
        }
        const bool at_end = round % 2 == 0;
        PharaohOptions options;
        options.probabilities = round % 3 == 0;
        options.possible = static_cast<PharaohOptions::Possible>(round % 3);
        try {
            CHECK(read_pharaoh(text, at_end, 5, options).consumed <= text.size());
        } catch (const TextError& error) {
            CHECK(error.line() >= 0);
        }
        try {
            ConllOptions columns;
            columns.separator = round % 5 == 0 ? ' ' : '\t';
            CHECK(read_conll(text, at_end, 5, columns).words.consumed <= text.size());
        } catch (const TextError& error) {
            CHECK(error.line() >= 0);
        }
        CHECK(read_word_lines(text, at_end, 5).consumed <= text.size());
    }
}

TEST(a_sentence_too_large_to_be_counted_is_refused) {
    const auto refused = [](auto&& read) {
        try {
            read();
        } catch (const TextError& error) {
            return error.line() == 0 && std::string(error.what()) == "expected a sentence of at most 9 bytes, got more";
        }
        return false;
    };
    CHECK(refused([] { read_word_lines("0123456789", true, 9, 9); }));
    CHECK(refused([] { read_conll("01234\tO\n\n\n", true, 9, {}, 9); }));
    CHECK(read_word_lines("012345678", true, 9, 9).words() == 1);
    CHECK(kMostBlockBytes == 2147483647);
}

TEST(stop_words_are_marked) {
    const std::string bytes = "a!?b!!";
    const std::vector<std::int32_t> offsets{0, 1, 2, 3, 4, 6, 6, 6};
    std::vector<std::uint8_t> marks(7, 9);
    mark_stop_words<std::int32_t>(offsets, bytes.data(), {"!", "?", "!!"}, marks.data());
    CHECK((marks == std::vector<std::uint8_t>{0, 1, 1, 0, 1, 0, 0}));
}

}  // namespace
