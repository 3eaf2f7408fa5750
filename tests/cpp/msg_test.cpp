// Tests naio::msg: ownership, moves and copies.
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <naio/aio.hpp>
#include <naio/msg.hpp>
#include <string_view>
#include <utility>

namespace cpp {
namespace {

std::string_view text(const naio::msg& message) {
    return {reinterpret_cast<const char*>(message.body().data()), message.body().size()};
}

naio::msg say(std::string_view words) {
    naio::msg message = naio::msg::with_size(0);
    EXPECT_EQ(message.append(words), NNG_OK);
    return message;
}

TEST(Msg, IsEmptyUntilItHasAMessage) {
    EXPECT_FALSE(naio::msg());
    EXPECT_TRUE(naio::msg::with_size(0));
}

TEST(Msg, HasABodyThatCanBeWrittenAppendedToAndResized) {
    naio::msg message = naio::msg::with_size(2);
    std::memcpy(message.body().data(), "ab", 2);
    ASSERT_EQ(message.append("cd"), NNG_OK);
    const std::array end = {std::byte{'e'}};
    ASSERT_EQ(message.append(end), NNG_OK);
    EXPECT_EQ(text(message), "abcde");
    ASSERT_EQ(message.resize(3), NNG_OK);
    EXPECT_EQ(text(message), "abc");
}

TEST(Msg, IsMovedAndReleasedNotCopied) {
    static_assert(!std::is_copy_constructible_v<naio::msg>);
    naio::msg first = say("first");
    naio::msg second = say("second");
    second = std::move(first);
    EXPECT_FALSE(first);
    EXPECT_EQ(text(second), "first");
    nng_msg* const raw = second.release();
    EXPECT_FALSE(second);
    nng_msg_free(raw);
}

TEST(Msg, SurvivesAssignmentToItself) {
    naio::msg message = say("same");
    naio::msg& same = message;
    message = std::move(same);
    EXPECT_EQ(text(message), "same");
}

TEST(Msg, DuplicatesOnDemand) {
    const naio::msg original = say("twice");
    const naio::msg copy = original.duplicate();
    EXPECT_NE(copy.get(), original.get());
    EXPECT_EQ(text(copy), "twice");
}

TEST(Msg, GoesThroughAnAioWithoutBeingFreedTwice) {
    naio::aio aio;
    put_msg(aio.get(), say("to be received"));
    aio.start(naio::async([](nng_aio* handle) {
        const naio::msg sent = naio::take_msg(handle);
        EXPECT_EQ(text(sent), "to be received");
        nng_aio_reset(handle);
        naio_aio_finish_msg(handle, say("received").release());
    }));
    aio.wait();
    EXPECT_EQ(aio.result().count, 8u);
    EXPECT_EQ(text(naio::take_msg(aio.get())), "received");
    EXPECT_FALSE(naio::take_msg(aio.get()));
}

}  // namespace
}  // namespace cpp
