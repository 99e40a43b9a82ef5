// The target words aligned to each entity of one sentence: sorted, with running link counts.
//
// a[i][j] is 0 or 1 by definition, so a link given twice counts once; links may come in any order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "xproj/poll.hpp"
#include "xproj/views.hpp"

namespace xproj {

class AlignedWords {
  public:
    // Words of one entity: word(i) ascending, links(a, b) = links into words a ... b (inclusive, by
    // position).
    struct Row {
        const Index* words;
        const Index* before;  // before[i] = links into words 0 ... i - 1
        std::size_t size;
    };

    void gather(std::size_t s, const Spans& entities, const Links& links) {
        const std::size_t first = at(links.offsets[s]);
        const std::size_t count = at(links.offsets[s + 1]) - first;
        const View<Index> source = links.source.subspan(first, count);
        const View<Index> target = links.target.subspan(first, count);
        const std::size_t rows = at(entities.offsets[s + 1] - entities.offsets[s]);
        const View<Index> start = entities.start.subspan(at(entities.offsets[s]), rows);
        const View<Index> end = entities.end.subspan(at(entities.offsets[s]), rows);
        if (keys_.size() < count + 1) keys_.resize(2 * count + 1);
        if (row_begin_.size() < rows + 1) row_begin_.resize(2 * rows + 1);
        if (!is_much(rows, count)) {
            make_room(rows * (count + 1));
            pick_by_entity(start, end, source, target);
        } else {
            pick_from_sorted(start, end, source, target);
        }
    }

    Row row(std::size_t entity) const {
        // Each row has one slot more than words: the closing running count.
        const std::size_t begin = row_begin_[entity];
        return {words_.data() + begin, before_.data() + begin, row_begin_[entity + 1] - begin - 1};
    }

    // Whether a look at every link for every entity is too much.
    static bool is_much(std::size_t entities, std::size_t links) { return entities * links >= 4096; }

  private:
    using Key = std::uint64_t;  // two words; of a row target word, then source word, so a link given twice is found

    static Key key_of(Index target, Index source) {
        return (Key{static_cast<std::uint32_t>(target)} << 32) | static_cast<std::uint32_t>(source);
    }

    void pick_by_entity(View<Index> start, View<Index> end, View<Index> source, View<Index> target) {
        std::size_t filled = 0;
        for (std::size_t row = 0; row < start.size(); ++row) {
            const std::uint32_t first = static_cast<std::uint32_t>(start[row]);
            const std::uint32_t size = static_cast<std::uint32_t>(end[row]) - first;
            // Branch-free: every link is written, and kept only when its source word lies in the entity.
            std::size_t kept = 0;
            for (std::size_t i = 0; i < source.size(); ++i) {
                const std::uint32_t within = static_cast<std::uint32_t>(source[i]) - first;
                keys_[kept] = key_of(target[i], static_cast<Index>(within));
                kept += static_cast<std::size_t>(within < size);
            }
            row_begin_[row] = filled;
            filled = write_row(kept, filled);
        }
        row_begin_[start.size()] = filled;
    }

    // The same without a look at every link for every entity: the links of an entity lie side by side once they are
    // ordered by their source word.
    [[gnu::noinline]] void pick_from_sorted(View<Index> start, View<Index> end, View<Index> source,
                                            View<Index> target) {
        by_source_.resize(source.size());
        for (std::size_t i = 0; i < source.size(); ++i) by_source_[i] = key_of(source[i], target[i]);
        std::sort(by_source_.begin(), by_source_.end());
        const auto first_from = [&](Index word) {
            return std::lower_bound(by_source_.begin(), by_source_.end(), key_of(word, 0));
        };
        std::size_t filled = 0;
        for (std::size_t row = 0; row < start.size(); ++row) {
            poll();
            const auto first = first_from(start[row]);
            const auto last = first_from(end[row]);
            // The halves of a key change places: within a row links are ordered by their target word.
            const Key* kept_end = std::transform(first, last, keys_.data(), [](Key k) { return k << 32 | k >> 32; });
            row_begin_[row] = filled;
            make_room(filled + static_cast<std::size_t>(last - first) + 1);
            filled = write_row(static_cast<std::size_t>(kept_end - keys_.data()), filled);
        }
        row_begin_[start.size()] = filled;
    }

    // Turns the first `count` keys into a row that begins at `filled`; returns where the next one does.
    std::size_t write_row(std::size_t count, std::size_t filled) {
        sort(count);
        Index links = 0;
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0 && keys_[i] == keys_[i - 1]) continue;  // the same link again
            const Index word = static_cast<Index>(keys_[i] >> 32);
            if (i == 0 || word != words_[filled - 1]) {
                words_[filled] = word;
                before_[filled] = links;
                ++filled;
            }
            ++links;
        }
        before_[filled] = links;
        return filled + 1;
    }

    void make_room(std::size_t slots) {
        if (words_.size() >= slots) return;
        words_.resize(2 * slots);
        before_.resize(2 * slots);
    }

    void sort(std::size_t count) {
        if (count > 32) {
            std::sort(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(count));
            return;
        }
        for (std::size_t i = 1; i < count; ++i) {
            const Key key = keys_[i];
            std::size_t j = i;
            for (; j > 0 && keys_[j - 1] > key; --j) keys_[j] = keys_[j - 1];
            keys_[j] = key;
        }
    }

    std::vector<Key> keys_, by_source_;
    std::vector<Index> words_;
    std::vector<Index> before_;
    std::vector<std::size_t> row_begin_;
};

}  // namespace xproj
