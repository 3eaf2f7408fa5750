// Tests the names of functions.
#include "base/function_name.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <string>
#include <thread>

#include "support/text.h"

namespace naio {
namespace {

using support::has;

std::string name_of(const void* function) {
    char text[64];
    name_function(function, text, sizeof(text));
    return text;
}

void not_exported() {}

TEST(FunctionName, IsAnExportedSymbol) {
    EXPECT_EQ(name_of(reinterpret_cast<const void*>(&std::abort)), "abort");
    EXPECT_EQ(name_of(reinterpret_cast<const void*>(&std::terminate)), "_ZSt9terminatev");
}

TEST(FunctionName, IsTheFileAndTheOffsetIfNoSymbolIsExported) {
    const std::string name = name_of(reinterpret_cast<const void*>(&not_exported));
    EXPECT_TRUE(has(name, "base_test+0x"));
    EXPECT_EQ(name.find('/'), std::string::npos) << name;
}

TEST(FunctionName, IsTheAddressIfItIsInNoFile) {
    const int here = 0;
    EXPECT_EQ(name_of(&here).substr(0, 2), "0x");
    EXPECT_EQ(name_of(reinterpret_cast<const void*>(std::uintptr_t{16})), "0x10");
}

TEST(FunctionName, IsCutToTheRoomThatThereIs) {
    char text[4];
    name_function(reinterpret_cast<const void*>(&std::abort), text, sizeof(text));
    EXPECT_STREQ(text, "abo");
}

#if defined(__linux__)

// The constructor may wait for the library, and a report of that wait needs names.
TEST(FunctionName, IsFoundWhileAnotherThreadIsInAConstructorOfALibrary) {
    int begun[2], release[2];
    ASSERT_EQ(::pipe(begun), 0);
    ASSERT_EQ(::pipe(release), 0);
    ::setenv("SLOW_CONSTRUCTOR", (std::to_string(begun[1]) + " " + std::to_string(release[0])).c_str(), 1);
    void* library = nullptr;
    std::thread loads([&] { library = ::dlopen(NAIO_SLOW_CONSTRUCTOR, RTLD_NOW); });
    char byte = 0;
    EXPECT_EQ(::read(begun[0], &byte, 1), 1);
    EXPECT_EQ(name_of(reinterpret_cast<const void*>(&std::abort)), "abort");
    EXPECT_EQ(::write(release[1], "", 1), 1);
    loads.join();
    ASSERT_NE(library, nullptr) << ::dlerror();
    const auto* const was_released = static_cast<const bool*>(::dlsym(library, "slow_constructor_was_released"));
    ASSERT_NE(was_released, nullptr);
    EXPECT_TRUE(*was_released) << "name_function has waited for the constructor";
    ::dlclose(library);
    for (const int descriptor : {begun[0], begun[1], release[0], release[1]}) ::close(descriptor);
}

#endif

}  // namespace
}  // namespace naio
