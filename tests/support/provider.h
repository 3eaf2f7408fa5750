// The base of all fake providers: the handle of the operation in flight, and the lock that guards it. A fake provider
// adds a start and a cancel function. It performs one operation at a time.
//
// Like a real provider it holds the lock during the start, because the cancel function may run before the start has
// returned. The thread that claims the operation finishes it without the lock. Any thread may call the functions.
//
// `Mutex` is the type of the lock. tests/schedules uses the library's type, so that its scheduler decides which thread
// gets the lock.
#pragma once

#include <naio/naio.h>

#include <cstddef>
#include <mutex>
#include <utility>

namespace support {

template <class Mutex = std::mutex>
class Provider {
  public:
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;

    // Finishes the operation. Returns false if no operation is pending, for example because it was finished already.
    bool finish(nng_err result = NNG_OK) {
        nng_aio* const aio = claim();
        if (aio != nullptr) nng_aio_finish(aio, result);
        return aio != nullptr;
    }
    bool finish(nng_err result, std::size_t count) {
        nng_aio* const aio = claim();
        if (aio != nullptr) naio_aio_finish(aio, result, count);
        return aio != nullptr;
    }

    [[nodiscard]] bool pending() const {
        const std::lock_guard<Mutex> lock(mutex_);
        return pending_ != nullptr;
    }

  protected:
    Provider() = default;
    ~Provider() = default;

    // Calls `start` with the lock held. `start` must return true if and only if the operation has started. Returns the
    // value that `start` has returned.
    template <class Start>
    bool start_under_lock(nng_aio* aio, Start start) {
        const std::lock_guard<Mutex> lock(mutex_);
        const bool accepted = start();
        pending_ = accepted ? aio : nullptr;
        return accepted;
    }

    // Returns the handle if the caller has to finish the operation, otherwise nullptr.
    nng_aio* claim() {
        const std::lock_guard<Mutex> lock(mutex_);
        return std::exchange(pending_, nullptr);
    }

    mutable Mutex mutex_;
    nng_aio* pending_ = nullptr;
};

}  // namespace support
