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
