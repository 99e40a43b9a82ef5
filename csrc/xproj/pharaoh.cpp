#include "xproj/pharaoh.hpp"

#include <charconv>
#include <limits>

namespace xproj {
namespace {

// Whether a line ends at p: with \n, \r\n, or the text.
bool is_line_end(const char* p, const char* end) {
    return p == end || *p == '\n' || (*p == '\r' && (p + 1 == end || p[1] == '\n'));
}

[[noreturn]] void fail(std::int64_t line, const char* field, const char* end, const char* expected) {
    const char* stop = field;
    while (!is_line_end(stop, end) && !is_blank(*stop)) ++stop;
    throw TextError(line, std::string("expected ") + expected + ", got '" +
                              std::string(field, std::min<std::size_t>(static_cast<std::size_t>(stop - field), 40)) +
                              "'");
}

// Digits of an int32; nullptr when there is none or it does not fit.
const char* parse_index(const char* p, const char* end, Index& value) {
    std::uint32_t v = 0;
    const char* first = p;
    while (p < end && static_cast<unsigned char>(*p - '0') < 10) {
        if (v > 214748363) return nullptr;  // one digit more would pass 2^31 - 2
        v = v * 10 + static_cast<std::uint32_t>(*p++ - '0');
    }
    value = static_cast<Index>(v);
    return p == first ? nullptr : p;
}

struct Link {
    Index source;
    Index target;
    bool kept;
};

// Parses one link at p, leaves p behind it.
Link parse_link(const char*& p, const char* end, std::int64_t line, const PharaohOptions& options) {
    const char* field = p;
    Link link{0, 0, true};
    p = parse_index(p, end, link.source);
    if (!p || p == end) fail(line, field, end, "a link 'source-target' of two word indices");
    if (*p == '?') {
        if (options.possible == PharaohOptions::Possible::refuse) {
            fail(line, field, end, "sure links 'i-j' only (possible links 'i?j' are read when asked for)");
        }
        link.kept = options.possible == PharaohOptions::Possible::keep;
    } else if (*p != '-') {
        fail(line, field, end, "a link 'source-target' of two word indices");
    }
    p = parse_index(p + 1, end, link.target);
    if (!p) fail(line, field, end, "a link 'source-target' of two word indices");
    if (p < end && *p == ':') {
        if (!options.probabilities) {
            fail(line, field, end, "links without a probability ('i-j:p' is read when asked for)");
        }
        float probability = -1;
        const auto parsed = std::from_chars(p + 1, end, probability);
        if (parsed.ec != std::errc{} || !(probability >= 0 && probability <= 1)) {
            fail(line, field, end, "a link 'i-j:p' with a probability between 0 and 1");
        }
        p = parsed.ptr;
        link.kept = link.kept && probability >= options.min_probability;
    } else if (options.probabilities) {
        fail(line, field, end, "a link with a probability, 'i-j:p'");
    }
    if (!is_line_end(p, end) && !is_blank(*p)) {
        fail(line, field, end, "a link 'source-target' of two word indices");
    }
    return link;
}

// Nearly all links: `i-j` of at most two digits each, then a space or the end of the line.
constexpr std::ptrdiff_t kShortLink = 8;

// Reads at most kShortLink characters; nullptr where the link is of another form, which parse_link settles.
const char* parse_short_link(const char* p, Index& source, Index& target) {
    const auto digit = [](char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)) - '0'; };
    const auto number = [&](Index& value) {
        const unsigned first = digit(*p);
        if (first > 9) return false;
        const unsigned second = digit(p[1]);
        value = static_cast<Index>(second > 9 ? first : first * 10 + second);
        p += second > 9 ? 1 : 2;
        return true;
    };
    if (!number(source) || *p != '-') return nullptr;
    ++p;
    if (!number(target)) return nullptr;
    if (*p == ' ') return p + 1;
    return *p == '\n' ? p : nullptr;
}

// Room for the links of a text, and where the next is written. A link takes four bytes, "0-0 ", at the least.
struct LinkRoom {
    explicit LinkRoom(std::size_t bytes) : source(new Index[bytes / 4 + 1]), target(new Index[bytes / 4 + 1]) {}

