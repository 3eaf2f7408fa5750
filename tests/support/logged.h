// The messages that a test's logger has got.
#pragma once

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "support/event.h"
#include "support/text.h"

namespace support {

// All members are static, because a logger of the library has no argument. Any thread may call each function.
class Logged {
  public:
    static void add(std::string line) {
        const std::lock_guard<std::mutex> lock(mutex_);
        lines_.push_back(std::move(line));
        event_.set();
    }
    static void clear() {
        const std::lock_guard<std::mutex> lock(mutex_);
        lines_.clear();
    }
    [[nodiscard]] static std::vector<std::string> lines() {
        const std::lock_guard<std::mutex> lock(mutex_);
        return lines_;
    }
    // Waits until a line that contains this text has been added. False if none contains it, and no further line is
    // added within kPatience.
    [[nodiscard]] static bool wait_for(const std::string& text) {
        for (int events = event_.count();; ++events) {
            if (any_has(lines(), text)) return true;
            if (!event_.wait(events + 1)) return false;
        }
    }

  private:
    static inline std::mutex mutex_;
    static inline std::vector<std::string> lines_;
    static inline Event event_;
};

}  // namespace support
