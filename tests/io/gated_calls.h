// System calls on files with a gate before them: while the gate is shut, each call waits.
#pragma once

#include <condition_variable>
#include <mutex>

#include "io/system_calls.h"

namespace naio {

// Only one object may exist at a time, because all objects share one gate. The gate is open at first.
class GatedCalls {
  public:
    GatedCalls() {
        const std::lock_guard lock(state().mutex);
        state().begun = 0;
        state().open = true;
        system_calls.open = [](const char* path, int flags, mode_t mode) { return pass(), ::open(path, flags, mode); };
        system_calls.readv = [](int file, const iovec* to, int n) { return pass(), ::readv(file, to, n); };
        system_calls.writev = [](int file, const iovec* from, int n) { return pass(), ::writev(file, from, n); };
        system_calls.preadv = [](int file, const iovec* to, int n, off_t at) {
            return pass(), ::preadv(file, to, n, at);
        };
        system_calls.pwritev = [](int file, const iovec* from, int n, off_t at) {
            return pass(), ::pwritev(file, from, n, at);
        };
        system_calls.fsync = [](int file) { return pass(), ::fsync(file); };
        system_calls.close = [](int file) { return pass(), ::close(file); };
    }

    ~GatedCalls() { system_calls = kSystemCalls; }
    GatedCalls(const GatedCalls&) = delete;
    GatedCalls& operator=(const GatedCalls&) = delete;

    static void shut() { set(false); }
    static void open() { set(true); }
    // Blocks until n calls have reached the gate since the object was made.
    static void wait_until_begun(int n) {
        std::unique_lock lock(state().mutex);
        state().changed.wait(lock, [n] { return state().begun >= n; });
    }
    static int begun() {
        const std::lock_guard lock(state().mutex);
        return state().begun;
    }

  private:
    struct State {
        std::mutex mutex;
        std::condition_variable changed;
        int begun = 0;
        bool open = true;
    };
    static State& state() {
        static State instance;
        return instance;
    }
    static void set(bool open) {
        const std::lock_guard lock(state().mutex);
        state().open = open;
        state().changed.notify_all();
    }
    static void pass() {
        std::unique_lock lock(state().mutex);
        ++state().begun;
        state().changed.notify_all();
        state().changed.wait(lock, [] { return state().open; });
    }
};

}  // namespace naio
