// The scores of all pairs of an entity and a candidate, as kernels fill them.
#pragma once

#include "records.hpp"

namespace xproj::bindings {

// Where the (rows x columns) block of each sentence starts.
inline Array<Offset> block_offsets(View<Offset> rows, View<Offset> columns) {
    auto offsets = allocate<Offset>(rows.size());
    Offset* ends = offsets.mutable_data();
    ends[0] = 0;
    for (std::size_t s = 0; s + 1 < rows.size(); ++s) {
        ends[s + 1] = ends[s] + (rows[s + 1] - rows[s]) * (columns[s + 1] - columns[s]);
    }
    return offsets;
}

// Allocates the block of each sentence, one behind the other, and lets a kernel fill them.
template <class Fill>
py::object score_blocks(View<Offset> rows, View<Offset> columns, Fill&& fill) {
    const auto offsets = block_offsets(rows, columns);
    auto scores = allocate<float>(at(view(offsets).back()));
    float* values = scores.mutable_data();
    {
        const py::gil_scoped_release no_gil;
        fill(view(offsets), values);
    }
    return make_record<"PairScores">(offsets, scores);
}

}  // namespace xproj::bindings
