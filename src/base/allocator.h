// Where the library's memory comes from: the C library, or the three functions of nng_init_params.
//
// One Allocator lives in the Runtime; objects that allocate later keep a pointer to it. Any thread may allocate.
//
// Invariants:
//  1. Hooks are replaced only while the runtime is down (Runtime::init).
//  2. Every block is released with the size it was allocated with: the hooks rely on it.
//  3. Nothing here throws; a failed allocation is nullptr.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>
#include <utility>

namespace naio {

class Allocator {
  public:
    struct Hooks {
        void* (*allocate)(std::size_t) = std::malloc;
        void* (*allocate_zeroed)(std::size_t, std::size_t) = std::calloc;
        void (*release)(void*, std::size_t) = [](void* block, std::size_t) { std::free(block); };
    };

    [[nodiscard]] const Hooks& hooks() const noexcept { return hooks_; }
    void install(const Hooks& hooks) noexcept { hooks_ = hooks; }

    [[nodiscard]] void* allocate(std::size_t size) const noexcept { return hooks_.allocate(size); }
    [[nodiscard]] void* allocate_zeroed(std::size_t size) const noexcept { return hooks_.allocate_zeroed(1, size); }
    void release(void* block, std::size_t size) const noexcept {
        if (block != nullptr) hooks_.release(block, size);
    }

    // An object in memory of its own; nullptr when there is none.
    template <class T, class... Args>
    [[nodiscard]] T* make(Args&&... args) const noexcept {
        void* block = allocate(sizeof(T));
        return block != nullptr ? new (block) T(std::forward<Args>(args)...) : nullptr;
    }
    template <class T>
    void destroy(T* object) const noexcept {
        if (object == nullptr) return;
        object->~T();
        release(object, sizeof(T));
    }

  private:
    Hooks hooks_;
};

// The same memory for the standard containers. The only place that throws: users catch std::bad_alloc at once.
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
