#include "base/function_name.h"

#include <cstdint>
#include <cstdio>
#include <cstring>

#if defined(__linux__)
#include <elf.h>
#include <link.h>

#include <cerrno>
#include <span>
#else
#include <dlfcn.h>
#endif

namespace naio {

namespace {

void write_place(const char* file, std::uintptr_t offset, char* text, std::size_t size) noexcept {
    const char* const slash = std::strrchr(file, '/');
    std::snprintf(text, size, "%s+0x%zx", slash != nullptr ? slash + 1 : file, static_cast<std::size_t>(offset));
}

#if defined(__linux__)

// A file that the loader has mapped: the program or a shared library.
class MappedFile {
    using Part = ElfW(Phdr);

  public:
    explicit MappedFile(const dl_phdr_info& info) noexcept : info_(info) {}

    [[nodiscard]] bool contains(std::uintptr_t address) const noexcept {
        for (const Part& part : parts())
            if (part.p_type == PT_LOAD && address - info_.dlpi_addr - part.p_vaddr < part.p_memsz) return true;
        return false;
    }

    // Returns the exported name of a function in the file, or nullptr.
    [[nodiscard]] const char* symbol_at(std::uintptr_t address) const noexcept {
        const auto* const symbols = at<const ElfW(Sym)*>(dynamic(DT_SYMTAB));
        const char* const names = at<const char*>(dynamic(DT_STRTAB));
        if (symbols == nullptr || names == nullptr) return nullptr;
        for (std::size_t i = 0, count = count_symbols(); i < count; ++i) {
            const ElfW(Sym)& symbol = symbols[i];
            const bool is_function = (symbol.st_info & 0xf) == STT_FUNC || (symbol.st_info & 0xf) == STT_GNU_IFUNC;
            if (is_function && symbol.st_value != 0 && info_.dlpi_addr + symbol.st_value == address)
                return names + symbol.st_name;
        }
        return nullptr;
    }

    // Returns the name of the file. The loader does not tell the name of the program itself.
    [[nodiscard]] const char* name() const noexcept {
        return info_.dlpi_name != nullptr && *info_.dlpi_name != '\0' ? info_.dlpi_name : program_invocation_name;
    }

    [[nodiscard]] std::uintptr_t offset_of(std::uintptr_t address) const noexcept { return address - info_.dlpi_addr; }

  private:
    [[nodiscard]] std::span<const Part> parts() const noexcept { return {info_.dlpi_phdr, info_.dlpi_phnum}; }

    // Returns a value of the dynamic section, or 0 if the file does not have it.
    [[nodiscard]] std::uintptr_t dynamic(std::intptr_t tag) const noexcept {
        std::uintptr_t value = 0;
        for (const Part& part : parts()) {
            if (part.p_type != PT_DYNAMIC) continue;
            const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(info_.dlpi_addr + part.p_vaddr);
            for (; entry->d_tag != DT_NULL; ++entry)
                if (entry->d_tag == tag) value = entry->d_un.d_ptr;
        }
        return value;
    }

    // Converts a value of the dynamic section to a pointer. Some loaders replace the offsets in the section by
    // addresses.
    template <class Pointer>
    [[nodiscard]] Pointer at(std::uintptr_t value) const noexcept {
        if (value == 0) return nullptr;
        return reinterpret_cast<Pointer>(contains(value) ? value : info_.dlpi_addr + value);
    }

    // Returns the number of symbols, which only the hash table of the file (DT_GNU_HASH) tells. Returns 0 for a file
    // that was linked without that table.
    [[nodiscard]] std::size_t count_symbols() const noexcept {
        const auto* const table = at<const std::uint32_t*>(dynamic(DT_GNU_HASH));
        if (table == nullptr) return 0;
        const std::uint32_t buckets = table[0], first = table[1], words = table[2];
        const std::uint32_t* const bucket = table + 4 + words * (sizeof(ElfW(Addr)) / sizeof(std::uint32_t));
        const std::uint32_t* const chains = bucket + buckets;
        std::uint32_t last = 0;
        for (std::uint32_t i = 0; i < buckets; ++i)
            if (bucket[i] > last) last = bucket[i];
        if (last < first) return 0;
        while ((chains[last - first] & 1) == 0) ++last;  // the last symbol of a chain has this bit
        return std::size_t{last} + 1;
    }

    const dl_phdr_info& info_;
};

struct Search {
    std::uintptr_t address;
    char* text;
    std::size_t size;
};

// If the file contains the address, writes the name and returns 1; otherwise returns 0. The file stays mapped during
// the call.
int search(dl_phdr_info* info, std::size_t, void* argument) noexcept {
    const auto& [address, text, size] = *static_cast<const Search*>(argument);
    const MappedFile file(*info);
    if (!file.contains(address)) return 0;
    if (const char* const symbol = file.symbol_at(address))
        std::snprintf(text, size, "%s", symbol);
    else
        write_place(file.name(), file.offset_of(address), text, size);
    return 1;
}

#endif

}  // namespace

void name_function(const void* function, char* text, std::size_t size) noexcept {
#if defined(__linux__)
    Search wanted{reinterpret_cast<std::uintptr_t>(function), text, size};
    if (::dl_iterate_phdr(search, &wanted) != 0) return;
#else
    Dl_info found;
    if (::dladdr(function, &found) != 0) {
        const auto offset = static_cast<const char*>(function) - static_cast<const char*>(found.dli_fbase);
        if (found.dli_sname != nullptr) return static_cast<void>(std::snprintf(text, size, "%s", found.dli_sname));
        if (found.dli_fname != nullptr)
            return write_place(found.dli_fname, static_cast<std::uintptr_t>(offset), text, size);
    }
#endif
    std::snprintf(text, size, "%p", function);
}

}  // namespace naio
