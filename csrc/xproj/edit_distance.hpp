// The Levenshtein distance between a fixed text and one that grows at its end, 64 cells of a column at a time (Myers
// 1999, in blocks as of Hyyrö 2003): all spans with one start cost what the longest does.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "xproj/views.hpp"

namespace xproj {

class EditDistance {
  public:
    // The fixed text, in code points. The other one is empty.
    void set_text(View<Index> text) {
        length_ = text.size();
        blocks_ = std::max<std::size_t>((length_ + kBits - 1) / kBits, 1);
        last_bit_ = (length_ + kBits - 1) % kBits;
        const std::size_t slots = std::bit_ceil(std::max<std::size_t>(2 * length_, 16));
        shift_ = 32 - std::countr_zero(slots);
        slots_.assign(slots, {});
        masks_.assign(blocks_, 0);
        for (std::size_t i = 0; i < length_; ++i) {
            Slot& slot = slots_[slot_of(text[i])];
            if (slot.mask == 0) {
                slot = {text[i], static_cast<std::uint32_t>(masks_.size())};
                masks_.resize(masks_.size() + blocks_);
            }
            masks_[slot.mask + i / kBits] |= std::uint64_t{1} << i % kBits;
        }
        columns_.resize(blocks_);
        restart();
    }

    // Makes the growing text empty.
    void restart() {
        std::fill(columns_.begin(), columns_.end(), Column{});
        distance_ = static_cast<Index>(length_);
        grown_ = 0;
    }

    void extend(View<Index> codes) {
        grown_ += codes.size();
        if (blocks_ == 1) {
            Column column = columns_[0];
            for (const Index code : codes) distance_ += column.step(*masks_of(code), {1, 0}, last_bit_).last;
            columns_[0] = column;
            return;
        }
        for (const Index code : codes) {
            const std::uint64_t* mask = masks_of(code);
            Step step{1, 0, 0};
            for (std::size_t b = 0; b < blocks_; ++b) step = columns_[b].step(mask[b], step, last_bit_);
            distance_ += step.last;
        }
    }

    std::size_t length() const { return length_; }
    std::size_t grown() const { return grown_; }

    // 1 - distance / length of the longer text; 0 for two empty ones.
    double similarity() const {
        const std::size_t longer = std::max(length_, grown_);
        if (length_ == 0 || grown_ == 0) return 0.0;
        return 1.0 - static_cast<double>(distance_) / static_cast<double>(longer);
    }

  private:
    static constexpr std::size_t kBits = 64;

    // Where a character stands in the text: bits of masks_[mask] on; 0 = nowhere, whose mask is all zeros.
    struct Slot {
        Index code = 0;
        std::uint32_t mask = 0;
    };

    // By how much the cell below a block changes to the right, as two bits; and the cell at `last`.
    struct Step {
        std::uint64_t up, down;
        Index last = 0;
    };

    // Whether each cell of a block is one more, or one less, than the one above it.
    struct Column {
        std::uint64_t more = ~std::uint64_t{0};
        std::uint64_t less = 0;

        Step step(std::uint64_t equal, Step above, std::size_t last) {
            const std::uint64_t vertical = equal | less;
            equal |= above.down;
            const std::uint64_t horizontal = (((equal & more) + more) ^ more) | equal;
            std::uint64_t up = less | ~(horizontal | more);
            std::uint64_t down = more & horizontal;
            const Index change = static_cast<Index>(up >> last & 1) - static_cast<Index>(down >> last & 1);
            const Step below{up >> (kBits - 1), down >> (kBits - 1), change};
            up = up << 1 | above.up;
            down = down << 1 | above.down;
            more = down | ~(vertical | up);
            less = up & vertical;
            return below;
        }
    };

    std::size_t slot_of(Index code) const {
        std::size_t i = static_cast<std::uint32_t>(code) * 2654435769U >> shift_;
        while (slots_[i].mask != 0 && slots_[i].code != code) i = (i + 1) & (slots_.size() - 1);
        return i;
    }

    const std::uint64_t* masks_of(Index code) const { return masks_.data() + slots_[slot_of(code)].mask; }

    std::vector<Slot> slots_;
    std::vector<std::uint64_t> masks_;
    std::vector<Column> columns_;
    std::size_t length_ = 0, blocks_ = 1, last_bit_ = 0, grown_ = 0;
    int shift_ = 0;
    Index distance_ = 0;
};

}  // namespace xproj
