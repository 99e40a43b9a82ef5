// A batch of sentence pairs that owns its arrays.
#pragma once

#include <vector>

#include "xproj/views.hpp"

namespace xproj {

struct Batch {
    std::vector<Offset> source_offsets{0}, target_offsets{0}, entity_offsets{0}, link_offsets{0};
    std::vector<Index> entity_start, entity_end, link_source, link_target;
    std::vector<std::uint8_t> stop;

    Spans entities() const { return {entity_offsets, entity_start, entity_end}; }
    Links links() const { return {link_offsets, link_source, link_target}; }
    TargetWords target() const { return {target_offsets, stop}; }
    std::size_t sentences() const { return target_offsets.size() - 1; }
    Offset entities_of(std::size_t s) const { return entity_offsets[s + 1] - entity_offsets[s]; }
};

}  // namespace xproj
