// Threads that cannot be had: every chunk is still run, by whoever there is.
#include <atomic>
#include <mutex>
#include <new>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "check.hpp"
#include "xproj/parallel.hpp"

namespace {

using namespace xproj;

// What a system does that has `threads` threads to give.
struct StartAtMost {
    std::size_t threads;
    std::size_t started = 0;

    template <class Work>
    std::thread operator()(Work&& work) {
        if (started == threads)
            throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
        ++started;
        return std::thread(std::forward<Work>(work));
    }
};

TEST(what_no_thread_could_be_had_for_the_caller_does) {
    const auto chunks = make_chunks(1000, 12, 1);
    for (std::size_t threads = 0; threads < 12; ++threads) {
        std::vector<std::atomic<int>> runs(chunks.size());
        const auto caller = std::this_thread::get_id();
        bool first_is_the_callers = false;
        StartAtMost start{threads};
        for_chunks(
            chunks,
            [&](std::size_t c) {
                ++runs[c];
                if (c == 0) first_is_the_callers = std::this_thread::get_id() == caller;
            },
            start);
        CHECK(start.started == threads);
        CHECK(first_is_the_callers);
        for (const auto& count : runs) CHECK(count == 1);
    }
}

struct Interrupted {};

TEST(an_interrupt_ends_all_threads) {
    const auto chunks = make_chunks(1000, 4, 1);
    interrupt_check = [] { throw Interrupted(); };
    bool thrown = false;
    try {
        for_chunks(chunks, [&](std::size_t) {
            for (;;) poll();  // nothing but the interrupt ends it
        });
    } catch (const Interrupted&) {
        thrown = true;
    }
    interrupt_check = nullptr;
    CHECK(thrown);
}

TEST(a_failure_ends_the_other_threads) {
    const auto chunks = make_chunks(1000, 4, 1);
    bool thrown = false;
    try {
        for_chunks(chunks, [&](std::size_t c) {
            if (c == 3) throw std::runtime_error("wrong");
            for (;;) poll();
        });
    } catch (const std::runtime_error&) {
        thrown = true;
    }
    CHECK(thrown);
}

TEST(an_exception_waits_for_the_threads) {
    const auto chunks = make_chunks(1000, 12, 1);
    for (const std::size_t wrong : {0, 3, 11}) {
        std::atomic<int> ended = 0;
        bool thrown = false;
        try {
            for_chunks(chunks, [&](std::size_t c) {
                if (c == wrong) throw std::runtime_error("wrong");
                ++ended;
            });
        } catch (const std::runtime_error&) {
            thrown = true;
        }
        CHECK(thrown);
        CHECK(ended == 11);
    }
}

// Many threads at once may need more memory than there is; one at a time gets what it needs.
TEST(what_ran_out_of_memory_the_caller_tries_again) {
    const auto chunks = make_chunks(1000, 8, 1);
    std::vector<std::atomic<int>> tries(chunks.size());
    for_chunks(chunks, [&](std::size_t c) {
        if (tries[c]++ == 0 && c % 2 == 1) throw std::bad_alloc();
    });
    for (std::size_t c = 0; c < chunks.size(); ++c) CHECK(tries[c] == (c % 2 == 1 ? 2 : 1));

    bool thrown = false;
    try {
        for_chunks(chunks, [&](std::size_t c) {
            if (c == 5) throw std::bad_alloc();
        });
    } catch (const std::bad_alloc&) {
        thrown = true;
    }
    CHECK(thrown);
}

}  // namespace
