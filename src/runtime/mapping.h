// The library's reference to itself. It keeps the shared library mapped while the library's threads run, even if the
// program closes its own handle with dlclose.
//
// The Runtime takes the reference when it comes up. nng_fini gives it back with its last instruction, a jump to the
// function that release_mapping returns. It does not call that function, because the call would return to nng_fini,
// whose code may no longer be mapped.
//
// The static library takes no reference. It is part of a program or of a plugin. A plugin with a reference to itself
// would never be unloaded, and so its destructor could never call nng_fini.
//
// mapping.cpp has the definitions of the static library, which are weak; mapping_shared.cpp, which is linked into the
// shared library alone, replaces them.
#pragma once

#include <utility>

namespace naio {

// The last instruction of nng_fini: a jump to leave(handle).
struct Parting {
    int (*leave)(void*);
    void* handle;
};

// Stores a handle, which may be nullptr. False if there is no memory for the reference.
[[nodiscard]] bool hold_mapping(void*& handle) noexcept;

// Returns a parting that gives the reference back.
[[nodiscard]] Parting release_mapping(void* handle) noexcept;

// Returns a parting that does nothing.
[[nodiscard]] Parting keep_mapping() noexcept;

// A reference for the Runtime to take over when it comes up. If the Runtime does not take the reference over, the
// destructor gives it back. Invariant: it is taken and given back while the calling thread holds no lock of the
// library, because the loader holds its own lock while dlclose runs destructors, and these call nng_fini.
class MappingReference {
  public:
    MappingReference() noexcept : held_(hold_mapping(handle_)) {}
    ~MappingReference() {
        if (handle_ == nullptr) return;
        const Parting parting = release_mapping(handle_);
        parting.leave(parting.handle);  // never the last reference, because the caller has one, too
    }
    MappingReference(const MappingReference&) = delete;
    MappingReference& operator=(const MappingReference&) = delete;

    // False if there was no memory for the reference.
    [[nodiscard]] bool held() const noexcept { return held_; }
    void hand_over(void*& to) noexcept { to = std::exchange(handle_, nullptr); }

  private:
    void* handle_ = nullptr;
    bool held_;
};

}  // namespace naio
