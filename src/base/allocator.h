// The source of the library's memory: the C library, or the three functions in nng_init_params.
//
// One Allocator lives in the Runtime; objects that allocate later keep a pointer to it. Any thread may allocate.
//
// Invariants:
//  1. Hooks are replaced only while no block is in use, so that each block is released by the hooks that allocated it.
//  2. Each block is released with the size with which it was allocated, because the hooks rely on it.
//  3. No function here throws, except ContainerAllocator::allocate. A failed allocation returns nullptr.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>
#include <utility>

#include "base/atomic.h"
#include "base/order.h"

namespace naio {

class Allocator {
  public:
    struct Hooks {
        void* (*allocate)(std::size_t) = std::malloc;
        void* (*allocate_zeroed)(std::size_t, std::size_t) = std::calloc;
        void (*release)(void*, std::size_t) = [](void* block, std::size_t) { std::free(block); };
        bool operator==(const Hooks&) const = default;
    };

    [[nodiscard]] const Hooks& hooks() const noexcept { return hooks_; }

    // Replaces the hooks. Returns false and changes nothing if `hooks` differ from the present ones while blocks are in
    // use. REQUIRES: no other thread installs hooks in the meantime.
    [[nodiscard]] bool install(const Hooks& hooks) noexcept {
        if (hooks == hooks_) return true;
        std::size_t none = 0;
        // The acquire pairs with the release in leave; otherwise the hooks could be replaced before another thread's
        // use of the former hooks. The release below pairs with the acquires in enter; otherwise a thread could call
        // the former hooks, although its block is counted after the replacement.
        if (!blocks_.compare_exchange_strong(none, kReplacing, NAIO_ORDER(allocator_install, acquire))) return false;
        hooks_ = hooks;
        blocks_.fetch_sub(kReplacing, NAIO_ORDER(allocator_installed, release));
        return true;
    }

    [[nodiscard]] void* allocate(std::size_t size) const noexcept {
        enter();
        return settle(hooks_.allocate(size));
    }
    [[nodiscard]] void* allocate_zeroed(std::size_t size) const noexcept {
        enter();
        return settle(hooks_.allocate_zeroed(1, size));
    }
    void release(void* block, std::size_t size) const noexcept {
        if (block == nullptr) return;
        hooks_.release(block, size);
        leave();
    }

    // Returns a new object in a block of its own; nullptr when there is no memory. A class whose constructor or
    // destructor is private makes Allocator a friend.
    template <class T, class... Args>
    [[nodiscard]] T* create(Args&&... args) const noexcept {
        return create_with_room<T>(0, std::forward<Args>(args)...);
    }
    template <class T>
    void destroy(T* object) const noexcept {
        destroy_with_room(object, 0);
    }

    // Like create and destroy, for an object whose block has `room` more bytes behind the object.
    template <class T, class... Args>
    [[nodiscard]] T* create_with_room(std::size_t room, Args&&... args) const noexcept {
        void* block = allocate(sizeof(T) + room);
        return block != nullptr ? new (block) T(std::forward<Args>(args)...) : nullptr;
    }
    template <class T>
    void destroy_with_room(T* object, std::size_t room) const noexcept {
        if (object == nullptr) return;
        object->~T();
        release(object, sizeof(T) + room);
    }

  private:
    static constexpr std::size_t kReplacing = ~(~std::size_t{0} >> 1);

    // Counts a block before a hook allocates it, so that install does not replace the hooks in the meantime. The
    // acquires pair with the release in install.
    void enter() const noexcept {
        std::size_t before = blocks_.fetch_add(1, NAIO_ORDER(allocator_enter, acquire));
        while ((before & kReplacing) != 0)
            before = blocks_.load(NAIO_ORDER(allocator_wait, acquire));  // install needs only a few stores
    }
    // The release pairs with the acquire in install.
    void leave() const noexcept { blocks_.fetch_sub(1, NAIO_ORDER(allocator_leave, release)); }
    void* settle(void* block) const noexcept {
        if (block == nullptr) leave();
        return block;
    }

    Hooks hooks_;
    mutable Atomic<std::size_t> blocks_{0};  // number of blocks in use, plus kReplacing while install runs
};

// Gives the standard containers memory of an Allocator. Only this class throws; its users catch std::bad_alloc at
// once.
template <class T>
class ContainerAllocator {
  public:
    using value_type = T;

    explicit ContainerAllocator(const Allocator& source) noexcept : source_(&source) {}
    template <class U>
    ContainerAllocator(const ContainerAllocator<U>& other) noexcept : source_(other.source_) {}

    T* allocate(std::size_t n) {
        if (n > std::numeric_limits<std::size_t>::max() / sizeof(T)) throw std::bad_alloc();
        void* block = source_->allocate(n * sizeof(T));
        if (block == nullptr) throw std::bad_alloc();
        return static_cast<T*>(block);
    }
    void deallocate(T* block, std::size_t n) noexcept { source_->release(block, n * sizeof(T)); }

    template <class U>
    bool operator==(const ContainerAllocator<U>& other) const noexcept {
        return source_ == other.source_;
    }

  private:
    template <class U>
    friend class ContainerAllocator;
    const Allocator* source_;
};

}  // namespace naio
