// Tests the reading of the files that the dynamic loader has mapped.
#include "base/mapped_file.h"

#include <gtest/gtest.h>

#if defined(__linux__)

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string_view>

namespace naio {
namespace {

#if defined(__GLIBC__)
constexpr bool kVersionsOfLibc = true;
#else
constexpr bool kVersionsOfLibc = false;
#endif

template <class Function>
std::uintptr_t address_of(Function* function) {
    return reinterpret_cast<std::uintptr_t>(function);
}

// The file of the C++ library.
bool is_libcxx(const MappedFile& file) { return file.contains(address_of(&std::terminate)); }

// Returns what `look` returns for the first file, the program.
template <class Look>
bool in_program(Look look) {
    bool found = false;
    any_mapped_file([&](const MappedFile& file) {
        found = look(file);
        return true;
    });
    return found;
}

TEST(MappedFile, FindsTheFunctionsThatItExports) {
    EXPECT_TRUE(any_mapped_file([](const MappedFile& file) {
        const std::uintptr_t address = file.find("abort");
        return address != 0 && file.contains(address) && std::string_view(file.symbol_at(address)) == "abort";
    }));
    EXPECT_FALSE(any_mapped_file([](const MappedFile& file) { return file.find("no_such_function") != 0; }));
    EXPECT_FALSE(any_mapped_file([](const MappedFile& file) { return file.find("") != 0; }));
}

TEST(MappedFile, DoesNotFindVariables) {
    EXPECT_FALSE(any_mapped_file([](const MappedFile& file) { return file.find("environ") != 0; }));
}

TEST(MappedFile, FindsOnlyInTheFileThatDefines) {
    EXPECT_FALSE(in_program([](const MappedFile& file) { return file.find("abort") != 0; }));
}

TEST(MappedFile, TellsWhatItsReferencesAreBoundTo) {
    EXPECT_TRUE(in_program([](const MappedFile& file) {
        return file.any_reference([](const MappedFile::Reference& each) {
            return std::string_view(each.name) == "rand" && each.value == address_of(&std::rand) &&
                   each.versioned == kVersionsOfLibc;
        });
    }));
    EXPECT_FALSE(in_program([](const MappedFile& file) {
        return file.any_reference([](const auto& each) { return std::string_view(each.name) == "no_such_function"; });
    }));
}

TEST(MappedFile, NeedsAFileThatAnswersToTheName) {
    EXPECT_TRUE(in_program([](const MappedFile& program) {
        return program.any_needed([](const char* name) {
            return any_mapped_file([name](const MappedFile& file) { return is_libcxx(file) && file.answers_to(name); });
        });
    }));
    EXPECT_FALSE(any_mapped_file([](const MappedFile& file) { return file.answers_to("libno_such_library.so"); }));
}

TEST(MappedFile, IsNotSymbolicUnlessItWasLinkedSo) {
    EXPECT_FALSE(in_program([](const MappedFile& file) { return file.is_symbolic(); }));
    EXPECT_FALSE(any_mapped_file([](const MappedFile& file) { return is_libcxx(file) && file.is_symbolic(); }));
}

TEST(MappedFile, OfTheProgramComesFirst) {
    static const int here = 0;
    EXPECT_TRUE(
        in_program([](const MappedFile& file) { return file.contains(reinterpret_cast<std::uintptr_t>(&here)); }));
}

}  // namespace
}  // namespace naio

#endif
