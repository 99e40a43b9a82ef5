#include "xproj/symmetrize.hpp"

#include <algorithm>
#include <array>
#include <functional>

#include "xproj/parallel.hpp"

namespace xproj {
namespace {

struct Point {
    Index source;
    Index target;
    bool forward;
    bool reverse;
    bool aligned;
};

bool before(const Point& a, const Point& b) {
    return a.source != b.source ? a.source < b.source : a.target < b.target;
}

// The union of both directions of one sentence, sparse: only its points can ever become links, so a sentence
// costs what its links cost and not source words x target words.
class Sentence {
  public:
    void load(std::size_t s, const Links& forward, const Links& reverse) {
        points_.clear();
        append(s, forward, true);
        append(s, reverse, false);
        std::sort(points_.begin(), points_.end(), before);
        std::size_t kept = 0;
        Index sources = 0;
        Index targets = 0;
        for (const Point& point : points_) {
            if (kept > 0 && !before(points_[kept - 1], point)) {
                points_[kept - 1].forward |= point.forward;
                points_[kept - 1].reverse |= point.reverse;
                continue;
            }
            points_[kept++] = point;
            sources = std::max(sources, point.source + 1);
            targets = std::max(targets, point.target + 1);
        }
        points_.resize(kept);
        source_aligned_.assign(static_cast<std::size_t>(sources), 0);
        target_aligned_.assign(static_cast<std::size_t>(targets), 0);
    }

    void align(Symmetrization method) {
        for (Point& point : points_) {
            if (method == Symmetrization::union_ || (point.forward && point.reverse)) add(point);
        }
        if (method == Symmetrization::grow_diag || method == Symmetrization::grow_diag_final_and) grow_diag();
        if (method == Symmetrization::grow_diag_final_and) {
            final_and(&Point::forward);
            final_and(&Point::reverse);
        }
    }

    const std::vector<Point>& points() const { return points_; }

  private:
    void append(std::size_t s, const Links& links, bool forward) {
        for (Offset l = links.offsets[s]; l < links.offsets[s + 1]; ++l) {
            points_.push_back({links.source[at(l)], links.target[at(l)], forward, !forward, false});
        }
    }

    void add(Point& point) {
        point.aligned = true;
        source_aligned_[static_cast<std::size_t>(point.source)] = 1;
        target_aligned_[static_cast<std::size_t>(point.target)] = 1;
    }

    bool source_free(const Point& point) const { return !source_aligned_[static_cast<std::size_t>(point.source)]; }
    bool target_free(const Point& point) const { return !target_aligned_[static_cast<std::size_t>(point.target)]; }

    Point* find(Index source, Index target) {
        const Point wanted{source, target, false, false, false};
        const auto found = std::lower_bound(points_.begin(), points_.end(), wanted, before);
        return found != points_.end() && !before(wanted, *found) ? &*found : nullptr;
    }

    // Sweeps in (source, target) order; a point added behind the sweep is visited in the next one. No point needs a
    // second visit: what it could not add then had both words aligned already, and has ever after.
    void grow_diag() {
        static constexpr std::array<std::array<Index, 2>, 8> kNeighbours{
            {{-1, 0}, {0, -1}, {1, 0}, {0, 1}, {-1, -1}, {-1, 1}, {1, -1}, {1, 1}}};
        const auto visit = [&](std::size_t i, auto&& added) {
            for (const auto& [ds, dt] : kNeighbours) {
                Point* next = find(points_[i].source + ds, points_[i].target + dt);
                if (next && !next->aligned && (source_free(*next) || target_free(*next))) {
                    add(*next);
                    added(static_cast<std::size_t>(next - points_.data()));
                }
            }
        };
        Ticker ticker;
        behind_.clear();
        for (std::size_t i = 0; i < points_.size(); ++i) {
            ticker.tick();
            if (!points_[i].aligned) continue;
            visit(i, [&](std::size_t next) {
                if (next < i) behind_.push_back(next);
            });
        }
        while (!behind_.empty()) {
            sweep_.swap(behind_);
            behind_.clear();
            std::make_heap(sweep_.begin(), sweep_.end(), std::greater<>());
            while (!sweep_.empty()) {
                ticker.tick();
                std::pop_heap(sweep_.begin(), sweep_.end(), std::greater<>());
                const std::size_t i = sweep_.back();
                sweep_.pop_back();
                visit(i, [&](std::size_t next) {
                    if (next < i) {
                        behind_.push_back(next);
                    } else {
                        sweep_.push_back(next);
                        std::push_heap(sweep_.begin(), sweep_.end(), std::greater<>());
                    }
                });
            }
        }
    }

    void final_and(bool Point::* direction) {
        for (Point& point : points_) {
            if (point.*direction && !point.aligned && source_free(point) && target_free(point)) add(point);
        }
    }

    std::vector<Point> points_;
    std::vector<std::size_t> sweep_, behind_;  // points still to visit: a heap for this sweep, a list for the next
    std::vector<std::uint8_t> source_aligned_;
    std::vector<std::uint8_t> target_aligned_;
};

}  // namespace

LinkList symmetrize(const Links& forward, const Links& reverse, Symmetrization method, int threads) {
    const std::size_t sentences = forward.offsets.size() - 1;
    const auto chunks = make_chunks(sentences, threads);
    std::vector<LinkList> parts(chunks.size());
    for_chunks(chunks, [&](std::size_t c) {
        Sentence sentence;
        LinkList& part = parts[c] = {};  // anew, where this is not the first try
        for_sentences(chunks[c], [&](std::size_t s) {
            sentence.load(s, forward, reverse);
            sentence.align(method);
            for (const Point& point : sentence.points()) {
                if (!point.aligned) continue;
                part.source.push_back(point.source);
                part.target.push_back(point.target);
            }
            part.offsets.push_back(static_cast<Offset>(part.source.size()));
        });
    });
    LinkList all;
    all.offsets.push_back(0);
    for (const LinkList& part : parts) {
        const Offset base = all.offsets.back();
        for (const Offset offset : part.offsets) all.offsets.push_back(base + offset);
        all.source.insert(all.source.end(), part.source.begin(), part.source.end());
        all.target.insert(all.target.end(), part.target.begin(), part.target.end());
    }
    return all;
}

}  // namespace xproj
