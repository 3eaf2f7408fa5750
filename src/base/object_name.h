// The name of an object that operations refer to: of a descriptor's owner (a stream, a listener, a UDP socket), or of a
// slot.
//
// A dump has copied from a handle the descriptor that its operation waits for, and the address of its slot. The dump
// must not read these objects, because other threads may destroy them at any time. Therefore all names of the process
// are in one table, in which the dump looks up the descriptor or the address. Another object may get the same
// descriptor or address soon, so the dump uses the name only if the operation is still the one that was copied. An
// ObjectName has the size of a pointer, so an object without a name loses little memory.
//
// Any thread may set a name at any time. The destructor clears the name.
#pragma once

#include <cstdint>

#include "base/allocator.h"
#include "base/mutex.h"

namespace naio {

class DumpName;

class ObjectName {
  public:
    using Key = std::uintptr_t;

    // The keys of descriptors and of addresses differ, because a descriptor is a small number.
    static Key key_of(int fd) noexcept { return static_cast<Key>(fd); }
    static Key key_of(const void* object) noexcept { return reinterpret_cast<Key>(object); }

    ObjectName() noexcept = default;
    ObjectName(const ObjectName&) = delete;
    ObjectName& operator=(const ObjectName&) = delete;
    ~ObjectName() { clear(); }

    // Replaces the name. The text is not copied, and must live until the name is cleared. If there is no memory for an
    // entry of the table, the object has no name afterwards, as if `name` were nullptr.
    void set(const Allocator& allocator, Key key, const char* name) noexcept;
    // Removes the name. REQUIRES: no other thread sets or clears the name.
    void clear() noexcept {
        if (entry_ != nullptr) replace_by(nullptr);
    }

    // Returns the table's lock. A thread that holds it takes no other lock.
    [[nodiscard]] static Mutex& table() noexcept NAIO_RETURN_CAPABILITY(mutex_) { return mutex_; }
    // Copies the name of the object with this key, if it has one.
    static void find(Key key, DumpName& to) noexcept NAIO_REQUIRES(mutex_);

  private:
    struct Entry;
    static constexpr unsigned kBits = 10;

    void replace_by(Entry* entry) noexcept;
    static Entry** link_to(const Entry* entry, Key key) noexcept NAIO_REQUIRES(mutex_);

    static inline Mutex mutex_;
    static inline Entry* buckets_[1u << kBits] NAIO_GUARDED_BY(mutex_){};

    Entry* entry_ = nullptr;  // mutex_ guards it, except in clear
};

}  // namespace naio
