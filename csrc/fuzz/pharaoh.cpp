// Links: cut anywhere the same, and what is written of them is read as it was.
#include "xproj/pharaoh.hpp"

#include "fuzz/blocks.hpp"

namespace {

using namespace xproj;
using Sentences = std::vector<std::vector<std::pair<Index, Index>>>;

Sentences sentences_of(const PharaohBlock& block) {
    Sentences all;
    REQUIRE(block.offsets.back() == static_cast<Offset>(block.links));
    for (std::size_t s = 0; s + 1 < block.offsets.size(); ++s) {
        auto& links = all.emplace_back();
        for (std::size_t l = at(block.offsets[s]); l < at(block.offsets[s + 1]); ++l) {
            links.emplace_back(block.source[l], block.target[l]);
        }
    }
    return all;
}

// A text's lines as the strings of a column: each has the links that it has alone, or the same complaint.
void read_as_column(std::string_view text, const PharaohOptions& options) {
    std::vector<std::int64_t> ends{0};
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] % 7 == 0) ends.push_back(static_cast<std::int64_t>(i));  // anywhere
    }
    ends.push_back(static_cast<std::int64_t>(text.size()));
    const LinkStrings found = read_link_strings(ends, text.data(), options);
    REQUIRE(found.offsets.size() == ends.size() && found.offsets.back() == static_cast<Offset>(found.links));
    std::size_t k = 0;
    for (std::size_t s = 0; s + 1 < ends.size(); ++s) {
        const std::string row(text.substr(at(ends[s]), at(ends[s + 1] - ends[s])));
        std::string expected = "expected one line per sentence, got a line break inside";
        std::vector<std::pair<Index, Index>> links;
        try {
            const PharaohBlock alone = read_pharaoh(row, true, 1, options);
            if (alone.consumed == row.size() && row.find('\n') == std::string::npos) {
                expected.clear();
                for (std::size_t l = 0; l < alone.links; ++l) links.emplace_back(alone.source[l], alone.target[l]);
            }
        } catch (const TextError& fault) {
            expected = fault.what();
        }
        if (!expected.empty()) {
            REQUIRE(k < found.faults.size() && found.faults[k].line() == static_cast<std::int64_t>(s));
            REQUIRE(expected == found.faults[k++].what());
        }
        REQUIRE(static_cast<Offset>(links.size()) == found.offsets[s + 1] - found.offsets[s]);
        for (std::size_t l = 0; l < links.size(); ++l) {
            const std::size_t i = at(found.offsets[s]) + l;
            REQUIRE((links[l] == std::pair<Index, Index>(found.source[i], found.target[i])));
        }
    }
    REQUIRE(k == found.faults.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Data data(bytes, size);
    const fuzz::Cut cuts(data);
    PharaohOptions options;
    options.probabilities = data.flag();
    options.min_probability = static_cast<float>(data.number(0, 4)) / 4;
    options.possible = static_cast<PharaohOptions::Possible>(data.number(0, 2));
    const auto read = [&](std::string_view block, bool at_end, Sentences& all) {
        const PharaohBlock found = read_pharaoh(block, at_end, cuts.most, options);
        for (auto& links : sentences_of(found)) all.push_back(std::move(links));
        return std::pair(found.consumed, found.consumed_lines);
    };
    read_as_column(data.rest(), options);
    const auto cut = fuzz::read_in_steps<Sentences>(data.rest(), cuts.step, read);
    const auto whole = fuzz::read_in_steps<Sentences>(data.rest(), data.rest().size() + 1, read);
    REQUIRE(cut.faulty_line == whole.faulty_line);
    if (cut.faulty_line >= 0) return 0;
    REQUIRE(cut.result == whole.result);

    const PharaohBlock block = read_pharaoh(data.rest(), true, 1'000'000, options);
    const std::string text =
        write_pharaoh({block.offsets, {block.source.get(), block.links}, {block.target.get(), block.links}});
    REQUIRE(sentences_of(read_pharaoh(text, true, 1'000'000, {})) == sentences_of(block));
    return 0;
}
