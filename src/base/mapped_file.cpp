#include "base/mapped_file.h"

#if defined(__linux__)

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
    explicit HashTable(const std::uint32_t* table) noexcept
        : buckets_(table[0]), first_(table[1]), words_(table[2]), shift_(table[3]), begin_(table + 4) {}

    [[nodiscard]] static std::uint32_t hash_of(const char* name) noexcept {
        std::uint32_t hash = 5381;
        for (; *name != '\0'; ++name) hash = hash * 33 + static_cast<unsigned char>(*name);
        return hash;
    }

    // A file that exports nothing may have a table without buckets, which the loader skips.
    [[nodiscard]] bool may_have(std::uint32_t hash) const noexcept {
        if (buckets_ == 0 || words_ == 0) return false;
        constexpr unsigned kBits = 8 * sizeof(ElfW(Addr));
        ElfW(Addr) word = 0;
        std::memcpy(&word, begin_ + hash / kBits % words_ * kWordSize, sizeof(word));
        return (word >> hash % kBits & word >> (hash >> shift_) % kBits & 1) != 0;
    }

    // Calls visit(index) for each symbol whose name may have the hash, until a call returns true.
    template <class Visit>
    void visit(std::uint32_t hash, Visit visit) const noexcept {
        std::uint32_t i = buckets()[hash % buckets_];
        if (i < first_) return;
        for (;; ++i) {
            const std::uint32_t of_symbol = chains()[i - first_];
            if ((of_symbol | 1) == (hash | 1) && visit(i)) return;
            if ((of_symbol & 1) != 0) return;  // the last symbol of a chain has this bit
        }
    }

    // Returns the number of symbols. The last symbol is the last one of the chain that begins last.
    [[nodiscard]] std::size_t count_symbols() const noexcept {
        std::uint32_t last = 0;
        for (std::uint32_t i = 0; i < buckets_; ++i)
            if (buckets()[i] > last) last = buckets()[i];
        if (last < first_) return 0;
        while ((chains()[last - first_] & 1) == 0) ++last;
        return std::size_t{last} + 1;
    }

  private:
    static constexpr std::size_t kWordSize = sizeof(ElfW(Addr)) / sizeof(std::uint32_t);

    [[nodiscard]] const std::uint32_t* buckets() const noexcept { return begin_ + words_ * kWordSize; }
    [[nodiscard]] const std::uint32_t* chains() const noexcept { return buckets() + buckets_; }

    std::uint32_t buckets_, first_, words_, shift_;
    const std::uint32_t* begin_;
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

const ElfW(Dyn) * MappedFile::dynamic_section() const noexcept {
    for (const Part& part : parts_)
        if (part.p_type == PT_DYNAMIC) return reinterpret_cast<const ElfW(Dyn)*>(base_ + part.p_vaddr);
    return nullptr;
}

// Returns a value of the dynamic section, or 0 if the file does not have it.
std::uintptr_t MappedFile::dynamic(std::intptr_t tag) const noexcept {
    for (const ElfW(Dyn)* entry = dynamic_section(); entry != nullptr && entry->d_tag != DT_NULL; ++entry)
        if (entry->d_tag == tag) return entry->d_un.d_ptr;
    return 0;
}

// Returns 0 for a file that was linked without DT_GNU_HASH, which tells the number.
std::size_t MappedFile::count_symbols() const noexcept {
    const auto* const table = at<const std::uint32_t*>(dynamic(DT_GNU_HASH));
    return table != nullptr ? HashTable(table).count_symbols() : 0;
}

const char* MappedFile::symbol_at(std::uintptr_t address) const noexcept {
    const auto* const symbols = at<const ElfW(Sym)*>(dynamic(DT_SYMTAB));
    const char* const names = at<const char*>(dynamic(DT_STRTAB));
    if (symbols == nullptr || names == nullptr) return nullptr;
    for (const ElfW(Sym) & symbol : std::span(symbols, count_symbols()))
        if (is_function(symbol) && base_ + symbol.st_value == address) return names + symbol.st_name;
    return nullptr;
}

std::uintptr_t MappedFile::find(const char* function) const noexcept {
    const auto* const table = at<const std::uint32_t*>(dynamic(DT_GNU_HASH));
    if (table == nullptr) return 0;
    const std::uint32_t hash = HashTable::hash_of(function);
    if (!HashTable(table).may_have(hash)) return 0;
    const auto* const symbols = at<const ElfW(Sym)*>(dynamic(DT_SYMTAB));
    const char* const names = at<const char*>(dynamic(DT_STRTAB));
    std::uintptr_t found = 0;
    HashTable(table).visit(hash, [&](std::uint32_t i) {
        const ElfW(Sym)& symbol = symbols[i];
        if (!is_defined(symbol) || std::strcmp(names + symbol.st_name, function) != 0) return false;
        found = base_ + symbol.st_value;
        return true;
    });
    return found;
}

bool MappedFile::is_symbolic() const noexcept {
    for (const ElfW(Dyn)* entry = dynamic_section(); entry != nullptr && entry->d_tag != DT_NULL; ++entry)
        if (entry->d_tag == DT_SYMBOLIC || (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_SYMBOLIC) != 0))
            return true;
    return false;
}

bool MappedFile::answers_to(const char* needed) const noexcept {
    const char* const names = at<const char*>(dynamic(DT_STRTAB));
    const std::uintptr_t soname = dynamic(DT_SONAME);
    if (soname != 0 && std::strcmp(names + soname, base_name(needed)) == 0) return true;
    return std::strcmp(base_name(name()), base_name(needed)) == 0;
}

MappedFile::Reference MappedFile::reference(std::uintptr_t offset, std::size_t symbol) const noexcept {
    const auto* const symbols = at<const ElfW(Sym)*>(dynamic(DT_SYMTAB));
    const auto* const versions = at<const std::uint16_t*>(dynamic(DT_VERSYM));
    // The loader, or a thread that calls the function for the first time, may be writing the word.
    const auto* const word = reinterpret_cast<const volatile std::uintptr_t*>(base_ + offset);
    return {.name = at<const char*>(dynamic(DT_STRTAB)) + symbols[symbol].st_name,
            .value = contains(base_ + offset) ? *word : 0,
            .versioned = versions != nullptr && (versions[symbol] & kVersionMask) > kUnversioned};
}

}  // namespace naio

#endif
