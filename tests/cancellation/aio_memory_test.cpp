// Tests aios in memory of the program: naio_aio_init and naio_aio_fini.
#include <gtest/gtest.h>
#include <naio/naio.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/event.h"
#include "support/expect_abort.h"
#include "support/library.h"
#include "support/typed_operation.h"

namespace cancellation {
namespace {

using namespace support;

// An object of the program with an aio in it.
struct Session {
    naio_aio_memory memory;
    nng_aio* aio = nullptr;
    Event called;

    explicit Session(bool calls_back = true) {
        const auto callback = [](void* self) { static_cast<Session*>(self)->called.set(); };
        if (naio_aio_init(&aio, &memory, sizeof memory, calls_back ? +callback : nullptr, this) != NNG_OK) std::abort();
    }
    ~Session() { end(); }
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    void end() { naio_aio_fini(std::exchange(aio, nullptr)); }
};

TEST(AioMemory, RunsOperationsLikeAnyOtherAio) {
    Session session;
    TypedOperation operation;
    ASSERT_TRUE(operation.start(session.aio, kTotal));
    operation.finish(NNG_EAGAIN, 7);
    EXPECT_TRUE(session.called.wait(1));
    nng_aio_wait(session.aio);
    EXPECT_EQ(nng_aio_result(session.aio), NNG_EAGAIN);
    EXPECT_EQ(nng_aio_count(session.aio), 7u);

    ASSERT_TRUE(operation.start(session.aio, kTotal));
    EXPECT_TRUE(naio_aio_cancel(session.aio, kTotal, NNG_ECANCELED));
    EXPECT_TRUE(session.called.wait(2));
    nng_aio_wait(session.aio);
    nng_aio_set_timeout(session.aio, 1);
    ASSERT_TRUE(operation.start(session.aio, kTotal));
    EXPECT_TRUE(session.called.wait(3));
    nng_aio_wait(session.aio);
    EXPECT_EQ(nng_aio_result(session.aio), NNG_ETIMEDOUT);
}

TEST(AioMemory, MayBeginAtEachPlaceWherePointersMayBe) {
    alignas(64) std::array<std::byte, NAIO_AIO_SIZE + 64> bytes;
    for (std::size_t at = 0; at < 64; at += alignof(void*)) {
        bytes.fill(std::byte{0xa5});
        nng_aio* aio = nullptr;
        ASSERT_EQ(naio_aio_init(&aio, bytes.data() + at, NAIO_AIO_SIZE, nullptr, nullptr), NNG_OK);
        nng_sleep_aio(1, aio);
        nng_aio_wait(aio);
        EXPECT_EQ(nng_aio_result(aio), NNG_OK);
        naio_aio_fini(aio);
        const auto is_other = [](std::byte byte) { return byte != std::byte{0xa5}; };
        EXPECT_EQ(std::find_if(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(at), is_other),
                  bytes.begin() + static_cast<std::ptrdiff_t>(at));
        EXPECT_TRUE(
            std::none_of(bytes.begin() + static_cast<std::ptrdiff_t>(at + NAIO_AIO_SIZE), bytes.end(), is_other));
    }
}

TEST(AioMemory, IsTheProgramsAgainAfterFini) {
    naio_aio_memory memory;
    for (int i = 0; i < 3; ++i) {
        nng_aio* aio = nullptr;
        ASSERT_EQ(naio_aio_init(&aio, &memory, sizeof memory, nullptr, nullptr), NNG_OK);
        nng_aio_set_timeout(aio, 1);  // leaves an entry in the timer
        nng_sleep_aio(NNG_DURATION_INFINITE, aio);
        if (i == 1) nng_aio_wait(aio);
        naio_aio_fini(aio);
        std::memset(&memory, 0xff, sizeof memory);
        Session other;
        nng_sleep_aio(2, other.aio);
        nng_aio_wait(other.aio);
        EXPECT_TRUE(std::all_of(memory.bytes, memory.bytes + sizeof memory, [](unsigned char c) { return c == 0xff; }));
    }
}

TEST(AioMemory, FiniEndsTheOperationAndWaitsForItsCallback) {
    Session session;
    TypedOperation operation;
    ASSERT_TRUE(operation.start(session.aio, kTotal));
    session.end();
    EXPECT_EQ(session.called.count(), 1);
    EXPECT_EQ(operation.calls().size(), 1u);
    naio_aio_fini(nullptr);
}

TEST(AioMemory, MayBeAPartOfScopesAndCompositions) {
    Session session(false);
    Session inner(false);
    naio_aio_bind_slot(inner.aio, naio_aio_slot(session.aio), kAll);
    ASSERT_TRUE(naio_aio_start(session.aio, kTotal, nullptr, nullptr, nullptr));
    nng_sleep_aio(NNG_DURATION_INFINITE, inner.aio);
    EXPECT_TRUE(naio_aio_cancel(session.aio, kTotal, NNG_ECANCELED));
    nng_aio_wait(inner.aio);
    EXPECT_EQ(nng_aio_result(inner.aio), NNG_ECANCELED);
    nng_aio_finish(session.aio, NNG_ECANCELED);
    const auto step = [](naio_op* op, void*, nng_err result, size_t) { naio_op_finish(op, result, 5); };
    nng_aio_wait(session.aio);
    ASSERT_EQ(naio_compose(session.aio, kTotal, step, nullptr, nullptr), NNG_OK);
    nng_aio_wait(session.aio);
    EXPECT_EQ(nng_aio_count(session.aio), 5u);
}

TEST(AioMemory, IsEndedByTheLastFiniAndWorksAfterTheNextInit) {
    bring_library_down();
    Session session;
    nng_sleep_aio(NNG_DURATION_INFINITE, session.aio);
    nng_fini();
    EXPECT_EQ(session.called.count(), 1);
    EXPECT_EQ(nng_aio_result(session.aio), NNG_ESTOPPED);
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    nng_sleep_aio(1, session.aio);
    nng_aio_wait(session.aio);
    EXPECT_EQ(nng_aio_result(session.aio), NNG_OK);
    nng_fini();
    session.end();  // while the library is down
}

TEST(AioMemory, IsSeenByDumpsAndCounted) {
    const auto handles = [] {
        naio_statistics stats{};
        stats.size = sizeof stats;
        naio_stats(&stats);
        return stats.handles;
    };
    const auto before = handles();
    Session session;
    EXPECT_EQ(handles(), before + 1);
    naio_aio_set_name(session.aio, "in a session");
    nng_sleep_aio(NNG_DURATION_INFINITE, session.aio);
    std::string text;
    naio_dump([](void* all, const char* line) { *static_cast<std::string*>(all) += line; }, &text);
    EXPECT_NE(text.find("in a session"), std::string::npos);
    session.end();
    EXPECT_EQ(handles(), before);
}

// The callback reaps its own handle, and the function that is called at the handle's end releases the memory.
TEST(AioMemory, MayBeReleasedByTheFunctionOfReapThen) {
    struct Object {
        naio_aio_memory memory;
        nng_aio* aio;
        Event* gone;
    };
    Event gone;
    for (int i = 1; i <= 20; ++i) {
        auto* const object = new Object;
        object->gone = &gone;
        static constexpr auto release = [](void* arg) {
            auto* const ended = static_cast<Object*>(arg);
            Event& told = *ended->gone;
            std::memset(&ended->memory, 0xff, sizeof ended->memory);
            delete ended;
            told.set();
        };
        const auto callback = [](void* arg) { naio_aio_reap_then(static_cast<Object*>(arg)->aio, release, arg); };
        ASSERT_EQ(naio_aio_init(&object->aio, &object->memory, sizeof object->memory, callback, object), NNG_OK);
        nng_sleep_aio(i % 2, object->aio);
        EXPECT_TRUE(gone.wait(i));
    }
}

TEST(AioMemory, OfAnotherVersionIsRefused) {
    naio_aio_memory memory;
    nng_aio* aio = nullptr;
    EXPECT_EQ(naio_aio_init(&aio, &memory, sizeof(void*), nullptr, nullptr), NNG_EINVAL);
    EXPECT_EQ(aio, nullptr);
    EXPECT_EQ(naio_aio_init(&aio, &memory, NAIO_AIO_SIZE - 128, nullptr, nullptr), NNG_EINVAL);
}

// Threads make and end handles in their own memory, and with the library's, while dumps walk over all of them.
TEST(AioMemory, MayBeUsedByManyThreads) {
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 100; ++i) {
                std::array<std::unique_ptr<Session>, 4> sessions;
                for (auto& session : sessions) session = std::make_unique<Session>();
                for (auto& session : sessions) nng_sleep_aio(i % 2 == 0 ? 0 : NNG_DURATION_INFINITE, session->aio);
                nng_aio* aio = nullptr;
                if (nng_aio_alloc(&aio, nullptr, nullptr) != NNG_OK) std::abort();
                nng_aio_free(aio);
                for (auto& session : sessions) session->end();
                for (auto& session : sessions) EXPECT_EQ(session->called.count(), 1);
            }
        });
    std::thread dumper([&] {
        while (!over) naio_dump([](void*, const char*) {}, nullptr);
    });
    for (std::thread& thread : threads) thread.join();
    over = true;
    dumper.join();
}

