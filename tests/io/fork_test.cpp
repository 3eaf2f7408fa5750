// Tests children that are forked while operations are in flight. A child may free every object, as destructors do when
// the child exits. Such a free does not change the files and connections that the child shares with the parent.
#include <gtest/gtest.h>
#include <naio/naio.h>
#include <nng/nng.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <naio/naio.hpp>
#include <string>

#include "support/forked_child.h"
#include "support/stream_pair.h"

namespace naio {
namespace {

using namespace support;

void expect_silent_exit(const Child& child) {
    EXPECT_TRUE(child.exited()) << child.status << ' ' << child.said;
    EXPECT_EQ(child.said, "");
}

TEST(ForkedChild, LeavesStreamsToTheParent) {
    const StreamPair streams;
    const OneByte receiving, sending;
    nng_stream_recv(streams.near(), receiving);
    expect_silent_exit(in_a_forked_child([&] {
        alarm(10);
        nng_stream_close(streams.near());
        nng_stream_stop(streams.near());
        nng_stream_free(streams.near());
        nng_stream_free(streams.far());
        std::exit(0);
    }));
    nng_stream_send(streams.far(), sending);
    EXPECT_EQ(sending.wait(), NNG_OK);
    EXPECT_EQ(receiving.wait(), NNG_OK);
}

TEST(ForkedChild, LeavesListenersAndTheirFilesToTheParent) {
    const std::string url = "ipc:///tmp/naio_fork_test." + std::to_string(getpid());
    nng_stream_listener* listener = nullptr;
    nng_stream_dialer* dialer = nullptr;
    ASSERT_EQ(nng_stream_listener_alloc(&listener, url.c_str()), NNG_OK);
    ASSERT_EQ(nng_stream_listener_listen(listener), NNG_OK);
    ASSERT_EQ(nng_stream_dialer_alloc(&dialer, url.c_str()), NNG_OK);
    const Handle accepting, dialing;
    nng_stream_listener_accept(listener, accepting);
    expect_silent_exit(in_a_forked_child([&] {
        alarm(10);
        nng_stream_dialer_close(dialer);
        nng_stream_dialer_stop(dialer);
        nng_stream_dialer_free(dialer);
        nng_stream_listener_close(listener);
        nng_stream_listener_stop(listener);
        nng_stream_listener_free(listener);
        std::exit(0);
    }));
    nng_stream_dialer_dial(dialer, dialing);
    EXPECT_EQ(dialing.wait(), NNG_OK);
    EXPECT_EQ(accepting.wait(), NNG_OK);
    nng_stream_free(dialing.output<nng_stream>());
    nng_stream_free(accepting.output<nng_stream>());
    nng_stream_dialer_free(dialer);
    nng_stream_listener_free(listener);
}

TEST(ForkedChild, GivesUpDatagramSocketsFilesAndThreads) {
    nng_sockaddr address{};
    address.s_in.sa_family = NNG_AF_INET;
    nng_udp* udp = nullptr;
    ASSERT_EQ(nng_udp_open(&udp, &address), NNG_OK);
    const OneByte receiving, opening;
    nng_udp_recv(udp, receiving);
    naio_file_open("/dev/null", NAIO_FILE_WRITE, 0, opening);
    ASSERT_EQ(opening.wait(), NNG_OK);
    auto* const file = static_cast<naio_file*>(nng_aio_get_output(opening, 0));
    nng_thread* thread = nullptr;
    ASSERT_EQ(nng_thread_create(&thread, nullptr, nullptr), NNG_OK);
    expect_silent_exit(in_a_forked_child([&] {
        alarm(10);
        nng_udp_stop(udp);
        nng_udp_close(udp);
        naio_file_free(file);
        nng_thread_destroy(thread);
        std::exit(0);
    }));
    nng_thread_destroy(thread);
    naio_file_free(file);
    nng_udp_close(udp);
}

TEST(ForkedChild, GivesUpQueuesWithCallbacksAndGroupsThatRun) {
    naio_queue* queue = nullptr;
    naio_group* group = nullptr;
    naio_signal* signal = nullptr;
    ASSERT_EQ(naio_queue_alloc(&queue), NNG_OK);
    ASSERT_EQ(naio_group_alloc(&group, 1), NNG_OK);
    ASSERT_EQ(naio_signal_alloc(&signal, 0), NNG_OK);
    const OneByte outer, queued;
    naio_aio_set_queue(queued, queue);
    ASSERT_TRUE(naio_group_start(group, outer, 1, 0, NAIO_CANCEL_ALL));
    nng_sleep_aio(NNG_DURATION_INFINITE, naio_group_aio(group, 0));
    naio_group_seal(group);
    nng_sleep_aio(NNG_DURATION_INFINITE, queued);
    expect_silent_exit(in_a_forked_child([&] {
        alarm(10);
        naio_queue_free(queue);
        naio_group_free(group);
        naio_signal_free(signal);
        std::exit(0);
    }));
    nng_aio_stop(outer);
    nng_aio_stop(queued);
    naio_signal_free(signal);
    naio_group_free(group);
    naio_queue_free(queue);
}

TEST(ForkedChild, IsRefusedWithTheNameOfTheFunction) {
    const OneByte operation;  // brings the library up
    expect_refusal(in_a_forked_child([] {
                       nng_stream_dialer* dialer = nullptr;
                       nng_stream_dialer_alloc(&dialer, "tcp://127.0.0.1:1");
                   }),
                   "nng_stream_dialer_alloc:");
    expect_refusal(in_a_forked_child([] {
                       naio_group* group = nullptr;
                       naio_group_alloc(&group, 1);
                   }),
                   "naio_group_alloc:");
    expect_refusal(in_a_forked_child([] {
                       nng_udp* udp = nullptr;
                       nng_sockaddr address{};
                       nng_udp_open(&udp, &address);
                   }),
                   "nng_udp_open:");
}

// The child's exit runs the destructors of static handles whose operations are in flight in the parent.
TEST(ForkedChildDeathTest, ExitsWithStaticHandlesAlive) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            alarm(20);
            static aio idle;
            static aio busy;
            static aio called([](nng_aio*) {});
            static scope all;
            busy.start(sleep_for(std::chrono::hours(1)));
            called.start(sleep_for(std::chrono::hours(1)));
            const Child child = in_a_forked_child([] { std::exit(0); });
            std::exit(child.exited() && child.said.empty() ? 0 : 1);
        },
        testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace naio
