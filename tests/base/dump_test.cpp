// Tests the lines of a dump: locks that other threads hold, long lines, and names of functions.
#include "base/dump.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace naio {
namespace {

class Lines {
  public:
    static void write(void* self, const char* line) { static_cast<Lines*>(self)->lines.emplace_back(line); }

    std::vector<std::string> lines;
    Dump dump{write, this, true, [](Dump&, const void*) noexcept -> const void* { return nullptr; }};
};

TEST(Dump, SaysWhatItSkipsIfAnotherThreadHoldsTheLock) {
    Lines lines;
    Mutex mutex;
    const Lock lock(mutex);
    std::thread([&] { EXPECT_FALSE(lines.dump.lock(mutex, "handles")); }).join();
    EXPECT_EQ(lines.lines, std::vector<std::string>{"handles: skipped, because the lock was not free for 100 ms"});
}

TEST(Dump, WaitsForALockThatIsReleasedSoon) {
    Lines lines;
    Mutex mutex;
    mutex.lock();
    std::thread other([&] {
        if (!lines.dump.lock(mutex, "handles")) return;
        lines.dump.line("%d", 1);
        mutex.unlock();
    });
    mutex.unlock();
    other.join();
    EXPECT_EQ(lines.lines, std::vector<std::string>{"1"});
}

TEST(Dump, CutsALineThatIsTooLong) {
    Lines lines;
    const std::string text(2000, 'x');
    lines.dump.line("%s", text.c_str());
    DumpLine line;
    for (int i = 0; i < 3; ++i) line.add("%s", text.c_str());
    lines.dump.line(line);
    EXPECT_EQ(lines.lines, std::vector<std::string>(2, std::string(511, 'x')));
}

TEST(Dump, ShowsANameInOneLine) {
    DumpName name;
    name.copy("two\nlines\x1b\x7f \xc3\xa9");
    DumpLine line;
    name.add_to(line);
    EXPECT_STREQ(line.text(), " \"two?lines?? \xc3\xa9\"");
}

TEST(Dump, NamesAFunctionOrSaysWhereItIs) {
    DumpLine with, without;
    with.add_function(reinterpret_cast<const void*>(&std::abort), true);
    without.add_function(reinterpret_cast<const void*>(&std::abort), false);
    EXPECT_STREQ(with.text(), "abort");
    EXPECT_EQ(std::string(without.text()).substr(0, 2), "0x");
    DumpLine own;
    own.add_function(reinterpret_cast<const void*>(&Lines::write), true);
    EXPECT_NE(std::string(own.text()).find("base_test"), std::string::npos);
}

}  // namespace
}  // namespace naio
