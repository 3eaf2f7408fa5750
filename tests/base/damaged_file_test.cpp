// Tests that damaged tables of a file are not read beyond the file. The loader accepts such a file as long as the
// program does not use what is damaged.
#include <gtest/gtest.h>

#if defined(__linux__)

#include <cstdint>
#include <cstring>
#include <iterator>
#include <memory>
#include <random>
#include <string_view>

#include "base/mapped_file.h"

namespace naio {
namespace {

constexpr std::uint32_t kHashOfF = 5381 * 33 + 'f';
constexpr ElfW(Addr) kBothBits = ~ElfW(Addr){0};

// A file in memory that exports the function `f`, and has a reference to it.
struct Image {
    struct {
        std::uint32_t buckets = 1, first = 1, words = 1, shift = 6;
        ElfW(Addr) filter = kBothBits;
        std::uint32_t bucket = 1, chain = kHashOfF | 1;
    } hash;
    Elf_Symndx sysv[5] = {1, 2, 1};  // one bucket, two symbols, and the first symbol of the bucket
    char names[8] = "\0f\0so";
    ElfW(Sym) symbols[2] = {};
    std::uint16_t versions[4] = {0, 2};
    ElfW(Rela) relocations[1] = {};
    std::uintptr_t word = 5;
    ElfW(Dyn) dynamic[11] = {};

    Image() noexcept {
        symbols[1].st_name = 1;
        symbols[1].st_info = STT_FUNC;
        symbols[1].st_shndx = 1;
        symbols[1].st_value = address(&word);
        relocations[0].r_offset = address(&word);
        relocations[0].r_info = std::uint64_t{1} << (sizeof(ElfW(Addr)) == 8 ? 32 : 8);
        const struct {
            std::int64_t tag;
            std::uintptr_t value;
        } entries[] = {{DT_GNU_HASH, address(&hash)},
                       {DT_STRTAB, address(&names)},
                       {DT_STRSZ, sizeof(names)},
                       {DT_SYMTAB, address(&symbols)},
                       {DT_VERSYM, address(&versions)},
                       {DT_RELA, address(&relocations)},
                       {DT_RELASZ, sizeof(relocations)},
                       {DT_SONAME, 3},
                       {DT_NEEDED, 3}};
        for (std::size_t i = 0; i < std::size(entries); ++i) {
            dynamic[i].d_tag = static_cast<decltype(dynamic[i].d_tag)>(entries[i].tag);
            dynamic[i].d_un.d_ptr = static_cast<ElfW(Addr)>(entries[i].value);
        }
    }

    Image(const Image&) = delete;
    Image& operator=(const Image&) = delete;

    static std::uintptr_t address(const void* of) noexcept { return reinterpret_cast<std::uintptr_t>(of); }

    ElfW(Addr) & value(std::int64_t tag) noexcept {
        for (auto& each : dynamic)
            if (each.d_tag == tag) return each.d_un.d_ptr;
        return dynamic[10].d_un.d_ptr;
    }

    // Has the table DT_HASH in place of DT_GNU_HASH.
    void use_sysv() noexcept {
        dynamic[0].d_tag = DT_HASH;
        dynamic[0].d_un.d_ptr = static_cast<ElfW(Addr)>(address(&sysv));
    }

    // Calls visit(file).
    template <class Visit>
    void visit(Visit visit) const noexcept {
        ElfW(Phdr) parts[2] = {};
        parts[0].p_type = PT_LOAD;
        parts[0].p_flags = PF_R;
        parts[0].p_vaddr = address(this);
        parts[0].p_memsz = sizeof(*this);
        parts[1].p_type = PT_DYNAMIC;
        parts[1].p_vaddr = address(&dynamic);
        dl_phdr_info info{};
        info.dlpi_name = "";
        info.dlpi_phdr = parts;
        info.dlpi_phnum = 2;
        visit(MappedFile(info));
    }

    [[nodiscard]] bool exports_f() const noexcept {
        bool found = false;
        visit([&](const MappedFile& file) { found = file.find("f") == address(&word); });
        return found;
    }

    [[nodiscard]] bool refers_to(std::string_view name) const noexcept {
        bool found = false;
        visit([&](const MappedFile& file) {
            found = file.any_reference([&](const auto& each) { return each.name == name && each.value == word; });
        });
        return found;
    }

