// Tests naio_dump: each test brings the library into a state, and reads the dump's lines about it.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include "support/event.h"
#include "support/handle.h"
#include "support/library.h"
#include "support/stream_pair.h"
#include "support/text.h"

namespace naio {
namespace {

using support::any_has;
using support::Event;
using support::Handle;
using support::has;

constexpr nng_duration kHour = 3'600'000;
const std::string kFirstLine = "naio " + std::to_string(NAIO_VERSION_MAJOR) + '.' + std::to_string(NAIO_VERSION_MINOR) +
                               '.' + std::to_string(NAIO_VERSION_PATCH);

std::vector<std::string> dump() {
    std::vector<std::string> lines;
    const auto write = [](void* to, const char* line) {
        static_cast<std::vector<std::string>*>(to)->emplace_back(line);
    };
    naio_dump(write, &lines);
    return lines;
}

std::string address_of(const void* object) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%p", object);
    return text.data();
}

// Returns the dump's line about the handle, or an empty string if the dump has none.
std::string line_of(nng_aio* aio) {
    for (const std::string& line : dump())
        if (line.starts_with("aio " + address_of(aio))) return line;
    return {};
}

// Returns the number of lines about the handle, which has no name.
std::ptrdiff_t count_lines_of(const std::vector<std::string>& lines, nng_aio* aio) {
    const std::string begin = "aio " + address_of(aio) + ":";
    return std::count_if(lines.begin(), lines.end(), [&](const std::string& line) { return line.starts_with(begin); });
}

// True if the handle's line says that its operation waits for a descriptor, followed by `name`.
bool waits_for(nng_aio* aio, const std::string& name) {
    return std::regex_search(line_of(aio), std::regex("; waits for descriptor [0-9]+" + name + ";"));
}

class DumpTest : public testing::Test {
  protected:
    DumpTest() { EXPECT_EQ(nng_init(nullptr), NNG_OK); }
    ~DumpTest() override { nng_fini(); }
};

TEST_F(DumpTest, HasNoLineForAnIdleHandle) {
    const Handle handle;
    EXPECT_EQ(line_of(handle), "");
    nng_sleep_aio(0, handle);
    EXPECT_EQ(handle.wait(), NNG_OK);
    EXPECT_EQ(line_of(handle), "");
}

TEST_F(DumpTest, SaysWhichFunctionHasStartedAnOperationAndWhatCanEndIt) {
    const Handle handle;
    naio_aio_set_name(handle, "the sleeper");
    nng_sleep_aio(kHour, handle);
    const std::string line = line_of(handle);
    EXPECT_TRUE(has(line, "\"the sleeper\": PENDING, operation 1"));
    EXPECT_TRUE(has(line, "started by nng_sleep_aio"));
    EXPECT_TRUE(has(line, "deadline in 3599."));
    EXPECT_TRUE(has(line, "can be ended by terminal partial total"));
}

TEST_F(DumpTest, CutsALongName) {
    const Handle handle;
    const std::string name(1000, 'n');
    naio_aio_set_name(handle, name.c_str());
    nng_sleep_aio(kHour, handle);
    EXPECT_TRUE(has(line_of(handle), '"' + name.substr(0, 31) + '"'));
    naio_aio_set_name(handle, nullptr);
    EXPECT_FALSE(has(line_of(handle), "\""));
}

TEST_F(DumpTest, ShowsTheDescriptorThatAReceiveWaitsFor) {
    const support::StreamPair pair;
    const support::OneByte handle;
    nng_stream_recv(pair.near(), handle);
    EXPECT_TRUE(has(line_of(handle), "started by nng_stream_recv; waits for descriptor "));
    nng_aio_cancel(handle);
    nng_aio_wait(handle);
    nng_sleep_aio(kHour, handle);  // waits for no descriptor
    EXPECT_FALSE(has(line_of(handle), "descriptor"));
}

TEST_F(DumpTest, SaysThatAnOperationCannotBeEnded) {
    const Handle handle;
    ASSERT_TRUE(nng_aio_start(handle, nullptr, nullptr));
    EXPECT_TRUE(has(line_of(handle), "started by nng_aio_start; cannot be ended"));
    nng_aio_finish(handle, NNG_OK);
}

TEST_F(DumpTest, ShowsTheTypesThatAnOperationWasAskedForAndThoseItDoesNotPermit) {
    const Handle handle;
    const auto passive = [](nng_aio*, void*, naio_cancel, nng_err) { return true; };
    ASSERT_TRUE(naio_aio_start(handle, NAIO_CANCEL_TERMINAL, passive, nullptr, nullptr));
    nng_aio_abort(handle, NNG_ECANCELED);
    EXPECT_TRUE(has(line_of(handle), "can be ended by terminal; asked to end by terminal"));
    nng_aio_finish(handle, NNG_ECANCELED);
    EXPECT_EQ(handle.wait(), NNG_ECANCELED);

    ASSERT_TRUE(naio_aio_start(handle, NAIO_CANCEL_NONE, nullptr, nullptr, nullptr));
    std::thread stopping([&] { nng_aio_stop(handle); });
    while (line_of(handle).find("asked to end, but does not permit terminal partial total") == std::string::npos)
        std::this_thread::yield();
    nng_aio_finish(handle, NNG_OK);
    stopping.join();
}

TEST_F(DumpTest, ShowsWhichThreadRunsACallback) {
    Event inside, leave;
    const Handle handle([&](nng_aio*) {
        inside.set();
        EXPECT_TRUE(leave.wait());
    });
    ASSERT_TRUE(nng_aio_start(handle, nullptr, nullptr));
    nng_aio_finish(handle, NNG_OK);
    ASSERT_TRUE(inside.wait());
    EXPECT_TRUE(has(line_of(handle), "RUNNING"));
    EXPECT_TRUE(any_has(dump(), "runs the callback of aio " + address_of(handle)));
    leave.set();
}

TEST_F(DumpTest, NamesAQueueAndCountsTheCallbacksThatWaitInIt) {
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    naio_queue_set_name(queue, "ui");
    {
        const Handle first, second;
        for (nng_aio* const aio : {static_cast<nng_aio*>(first), static_cast<nng_aio*>(second)}) {
            naio_aio_set_queue(aio, queue);
            ASSERT_TRUE(nng_aio_start(aio, nullptr, nullptr));
            nng_aio_finish(aio, NNG_OK);
        }
        EXPECT_TRUE(has(line_of(first), "DONE"));
        EXPECT_TRUE(has(line_of(first), "queue " + address_of(queue)));
        EXPECT_TRUE(any_has(dump(), "queue " + address_of(queue) + " \"ui\": 2 callbacks wait; a thread runs it"));
        EXPECT_EQ(naio_queue_run(queue, NNG_DURATION_ZERO), 2u);
    }
    naio_queue_free(queue);
}

// ThreadSanitizer reports the test if the text of a name could be read before it is written.
TEST_F(DumpTest, ShowsNamesThatAnotherThreadHasJustWritten) {
    const Handle handle;
    nng_sleep_aio(kHour, handle);
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    std::array<char, 8> of_the_handle{}, of_the_queue{};
    std::thread naming([&] {
        std::snprintf(of_the_handle.data(), of_the_handle.size(), "handle");
        naio_aio_set_name(handle, of_the_handle.data());
        std::snprintf(of_the_queue.data(), of_the_queue.size(), "queue");
        naio_queue_set_name(queue, of_the_queue.data());
    });
    while (!has(line_of(handle), " \"handle\": ")) std::this_thread::yield();
    while (!any_has(dump(), "queue " + address_of(queue) + " \"queue\": ")) std::this_thread::yield();
    naming.join();
    naio_aio_set_name(handle, nullptr);
    naio_queue_free(queue);
}

// The handle keeps the queue's memory alive, but the program may free the text of the name.
TEST_F(DumpTest, DoesNotReadTheNameOfAQueueThatIsFreedBeforeItsHandle) {
    naio_queue* queue = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    naio_queue_set_name(queue, "of the queue");
    const Handle handle;
    naio_aio_set_queue(handle, queue);
    EXPECT_TRUE(any_has(dump(), "queue " + address_of(queue) + " \"of the queue\": 0 callbacks wait"));
    naio_queue_free(queue);
    EXPECT_TRUE(any_has(dump(), "queue " + address_of(queue) + ": 0 callbacks wait"));
}

TEST_F(DumpTest, CountsTheThreadsForLookUps) {
    const Handle handle;
    nng_sockaddr address{};
    naio_resolve("localhost", nullptr, NNG_AF_UNSPEC, 0, &address, 1, handle);
    handle.wait();
    EXPECT_TRUE(any_has(dump(), "look-ups: "));
}

TEST_F(DumpTest, GivesTheNameOfAGroupToItsMembers) {
    naio_group* group = nullptr;
    ASSERT_EQ(naio_group_alloc(&group, 2), NNG_OK);
    naio_group_set_name(group, "both");
    const Handle outer;
    ASSERT_TRUE(naio_group_start(group, outer, 2, 0, NAIO_CANCEL_NONE));
    nng_sleep_aio(kHour, naio_group_aio(group, 0));
    nng_sleep_aio(kHour, naio_group_aio(group, 1));
    naio_group_seal(group);
    EXPECT_TRUE(has(line_of(outer), "started by naio_group_start"));
    for (const unsigned i : {0u, 1u}) EXPECT_TRUE(has(line_of(naio_group_aio(group, i)), "\"both\": PENDING"));
    nng_aio_stop(outer);
    naio_group_free(group);
}

TEST_F(DumpTest, NamesTheStreamThatAnOperationWaitsFor) {
    std::optional<support::StreamPair> pair(std::in_place);
    naio_stream_set_name(pair->near(), "upstream");
    const support::OneByte receiving, other;
    nng_stream_recv(pair->near(), receiving);
    nng_stream_recv(pair->far(), other);
    EXPECT_TRUE(waits_for(receiving, " \"upstream\""));
    EXPECT_TRUE(waits_for(other, ""));
    naio_stream_set_name(pair->near(), "renamed");
    naio_stream_set_name(pair->far(), "peer");
    EXPECT_TRUE(waits_for(receiving, " \"renamed\""));
    EXPECT_TRUE(waits_for(other, " \"peer\""));
    naio_stream_set_name(pair->near(), nullptr);
    EXPECT_TRUE(waits_for(receiving, ""));
    pair.reset();

    // The next streams get the descriptors of the freed streams. They must not get the names of the freed streams.
    const support::StreamPair next;
    const support::OneByte later;
    nng_stream_recv(next.far(), later);
    EXPECT_TRUE(waits_for(later, ""));
    nng_aio_stop(later);
}

TEST_F(DumpTest, GivesAClosedStreamNoName) {
    const support::StreamPair pair;
    naio_stream_set_name(pair.near(), "to be closed");
    nng_stream_stop(pair.near());
    naio_stream_set_name(pair.near(), "closed already");
    const support::StreamPair next;  // one of its descriptors is the closed descriptor
    const support::OneByte first, second;
    nng_stream_recv(next.near(), first);
    nng_stream_recv(next.far(), second);
    EXPECT_FALSE(any_has(dump(), "closed"));
    nng_aio_stop(first);
    nng_aio_stop(second);
}

TEST_F(DumpTest, NamesTheListenerThatAnAcceptWaitsFor) {
    for (const bool before : {true, false}) {
        nng_stream_listener* listener = nullptr;
        ASSERT_EQ(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"), NNG_OK);
        if (before) naio_stream_listener_set_name(listener, "front door");
        ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
        if (!before) naio_stream_listener_set_name(listener, "front door");
        const Handle accepting;
        nng_stream_listener_accept(listener, accepting);
        EXPECT_TRUE(waits_for(accepting, " \"front door\""));
        nng_stream_listener_free(listener);
    }
}

TEST_F(DumpTest, NamesAListenerOnASocketThatTheProgramHandsOver) {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    ASSERT_EQ(listen(fd, 1), 0);
    nng_stream_listener* listener = nullptr;
    ASSERT_EQ(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"), NNG_OK);
    naio_stream_listener_set_name(listener, "inherited");
    ASSERT_EQ(nng_stream_listener_set_int(listener, NNG_OPT_LISTEN_FD, fd), NNG_OK);
    const Handle accepting;
    nng_stream_listener_accept(listener, accepting);
    EXPECT_TRUE(waits_for(accepting, " \"inherited\""));
    nng_stream_listener_free(listener);
    nng_aio_wait(accepting);

    ASSERT_EQ(nng_stream_listener_alloc(&listener, "socket://"), NNG_OK);
    naio_stream_listener_set_name(listener, "given");
    nng_stream_listener_accept(listener, accepting);
    EXPECT_FALSE(any_has(dump(), "descriptor"));
    nng_stream_listener_free(listener);
}

TEST_F(DumpTest, NamesAUdpSocket) {
    nng_udp* udp = nullptr;
    nng_sockaddr address{};
    address.s_in.sa_family = NNG_AF_INET;
    ASSERT_EQ(nng_udp_open(&udp, &address), NNG_OK);
    naio_udp_set_name(udp, "metrics");
    const support::OneByte receiving;
    nng_udp_recv(udp, receiving);
    EXPECT_TRUE(waits_for(receiving, " \"metrics\""));
    nng_udp_close(udp);
}

TEST_F(DumpTest, NamesTheSlotOfASignal) {
    naio_signal* signal = nullptr;
    ASSERT_EQ(naio_signal_alloc(&signal, NAIO_SIGNAL_SCOPE), NNG_OK);
    naio_signal_set_name(signal, "sessions");
    naio_slot* const slot = naio_signal_slot(signal);
    const Handle handle;
    naio_aio_bind_slot(handle, slot, NAIO_CANCEL_ALL);
    nng_sleep_aio(kHour, handle);
    EXPECT_TRUE(has(line_of(handle), "; slot " + address_of(slot) + " \"sessions\""));
    naio_signal_free(signal);  // the slot, to which the handle is bound, lives on without a name
    EXPECT_TRUE(line_of(handle).ends_with("; slot " + address_of(slot)));
    nng_aio_stop(handle);
}

TEST_F(DumpTest, FindsEachOfManyNames) {
    struct Named {
        std::string name;
        naio_signal* signal = nullptr;
        support::SilentHandle handle = support::make_silent_handle();
    };
    std::vector<Named> all(3000);  // more names than the library's table has buckets
    for (std::size_t i = 0; i < all.size(); ++i) {
        Named& each = all[i];
        each.name = "signal " + std::to_string(i) + ".";
        ASSERT_EQ(naio_signal_alloc(&each.signal, 0), NNG_OK);
        naio_signal_set_name(each.signal, each.name.c_str());
        naio_aio_bind_slot(each.handle.get(), naio_signal_slot(each.signal), NAIO_CANCEL_ALL);
        nng_sleep_aio(kHour, each.handle.get());
    }
    const auto named = [&] {
        std::size_t count = 0;
        for (const std::string& line : dump()) count += has(line, " \"signal ") ? 1 : 0;
        return count;
    };
    EXPECT_EQ(named(), all.size());
    for (std::size_t i = 0; i < all.size(); i += 2) naio_signal_set_name(all[i].signal, nullptr);
    EXPECT_EQ(named(), all.size() / 2);
    for (std::size_t i : {1u, 2999u}) EXPECT_TRUE(has(line_of(all[i].handle.get()), '"' + all[i].name + '"'));
    for (const Named& each : all) naio_signal_free(each.signal);
    EXPECT_EQ(named(), 0u);
}

TEST_F(DumpTest, HasALineForEachOfManyHandles) {
    std::vector<support::SilentHandle> handles(200);
    for (support::SilentHandle& each : handles) {
        each = support::make_silent_handle();
        nng_sleep_aio(kHour, each.get());
    }
    const std::vector<std::string> lines = dump();
    for (const support::SilentHandle& each : handles) EXPECT_EQ(count_lines_of(lines, each.get()), 1);
    EXPECT_TRUE(any_has(lines, "of which 200 are not idle"));
}

// While the dump is written, the test frees idle handles, and each handle of `ending` as soon as its line is written,
// so that whole slabs are released. Each handle of `lasting` must have one line.
TEST_F(DumpTest, HasALineForEachHandleAlthoughSlabsAreReleased) {
    struct Written {
        std::vector<support::SilentHandle> idle, ending;
        std::vector<std::string> lines;
    } written;
    const auto submit = [] {
        support::SilentHandle handle = support::make_silent_handle();
        nng_sleep_aio(kHour, handle.get());
        return handle;
    };
    std::vector<support::SilentHandle> lasting;
    for (int i = 0; i < 20; ++i) {
        lasting.push_back(submit());
        for (int j = 0; j < 70; ++j) written.ending.push_back(submit());
        for (int j = 0; j < 70; ++j) written.idle.push_back(support::make_silent_handle());
    }
    naio_dump(
        [](void* to, const char* line) {
            Written& all = *static_cast<Written*>(to);
            all.lines.emplace_back(line);
            if (!all.idle.empty()) all.idle.pop_back();
            void* handle = nullptr;
            if (std::sscanf(line, "aio %p:", &handle) == 1)
                std::erase_if(all.ending, [&](const support::SilentHandle& each) { return each.get() == handle; });
        },
        &written);
    EXPECT_TRUE(written.idle.empty());
    EXPECT_TRUE(written.ending.empty());
    for (const support::SilentHandle& each : lasting) EXPECT_EQ(count_lines_of(written.lines, each.get()), 1);
}

TEST_F(DumpTest, MayCallTheLibraryForEachLine) {
    const Handle handle;
    nng_sleep_aio(kHour, handle);
    const auto write = [](void* calls, const char*) {
        const support::SilentHandle other = support::make_silent_handle();
        nng_sleep_aio(0, other.get());
        nng_aio_wait(other.get());
        ++*static_cast<int*>(calls);
    };
    int calls = 0;
    naio_dump(write, &calls);
    EXPECT_GT(calls, 3);
}

TEST_F(DumpTest, GoesToAFileAndToDescriptor2) {
    const Handle handle;
    nng_sleep_aio(kHour, handle);
    std::FILE* const file = std::tmpfile();
    ASSERT_NE(file, nullptr);
    naio_dump_file(file);
    std::rewind(file);
    std::array<char, 1024> first{};
    EXPECT_NE(std::fgets(first.data(), first.size(), file), nullptr);
    std::fclose(file);
    EXPECT_EQ(std::string(first.data()), kFirstLine + ": up\n");

    testing::internal::CaptureStderr();
    naio_dump_stderr();
    EXPECT_TRUE(has(testing::internal::GetCapturedStderr(), "\naio " + address_of(handle) + ": PENDING"));
}

TEST(DumpDeathTest, SaysThatAForkedChildCannotUseTheLibrary) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    testing::GTEST_FLAG(death_test_style) = "fast";  // forks this process, in which the library is up
    const auto in_child = [] {
        naio_dump_stderr();
        naio_statistics statistics{};
        statistics.size = sizeof(statistics);
        naio_stats(&statistics);
        nng_fini();
        std::exit(statistics.handles_made == 0 ? 0 : 1);
    };
    EXPECT_EXIT(in_child(), testing::ExitedWithCode(0), "this is a forked child, which cannot use the library");
    nng_fini();
}

TEST(Dump, SaysThatTheLibraryIsNotInitialised) {
    support::bring_library_down();
    EXPECT_EQ(dump().front(), kFirstLine + ": not initialised");
}

TEST(Dump, ShowsWhatNngFiniWaitsFor) {
    support::bring_library_down();
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    std::vector<support::SilentHandle> handles(100);
    for (support::SilentHandle& each : handles) each = support::make_silent_handle();
    nng_aio* const aio = handles[50].get();
    ASSERT_TRUE(nng_aio_start(aio, nullptr, nullptr));
    std::thread finalizing([] { nng_fini(); });
    while (dump().front() != kFirstLine + ": nng_fini waits") std::this_thread::yield();
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(has(line_of(aio), "PENDING"));
    nng_aio_finish(aio, NNG_OK);
    finalizing.join();
}

// Several threads use the library during the dumps, so that the sanitizers can find races, too.
TEST(Dump, MayBeTakenWhileOtherThreadsWork) {
    ASSERT_EQ(nng_init(nullptr), NNG_OK);
    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([&] {
            const support::StreamPair pair;
            while (!over) {
                const support::OneByte receiving, sending;
                naio_aio_set_name(receiving, "receiving");
                nng_stream_recv(pair.near(), receiving);
                nng_stream_send(pair.far(), sending);
                EXPECT_EQ(receiving.wait(), NNG_OK);
                EXPECT_EQ(sending.wait(), NNG_OK);
            }
        });
    }
    for (int i = 0; i < 200; ++i) EXPECT_GE(dump().size(), 3u);
    over = true;
    for (std::thread& thread : threads) thread.join();
    nng_fini();
}

// ThreadSanitizer reports the test if a dump reads what nng_init writes.
TEST(Dump, MayBeTakenWhileTheLibraryComesUp) {
    std::atomic<bool> over{false};
    std::thread dumping([&] {
        while (!over) EXPECT_GE(dump().size(), 1u);
    });
    for (int i = 0; i < 30; ++i) {
        ASSERT_EQ(nng_init(nullptr), NNG_OK);
        nng_fini();
    }
    over = true;
    dumping.join();
}

}  // namespace
}  // namespace naio
