// Splits sentences into one contiguous chunk a thread. The result of a kernel must not depend on the split.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <thread>
#include <vector>

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

// Runs body(chunk index) for every chunk; the first on the calling thread. Rethrows the first exception.
template <class Body>
void for_chunks(const std::vector<Chunk>& chunks, Body&& body) {
    std::vector<std::exception_ptr> errors(chunks.size());
    const auto guarded = [&](std::size_t c) {
        try {
            body(c);
        } catch (...) {
            errors[c] = std::current_exception();
        }
    };
    std::vector<std::thread> workers;
    for (std::size_t c = 1; c < chunks.size(); ++c) workers.emplace_back(guarded, c);
    guarded(0);
    for (std::thread& worker : workers) worker.join();
    for (const std::exception_ptr& error : errors) {
        if (error) std::rethrow_exception(error);
    }
}

}  // namespace xproj