    std::unique_ptr<Index[]> source;  // not a vector, which would write zeros first
    std::unique_ptr<Index[]> target;
    std::size_t count = 0;
};

// Parses the links of one line from p on; returns its end.
const char* parse_line(const char* p, const char* end, std::int64_t line, const PharaohOptions& options,
                       LinkRoom& links) {
    const bool plain = !options.probabilities && options.possible == PharaohOptions::Possible::refuse;
    Index* source = links.source.get() + links.count;
    Index* target = links.target.get() + links.count;
    while (p < end && *p != '\n') {
        if (is_blank(*p) || is_line_end(p, end)) {
            ++p;
            continue;
        }
        if (plain && end - p > kShortLink) {
            if (const char* next = parse_short_link(p, *source, *target)) {
                p = next;
                ++source;
                ++target;
                continue;
            }
        }
        const Link link = parse_link(p, end, line, options);
        if (!link.kept) continue;
        *source++ = link.source;
        *target++ = link.target;
    }
    links.count = static_cast<std::size_t>(source - links.source.get());
    return p;
}

void append_number(std::string& text, Index value) {
    char digits[12];
    const auto written = std::to_chars(digits, digits + sizeof digits, value);
    text.append(digits, written.ptr);
}

}  // namespace

PharaohBlock read_pharaoh(std::string_view block, bool at_end_of_file, std::size_t max_sentences,
                          const PharaohOptions& options) {
    std::size_t whole = block.size();
    if (!at_end_of_file) {
        const std::size_t last = block.rfind('\n');
        whole = last == std::string_view::npos ? 0 : last + 1;
    }
    PharaohBlock out;
    LinkRoom links(whole);
    const char* p = block.data();
    const char* const end = p + whole;
    std::size_t sentences = 0;
    while (p < end && sentences < max_sentences) {
        p = parse_line(p, end, static_cast<std::int64_t>(sentences), options, links);
        if (p < end) ++p;  // the line's \n
        out.offsets.push_back(static_cast<Offset>(links.count));
        ++sentences;
    }
    out.links = links.count;
    out.source = std::move(links.source);
    out.target = std::move(links.target);
    out.consumed = static_cast<std::size_t>(p - block.data());
    out.consumed_lines = static_cast<std::int64_t>(sentences);
    return out;
}

LinkStrings read_link_strings(View<std::int64_t> byte_offsets, const char* text, const PharaohOptions& options) {
    LinkStrings out;
    const std::size_t rows = byte_offsets.size() - 1;
    LinkRoom links(static_cast<std::size_t>(byte_offsets[rows] - byte_offsets[0]) + rows);  // none behind the last
    out.offsets.reserve(rows + 1);
    for (std::size_t s = 0; s < rows; ++s) {
        const std::int64_t line = static_cast<std::int64_t>(s);
        const char* const end = text + byte_offsets[s + 1];
        const std::size_t before = links.count;
        try {
            if (parse_line(text + byte_offsets[s], end, line, options, links) < end) {
                throw TextError(line, "expected one line per sentence, got a line break inside");
            }
        } catch (const TextError& fault) {
            links.count = before;
            out.faults.push_back(fault);
        }
        out.offsets.push_back(static_cast<Offset>(links.count));
    }
    out.links = links.count;
    out.source = std::move(links.source);
    out.target = std::move(links.target);
    return out;
}

std::string write_pharaoh(const Links& links) {
    std::string text;
    text.reserve(links.source.size() * 6 + links.offsets.size());
    for (std::size_t s = 0; s + 1 < links.offsets.size(); ++s) {
        for (std::size_t l = at(links.offsets[s]); l < at(links.offsets[s + 1]); ++l) {
            if (l > at(links.offsets[s])) text.push_back(' ');
            append_number(text, links.source[l]);
            text.push_back('-');
            append_number(text, links.target[l]);
        }
        text.push_back('\n');
    }
    return text;
}

}  // namespace xproj
