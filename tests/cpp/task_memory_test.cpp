// Tests that tasks take their memory from the memory functions of the program, and release all of it.
#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <naio/naio.hpp>

#include "finished.h"
#include "step.h"
#include "support/ledger.h"

namespace cpp {
namespace {

using namespace support;

using naio::result;
using naio::task;

class TaskMemory : public support::Allocation {
  protected:
    TaskMemory() { EXPECT_EQ(nng_init(&params_), NNG_OK); }
    ~TaskMemory() override {
        bring_library_down();
        Ledger::expect_balance();
    }

  private:
    const nng_init_params params_ = Ledger::params();
};

task<result> awaits(Step& step) { co_return co_await step; }

TEST_F(TaskMemory, IsOneBlockForEachCoroutine) {
    Step step;
    const long before = Ledger::allocations;
    const task<result> made = awaits(step);
    EXPECT_EQ(Ledger::allocations, before + 1);
}

task<long> counts_blocks() { co_return Ledger::allocations; }

task<result> compares_blocks() {
    co_await finished();
    const long before = Ledger::allocations;
    const long first = co_await counts_blocks();
    const long second = co_await counts_blocks();
    co_await finished();
    const bool as_expected = first == before + 1 && second == before + 1 && Ledger::allocations == before + 1;
    co_return {as_expected ? NNG_OK : NNG_EINTERNAL};
}

TEST_F(TaskMemory, IsOneBlockForTasksThatAreAwaitedOneAfterTheOtherAndNoneForAnOperation) {
    EXPECT_TRUE(naio::run(compares_blocks()));
}

TEST_F(TaskMemory, GoesBackWhenATaskIsDroppedBeforeItsStart) {
    Step step;
    const task<result> dropped = awaits(step);
}

TEST_F(TaskMemory, GoesBackWhenTheStartIsRefused) {
    Step step;
    naio::aio aio;
    aio.close();
    aio.start(awaits(step));
    aio.wait();
    EXPECT_EQ(aio.result().err, NNG_ESTOPPED);
}

using Steps = std::array<Step, 3>;

task<result> awaits_within(Steps& steps) {
    co_await awaits(steps[0]);
    co_return co_await (awaits(steps[1]) && awaits(steps[2]));
}

TEST_F(TaskMemory, GoesBackWhenATaskIsAbandonedAtItsFirstAwait) {
    Steps steps;
    naio::aio aio;
    aio.start(awaits_within(steps));
}

TEST_F(TaskMemory, GoesBackWhenATaskIsAbandonedWithinTasksThatItAwaits) {
    Steps steps;
    naio::aio aio;
    aio.start(awaits_within(steps));
    steps[0].finish();
    EXPECT_TRUE(steps[1].started() && steps[2].started());
    aio.cancel(naio::cancel::terminal);
}

TEST_F(TaskMemory, GoesBackWhenTheLibraryGoesDown) {
    Steps steps[2];
    naio::aio aios[2];
    for (int i = 0; i < 2; ++i) aios[i].start(awaits_within(steps[i]));
    steps[1][0].finish();
    EXPECT_TRUE(steps[1][1].started() && steps[1][2].started());
    bring_library_down();
    for (const naio::aio& aio : aios) EXPECT_EQ(aio.result().err, NNG_ESTOPPED);
}

TEST_F(TaskMemory, MissingForTheCoroutineEndsItsOperationWithNomem) {
    Step step;
    Ledger::fail_from(1);
    task<result> made = awaits(step);
    Ledger::fail_from(Ledger::kNever);
    EXPECT_FALSE(made.valid());
    EXPECT_EQ(naio::run(made).err, NNG_ENOMEM);
}

task<result> awaits_without_memory(Step& step) {
    Ledger::fail_from(1);
    auto inner = awaits(step);
    Ledger::fail_from(Ledger::kNever);
    co_return co_await std::move(inner);
}

TEST_F(TaskMemory, MissingForAnAwaitedTaskIsItsResult) {
    Step step;
    EXPECT_EQ(naio::run(awaits_without_memory(step)).err, NNG_ENOMEM);
}

TEST_F(TaskMemory, MissingForTheComposedOperationEndsItWithNomemAndDestroysTheCoroutine) {
    Step step;
    for (long n = 1; n < 10; ++n) {
        naio::aio aio;
        task<result> made = awaits(step);
        Ledger::fail_from(n);
        aio.start(std::move(made));
        Ledger::fail_from(Ledger::kNever);
        if (step.pending()) {
            EXPECT_GT(n, 1);
            return;
        }
        aio.wait();
        EXPECT_EQ(aio.result().err, NNG_ENOMEM) << n;
    }
    FAIL() << "the operation was never started";
}

// Memory functions whose memory is aligned no better than <nng/nng.h> promises.
struct Unaligned {
    static void* allocate(std::size_t size) {
        auto* const block = static_cast<char*>(std::malloc(size + 8));
        return block == nullptr ? nullptr : block + 8;
    }
    static void* allocate_zeroed(std::size_t n, std::size_t size) {
        void* const block = allocate(n * size);
        return block == nullptr ? nullptr : std::memset(block, 0, n * size);
    }
    static void release(void* block, std::size_t /*size*/) {
        if (block != nullptr) std::free(static_cast<char*>(block) - 8);
    }
};

task<result> is_aligned() {
    alignas(std::max_align_t) char local[16] = {};
    co_await finished();
    const bool aligned = reinterpret_cast<std::uintptr_t>(&local) % alignof(std::max_align_t) == 0;
    co_return {aligned ? NNG_OK : NNG_EINTERNAL};
}

TEST_F(TaskMemory, IsAlignedForEveryLocalWhateverTheMemoryFunctionsGive) {
    nng_init_params params = two_workers();
    params.malloc_fn = &Unaligned::allocate;
    params.calloc_fn = &Unaligned::allocate_zeroed;
    params.free_fn = &Unaligned::release;
    const Restarted library(params);
    EXPECT_TRUE(naio::run(is_aligned()));
}

}  // namespace
}  // namespace cpp
