#include "xproj/words.hpp"

#include <array>
#include <cstring>

namespace xproj {

WordBlock read_word_lines(std::string_view block, bool at_end_of_file, std::size_t max_sentences,
                          std::size_t most_bytes) {
    check_size(block, most_bytes);
    WordBlock out;
    LineCutter lines(block, at_end_of_file);
    std::string_view line;
    for (std::size_t s = 0; s < max_sentences && lines.next(line); ++s) {
        each_field(line, [&](std::string_view word) { out.add_word(word); });
        out.end_sentence();
    }
    out.consumed = lines.position();
    out.consumed_lines = lines.lines();
    return out;
}

template <class ByteOffset>
void mark_stop_words(View<ByteOffset> byte_offsets, const char* bytes, const std::vector<std::string>& stop_words,
                     std::uint8_t* is_stop) {
    const std::size_t words = byte_offsets.size() - 1;
    std::array<std::uint8_t, 256> one_byte{};  // nearly all stop words are punctuation: one table look-up a word
    std::vector<std::string_view> longer;
    for (const std::string& stop : stop_words) {
        if (stop.size() == 1) {
            one_byte[static_cast<unsigned char>(stop[0])] = 1;
        } else {
            longer.push_back(stop);
        }
    }
    // Words at the very end may be empty and have no byte to look at.
    std::size_t readable = words;
    while (readable > 0 && byte_offsets[readable - 1] == byte_offsets[words]) is_stop[--readable] = 0;
    for (std::size_t w = 0; w < readable; ++w) {
        const unsigned char first = static_cast<unsigned char>(bytes[byte_offsets[w]]);
        const auto single = static_cast<std::uint8_t>(byte_offsets[w + 1] - byte_offsets[w] == 1);
        is_stop[w] = static_cast<std::uint8_t>(single & one_byte[first]);  // no branch: word lengths are noise
    }
    for (const std::string_view stop : longer) {
        for (std::size_t w = 0; w < words; ++w) {
            const std::size_t size = static_cast<std::size_t>(byte_offsets[w + 1] - byte_offsets[w]);
            if (size == stop.size() && std::memcmp(bytes + byte_offsets[w], stop.data(), size) == 0) is_stop[w] = 1;
        }
    }
}

template void mark_stop_words(View<std::int32_t>, const char*, const std::vector<std::string>&, std::uint8_t*);
template void mark_stop_words(View<std::int64_t>, const char*, const std::vector<std::string>&, std::uint8_t*);

}  // namespace xproj
