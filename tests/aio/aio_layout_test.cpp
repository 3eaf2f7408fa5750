// Tests that an operation touches two cache lines of its handle, and a third one if it has a deadline. The other cache
// lines hold fields that only the consumer and the provider use.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <new>

#include "aio/aio.h"
#include "support/event.h"
#include "support/running_services.h"

namespace naio {
namespace {

using namespace support;

constexpr std::size_t kCacheLine = 64;
constexpr nng_duration kHour = 3'600'000;

// Numbers of a handle's cache lines. Line 1 is for deadlines, each operation touches lines 2 and 3, and the parameters
// begin in line 4.
constexpr std::size_t kDeadline = 1;
constexpr std::size_t kEachOperation = 2;
constexpr std::size_t kParameters = 4;

enum class Side { kBefore, kFrom };

static_assert(sizeof(nng_aio) <= 7 * kCacheLine);
static_assert(alignof(nng_aio) == kCacheLine, "no two handles share a cache line");

// A handle. cut() makes its bytes before `at`, or from `at` on, inaccessible, so that a thread that touches them
// crashes.
class CutHandle {
  public:
    CutHandle(Services& services, Side side, std::size_t at)
        : page_(static_cast<std::size_t>(sysconf(_SC_PAGESIZE))),
          pages_(mmap(nullptr, 2 * page_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)),
          side_(side) {
        if (pages_ == MAP_FAILED) std::abort();
        const auto called = [](void* event) { static_cast<Event*>(event)->set(); };
        aio_ = new (static_cast<std::byte*>(pages_) + page_ - at)
            nng_aio(services, called, &called_, nng_aio::Delivery::kQueued, nullptr, false);
    }
    ~CutHandle() {
        aio_->~nng_aio();
        munmap(pages_, 2 * page_);
    }
    CutHandle(const CutHandle&) = delete;
    CutHandle& operator=(const CutHandle&) = delete;

    void cut() { protect(PROT_NONE); }
    void mend() { protect(PROT_READ | PROT_WRITE); }

    nng_aio* operator->() const { return aio_; }
    [[nodiscard]] bool called(int times) { return called_.wait(times); }

  private:
    void protect(int access) {
        std::byte* const pages = static_cast<std::byte*>(pages_);
        if (mprotect(side_ == Side::kBefore ? pages : pages + page_, page_, access) != 0) std::abort();
    }

    std::size_t page_;
    void* pages_;
    Side side_;
    Event called_;
    nng_aio* aio_;
};

void end(nng_aio* aio, void*, nng_err result) { aio->finish({result}); }

void must(bool holds) {
    if (!holds) _exit(2);
}

// Runs operations of all kinds while the cache lines before line `at`, or from line `at` on, are inaccessible.
void run_operations(Side side, std::size_t at, bool timed) {
    RunningServices around;
    CutHandle aio(around.services, side, at * kCacheLine);
    aio.cut();
    for (int i = 0; i < 3; ++i) {
        const int before = 4 * i;
        aio->set_timeout(timed ? kHour : NNG_DURATION_INFINITE);
        must(aio->start(end, nullptr));
        aio->finish({NNG_OK});
        must(aio.called(before + 1));
        aio->wait();
        must(aio->result() == NNG_OK && aio->count() == 0);

        must(aio->start(end, nullptr));
        must(aio->busy());
        aio->cancel(kAllTypes, NNG_ECANCELED);
        must(aio.called(before + 2));
        aio->wait();
        must(aio->result() == NNG_ECANCELED);

        aio->reset();
        aio->set_message(nullptr);
        aio->finish({NNG_EAGAIN});  // a finish without a start
        must(aio.called(before + 3));
        aio->wait();

        if (timed) aio->set_timeout(1);
        must(aio->start(end, nullptr));
        if (!timed) aio->finish({NNG_OK});
        must(aio.called(before + 4));
        aio->wait();
        must(aio->result() == (timed ? NNG_ETIMEDOUT : NNG_OK) && aio->message() == nullptr);
    }
    aio->stop();
    must(!aio->start(end, nullptr));
    must(aio.called(13));
    aio->wait();
    aio.mend();
    _exit(0);
}

class AioLayoutDeathTest : public testing::Test {
  protected:
    AioLayoutDeathTest() { testing::FLAGS_gtest_death_test_style = "threadsafe"; }
};

TEST_F(AioLayoutDeathTest, AnOperationTouchesTwoCacheLines) {
    EXPECT_EXIT(run_operations(Side::kBefore, kEachOperation, false), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(run_operations(Side::kFrom, kParameters, false), testing::ExitedWithCode(0), "");
}

TEST_F(AioLayoutDeathTest, AnOperationWithADeadlineTouchesThree) {
    EXPECT_EXIT(run_operations(Side::kBefore, kDeadline, true), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(run_operations(Side::kFrom, kParameters, true), testing::ExitedWithCode(0), "");
}

TEST_F(AioLayoutDeathTest, TheTestCanFail) {
    // No message is expected, because a sanitizer changes how the process dies.
    EXPECT_DEATH(run_operations(Side::kBefore, kEachOperation + 1, false), "");
    EXPECT_DEATH(run_operations(Side::kFrom, kParameters - 1, false), "");
}

}  // namespace
}  // namespace naio
