// The library's reference to itself. It keeps the shared library mapped while the library's threads run, even if the
// program closes its own handle with dlclose.
//
// The Runtime takes the reference when it comes up. nng_fini gives it back with its last instruction, a jump to the
// function that release_mapping returns. nng_fini does not call that function, because the call would return to
// nng_fini, whose code may no longer be mapped.
//
// The static library takes no reference. It is part of a program or of a plugin. A plugin with a reference to itself
// would never be unloaded, and so its destructor could never call nng_fini.
//
// mapping.cpp has the definitions of the static library, which are weak; mapping_shared.cpp, which is linked into the
// shared library alone, replaces them.
#pragma once

#include <utility>

namespace naio {

// The target of the last instruction of nng_fini, which is a jump to leave(handle).
struct Parting {
    int (*leave)(void*);
    void* handle;
};

// Takes the reference and stores its handle, which is nullptr in the static library. False if the loader gives no
// reference.
[[nodiscard]] bool hold_mapping(void*& handle) noexcept;

// Returns a parting that gives the reference back.
[[nodiscard]] Parting release_mapping(void* handle) noexcept;

// Returns a parting that does nothing.
[[nodiscard]] Parting keep_mapping() noexcept;

// A reference for the Runtime to take over when it comes up. If the Runtime does not take the reference over, the
// destructor gives it back. Invariant: the reference is taken and given back while the calling thread holds no lock of
// the library. Otherwise two threads could wait for each other: the loader holds its own lock while dlclose runs
// destructors, and a destructor may call nng_fini, which takes a lock of the library.
class MappingReference {
  public:
    MappingReference() noexcept : held_(hold_mapping(handle_)) {}
    ~MappingReference() {
        if (handle_ == nullptr) return;
        const Parting parting = release_mapping(handle_);
        parting.leave(parting.handle);  // does not unmap the library, because the caller has a reference, too
    }
    MappingReference(const MappingReference&) = delete;
    MappingReference& operator=(const MappingReference&) = delete;

    // False if the loader has given no reference.
    [[nodiscard]] bool held() const noexcept { return held_; }
    void hand_over(void*& to) noexcept { to = std::exchange(handle_, nullptr); }

  private:
    void* handle_ = nullptr;
    bool held_;
};

}  // namespace naio
