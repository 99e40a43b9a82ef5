// The connected components of a sentence: entities whose arcs share words, directly or through others.
#pragma once

#include <algorithm>
#include <numeric>
#include <vector>

#include "xproj/arcs.hpp"
#include "xproj/root.hpp"

namespace xproj {

class Components {
  public:
    // `connecting` are all arcs that count, in any order (they are sorted here); entity e has arcs of its own left
    // where row_begin[e] < row_begin[e + 1], and is in no component else.
    //
    // Inside a run of words that arcs connect all entities belong together; an entity ties the runs it has arcs in.
    const std::vector<std::vector<Index>>& find(std::size_t entities, std::vector<Arc>& connecting,
                                                const std::vector<std::size_t>& row_begin) {
        parent_.resize(entities);
        std::iota(parent_.begin(), parent_.end(), Index{0});
        std::sort(connecting.begin(), connecting.end(), arc_before);
        Index reach = 0;
        Index previous = 0;
        for (const Arc& arc : connecting) {
            if (arc.start < reach) parent_[static_cast<std::size_t>(root(arc.entity))] = root(previous);
            reach = std::max(reach, arc.end);
            previous = arc.entity;
        }
        found_.assign(entities, {});
        for (std::size_t e = 0; e < entities; ++e) {
            if (row_begin[e] == row_begin[e + 1]) continue;
            found_[static_cast<std::size_t>(root(static_cast<Index>(e)))].push_back(static_cast<Index>(e));
        }
        std::erase_if(found_, [](const auto& component) { return component.empty(); });
        return found_;
    }

  private:
    Index root(Index entity) { return root_of(parent_, entity); }

    std::vector<Index> parent_;
    std::vector<std::vector<Index>> found_;
};

}  // namespace xproj
