// Lines of words: cut anywhere the same, and as a plain loop over characters reads them.
#include "xproj/words.hpp"

#include "fuzz/blocks.hpp"

namespace {

using Sentences = std::vector<std::vector<std::string>>;

Sentences plain(std::string_view text) {
    Sentences all;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        auto& words = all.emplace_back();
        bool inside = false;
        for (const char c : line) {
            const bool blank = c == ' ' || c == '\t';
            if (!blank && !inside) words.emplace_back();
            if (!blank) words.back().push_back(c);
            inside = !blank;
        }
    }
    return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Data data(bytes, size);
    const fuzz::Cut cuts(data);
    const std::vector<std::string> stop_words{"!", "?", "``", "the"};
    const auto read = [&](std::string_view block, bool at_end, Sentences& all) {
        const xproj::WordBlock words = xproj::read_word_lines(block, at_end, cuts.most);
        std::vector<std::uint8_t> stop(xproj::at(words.words()));
        xproj::mark_stop_words<std::int32_t>(words.byte_offsets, words.bytes.data(), stop_words, stop.data());
        for (std::size_t s = 0; s + 1 < words.sentence_offsets.size(); ++s) {
            auto& sentence = all.emplace_back();
            for (auto w = xproj::at(words.sentence_offsets[s]); w < xproj::at(words.sentence_offsets[s + 1]); ++w) {
                const auto begin = static_cast<std::size_t>(words.byte_offsets[w]);
                const auto end = static_cast<std::size_t>(words.byte_offsets[w + 1]);
                sentence.push_back(words.bytes.substr(begin, end - begin));
                const bool is_stop =
                    std::find(stop_words.begin(), stop_words.end(), sentence.back()) != stop_words.end();
                REQUIRE(stop[w] == static_cast<std::uint8_t>(is_stop));
            }
        }
        return std::pair(words.consumed, words.consumed_lines);
    };
    const auto cut = fuzz::read_in_steps<Sentences>(data.rest(), cuts.step, read);
    REQUIRE(cut.result == plain(data.rest()));
    return 0;
}
