// Allocates the C++ layer's own memory. For the other headers only.
#ifndef NAIO_MEMORY_HPP
#define NAIO_MEMORY_HPP

#include <nng/nng.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace naio::detail {

// nng_alloc aligns for 64-bit numbers, but a coroutine's frame needs the alignment of operator new. So this many bytes
// more are allocated, the block begins at the next aligned address, and nng_alloc's pointer is stored right before the
// block.
inline constexpr std::size_t alignment = __STDCPP_DEFAULT_NEW_ALIGNMENT__;
static_assert(alignment >= sizeof(void*), "there is room for the pointer before an aligned block");

// Returns a block of size bytes; NULL if there is no memory.
inline void* allocate(std::size_t size) noexcept {
    void* const memory = nng_alloc(size + alignment);
    if (memory == nullptr) return nullptr;
    const auto address = reinterpret_cast<std::uintptr_t>(memory);
    char* const block = static_cast<char*>(memory) + (alignment - address % alignment);
    new (block - sizeof(void*)) void*(memory);
    return block;
}

// Releases a block that allocate returned for the same size. NULL: ignored.
inline void deallocate(void* block, std::size_t size) noexcept {
    if (block == nullptr) return;
    void* const memory = *std::launder(reinterpret_cast<void**>(static_cast<char*>(block) - sizeof(void*)));
    nng_free(memory, size + alignment);
}

// Owns an object of any type, and destroys it without knowing the type.
class any_box {
  public:
    any_box(const any_box&) = delete;
    any_box& operator=(const any_box&) = delete;

    struct deleter {
        void operator()(any_box* box) const noexcept { box->destroy_(box); }
    };

  protected:
    using destroy_function = void (*)(any_box*) noexcept;
    explicit any_box(destroy_function destroy) noexcept : destroy_(destroy) {}
    ~any_box() = default;

  private:
    const destroy_function destroy_;
};

using box_pointer = std::unique_ptr<any_box, any_box::deleter>;

template <class T>
class box final : public any_box {
  public:
    // Returns a box with a new object, or NULL if there is no memory. If the object's constructor throws, the memory is
    // released.
    template <class... Args>
    static box* make(Args&&... args) {
        static_assert(alignof(box) <= alignment, "types that are aligned more strictly are not supported");
        std::unique_ptr<void, release> memory(allocate(sizeof(box)));
        if (memory == nullptr) return nullptr;
        box* const made = new (memory.get()) box(std::forward<Args>(args)...);
        static_cast<void>(memory.release());
        return made;
    }

    T value;

  private:
    struct release {
        void operator()(void* memory) const noexcept { deallocate(memory, sizeof(box)); }
    };

    template <class... Args>
    explicit box(Args&&... args) : any_box(&box::destroy), value(std::forward<Args>(args)...) {}
    ~box() = default;

    static void destroy(any_box* base) noexcept {
        auto* const self = static_cast<box*>(base);
        self->~box();
        deallocate(self, sizeof(box));
    }
};

}  // namespace naio::detail

#endif
