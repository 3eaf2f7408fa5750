// Takes the place of src/exec/thread.h: threads of the scheduler, without names and signal masks. No two threads of a
// schedule have the same id.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/mutex.h"
#include "scheduler.h"

namespace naio {

class Thread {
  public:
    using Function = void (*)(void*);
    using Id = std::uintptr_t;
    static constexpr std::size_t kNameSize = 16;

    Thread() noexcept = default;
    Thread(const Thread&) = delete;
    Thread& operator=(const Thread&) = delete;

    [[nodiscard]] bool start(const char*, Function function, void* argument) noexcept {
        if (schedules::refuses_thread()) return false;
        return start_for_program(function, argument);
    }
    [[nodiscard]] bool start_for_program(Function function, void* argument) noexcept {
        id_ = schedules::start_thread(function, argument);
        return id_ != 0;
    }
    void join() noexcept {
        if (id_ != 0) schedules::join(id_);
        id_ = 0;
    }
    void detach() noexcept { id_ = 0; }
    void set_name(const char*) const noexcept {}
    static void set_own_name(const char*) noexcept {}
    [[nodiscard]] static std::array<char, kNameSize> own_name() noexcept { return {}; }
    [[nodiscard]] static Id current() noexcept { return static_cast<Id>(schedules::this_thread()) + 1; }

    struct Clock {
        Clock() noexcept {}  // so that a const Clock can be made without a value
        [[nodiscard]] std::int64_t used() const noexcept { return 0; }
    };

  private:
    int id_ = 0;
};

}  // namespace naio
