// Two things for providers of operations in C++: a list of the aios whose operations wait, and a default timeout. See
// naio.hpp.
//
// A provider keeps an operation that cannot be done at once, until another thread completes it or a request ends it:
//
//     void start(nng_aio* aio) {
//         const std::lock_guard lock(mutex_);
//         if (nng_aio_start(aio, &mailbox::cancel, this)) waiting_.push_back(aio);
//     }
//     static void cancel(nng_aio* aio, void* self, nng_err reason) {
//         auto& box = *static_cast<mailbox*>(self);
//         std::unique_lock lock(box.mutex_);
//         const bool ours = box.waiting_.remove(aio);  // otherwise another thread is about to finish it
//         lock.unlock();
//         if (ours) nng_aio_finish(aio, reason);
//     }
#ifndef NAIO_PROVIDER_HPP
#define NAIO_PROVIDER_HPP

#include <naio/naio.h>

#include <chrono>
#include <naio/operation.hpp>

namespace naio {

// A list of aios, linked through the two words that each aio has for its provider (naio_aio_set_data). So the list
// allocates no memory, and the time that a function takes does not depend on the length of the list. A provider adds an
// aio to one list after it has started the operation, and removes the aio before it finishes the operation. The list
// does not lock: the provider calls its functions under its own lock.
// NULL: fatal.
class aio_list {
  public:
    aio_list() noexcept = default;
    aio_list(const aio_list&) = delete;
    aio_list& operator=(const aio_list&) = delete;

    // empty returns true if no aio is in the list. front returns the aio that has been in the list longest; NULL if the
    // list is empty.
    // Memory: the aio stays the provider's.
    bool empty() const noexcept { return first_ == nullptr; }
    nng_aio* front() const noexcept { return first_; }

    // Adds `aio`, whose operation must be in flight, to the end of the list. It must be in no list.
    void push_back(nng_aio* aio) noexcept {
        link(last_, aio);
        link(aio, nullptr);
    }

    // Removes `aio` from the list. False if it is not in the list any more, because it was removed before. Since the
    // start of its operation the aio must have been added to this list and to no other one, and its callback must not
    // have begun. So a cancel function that comes late may make this call, too.
    bool remove(nng_aio* aio) noexcept {
        nng_aio* const before = neighbour(aio, previous);
        nng_aio* const after = neighbour(aio, next);
        if (before == nullptr && first_ != aio) return false;
        link(before, after);
        naio_aio_set_data(aio, previous, nullptr);
        naio_aio_set_data(aio, next, nullptr);
        return true;
    }

    // Removes and returns the aio that has been in the list longest; NULL if the list is empty.
    // Memory: the aio stays the provider's.
    nng_aio* pop_front() noexcept {
        nng_aio* const aio = first_;
        if (aio != nullptr) remove(aio);
        return aio;
    }

  private:
    static constexpr unsigned previous = 0;  // the numbers of the words
    static constexpr unsigned next = 1;

    static nng_aio* neighbour(nng_aio* aio, unsigned word) noexcept {
        return static_cast<nng_aio*>(naio_aio_get_data(aio, word));
    }
    // Makes `after` the aio after `before`. NULL stands for the two ends of the list.
    void link(nng_aio* before, nng_aio* after) noexcept {
        if (before != nullptr)
            naio_aio_set_data(before, next, after);
        else
            first_ = after;
        if (after != nullptr)
            naio_aio_set_data(after, previous, before);
        else
            last_ = before;
    }

    nng_aio* first_ = nullptr;
    nng_aio* last_ = nullptr;
};

// Says what a default timeout of the consumer means for the next operation on `aio`: the `timeout`, rounded and capped
// as in sleep_for. See naio_aio_default_timeout.
// NULL: fatal.
template <class Rep, class Period>
void default_timeout(nng_aio* aio, std::chrono::duration<Rep, Period> timeout) noexcept {
    naio_aio_default_timeout(aio, detail::milliseconds(timeout));
}

}  // namespace naio

#endif
