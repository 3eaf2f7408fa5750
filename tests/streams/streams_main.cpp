// A filter that finds nothing is a mistake: then nothing would have been tested.
#include <gtest/gtest.h>

#include <cstdio>

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    const int result = RUN_ALL_TESTS();
    const bool none = testing::UnitTest::GetInstance()->test_to_run_count() == 0;
    if (none) std::fputs("no such test\n", stderr);
    return none ? 1 : result;
}
