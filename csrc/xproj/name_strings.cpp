#include "xproj/name_strings.hpp"

#include <algorithm>
#include <cstring>

#include "xproj/iob.hpp"

namespace xproj {
namespace {

// Writes names one behind the other. Those of at most kSpareBytes, which nearly all are, are copied as so many,
// whatever their length.
class NameWriter {
  public:
    NameWriter(const std::vector<std::string>& names, std::int32_t* byte_offsets, std::uint8_t* bytes)
        : bytes_(bytes), next_(byte_offsets) {
        for (const std::string& name : names) width_ = std::max(width_, name.size());
        padded_.resize(width_ * names.size());
        for (const std::string& name : names) {
            name.copy(padded_.data() + sizes_.size() * width_, width_);
            sizes_.push_back(name.size());
        }
        *next_++ = 0;
    }
    void write(Index id) {
        const std::size_t size = sizes_[static_cast<std::size_t>(id)];
        const char* from = padded_.data() + static_cast<std::size_t>(id) * width_;
        if (size <= kSpareBytes) {
            std::memcpy(bytes_ + end_, from, kSpareBytes);
        } else {
            std::memcpy(bytes_ + end_, from, size);
        }
        end_ += static_cast<std::int32_t>(size);
        *next_++ = end_;
    }

  private:
    std::size_t width_ = kSpareBytes;
    std::string padded_;
    std::vector<std::size_t> sizes_;
    std::uint8_t* bytes_;
    std::int32_t* next_;
    std::int32_t end_ = 0;
};

}  // namespace

NamesSize measure_names(View<Index> ids, const std::vector<std::string>& names) {
    NamesSize out;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (ids[i] < 0 || static_cast<std::size_t>(ids[i]) >= names.size()) {
            out.broken = static_cast<std::int64_t>(i);
            return out;
        }
        out.bytes += static_cast<std::int64_t>(names[static_cast<std::size_t>(ids[i])].size());
    }
    return out;
}

void spell_names(View<Index> ids, const std::vector<std::string>& names, std::int32_t* byte_offsets,
                 std::uint8_t* bytes) {
    NameWriter out(names, byte_offsets, bytes);
    for (const Index id : ids) out.write(id);
}

NamesSize measure_tags(View<Offset> word_offsets, const Spans& spans, View<Index> labels,
                       const std::vector<std::string>& names) {
    NamesSize out;
    const auto size = [&](Index tag) { return static_cast<std::int64_t>(names[static_cast<std::size_t>(tag)].size()); };
    out.bytes = word_offsets.back() * size(0);
    for (std::size_t s = 0; s < spans.sentences(); ++s) {
        const Offset words = word_offsets[s + 1] - word_offsets[s];
        for (Offset i = spans.offsets[s]; i < spans.offsets[s + 1]; ++i) {
            const Index start = spans.start[at(i)], end = spans.end[at(i)], label = labels[at(i)];
            if (start < 0 || start >= end || end > words || label < 0 ||
                static_cast<std::size_t>(label) >= names.size() / 2) {
                out.broken = i;
                return out;
            }
            out.bytes += size(1 + 2 * label) - size(0) + (end - start - 1) * (size(2 + 2 * label) - size(0));
        }
    }
    return out;
}

void spell_tags(View<Offset> word_offsets, const Spans& spans, View<Index> labels,
                const std::vector<std::string>& names, std::int32_t* byte_offsets, std::uint8_t* bytes) {
    NameWriter out(names, byte_offsets, bytes);
    std::vector<Index> tags;
    for (std::size_t s = 0; s < spans.sentences(); ++s) {
        tags.resize(at(word_offsets[s + 1] - word_offsets[s]));
        encode_sentence(spans, labels, static_cast<Index>(names.size() / 2), s, static_cast<Offset>(tags.size()),
                        tags.data());
        for (const Index tag : tags) out.write(tag);
    }
}

}  // namespace xproj
