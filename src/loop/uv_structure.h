// Memory for the structures of libuv. Only source files of src/loop include <uv.h>; if a header did, nearly every file
// of the library would see it.
#pragma once

#include <cstddef>

// The declarations are libuv's.
typedef struct uv_async_s uv_async_t;
typedef struct uv_loop_s uv_loop_t;
typedef struct uv_poll_s uv_poll_t;
typedef struct uv_timer_s uv_timer_t;

namespace naio {

// Holds one T, which libuv initialises and closes. kSize is the largest size of T on the supported systems; loop.cpp
// checks it. libuv keeps the sizes of its structures in all releases of a major version.
template <class T, std::size_t kSize>
class UvStructure {
  public:
    [[nodiscard]] T* get() noexcept { return reinterpret_cast<T*>(memory_); }
    [[nodiscard]] T* operator->() noexcept { return get(); }

  private:
    alignas(8) std::byte memory_[kSize];
};

#if defined(__linux__)
using UvLoop = UvStructure<uv_loop_t, 856>;
using UvPoll = UvStructure<uv_poll_t, 160>;
#else
using UvLoop = UvStructure<uv_loop_t, 1152>;
using UvPoll = UvStructure<uv_poll_t, 176>;
#endif
using UvAsync = UvStructure<uv_async_t, 128>;
using UvTimer = UvStructure<uv_timer_t, 160>;

}  // namespace naio
