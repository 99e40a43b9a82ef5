// Splits sentences into one contiguous chunk per thread. The result of a kernel must not depend on the split, nor on
// how many of the threads could be had.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include "xproj/poll.hpp"

namespace xproj {

// Below this many sentences a thread costs more to start than it saves.
inline constexpr std::size_t kMinSentencesPerThread = 1024;

struct Chunk {
    std::size_t begin;
    std::size_t end;
};

inline std::vector<Chunk> make_chunks(std::size_t sentences, int threads,
                                      std::size_t min_size = kMinSentencesPerThread) {
    const std::size_t wanted = static_cast<std::size_t>(std::max(threads, 1));
    const std::size_t count = std::clamp<std::size_t>(sentences / min_size, 1, wanted);
    std::vector<Chunk> chunks;
    for (std::size_t c = 0; c < count; ++c) {
        chunks.push_back({sentences * c / count, sentences * (c + 1) / count});
    }
    return chunks;
}

// Runs body(s) for every sentence of a chunk.
template <class Body>
void for_sentences(Chunk chunk, Body&& body) {
    constexpr std::size_t kBetweenPolls = 256;  // sentences of everyday length, that is; long ones poll by themselves
    for (std::size_t s = chunk.begin; s < chunk.end; ++s) {
        if (s % kBetweenPolls == 0) poll();
        body(s);
    }
}

// The only place that makes threads. They are joined however the scope is left.
class Workers {
  public:
    Workers() = default;
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    ~Workers() {
        for (std::thread& thread : threads_) thread.join();
    }

    // Starts at most `count` threads that each run work(); fewer where the system has no memory or no thread to give.
    template <class Work, class Start>
    void start(std::size_t count, Work& work, Start&& start_thread) noexcept {
        const auto run = [this, &work] {
            prepare_to_throw();
            prepared_.release();
            work();
        };
        prepare_to_throw();
        try {
            threads_.reserve(count);
            while (threads_.size() < count && is_room()) {
                threads_.push_back(start_thread(run));
                prepared_.acquire();
            }
        } catch (...) {  // the caller does what these would have done
        }
    }

  private:
    // Has the thread-local memory of exceptions made: where throwing finds no memory for that, the process ends.
    static void prepare_to_throw() {
        std::current_exception();
        Job::Turn::current();
    }

    // Whether more address space is free than a thread's stack and what malloc reserves for it. Not asked of malloc: a
    // sanitizer's would fill it.
    static bool is_room() {
        constexpr std::size_t kRoom = std::size_t{256} << 20;
        void* room = mmap(nullptr, kRoom, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        return room != MAP_FAILED && munmap(room, kRoom) == 0;
    }

    std::binary_semaphore prepared_{0};
    std::vector<std::thread> threads_;
};

struct StartThread {
    template <class Work>
    std::thread operator()(Work&& work) const {
        return std::thread(std::forward<Work>(work));
    }
};

// Runs body(chunk index) for every chunk, on as many threads as there are chunks and can be had. The first chunk is the
// calling thread's; the others are whoever's comes to them. Where one fails the others end at their next poll, and what
// it threw is thrown again.
//
// A body must bear being run again: where the memory of many threads was too much, the caller tries once more alone.
template <class Body, class Start = StartThread>
void for_chunks(const std::vector<Chunk>& chunks, Body&& body, Start&& start_thread = {}) {
    Job job;
    std::vector<std::uint8_t> without_memory(chunks.size());
    std::vector<std::exception_ptr> errors(chunks.size());
    const auto guarded = [&](std::size_t c, bool callers_thread) {
        try {
            const Job::Turn turn(job, callers_thread);
            body(c);
        } catch (const Stopped&) {  // whoever failed has the reason
        } catch (const std::bad_alloc&) {
            without_memory[c] = 1;
        } catch (...) {
            errors[c] = std::current_exception();
            job.stop();
        }
    };
    std::atomic<std::size_t> next{1};
    const auto take_turns = [&](bool callers_thread) {
        for (std::size_t c = next.fetch_add(1); c < chunks.size(); c = next.fetch_add(1)) guarded(c, callers_thread);
    };
    {
        const auto work = [&] { take_turns(false); };
        Workers workers;  // after what they run: they are joined before that is gone
        workers.start(chunks.size() - 1, work, start_thread);
        guarded(0, true);
        take_turns(true);
    }
    for (const std::exception_ptr& error : errors) {
        if (error) std::rethrow_exception(error);
    }
    for (std::size_t c = 0; c < chunks.size(); ++c) {
        if (!without_memory[c]) continue;
        if (chunks.size() == 1) throw std::bad_alloc();
        const Job::Turn turn(job, true);
        body(c);
    }
}

}  // namespace xproj
