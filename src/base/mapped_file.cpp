#include "base/mapped_file.h"

#if defined(__linux__)

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace naio {

namespace {

constexpr std::uint16_t kVersionMask = 0x7fff;  // the bit above these marks a version that is not the default
constexpr std::uint16_t kUnversioned = 1;       // a symbol whose index is not above this one has no version

bool is_function(const ElfW(Sym) & symbol) noexcept {
    const unsigned type = symbol.st_info & 0xf;
    return (type == STT_FUNC || type == STT_GNU_IFUNC) && symbol.st_value != 0;
}

// A program that is not position-independent has symbols with an address for functions of other files, too.
bool is_defined(const ElfW(Sym) & symbol) noexcept { return is_function(symbol) && symbol.st_shndx != SHN_UNDEF; }

const char* base_name(const char* path) noexcept {
    const char* const slash = std::strrchr(path, '/');
    return slash != nullptr ? slash + 1 : path;
}

// The table DT_GNU_HASH, which finds a symbol by its name. A filter tells for most names that the file does not export
// them, so that the names in the file are seldom read.
class HashTable {
  public:
    // The words begin with the table, and may end after it.
    explicit HashTable(std::span<const std::uint32_t> words) noexcept : all_(words) {}

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

    // Calls visit(index) for each symbol whose name may have the hash, until a call returns true.
    // REQUIRES: may_have(hash).
    template <class Visit>
    void visit(std::uint32_t hash, Visit visit) const noexcept {
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

}  // namespace

bool MappedFile::contains(std::uintptr_t address) const noexcept {
    for (const Part& part : parts_)
        if (part.p_type == PT_LOAD && address - base_ - part.p_vaddr < part.p_memsz) return true;
    return false;
}

const char* MappedFile::name() const noexcept {
    return name_ != nullptr && *name_ != '\0' ? name_ : program_invocation_name;
}

std::size_t MappedFile::room_at(std::uintptr_t address) const noexcept {
    for (const Part& part : parts_) {
        const std::uintptr_t offset = address - base_ - part.p_vaddr;
        if (part.p_type == PT_LOAD && (part.p_flags & PF_R) != 0 && offset < part.p_memsz) return part.p_memsz - offset;
    }
    return 0;
}

// Returns a value of the dynamic section, or 0 if the file does not have it.
std::uintptr_t MappedFile::dynamic(std::intptr_t tag) const noexcept {
    std::uintptr_t value = 0;
    any_entry([&](const ElfW(Dyn) & each) {
        if (each.d_tag != tag) return false;
        value = each.d_un.d_ptr;
        return true;
    });
    return value;
}

std::span<const char> MappedFile::names() const noexcept {
    const auto all = table<char>(DT_STRTAB);
    const std::size_t size = std::min<std::size_t>(all.size(), dynamic(DT_STRSZ));
    return size != 0 && all[size - 1] == '\0' ? all.first(size) : std::span<const char>();
}

// Returns 0 for a file that was linked without DT_GNU_HASH, which tells the number.
std::size_t MappedFile::count_symbols() const noexcept {
    return HashTable(table<std::uint32_t>(DT_GNU_HASH)).count_symbols();
}

const char* MappedFile::symbol_at(std::uintptr_t address) const noexcept {
    const auto symbols = table<ElfW(Sym)>(DT_SYMTAB);
    for (const ElfW(Sym) & symbol : symbols.first(std::min(symbols.size(), count_symbols())))
        if (is_function(symbol) && base_ + symbol.st_value == address && *text(symbol.st_name) != '\0')
            return text(symbol.st_name);
    return nullptr;
}

std::uintptr_t MappedFile::find(const char* function) const noexcept {
    const HashTable hashes(table<std::uint32_t>(DT_GNU_HASH));
    const std::uint32_t hash = HashTable::hash_of(function);
    if (!hashes.may_have(hash)) return 0;
    const auto symbols = table<ElfW(Sym)>(DT_SYMTAB);
    std::uintptr_t found = 0;
    hashes.visit(hash, [&](std::uint32_t i) {
        if (i >= symbols.size()) return true;
        const ElfW(Sym)& symbol = symbols[i];
        if (!is_defined(symbol) || std::strcmp(text(symbol.st_name), function) != 0) return false;
        found = base_ + symbol.st_value;
        return true;
    });
    return found;
}

bool MappedFile::is_symbolic() const noexcept {
    return any_entry([](const ElfW(Dyn) & each) {
        return each.d_tag == DT_SYMBOLIC || (each.d_tag == DT_FLAGS && (each.d_un.d_val & DF_SYMBOLIC) != 0);
    });
}

bool MappedFile::answers_to(const char* needed) const noexcept {
    const std::uintptr_t soname = dynamic(DT_SONAME);
    if (soname != 0 && std::strcmp(text(soname), base_name(needed)) == 0) return true;
    return std::strcmp(base_name(name()), base_name(needed)) == 0;
}

MappedFile::Reference MappedFile::reference(const Tables& tables, std::uintptr_t offset,
                                            std::size_t symbol) const noexcept {
    const auto words = values_at<std::uintptr_t>(base_ + offset);
    const std::uint16_t version = symbol < tables.versions.size() ? tables.versions[symbol] : 0;
    // The loader, or a thread that calls the function for the first time, may be writing the word.
    return {.name = symbol < tables.symbols.size() ? text(tables.names, tables.symbols[symbol].st_name) : "",
            .value = words.empty() ? 0 : *const_cast<const volatile std::uintptr_t*>(words.data()),
            .versioned = (version & kVersionMask) > kUnversioned};
}

}  // namespace naio

#endif
