#include "xproj/word_families.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace xproj {
namespace {

using Stem = std::array<Index, 4>;  // the first characters, 0 beyond the end

struct HashStem {
    std::size_t operator()(const Stem& stem) const {
        std::uint64_t hash = 0;
        for (const Index c : stem) hash = (hash ^ static_cast<std::uint32_t>(c)) * 0x9e3779b97f4a7c15U;
        return hash ^ (hash >> 32);
    }
};

}  // namespace

WordFamilies word_families(const LinkText& text) {
    WordFamilies families;
    std::unordered_map<Stem, Index, HashStem> known;
    for (std::size_t type = 0; type < text.types(); ++type) {
        const View<Index> form = text.form(type);
        Stem stem{};
        std::copy_n(form.begin(), std::min(form.size(), stem.size()), stem.begin());
        families.of_type.push_back(known.try_emplace(stem, static_cast<Index>(known.size())).first->second);
    }
    families.count = known.size();
    return families;
}

}  // namespace xproj
