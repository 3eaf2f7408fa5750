// A filter that matches no test is an error, because nothing would be tested. The exception is a filter for IPv6 on a
// machine that has none.
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
