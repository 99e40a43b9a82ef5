// Symmetrises two directed word alignments (Koehn et al. 2003; the pseudo-code of the Moses manual).
#pragma once

#include <vector>

#include "xproj/views.hpp"

namespace xproj {

enum class Symmetrization { intersection, union_, grow_diag, grow_diag_final_and };

struct LinkList {
    std::vector<Offset> offsets;
    std::vector<Index> source;
    std::vector<Index> target;
};

// Both inputs are source-target links of the same sentences; the result is ordered by (source, target),
// unique.
LinkList symmetrize(const Links& forward, const Links& reverse, Symmetrization method, int threads);

}  // namespace xproj
