// Layouts of Arrow columns: string views, links as strings, ids as the text of their names.
#include <cstring>
#include <random>

#include "check.hpp"
#include "xproj/name_strings.hpp"
#include "xproj/pharaoh.hpp"
#include "xproj/string_views.hpp"

namespace {

using namespace xproj;

// Views of strings, those of more than 12 bytes in one buffer or another.
struct Viewed {
    std::vector<std::uint8_t> views;
    std::string buffers[2];

    void add(const std::string& text) {
        const auto size = static_cast<std::int32_t>(text.size());
        std::uint8_t view[16] = {};
        std::memcpy(view, &size, 4);
        if (text.size() <= 12) {
            std::memcpy(view + 4, text.data(), text.size());
        } else {
            const std::int32_t buffer = size % 2;
            const auto offset = static_cast<std::int32_t>(buffers[buffer].size());
            std::memcpy(view + 4, text.data(), 4);
            std::memcpy(view + 8, &buffer, 4);
            std::memcpy(view + 12, &offset, 4);
            buffers[buffer] += text;
        }
        views.insert(views.end(), view, view + 16);
    }
    std::vector<std::string_view> texts() const { return {buffers[0], buffers[1]}; }
};

template <class ByteOffset>
std::vector<std::string> flattened(const Viewed& viewed, const std::vector<std::uint8_t>& valid) {
    const ViewedSize size = measure_string_views(viewed.views, viewed.texts(), valid);
    CHECK(size.broken == -1);
    std::vector<ByteOffset> ends(viewed.views.size() / 16 + 1);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size.bytes) + kViewBytes);
    flatten_string_views(viewed.views, viewed.texts(), valid, ends.data(), bytes.data());
    std::vector<std::string> strings;
    for (std::size_t i = 0; i < viewed.views.size() / 16; ++i) {
        strings.emplace_back(reinterpret_cast<const char*>(bytes.data()) + ends[i],
                             static_cast<std::size_t>(ends[i + 1] - ends[i]));
    }
    return strings;
}

TEST(string_views_are_the_strings_that_were_put_in) {
    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        Viewed viewed;
        std::vector<std::string> all, some;
        std::vector<std::uint8_t> valid;
        for (std::size_t i = random() % 20; i > 0; --i) {
            std::string text(random() % 30, ' ');
            for (char& c : text) c = static_cast<char>(random() % 256);
            viewed.add(text);
            all.push_back(text);
            valid.push_back(random() % 3 != 0);
            some.push_back(valid.back() ? text : "");
        }
        CHECK(flattened<std::int32_t>(viewed, {}) == all);
        CHECK(flattened<std::int64_t>(viewed, valid) == some);
    }
}

TEST(string_views_stay_inside_their_buffers) {
    const auto broken = [](std::size_t at_byte, std::int32_t value, std::vector<std::uint8_t> valid = {}) {
        Viewed viewed;
        viewed.add("short");
        viewed.add("a string of more than twelve bytes");
        std::memcpy(viewed.views.data() + 16 + at_byte, &value, 4);
        return measure_string_views(viewed.views, viewed.texts(), valid).broken;
    };
    CHECK(broken(12, 0) == -1);
    for (const std::int32_t wrong : {-1, 1, 1 << 30, std::numeric_limits<std::int32_t>::min()}) {
        CHECK(broken(12, wrong) == 1);  // offset
        CHECK(broken(8, wrong) == 1);   // buffer
        CHECK(broken(12, wrong, {1, 0}) == -1);
    }
    CHECK(broken(0, -1) == 1);  // length
    CHECK(broken(0, 35) == 1);
    CHECK(broken(0, 33) == -1);
}

TEST(names_are_spelt_out) {
    const std::vector<std::string> names{"O", "B-PER", "", std::string(40, 'x'), "sixteen bytes!!!"};
    const std::vector<Index> ids{4, 3, 0, 2, 1, 3, 0, 4};
    const NamesSize size = measure_names(ids, names);
    CHECK(size.broken == -1);
    std::vector<std::int32_t> ends(ids.size() + 1);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size.bytes) + kSpareBytes);
    spell_names(ids, names, ends.data(), bytes.data());
    std::string text;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        CHECK(ends[i] == static_cast<std::int32_t>(text.size()));
        text += names[static_cast<std::size_t>(ids[i])];
    }
    CHECK(size.bytes == static_cast<std::int64_t>(text.size()) && ends.back() == size.bytes);
    CHECK(std::memcmp(bytes.data(), text.data(), text.size()) == 0);
    CHECK(measure_names(std::vector<Index>{0, 5}, names).broken == 1);
    CHECK(measure_names(std::vector<Index>{-1}, names).broken == 0);
    CHECK(measure_names({}, {}).bytes == 0);
}

TEST(link_strings_are_read_row_by_row) {
    const std::string text = "0-0 12-13 1-20-0x1-10-0\n 5-6 ";
    const std::vector<std::int64_t> ends{0, 13, 13, 17, 20, 24, 29};
    const LinkStrings found = read_link_strings(ends, text.data(), {});
    CHECK((found.offsets == std::vector<Offset>{0, 3, 3, 3, 4, 4, 5}));
    CHECK((std::vector<Index>(found.source.get(), found.source.get() + found.links) ==
           std::vector<Index>{0, 12, 1, 1, 5}));
    CHECK((std::vector<Index>(found.target.get(), found.target.get() + found.links) ==
           std::vector<Index>{0, 13, 2, 1, 6}));
    CHECK(found.faults.size() == 2);
    CHECK(found.faults[0].line() == 2 && std::string(found.faults[0].what()).find("got '0-0x'") != std::string::npos);
    CHECK(found.faults[1].line() == 4 && std::string(found.faults[1].what()).find("line break") != std::string::npos);
}

}  // namespace
