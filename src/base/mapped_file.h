// A file that the dynamic loader has mapped: the program, or a shared library. Reads the symbols, relocations and names
// that the loader itself uses. Exists on Linux only.
//
// The files are listed by dl_iterate_phdr, and not looked up with dlopen, dlsym or dladdr: in glibc, these take the
// lock that dlopen holds while the constructors of a library run, and dlclose while the destructors run. A thread holds
// the lock of dl_iterate_phdr only while it changes or reads the list of files.
//
// Invariants:
//  1. A MappedFile is used only while any_mapped_file runs, because the file may be unmapped after that. Another thread
//     may be relocating the file, so its relocated words may still be those of the file on disk.
//  2. Reading allocates nothing and takes no lock of this library.
//  3. Only mapped parts of the file are read, also if the tables of the file are damaged. The loader accepts such a
//     file as long as the program does not use what is damaged.
#pragma once

#if defined(__linux__)

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

namespace naio {

class MappedFile {
  public:
    MappedFile() noexcept = default;
    explicit MappedFile(const dl_phdr_info& info) noexcept
        : base_(info.dlpi_addr), name_(info.dlpi_name), parts_(info.dlpi_phdr, info.dlpi_phnum) {}

    [[nodiscard]] bool contains(std::uintptr_t address) const noexcept;
    // Returns the path of the file, as the loader knows it. The loader does not tell the path of the program: for the
    // program, returns the name by which it was called.
    [[nodiscard]] const char* name() const noexcept;
    [[nodiscard]] std::uintptr_t offset_of(std::uintptr_t address) const noexcept { return address - base_; }

    // Returns the exported name of the function at the address, or nullptr.
    [[nodiscard]] const char* symbol_at(std::uintptr_t address) const noexcept;
    // Returns the address of the function that the file exports by this name, or 0.
    [[nodiscard]] std::uintptr_t find(const char* function) const noexcept;

    // True if the file was linked with -Bsymbolic: its calls of functions that it exports go to these functions.
    [[nodiscard]] bool is_symbolic() const noexcept;
    // True if another file that needs `name` (DT_NEEDED) gets this file.
    [[nodiscard]] bool answers_to(const char* name) const noexcept;

    // Calls visit(name) for each file that this file needs, until a call returns true. Returns whether one did.
    template <class Visit>
    bool any_needed(Visit visit) const noexcept {
        return any_entry(
            [&](const ElfW(Dyn) & each) { return each.d_tag == DT_NEEDED && visit(text(each.d_un.d_val)); });
    }

    // A word of the file into which the loader writes the address of a symbol. For a call that is bound at its first
    // use, the word is the address of code in this file until then.
    struct Reference {
        const char* name;
        std::uintptr_t value;
        bool versioned;  // only a symbol of the version that the reference names can satisfy it
    };

    // Calls visit(reference) for each word that refers to a symbol by its name, until a call returns true. Returns
    // whether one did.
    template <class Visit>
    bool any_reference(Visit visit) const noexcept {
        const bool addends = dynamic(DT_PLTREL) == DT_RELA;
        return any_of(relocations<ElfW(Rela)>(DT_RELA, DT_RELASZ), visit) ||
               any_of(relocations<ElfW(Rel)>(DT_REL, DT_RELSZ), visit) ||
               (addends ? any_of(relocations<ElfW(Rela)>(DT_JMPREL, DT_PLTRELSZ), visit)
                        : any_of(relocations<ElfW(Rel)>(DT_JMPREL, DT_PLTRELSZ), visit));
    }

  private:
    using Part = ElfW(Phdr);

    // Returns the number of bytes from the address to the end of the part of the file that has it, or 0 if none has.
    [[nodiscard]] std::size_t room_at(std::uintptr_t address) const noexcept;
    [[nodiscard]] std::uintptr_t dynamic(std::intptr_t tag) const noexcept;
    [[nodiscard]] std::size_t count_symbols() const noexcept;
    // Returns the table of names, which ends with the end of a name, or nothing.
    [[nodiscard]] std::span<const char> names() const noexcept;
    // Returns the name at the offset in the table of names, or "" if the table does not have it.
    [[nodiscard]] static const char* text(std::span<const char> names, std::size_t offset) noexcept {
        return offset < names.size() ? &names[offset] : "";
    }
    [[nodiscard]] const char* text(std::size_t offset) const noexcept { return text(names(), offset); }

    struct Tables {
        std::span<const ElfW(Sym)> symbols;
        std::span<const std::uint16_t> versions;
        std::span<const char> names;
    };
    [[nodiscard]] Reference reference(const Tables& tables, std::uintptr_t offset, std::size_t symbol) const noexcept;

    // Returns the values from the address to the end of the part of the file that has it.
    template <class Value>
    [[nodiscard]] std::span<const Value> values_at(std::uintptr_t address) const noexcept {
        if (address % alignof(Value) != 0) return {};
        return {reinterpret_cast<const Value*>(address), room_at(address) / sizeof(Value)};
    }

    // Returns the table whose address is a value of the dynamic section. Its length is not known here: it ends with the
    // part of the file at the latest. Some loaders replace the offsets in the section by addresses.
    template <class Value>
    [[nodiscard]] std::span<const Value> table(std::intptr_t tag) const noexcept {
        const std::uintptr_t value = dynamic(tag);
        if (value == 0) return {};
        return values_at<Value>(contains(value) ? value : base_ + value);
    }

    // Calls visit(entry) for each entry of the dynamic section, until a call returns true. Returns whether one did.
    template <class Visit>
    bool any_entry(Visit visit) const noexcept {
        for (const Part& part : parts_) {
            if (part.p_type != PT_DYNAMIC) continue;
            for (const ElfW(Dyn) & each : values_at<ElfW(Dyn)>(base_ + part.p_vaddr)) {
                if (each.d_tag == DT_NULL) return false;
                if (visit(each)) return true;
            }
        }
        return false;
    }

    template <class Relocation>
    [[nodiscard]] std::span<const Relocation> relocations(std::intptr_t tag, std::intptr_t size) const noexcept {
        const auto all = table<Relocation>(tag);
        return all.first(std::min<std::size_t>(all.size(), dynamic(size) / sizeof(Relocation)));
    }

    template <class Relocation, class Visit>
    bool any_of(std::span<const Relocation> relocations, Visit visit) const noexcept {
        constexpr unsigned kTypeBits = sizeof(ElfW(Addr)) == 8 ? 32 : 8;
        const Tables tables{table<ElfW(Sym)>(DT_SYMTAB), table<std::uint16_t>(DT_VERSYM), names()};
        for (const Relocation& each : relocations) {
            const auto symbol = static_cast<std::size_t>(each.r_info >> kTypeBits);
            if (symbol != 0 && visit(reference(tables, each.r_offset, symbol))) return true;
        }
        return false;
    }

    std::uintptr_t base_ = 0;  // what the loader has added to the addresses in the file
    const char* name_ = nullptr;
    std::span<const Part> parts_;
};

// Calls visit(file) for the program and each shared library, in the order in which they were loaded, until a call
// returns true. Returns whether one did. visit may call any_mapped_file. In a program without a dynamic loader
// the program itself is the only file.
template <class Visit>
bool any_mapped_file(Visit visit) noexcept {
    const auto call = [](dl_phdr_info* info, std::size_t, void* argument) noexcept -> int {
        return (*static_cast<Visit*>(argument))(MappedFile(*info)) ? 1 : 0;
    };
    return ::dl_iterate_phdr(call, &visit) != 0;
}

}  // namespace naio

#endif
