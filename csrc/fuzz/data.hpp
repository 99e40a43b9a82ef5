// What a fuzzer's bytes are turned into, and what a target does when something is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

// Ends the process, which is how libFuzzer learns of a failure.
#define REQUIRE(condition)                                                               \
    do {                                                                                 \
        if (!(condition)) {                                                              \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                \
        }                                                                                \
    } while (false)

namespace fuzz {

// A number a byte, from the front; zeros once all are used.
class Data {
  public:
    Data(const std::uint8_t* bytes, std::size_t size) : left_(reinterpret_cast<const char*>(bytes), size) {}

    unsigned byte() {
        if (left_.empty()) return 0;
        const auto value = static_cast<unsigned char>(left_.front());
        left_.remove_prefix(1);
        return value;
    }
    bool flag() { return byte() % 2 != 0; }
    int number(int least, int most) { return least + static_cast<int>(byte()) % (most - least + 1); }
    bool empty() const { return left_.empty(); }
    std::string_view rest() const { return left_; }

  private:
    std::string_view left_;
};

}  // namespace fuzz
