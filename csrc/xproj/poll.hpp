// Ends long work before its time: after Ctrl-C on the caller's thread, or a failure on another one.
//
// A kernel polls where work may pile up: every so many sentences, and inside of what one huge sentence runs through.
#pragma once

#include <atomic>
#include <chrono>
#include <exception>

namespace xproj {

// What a poll calls on the caller's thread; throws to end the work. The Python module sets it, to look for signals.
inline std::atomic<void (*)()> interrupt_check{nullptr};

// Thrown by a poll once another thread of the same call has failed.
struct Stopped : std::exception {
    const char* what() const noexcept override { return "stopped, as another thread failed"; }
};

// One call of a kernel, over all of its threads.
class Job {
  public:
    void stop() { stopped_.store(true, std::memory_order_relaxed); }

    // Marks the current thread as working on a job while it lives. Turns nest: the handler of a signal may call a
    // kernel.
    class Turn {
      public:
        Turn(const Job& job, bool callers_thread) : job_(job), callers_thread_(callers_thread), outer_(current()) {
            current() = this;
        }
        ~Turn() { current() = outer_; }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

        static Turn*& current() {
            static thread_local Turn* turn = nullptr;
            return turn;
        }

        void poll() {
            if (job_.stopped_.load(std::memory_order_relaxed)) throw Stopped();
            if (!callers_thread_) return;
            const auto now = std::chrono::steady_clock::now();
            if (now - last_ < kBetweenChecks) return;
            last_ = now;
            if (const auto check = interrupt_check.load(std::memory_order_relaxed)) check();
        }

      private:
        static constexpr std::chrono::milliseconds kBetweenChecks{50};
        const Job& job_;
        const bool callers_thread_;
        Turn* const outer_;
        std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
    };

  private:
    std::atomic<bool> stopped_{false};
};

inline void poll() {
    if (Job::Turn* turn = Job::Turn::current()) turn->poll();
}

// Polls once every `kEvery` calls: for loops whose steps cost less than a look at the clock.
class Ticker {
  public:
    void tick() {
        if (--left_ > 0) return;
        left_ = kEvery;
        poll();
    }

  private:
    static constexpr int kEvery = 1 << 14;
    int left_ = kEvery;
};

}  // namespace xproj