class AioMemoryDeathTest : public testing::Test {
  protected:
    AioMemoryDeathTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
    static WasSaid a_line_with_the_state(const std::string& call, const std::string& state) {
        return WasSaid("[^\n]*\\b" + call + "\\b[^\n]*; state [^\n]*\\b" + state + "\\b[^\n]*\n");
    }
};

TEST_F(AioMemoryDeathTest, IsNotForFreeOrReap) {
    EXPECT_ABORT(nng_aio_free(Session().aio), a_line_with_the_state("nng_aio_free", "idle"));
    EXPECT_ABORT(nng_aio_reap(Session().aio), a_line_with_the_state("nng_aio_reap", "idle"));
}

// The process ends in the call, and not later in the thread that would have destroyed the aio.
TEST_F(AioMemoryDeathTest, IsNotForFreeOrReapWhileBusy) {
    const auto in_flight = [](void (*end)(nng_aio*)) {
        Session session;
        nng_sleep_aio(NNG_DURATION_INFINITE, session.aio);
        end(session.aio);
        std::_Exit(0);
    };
    EXPECT_ABORT(in_flight(nng_aio_reap), a_line_with_the_state("nng_aio_reap", "PENDING"));
    EXPECT_ABORT(in_flight(nng_aio_free), a_line_with_the_state("nng_aio_free", "PENDING"));
    const auto in_its_callback = [] {
        static naio_aio_memory memory;
        static nng_aio* aio = nullptr;
        const auto free = [](void*) {
            nng_aio_free(aio);
            std::_Exit(0);
        };
        static_cast<void>(naio_aio_init(&aio, &memory, sizeof memory, free, nullptr));
        nng_sleep_aio(0, aio);
        nng_aio_wait(aio);
    };
    EXPECT_ABORT(in_its_callback(), a_line_with_the_state("nng_aio_free", "RUNNING"));
}

