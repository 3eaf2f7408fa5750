// The system's calls on files, with a gate before each: a call goes through when it is let.
#pragma once

#include <condition_variable>
#include <mutex>

#include "io/file_calls.h"

namespace naio {

// One at a time; open at first.
class GatedCalls {
  public:
    GatedCalls() {
        const std::lock_guard lock(state().mutex);
        state().begun = 0;
        state().open = true;
    }

    [[nodiscard]] static FileCalls calls() {
        FileCalls calls;
        calls.open = [](const char* path, int flags, mode_t mode) { return pass(), ::open(path, flags, mode); };
        calls.read = [](int file, const iovec* to, int n) { return pass(), ::readv(file, to, n); };
        calls.write = [](int file, const iovec* from, int n) { return pass(), ::writev(file, from, n); };
        calls.pread = [](int file, const iovec* to, int n, off_t at) { return pass(), ::preadv(file, to, n, at); };
        calls.pwrite = [](int file, const iovec* from, int n, off_t at) {
            return pass(), ::pwritev(file, from, n, at);
        };
        calls.sync = [](int file) { return pass(), ::fsync(file); };
        calls.close = [](int file) { return pass(), ::close(file); };
        return calls;
    }

    static void shut() { set(false); }
    static void open() { set(true); }
    // Since the beginning.
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
