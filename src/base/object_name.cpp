#include "base/object_name.h"

#include <utility>

#include "base/dump.h"
#include "base/hash.h"

namespace naio {

struct ObjectName::Entry {
    Entry(const Allocator& source, Key its_key, const char* its_name) noexcept
        : allocator(source), key(its_key), name(its_name) {}

    const Allocator& allocator;
    const Key key;
    const char* const name;
    Entry* next = nullptr;  // the next entry of the bucket
};

void ObjectName::set(const Allocator& allocator, Key key, const char* name) noexcept {
    replace_by(name != nullptr ? allocator.create<Entry>(allocator, key, name) : nullptr);
}

void ObjectName::replace_by(Entry* entry) noexcept {
    Entry* before = nullptr;
    {
        Lock lock(mutex_);
        before = std::exchange(entry_, entry);
        if (before != nullptr) *link_to(before, before->key) = before->next;
        if (entry != nullptr) *link_to(nullptr, entry->key) = entry;
    }
    if (before != nullptr) before->allocator.destroy(before);
}

// Returns the link in the key's bucket that points to `entry`. With nullptr, returns the last link of the bucket.
ObjectName::Entry** ObjectName::link_to(const Entry* entry, Key key) noexcept {
    Entry** link = &buckets_[multiplicative_hash(key, kBits)];
    while (*link != entry) link = &(*link)->next;
    return link;
}

void ObjectName::find(Key key, DumpName& to) noexcept {
    for (const Entry* each = buckets_[multiplicative_hash(key, kBits)]; each != nullptr; each = each->next)
        if (each->key == key) to.copy(each->name);
}

}  // namespace naio
