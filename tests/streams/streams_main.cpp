// Runs the tests of streams. If the filter matches no test, the program fails, because it would test nothing. It does
// not fail if the filter is for IPv6 and this machine has no IPv6.
#include <gtest/gtest.h>

#include <cstdio>

#include "scheme.h"

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const int result = RUN_ALL_TESTS();
    if (testing::UnitTest::GetInstance()->test_to_run_count() != 0) return result;
    const bool missing = !streams::has_ipv6() && testing::GTEST_FLAG(filter).find("/tcp6") != std::string::npos;
    std::fputs(missing ? "skipped: this machine has no IPv6\n" : "no such test\n", stderr);
    return missing ? 0 : 1;
}
