// Sets as trees in one vector: parent[i] == i at a root.
#pragma once

#include <vector>

#include "xproj/views.hpp"

namespace xproj {

// The root of an item; halves the way there for those who come after.
inline Index root_of(std::vector<Index>& parent, Index item) {
    for (;;) {
        Index& above = parent[static_cast<std::size_t>(item)];
        if (above == item) return item;
        above = parent[static_cast<std::size_t>(above)];
        item = above;
    }
}

}  // namespace xproj
