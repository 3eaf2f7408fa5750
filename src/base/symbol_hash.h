// The two hash tables by which the dynamic loader finds a symbol of a file by its name. A file has one of them or both.
//
// Invariant: no word outside of the given ones is read, also if the table is damaged.
#pragma once

#if defined(__linux__)

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace naio {

// The table DT_GNU_HASH, which finds a symbol by its name. A filter tells for most names that the file does not export
// them, so that the names in the file are seldom read.
class GnuHashTable {
  public:
    // The words begin with the table, and may end after it.
    explicit GnuHashTable(std::span<const std::uint32_t> words) noexcept : all_(words) {}

    // Calls visit(index) for each symbol that may have the name, until a call returns true.
    template <class Visit>
    void visit(const char* name, Visit visit) const noexcept {
        const std::uint32_t hash = hash_of(name);
        if (!may_have(hash)) return;
        std::uint32_t i = bucket(hash % buckets_);
        if (i == 0 || i < first_) return;
        for (;; ++i) {
            const std::uint32_t of_symbol = chain(i);
            if ((of_symbol | 1) == (hash | 1) && visit(i)) return;
            if ((of_symbol & 1) != 0) return;  // the last symbol of a chain has this bit
        }
    }

    // Returns the number of symbols. The last symbol is the last one of the chain that begins last.
    [[nodiscard]] std::size_t count_symbols() const noexcept {
        std::uint32_t last = 0;
        for (std::uint32_t i = 0; i < std::min<std::size_t>(buckets_, all_.size()); ++i)
            last = std::max(last, bucket(i));
        if (last == 0 || last < first_) return 0;
        while ((chain(last) & 1) == 0) ++last;
        return std::size_t{last} + 1;
    }

  private:
    static constexpr std::size_t kHeader = 4;
    static constexpr std::size_t kWordSize = sizeof(ElfW(Addr)) / sizeof(std::uint32_t);

    [[nodiscard]] static std::uint32_t hash_of(const char* name) noexcept {
        std::uint32_t hash = 5381;
        for (; *name != '\0'; ++name) hash = hash * 33 + static_cast<unsigned char>(*name);
        return hash;
    }

    // A file that exports nothing may have a table without buckets, which the loader skips.
    [[nodiscard]] bool may_have(std::uint32_t hash) const noexcept {
        if (buckets_ == 0 || words_ == 0) return false;
        constexpr unsigned kBits = 8 * sizeof(ElfW(Addr));
        const std::size_t at = kHeader + hash / kBits % words_ * kWordSize;
        if (at + kWordSize > all_.size()) return false;
        ElfW(Addr) word = 0;
        std::memcpy(&word, &all_[at], sizeof(word));
        return (word >> hash % kBits & word >> (hash >> shift_ % 32) % kBits & 1) != 0;
    }

    // Returns the word, or if there is none, a word that ends a chain.
    [[nodiscard]] std::uint32_t word(std::size_t i) const noexcept { return i < all_.size() ? all_[i] : 1; }
    // Returns the first symbol of the bucket, or 0 if the bucket is empty.
    [[nodiscard]] std::uint32_t bucket(std::size_t i) const noexcept { return word(kHeader + words_ * kWordSize + i); }
    [[nodiscard]] std::uint32_t chain(std::uint32_t symbol) const noexcept {
        return word(kHeader + words_ * kWordSize + buckets_ + (symbol - first_));
    }

    std::span<const std::uint32_t> all_;
    std::uint32_t buckets_ = all_.size() < kHeader ? 0 : all_[0];
    std::uint32_t first_ = word(1);
    std::size_t words_ = word(2);
    std::uint32_t shift_ = word(3);
};

// The table DT_HASH, which files of old linkers and of some systems have in place of DT_GNU_HASH.
class SysvHashTable {
  public:
    // The words begin with the table, and may end after it.
    explicit SysvHashTable(std::span<const Elf_Symndx> words) noexcept : all_(words) {}

    // Calls visit(index) for each symbol that may have the name, until a call returns true.
    template <class Visit>
    void visit(const char* name, Visit visit) const noexcept {
        if (buckets_ == 0) return;
        Elf_Symndx i = word(kHeader + hash_of(name) % buckets_);
        // No chain is longer than the table, unless the table is damaged.
        for (std::size_t steps = 0; i != 0 && steps < count_symbols(); ++steps) {
            if (visit(i)) return;
            i = word(kHeader + buckets_ + i);
        }
    }

    [[nodiscard]] std::size_t count_symbols() const noexcept { return std::min<std::size_t>(word(1), all_.size()); }

  private:
    static constexpr std::size_t kHeader = 2;

    [[nodiscard]] static std::uint32_t hash_of(const char* name) noexcept {
        std::uint32_t hash = 0;
        for (; *name != '\0'; ++name) {
            hash = (hash << 4) + static_cast<unsigned char>(*name);
            hash ^= hash >> 24 & 0xf0;
            hash &= 0x0fffffff;
        }
        return hash;
    }

    // Returns the word, or 0 if there is none, which ends a chain.
    [[nodiscard]] Elf_Symndx word(std::size_t i) const noexcept { return i < all_.size() ? all_[i] : 0; }

    std::span<const Elf_Symndx> all_;
    std::size_t buckets_ = word(0);
};

}  // namespace naio

#endif
