#include "base/mapped_file.h"

#if defined(__linux__)

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/symbol_hash.h"

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

// The hash tables tell the number.
std::size_t MappedFile::count_symbols() const noexcept {
    const auto words = table<std::uint32_t>(DT_GNU_HASH);
    return !words.empty() ? GnuHashTable(words).count_symbols()
                          : SysvHashTable(table<Elf_Symndx>(DT_HASH)).count_symbols();
}

const char* MappedFile::symbol_at(std::uintptr_t address) const noexcept {
    const auto symbols = table<ElfW(Sym)>(DT_SYMTAB);
    for (const ElfW(Sym) & symbol : symbols.first(std::min(symbols.size(), count_symbols())))
        if (is_function(symbol) && base_ + symbol.st_value == address && *text(symbol.st_name) != '\0')
            return text(symbol.st_name);
    return nullptr;
}

std::uintptr_t MappedFile::find(const char* function) const noexcept {
    std::uintptr_t found = 0;
    const auto is_it = [&](std::size_t i) {
        const auto symbols = table<ElfW(Sym)>(DT_SYMTAB);
        if (i >= symbols.size()) return true;
        const ElfW(Sym)& symbol = symbols[i];
        if (!is_defined(symbol) || std::strcmp(text(symbol.st_name), function) != 0) return false;
        found = base_ + symbol.st_value;
        return true;
    };
    const auto words = table<std::uint32_t>(DT_GNU_HASH);
    if (!words.empty())
        GnuHashTable(words).visit(function, is_it);
    else
        SysvHashTable(table<Elf_Symndx>(DT_HASH)).visit(function, is_it);
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