    // Reads all that a MappedFile can read.
    void read() const noexcept {
        visit([&](const MappedFile& file) {
            static_cast<void>(file.find("f"));
            static_cast<void>(file.symbol_at(address(&word)));
            static_cast<void>(file.is_symbolic());
            static_cast<void>(file.answers_to("so"));
            file.any_needed([](const char* name) { return std::strlen(name) > sizeof(Image); });
            file.any_reference([](const auto& each) { return std::strlen(each.name) > sizeof(Image); });
        });
    }
};

TEST(DamagedFile, IsReadWhereItIsNotDamaged) {
    Image image;
    EXPECT_TRUE(image.exports_f());
    EXPECT_TRUE(image.refers_to("f"));
    image.visit([&](const MappedFile& file) {
        EXPECT_STREQ(file.symbol_at(Image::address(&image.word)), "f");
        EXPECT_TRUE(file.answers_to("so"));
        EXPECT_TRUE(file.any_needed([](const char* name) { return std::string_view(name) == "so"; }));
        EXPECT_TRUE(file.any_reference([](const auto& each) { return each.versioned; }));
    });
}

// The loader accepts a file whose table DT_GNU_HASH has no buckets.
TEST(DamagedFile, WithoutBucketsExportsNothing) {
    Image image;
    image.hash.buckets = 0;
    EXPECT_FALSE(image.exports_f());
    image.hash.first = 0;
    image.read();
}

TEST(DamagedFile, HasNoSymbolWithANameOutsideOfTheTable) {
    Image image;
    image.symbols[1].st_name = 0x7fff0000;
    EXPECT_FALSE(image.exports_f());
    EXPECT_TRUE(image.refers_to(""));
    image.visit([&](const MappedFile& file) { EXPECT_EQ(file.symbol_at(Image::address(&image.word)), nullptr); });
}

TEST(DamagedFile, NeedsNoNameOutsideOfTheTable) {
    Image image;
    image.value(DT_SONAME) = image.value(DT_NEEDED) = 0x7fff0000;
    image.visit([](const MappedFile& file) {
        EXPECT_FALSE(file.answers_to("so"));
        EXPECT_TRUE(file.any_needed([](const char* name) { return *name == '\0'; }));
    });
}

TEST(DamagedFile, HasNoNameWithoutAnEnd) {
    Image image;
    std::memset(image.names + 1, 'f', sizeof(image.names) - 1);
    image.read();
    EXPECT_TRUE(image.refers_to(""));
}

TEST(DamagedFile, HasNoReferenceOutsideOfItself) {
    Image image;
    image.relocations[0].r_offset = 1;
    EXPECT_FALSE(image.refers_to("f"));
    image.relocations[0].r_info <<= 20;
    image.read();
    image.value(DT_RELASZ) = 0x7fff0000;
    image.read();
}

TEST(DamagedFile, HasNoChainOutsideOfItself) {
    Image image;
    image.hash.chain = kHashOfF & ~1U;
    image.read();
    image.hash.bucket = 0x7fff0000;
    image.read();
    image.hash.buckets = 0x7fff0000;
    image.read();
    image.hash.words = 0x7fff0000;
    image.read();
}

TEST(DamagedFile, MayHaveTheOtherHashTable) {
    Image image;
    image.use_sysv();
    EXPECT_TRUE(image.exports_f());
    image.visit([&](const MappedFile& file) {
        EXPECT_STREQ(file.symbol_at(Image::address(&image.word)), "f");
        EXPECT_EQ(file.find("g"), 0u);
    });
}

TEST(DamagedFile, HasAnEndOfEachChainOfTheOtherHashTable) {
    Image image;
    image.use_sysv();
    image.symbols[1].st_name = 3;
    image.sysv[4] = 1;  // the symbol follows itself
    EXPECT_FALSE(image.exports_f());
    image.sysv[1] = image.sysv[2] = 0x7fff0000;
    image.read();
    image.sysv[0] = 0;
    EXPECT_FALSE(image.exports_f());
}

// AddressSanitizer and UndefinedBehaviorSanitizer see what the other tests cannot.
TEST(DamagedFile, IsNotReadOutsideWhateverIsDamaged) {
    std::minstd_rand random(1);
    for (int i = 0; i < 20'000; ++i) {
        const auto image = std::make_unique<Image>();
        if (i % 2 != 0) image->use_sysv();
        for (int damages = 0; damages < 2; ++damages) {
            const std::uint32_t values[] = {0, 1, 7, 0x7fff0000, ~0U, static_cast<std::uint32_t>(random())};
            const std::uint32_t value = values[random() % std::size(values)];
            char* const begin = reinterpret_cast<char*>(image.get());
            std::memcpy(begin + random() % (sizeof(Image) / sizeof(value)) * sizeof(value), &value, sizeof(value));
        }
        image->read();
    }
}

}  // namespace
}  // namespace naio

#endif
