// The target words aligned to each entity of one sentence: sorted, with running link counts.
//
// a[i][j] is 0 or 1 by definition, so a link given twice counts once; links may come in any order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

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
        const Index* source = links.source.data() + first;
        const Index* target = links.target.data() + first;
        const std::size_t entity_begin = at(entities.offsets[s]);
        const std::size_t rows = at(entities.offsets[s + 1]) - entity_begin;
        if (keys_.size() < count + 1) keys_.resize(2 * count + 1);
        if (row_begin_.size() < rows + 1) row_begin_.resize(2 * rows + 1);
        std::size_t filled = 0;
        for (std::size_t row = 0; row < rows; ++row) {
            const std::uint32_t start = static_cast<std::uint32_t>(entities.start[entity_begin + row]);
            const std::uint32_t size = static_cast<std::uint32_t>(entities.end[entity_begin + row]) - start;
            // Branch-free: every link is written, and kept only when its source word lies in the entity.
            std::size_t kept = 0;
            for (std::size_t i = 0; i < count; ++i) {
                const std::uint32_t within = static_cast<std::uint32_t>(source[i]) - start;
                keys_[kept] = (static_cast<std::uint64_t>(static_cast<std::uint32_t>(target[i])) << 32) | within;
                kept += static_cast<std::size_t>(within < size);
            }
            sort(kept);
            if (words_.size() < filled + kept + 1) {
                words_.resize(2 * (filled + kept) + 16);
                before_.resize(words_.size());
            }
            row_begin_[row] = filled;
            filled = compress(kept, filled);
        }
        row_begin_[rows] = filled;
    }

    Row row(std::size_t entity) const {
        // Each row has one slot more than words: the closing running count.
        const std::size_t begin = row_begin_[entity];
        return {words_.data() + begin, before_.data() + begin, row_begin_[entity + 1] - begin - 1};
    }

  private:
    void sort(std::size_t count) {
        if (count > 32) {
            std::sort(keys_.begin(), keys_.begin() + static_cast<std::ptrdiff_t>(count));
            return;
        }
        for (std::size_t i = 1; i < count; ++i) {
            const std::uint64_t key = keys_[i];
            std::size_t j = i;
            for (; j > 0 && keys_[j - 1] > key; --j) keys_[j] = keys_[j - 1];
            keys_[j] = key;
        }
    }

    std::size_t compress(std::size_t kept, std::size_t filled) {
        Index links = 0;
        for (std::size_t i = 0; i < kept; ++i) {
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

    std::vector<std::uint64_t> keys_;
    std::vector<Index> words_;
    std::vector<Index> before_;
    std::vector<std::size_t> row_begin_;
};

}  // namespace xproj
