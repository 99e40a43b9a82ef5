// Text in blocks: what a reader makes of a file must not depend on where its blocks end.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "fuzz/data.hpp"
#include "xproj/text.hpp"

namespace fuzz {

// How a file is cut: blocks grow by `step` bytes, and `most` sentences at most are read of one.
struct Cut {
    explicit Cut(Data& data)
        : step(static_cast<std::size_t>(data.number(1, 40))), most(static_cast<std::size_t>(data.number(1, 5))) {}

    std::size_t step, most;
};

// What was read, up to the first fault, and the line of that; -1 = none.
template <class Result>
struct Read {
    Result result;
    std::int64_t faulty_line = -1;

    bool operator==(const Read&) const = default;
};

// Calls read(block, at_end_of_file, result), which appends to the result and returns (consumed bytes, lines), for
// blocks that grow by `step` bytes until something is consumed.
template <class Result, class ReadBlock>
Read<Result> read_in_steps(std::string_view text, std::size_t step, ReadBlock&& read) {
    Read<Result> all;
    std::size_t done = 0;
    std::int64_t lines = 0;
    for (std::size_t filled = 0;;) {
        filled = std::min(filled + step, text.size());
        const bool at_end = filled == text.size();
        try {
            const auto [bytes, more_lines] = read(text.substr(done, filled - done), at_end, all.result);
            REQUIRE(bytes <= filled - done);
            done += bytes;
            lines += more_lines;
            if (at_end && (done == text.size() || bytes == 0)) return all;
        } catch (const xproj::TextError& error) {
            REQUIRE(error.line() >= 0);
            all.faulty_line = lines + error.line();
            return all;
        }
    }
}

}  // namespace fuzz