TEST_F(AioMemoryDeathTest, MustNotHaveAnAioAlready) {
    const auto twice = [] {
        Session session;
        nng_aio* aio = nullptr;
        static_cast<void>(naio_aio_init(&aio, &session.memory, sizeof session.memory, nullptr, nullptr));
    };
    EXPECT_ABORT(twice(), a_line_with_the_state("naio_aio_init", "idle"));
}

TEST_F(AioMemoryDeathTest, MustBeAligned) {
    naio_aio_memory memory[2];
    nng_aio* aio = nullptr;
    EXPECT_ABORT(static_cast<void>(naio_aio_init(&aio, memory[0].bytes + 1, NAIO_AIO_SIZE, nullptr, nullptr)),
                 a_line_naming("naio_aio_init"));
}

TEST_F(AioMemoryDeathTest, IsNotThatOfAnAllocatedAio) {
    const auto end = [] {
        nng_aio* aio = nullptr;
        static_cast<void>(nng_aio_alloc(&aio, nullptr, nullptr));
        naio_aio_fini(aio);
    };
    EXPECT_ABORT(end(), a_line_naming("naio_aio_fini"));
}

TEST_F(AioMemoryDeathTest, MustOutliveTheCallback) {
    const auto end_inside = [] {
        static naio_aio_memory memory;
        static nng_aio* aio = nullptr;
        static_cast<void>(naio_aio_init(
            &aio, &memory, sizeof memory, [](void*) { naio_aio_fini(aio); }, nullptr));
        nng_sleep_aio(0, aio);
        nng_aio_wait(aio);
    };
    EXPECT_ABORT(end_inside(), a_line_naming("naio_aio_fini"));
}

}  // namespace
}  // namespace cancellation
