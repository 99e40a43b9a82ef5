// Words that begin alike, as those of one stem do: what is learnt of one helps with the others.
#pragma once

#include <vector>

#include "xproj/link_text.hpp"

namespace xproj {

struct WordFamilies {
    std::vector<Index> of_type;  // numbered in the order in which they first occur
    std::size_t count = 0;
};

WordFamilies word_families(const LinkText& text);

}  // namespace xproj
