// Tests Message by example: room at both ends, allocations, the header and numbers.
#include "msg/message.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <string_view>

#include "msg/big_endian.h"
#include "owned_message.h"
#include "support/test_allocator.h"

namespace naio {
namespace {

using namespace support;

class MessageTest : public testing::Test {
  protected:
    Owned make(std::size_t size) { return Owned(Message::create(allocator_, size)); }
    Owned make(std::string_view body) {
        Owned message = make(0);
        EXPECT_EQ(message->body().append(body.data(), body.size()), NNG_OK);
        return message;
    }

    TestAllocator allocator_;
};

TEST_F(MessageTest, BeginsWithAZeroedBodyOfTheSizeAskedForAndNoHeader) {
    for (const std::size_t size : {0u, 1u, 31u, 1000u, 1023u, 1024u, 1025u, 4096u}) {
        Owned message = make(size);
        EXPECT_EQ(text(message->body()), std::string(size, '\0'));
        EXPECT_EQ(message->header().size(), 0u);
    }
}

TEST_F(MessageTest, KeepsRoomAtBothEndsUnlessItIsLargeAndAPowerOfTwo) {
    const auto room = [this](std::size_t size) {
        Owned message = make(size);
        EXPECT_EQ(message->body().capacity() - size, message->body().headroom());
        return message->body().headroom();
    };
    EXPECT_EQ(room(0), 32u);
    EXPECT_EQ(room(512), 32u);
    EXPECT_EQ(room(1023), 32u);
    EXPECT_EQ(room(1024), 0u);
    EXPECT_EQ(room(1025), 32u);
    EXPECT_EQ(room(65536), 0u);
    EXPECT_EQ(room(65537), 32u);
}

TEST_F(MessageTest, InsertUsesTheHeadroomWithoutCopying) {
    Owned message = make("body");
    const std::byte* body = message->body().data();
    const long before = allocator_.allocated();
    const std::string front(32, 'f');
    ASSERT_EQ(message->body().insert(front.data(), front.size()), NNG_OK);
    EXPECT_EQ(message->body().data() + front.size(), body);
    EXPECT_EQ(text(message->body()), front + "body");
    EXPECT_EQ(allocator_.allocated(), before);
}

TEST_F(MessageTest, InsertShiftsTheContentWhenThereIsRoomBehindIt) {
    Owned message = make("content");
    const long before = allocator_.allocated();
    const std::string front(33, 'f');
    ASSERT_EQ(message->body().insert(front.data(), front.size()), NNG_OK);
    EXPECT_EQ(text(message->body()), front + "content");
    EXPECT_EQ(allocator_.allocated(), before);
    EXPECT_GT(message->body().headroom(), 0u);
}

TEST_F(MessageTest, InsertAllocatesWhenThereIsNoRoom) {
    Owned message = make("content");
    const std::string front(100, 'f');
    ASSERT_EQ(message->body().insert(front.data(), front.size()), NNG_OK);
    EXPECT_EQ(text(message->body()), front + "content");
}

TEST_F(MessageTest, InsertKeepsTheRoomBehindWhenItAllocates) {
    Owned message = make("content");
    ASSERT_EQ(message->body().reserve(1000), NNG_OK);
    ASSERT_EQ(message->body().insert(nullptr, 2000), NNG_OK);
    EXPECT_GE(message->body().capacity(), 3000u);
}

TEST_F(MessageTest, InsertLeavesAnAlignedBodyWhereItHasToMoveIt) {
    const std::string front(200, 'f');
    for (std::size_t size = 0; size < 100; ++size) {
        for (std::size_t length = 33; length < front.size(); ++length) {
            Owned message = make(size);
            ASSERT_EQ(message->body().insert(front.data(), length), NNG_OK);
            ASSERT_EQ(reinterpret_cast<std::uintptr_t>(message->body().data()) % 8, 0u);
        }
    }
}

TEST_F(MessageTest, AddingBitByBitAllocatesSeldom) {
    Owned message = make(0);
    const long before = allocator_.allocated();
    std::string expected;
    for (int i = 0; i < 100'000; ++i) {
        const char c = static_cast<char>('a' + i % 26);
        ASSERT_EQ(message->body().append(&c, 1), NNG_OK);
        expected.push_back(c);
    }
    EXPECT_EQ(text(message->body()), expected);
    EXPECT_LT(allocator_.allocated() - before, 20);

    Owned backwards = make(0);
    const long middle = allocator_.allocated();
    for (auto c = expected.rbegin(); c != expected.rend(); ++c) ASSERT_EQ(backwards->body().insert(&*c, 1), NNG_OK);
    EXPECT_EQ(text(backwards->body()), expected);
    EXPECT_LT(allocator_.allocated() - middle, 40);
}

// The test uses a body as a queue. The memory of the body must not grow with the number of entries that pass through,
// and its content must not move for every entry.
TEST_F(MessageTest, MayBeFilledAtOneEndAndConsumedAtTheOther) {
    constexpr std::size_t kSize = 10'000;
    const auto use = [this](auto fill, auto consume) {
        Owned message = make(kSize);
        Chunk& body = message->body();
        std::size_t moved = 0;
        for (std::size_t i = 0; i < 10 * kSize; ++i) {
            const std::byte* place = body.data();
            ASSERT_EQ(fill(body), NNG_OK);
            if (body.data() != place && body.data() + 8 != place) moved += kSize;
            ASSERT_EQ(consume(body), NNG_OK);
        }
        EXPECT_LE(body.headroom() + body.capacity(), 4 * kSize);
        EXPECT_LE(moved, 8 * 10 * 10 * kSize);  // ten times the bytes that have passed through
    };
    use([](Chunk& body) { return body.append("entry..", 8); }, [](Chunk& body) { return body.trim(8); });
    use([](Chunk& body) { return body.insert("entry..", 8); }, [](Chunk& body) { return body.chop(8); });
    use([](Chunk& body) { return body.resize(kSize + 8); }, [](Chunk& body) { return body.trim(8); });
}

TEST_F(MessageTest, ReserveGivesExactlyWhatIsAskedForAndNeverLess) {
    Owned message = make("abc");
    ASSERT_EQ(message->body().capacity(), 32u);
    const long before = allocator_.allocated();
    ASSERT_EQ(message->body().reserve(10), NNG_OK);
    ASSERT_EQ(message->body().reserve(32), NNG_OK);
    EXPECT_EQ(message->body().capacity(), 32u);
    EXPECT_EQ(allocator_.allocated(), before);
    ASSERT_EQ(message->body().reserve(64), NNG_OK);
    EXPECT_EQ(message->body().capacity(), 64u);
    EXPECT_EQ(message->body().headroom(), 32u);
    EXPECT_EQ(text(message->body()), "abc");
}

TEST_F(MessageTest, WhatFitsTheCapacityDoesNotAllocate) {
    Owned message = make(0);
    ASSERT_EQ(message->body().reserve(1000), NNG_OK);
    const long before = allocator_.allocated();
    ASSERT_EQ(message->body().resize(1000), NNG_OK);
    ASSERT_EQ(message->body().resize(0), NNG_OK);
    ASSERT_EQ(message->body().append(nullptr, 1000), NNG_OK);
    EXPECT_EQ(message->body().size(), 1000u);
    EXPECT_EQ(allocator_.allocated(), before);
}

TEST_F(MessageTest, ResizeCutsTheEndOffOrAddsZeros) {
    Owned message = make("abcdef");
    ASSERT_EQ(message->body().resize(500), NNG_OK);
    EXPECT_EQ(text(message->body()), "abcdef" + std::string(494, '\0'));
    ASSERT_EQ(message->body().resize(2), NNG_OK);
    EXPECT_EQ(text(message->body()), "ab");
}

TEST_F(MessageTest, RemovingAllKeepsThePlaceAndTheCapacity) {
    Owned message = make("abcdef");
    const std::size_t capacity = message->body().capacity();
    ASSERT_EQ(message->body().trim(6), NNG_OK);
    EXPECT_EQ(message->body().capacity(), capacity);
    ASSERT_EQ(message->body().append("xy", 2), NNG_OK);
    message->body().clear();
    EXPECT_EQ(message->body().size(), 0u);
    EXPECT_EQ(message->body().capacity(), capacity);
}

TEST_F(MessageTest, NoMoreCanBeRemovedThanThereIs) {
    Owned message = make("abc");
    EXPECT_EQ(message->body().trim(4), NNG_EINVAL);
    EXPECT_EQ(message->body().chop(4), NNG_EINVAL);
    EXPECT_EQ(message->body().trim(SIZE_MAX), NNG_EINVAL);
    EXPECT_EQ(message->header().trim(1), NNG_EINVAL);
    EXPECT_EQ(message->header().chop(SIZE_MAX), NNG_EINVAL);
    EXPECT_EQ(text(message->body()), "abc");
}

TEST_F(MessageTest, SizesThatOverflowAreRefusedWithoutAskingForMemory) {
    Owned message = make("abc");
    ASSERT_EQ(message->header().append("head", 4), NNG_OK);
    const long before = allocator_.allocated();
    for (const std::size_t size : {SIZE_MAX, SIZE_MAX - 3, SIZE_MAX - 31, SIZE_MAX / 2 + 1, SIZE_MAX / 2}) {
        EXPECT_EQ(make(size), nullptr) << size;
        EXPECT_EQ(message->body().reserve(size), NNG_ENOMEM) << size;
        EXPECT_EQ(message->body().resize(size), NNG_ENOMEM) << size;
        EXPECT_EQ(message->body().append(nullptr, size), NNG_ENOMEM) << size;
        EXPECT_EQ(message->body().insert(nullptr, size), NNG_ENOMEM) << size;
        EXPECT_EQ(message->header().append(nullptr, size), NNG_EINVAL) << size;
        EXPECT_EQ(message->header().insert(nullptr, size), NNG_EINVAL) << size;
    }
    EXPECT_EQ(allocator_.allocated(), before + 5);  // each of the five make() allocates a message, but no body
    EXPECT_EQ(text(message->body()), "abc");
}

TEST_F(MessageTest, WithoutDataItGrowsAllTheSame) {
    Owned message = make("abc");
    ASSERT_EQ(message->body().append(nullptr, 100), NNG_OK);
    ASSERT_EQ(message->body().insert(nullptr, 200), NNG_OK);
    EXPECT_EQ(message->body().size(), 303u);
    EXPECT_EQ(text(message->body()).substr(200, 3), "abc");
    ASSERT_EQ(message->header().append(nullptr, 10), NNG_OK);
    ASSERT_EQ(message->header().insert(nullptr, 10), NNG_OK);
    EXPECT_EQ(message->header().size(), 20u);
}

// Appends and inserts parts of a body to itself, with and without room for them.
TEST_F(MessageTest, MayBeGivenAPartOfItself) {
    for (std::size_t size = 1; size < 150; ++size) {
        std::string expected;
        for (std::size_t i = 0; i < size; ++i) expected.push_back(static_cast<char>(i));
        for (std::size_t from = 0; from < size; from += 7) {
            const std::string part = expected.substr(from);
            Owned message = make(std::string_view(expected));
            ASSERT_EQ(message->body().append(message->body().data() + from, size - from), NNG_OK);
            ASSERT_EQ(text(message->body()), expected + part);

            message = make(std::string_view(expected));
            ASSERT_EQ(message->body().insert(message->body().data() + from, size - from), NNG_OK);
            ASSERT_EQ(text(message->body()), part + expected);
        }
    }
    Owned message = make(0);
    ASSERT_EQ(message->header().append("abcdef", 6), NNG_OK);
    ASSERT_EQ(message->header().insert(message->header().data() + 1, 4), NNG_OK);
    ASSERT_EQ(message->header().append(message->header().data(), 2), NNG_OK);
    EXPECT_EQ(text(message->header()), "bcdeabcdefbc");
}

TEST_F(MessageTest, TheHeaderTakes64BytesAndNoMore) {
    Owned message = make(0);
    Header& header = message->header();
    const std::string first(60, 'h');
    ASSERT_EQ(header.append(first.data(), first.size()), NNG_OK);
    EXPECT_EQ(header.append("12345", 5), NNG_EINVAL);
    EXPECT_EQ(header.insert("12345", 5), NNG_EINVAL);
    EXPECT_EQ(text(header), first);
    ASSERT_EQ(header.insert("1234", 4), NNG_OK);
    EXPECT_EQ(text(header), "1234" + first);
    ASSERT_EQ(header.trim(2), NNG_OK);
    ASSERT_EQ(header.chop(59), NNG_OK);
    EXPECT_EQ(text(header), "34h");
    header.clear();
    EXPECT_EQ(header.size(), 0u);
}

TEST_F(MessageTest, NumbersAreBigEndian) {
    Owned message = make(0);
    Chunk& body = message->body();
    ASSERT_EQ(append_number(body, std::uint16_t{0x0102}), NNG_OK);
    ASSERT_EQ(append_number(body, std::uint32_t{0x8384'8586}), NNG_OK);
    ASSERT_EQ(insert_number(body, std::uint64_t{0xf1f2'f3f4'f5f6'f7f8}), NNG_OK);
    EXPECT_EQ(text(body), "\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\x01\x02\x83\x84\x85\x86");

    std::uint64_t eight = 0;
    std::uint32_t four = 0;
    std::uint16_t two = 0;
    ASSERT_EQ(chop_number(body, &four), NNG_OK);
    ASSERT_EQ(trim_number(body, &eight), NNG_OK);
    EXPECT_EQ(trim_number(body, &four), NNG_EINVAL);
    EXPECT_EQ(chop_number(body, &eight), NNG_EINVAL);
    ASSERT_EQ(trim_number(body, &two), NNG_OK);
    EXPECT_EQ(eight, 0xf1f2'f3f4'f5f6'f7f8u);
    EXPECT_EQ(four, 0x8384'8586u);
    EXPECT_EQ(two, 0x0102u);
}

TEST_F(MessageTest, ACopyIsEqualAndIndependent) {
    Owned message = make("body");
    ASSERT_EQ(message->header().append("head", 4), NNG_OK);
    ASSERT_EQ(message->body().insert("the ", 4), NNG_OK);
    Owned copy(message->duplicate());
    ASSERT_NE(copy, nullptr);
    EXPECT_EQ(text(copy->body()), "the body");
    EXPECT_EQ(text(copy->header()), "head");
    EXPECT_EQ(copy->body().headroom(), message->body().headroom());
    EXPECT_EQ(copy->body().capacity(), message->body().capacity());

    ASSERT_EQ(copy->body().append("!", 1), NNG_OK);
    *message->body().data() = std::byte{'T'};
    EXPECT_EQ(text(message->body()), "The body");
    EXPECT_EQ(text(copy->body()), "the body!");
}

TEST_F(MessageTest, AnEmptyMessageCanBeCopied) {
    Owned message = make(0);
    Owned copy(message->duplicate());
    ASSERT_NE(copy, nullptr);
    EXPECT_EQ(copy->body().size(), 0u);
    ASSERT_EQ(copy->body().append("x", 1), NNG_OK);
    EXPECT_EQ(text(copy->body()), "x");
}

TEST_F(MessageTest, AChunkWithoutMemoryCanDoAllThatOneWithMemoryCan) {
    Chunk chunk(allocator_);
    EXPECT_EQ(chunk.append(nullptr, 0), NNG_OK);
    EXPECT_EQ(chunk.insert("", 0), NNG_OK);
    EXPECT_EQ(chunk.trim(0), NNG_OK);
    EXPECT_EQ(chunk.reserve(0), NNG_OK);
    EXPECT_EQ(chunk.trim(1), NNG_EINVAL);
    Chunk copy(allocator_);
    EXPECT_EQ(copy.copy(chunk), NNG_OK);
    EXPECT_EQ(copy.insert("x", 1), NNG_OK);
    EXPECT_EQ(text(copy), "x");
}

TEST_F(MessageTest, DestroyTakesNull) { Message::destroy(nullptr); }

// Whichever allocation fails, each function reports the failure and leaves the message as it was.
TEST_F(MessageTest, LosesNothingWhenMemoryRunsOut) {
    const std::string more(1000, 'm');
    for (long n = 0; n < 2; ++n) {
        allocator_.fail_after(n);
        EXPECT_EQ(make(100), nullptr);
        EXPECT_EQ(allocator_.in_use(), 0u);
        allocator_.fail_no_more();
    }
    Owned message = make("body");
    ASSERT_EQ(message->header().append("head", 4), NNG_OK);
    for (long n = 0; n < 2; ++n) {
        allocator_.fail_after(n);
        EXPECT_EQ(message->duplicate(), nullptr);
        EXPECT_EQ(allocator_.in_use(), 2u);
    }
    allocator_.fail_after(0);
    EXPECT_EQ(message->body().append(more.data(), more.size()), NNG_ENOMEM);
    EXPECT_EQ(message->body().insert(more.data(), more.size()), NNG_ENOMEM);
    EXPECT_EQ(message->body().reserve(1000), NNG_ENOMEM);
    EXPECT_EQ(message->body().resize(1000), NNG_ENOMEM);
    EXPECT_EQ(message->body().capacity(), 32u);
    EXPECT_EQ(text(message->body()), "body");
    EXPECT_EQ(text(message->header()), "head");
    allocator_.fail_no_more();
}

}  // namespace
}  // namespace naio
