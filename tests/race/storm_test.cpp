// Tests random legal calls of several threads to the same handles.
#include "storm.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "library.h"
#include "support/scale.h"

namespace race {
namespace {

using namespace support;

class StormTest : public RaceTest {
  protected:
    void storm(unsigned handles, unsigned threads, unsigned turns) {
        Storm storm(handles);
        std::vector<std::thread> raging;
        for (unsigned i = 1; i <= threads; ++i) raging.emplace_back([&, i] { storm.rage(i, turns); });
        for (std::thread& thread : raging) thread.join();
        RecordProperty("operations", std::to_string(storm.operations()));
    }
};

TEST_F(StormTest, OverOneHandleOfEachStyleKeepsEveryRule) { storm(6, 4, rounds(100'000)); }
TEST_F(StormTest, OverManyHandlesKeepsEveryRule) { storm(240, 4, rounds(100'000)); }

}  // namespace
}  // namespace race
