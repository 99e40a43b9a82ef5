// Symmetrisation against the pseudo-code of the Moses manual, over every point of the grid.
#include "xproj/symmetrize.hpp"

#include <set>
#include <vector>

#include "fuzz/data.hpp"

using namespace xproj;

namespace {

constexpr Index kWords = 9;
using Points = std::set<std::pair<Index, Index>>;

bool source_free(const Points& links, Index i) {
    for (const auto& point : links) {
        if (point.first == i) return false;
    }
    return true;
}

bool target_free(const Points& links, Index j) {
    for (const auto& point : links) {
        if (point.second == j) return false;
    }
    return true;
}

Points plain(const Points& forward, const Points& reverse, Symmetrization method) {
    Points both = forward, links;
    both.insert(reverse.begin(), reverse.end());
    if (method == Symmetrization::union_) return both;
    for (const auto& point : forward) {
        if (reverse.count(point)) links.insert(point);
    }
    if (method == Symmetrization::intersection) return links;
    constexpr int kSteps[8][2] = {{-1, 0}, {0, -1}, {1, 0}, {0, 1}, {-1, -1}, {-1, 1}, {1, -1}, {1, 1}};
    for (bool grew = true; grew;) {
        grew = false;
        for (Index i = 0; i < kWords; ++i) {
            for (Index j = 0; j < kWords; ++j) {
                if (!links.count({i, j})) continue;
                for (const auto& step : kSteps) {
                    const std::pair<Index, Index> next{i + step[0], j + step[1]};
                    if (!both.count(next) || links.count(next)) continue;
                    if (!source_free(links, next.first) && !target_free(links, next.second)) continue;
                    links.insert(next);
                    grew = true;
                }
            }
        }
    }
    if (method == Symmetrization::grow_diag) return links;
    for (const Points* direction : {&forward, &reverse}) {
        for (const auto& point : *direction) {
            if (source_free(links, point.first) && target_free(links, point.second)) links.insert(point);
        }
    }
    return links;
}

struct Direction {
    std::vector<Offset> offsets{0};
    std::vector<Index> source, target;
    std::vector<Points> points;

    void draw(fuzz::Data& data) {
        Points& here = points.emplace_back();
        for (int l = data.number(0, 24); l > 0; --l) {
            const Index i = data.number(0, kWords - 1), j = data.number(0, kWords - 1);
            source.push_back(i);
            target.push_back(j);
            here.insert({i, j});
        }
        offsets.push_back(static_cast<Offset>(source.size()));
    }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    fuzz::Data data(bytes, size);
    const auto method = static_cast<Symmetrization>(data.number(0, 3));
    Direction forward, reverse;
    for (int s = data.number(0, 3); s > 0; --s) {
        forward.draw(data);
        reverse.draw(data);
    }
    const LinkList found = symmetrize({forward.offsets, forward.source, forward.target},
                                      {reverse.offsets, reverse.source, reverse.target}, method, 1);
    REQUIRE(found.offsets.size() == forward.offsets.size());
    for (std::size_t s = 0; s < forward.points.size(); ++s) {
        std::vector<std::pair<Index, Index>> links;
        for (std::size_t l = at(found.offsets[s]); l < at(found.offsets[s + 1]); ++l) {
            links.emplace_back(found.source[l], found.target[l]);
        }
        const Points expected = plain(forward.points[s], reverse.points[s], method);
        REQUIRE(std::vector(expected.begin(), expected.end()) == links);
    }
    return 0;
}
