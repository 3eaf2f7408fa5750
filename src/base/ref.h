// Reference counting: ReferenceCount is the count in an object, Ref a pointer that owns one reference.
//
// A counted class has two member functions: retain() adds a reference, and release() gives a reference up, and destroys
// the object if there is no other one. The creator has the first reference.
//
// A function holds a reference of its own in a Ref. A reference that crosses a callback, a list or the C interface is
// counted by hand, because one function adds it and another function gives it up: the reference of a queued operation,
// of a job of the blocking queue, of a registered watch, of a handle that the program owns. Ref::keep turns a Ref into
// such a reference, and Ref::adopt turns such a reference into a Ref.
#pragma once

#include <utility>

#include "base/atomic.h"
#include "base/order.h"

namespace naio {

class ReferenceCount {
  public:
    explicit ReferenceCount(unsigned first = 1) noexcept : count_(first) {}

    void retain(unsigned more = 1) noexcept { count_.fetch_add(more, std::memory_order_relaxed); }

    // Gives up references. True if no other one is left; the caller then has to destroy the object. The release pairs
    // with the acquire of the last call; otherwise the thread that destroys the object might not see the other threads'
    // writes to it.
    [[nodiscard]] bool release(unsigned references = 1) noexcept {
        return count_.fetch_sub(references, NAIO_ORDER(reference_release, acq_rel)) == references;
    }

  private:
    Atomic<unsigned> count_;
};

// Owns one reference to a T, or none.
template <class T>
class Ref {
  public:
    Ref() noexcept = default;

    // Adds a reference to `object`, which may be nullptr.
    explicit Ref(T* object) noexcept : object_(object) {
        if (object_ != nullptr) object_->retain();
    }

    // Takes over a reference that the caller owns.
    [[nodiscard]] static Ref adopt(T* object) noexcept {
        Ref ref;
        ref.object_ = object;
        return ref;
    }

    Ref(Ref&& other) noexcept : object_(other.keep()) {}
    Ref& operator=(Ref&& other) noexcept {
        Ref former(std::move(*this));
        object_ = other.keep();
        return *this;
    }
    ~Ref() {
        if (object_ != nullptr) object_->release();
    }

    [[nodiscard]] T* operator->() const noexcept { return object_; }
    [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }

    // Returns the object, and hands the reference over to the caller, which has to give it up.
    [[nodiscard]] T* keep() noexcept { return std::exchange(object_, nullptr); }

  private:
    T* object_ = nullptr;
};

}  // namespace naio
