// Tests errors that cross the border between a program and a plugin with hidden visibility. Two programs are built from
// this file. One exports its symbols, so that the program and the plugin have the same error category. The other does
// not export its symbols, so that the program and the plugin each have a category of their own.
#include "plugin.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

namespace cpp {
namespace {

const Plugin& load() {
    void* const library = dlopen(PLUGIN, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) {
        std::cerr << dlerror() << '\n';
        std::abort();
    }
    return *reinterpret_cast<const Plugin* (*)()>(dlsym(library, "plugin"))();
}

const Plugin& plugin() {
    static const Plugin& loaded = load();
    return loaded;
}

naio::task<void> calls_the_plugin(nng_err err) {
    co_await naio::sleep_for(std::chrono::seconds(0));
    plugin().throws(err);
}

void throws(nng_err err) { static_cast<void>(naio::result{err}.or_throw()); }

TEST(Plugin, ThrowsWhatATaskOfTheProgramMakesItsResult) {
    EXPECT_EQ(naio::run(calls_the_plugin(NNG_ECONNRESET)).err, NNG_ECONNRESET);
    EXPECT_EQ(naio::run(calls_the_plugin(NNG_ESTOPPED)).err, NNG_ESTOPPED);
}

TEST(Plugin, MakesWhatTheProgramThrowsTheResultOfItsTask) {
    EXPECT_EQ(plugin().awaits(throws, NNG_ECONNRESET), NNG_ECONNRESET);
    EXPECT_EQ(plugin().awaits(throws, NNG_ESTOPPED), NNG_ESTOPPED);
}

TEST(Plugin, HasErrorsThatCompareEqualToTheConditionsOfTheProgram) {
    EXPECT_EQ(plugin().error(NNG_ETIMEDOUT), std::errc::timed_out);
    for (const nng_err err : {NNG_ETIMEDOUT, NNG_ESTOPPED}) {
        const std::error_code ours = naio::error_code(err);
        const std::error_code theirs = plugin().error(err);
        EXPECT_EQ(theirs, ours.default_error_condition());
        EXPECT_EQ(ours, theirs.default_error_condition());
        EXPECT_NE(ours, plugin().error(NNG_ECLOSED).default_error_condition());
        EXPECT_TRUE(naio::is_category(theirs.category()));
    }
    EXPECT_FALSE(naio::is_category(std::generic_category()));
}

#if EXPORTS_SYMBOLS
TEST(Plugin, HasTheSameCategory) {
    EXPECT_EQ(&plugin().error(NNG_ETIMEDOUT).category(), &naio::category());
    EXPECT_EQ(plugin().error(NNG_ETIMEDOUT), naio::error_code(NNG_ETIMEDOUT));
    try {
        plugin().throws(NNG_ECLOSED);
        ADD_FAILURE();
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), naio::error_code(NNG_ECLOSED));
    }
}
#endif

}  // namespace
}  // namespace cpp
