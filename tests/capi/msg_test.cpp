// Tests nng_msg_*: each function once, missing memory and NULL.
#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "library.h"

namespace naio {
namespace {

class Msg : public testing::Test {
  protected:
    void SetUp() override { ASSERT_EQ(nng_msg_alloc(&msg_, 0), NNG_OK); }
    void TearDown() override { nng_msg_free(msg_); }

    std::string_view body() { return {static_cast<char*>(nng_msg_body(msg_)), nng_msg_len(msg_)}; }
    std::string_view header() { return {static_cast<char*>(nng_msg_header(msg_)), nng_msg_header_len(msg_)}; }

    nng_msg* msg_ = nullptr;
};

TEST_F(Msg, BodyGrowsAndShrinksAtBothEnds) {
    ASSERT_EQ(nng_msg_append(msg_, "cdef", 4), 0);
    ASSERT_EQ(nng_msg_insert(msg_, "ab", 2), 0);
    EXPECT_EQ(body(), "abcdef");
    ASSERT_EQ(nng_msg_trim(msg_, 1), 0);
    ASSERT_EQ(nng_msg_chop(msg_, 2), 0);
    EXPECT_EQ(body(), "bcd");
    EXPECT_EQ(nng_msg_trim(msg_, 4), NNG_EINVAL);
    EXPECT_EQ(nng_msg_chop(msg_, 4), NNG_EINVAL);
    nng_msg_clear(msg_);
    EXPECT_EQ(nng_msg_len(msg_), 0u);
}

TEST_F(Msg, HeaderGrowsAndShrinksAtBothEnds) {
    ASSERT_EQ(nng_msg_header_append(msg_, "cdef", 4), 0);
    ASSERT_EQ(nng_msg_header_insert(msg_, "ab", 2), 0);
    EXPECT_EQ(header(), "abcdef");
    ASSERT_EQ(nng_msg_header_trim(msg_, 1), 0);
    ASSERT_EQ(nng_msg_header_chop(msg_, 2), 0);
    EXPECT_EQ(header(), "bcd");
    EXPECT_EQ(nng_msg_header_trim(msg_, 4), NNG_EINVAL);
    EXPECT_EQ(nng_msg_header_chop(msg_, 4), NNG_EINVAL);
    EXPECT_EQ(nng_msg_header_append(msg_, nullptr, 62), NNG_EINVAL);
    EXPECT_EQ(nng_msg_header_insert(msg_, nullptr, 62), NNG_EINVAL);
    EXPECT_EQ(nng_msg_len(msg_), 0u);
    nng_msg_header_clear(msg_);
    EXPECT_EQ(nng_msg_header_len(msg_), 0u);
}

TEST_F(Msg, SizeAndCapacityCanBeSet) {
    ASSERT_EQ(nng_msg_append(msg_, "abc", 3), 0);
    EXPECT_EQ(nng_msg_capacity(msg_), 32u);
    ASSERT_EQ(nng_msg_reserve(msg_, 64), 0);
    EXPECT_EQ(nng_msg_capacity(msg_), 64u);
    ASSERT_EQ(nng_msg_realloc(msg_, 1500), 0);
    EXPECT_EQ(body(), "abc" + std::string(1497, '\0'));
    ASSERT_EQ(nng_msg_realloc(msg_, 2), 0);
    EXPECT_EQ(body(), "ab");
    EXPECT_EQ(nng_msg_realloc(msg_, SIZE_MAX), NNG_ENOMEM);
    EXPECT_EQ(nng_msg_reserve(msg_, SIZE_MAX), NNG_ENOMEM);
}

TEST_F(Msg, CopyIsIndependent) {
    ASSERT_EQ(nng_msg_append(msg_, "body", 4), 0);
    ASSERT_EQ(nng_msg_header_append(msg_, "head", 4), 0);
    nng_msg* original = msg_;
    ASSERT_EQ(nng_msg_dup(&msg_, original), 0);
    nng_msg_free(original);
    EXPECT_EQ(body(), "body");
    EXPECT_EQ(header(), "head");
}

// The functions for numbers of one size in one part of a message. The tests call every function, because each function
// names its implementation by hand, and could name the wrong one.
template <class T>
struct NumberCalls {
    int (*append)(nng_msg*, T);
    int (*insert)(nng_msg*, T);
    int (*trim)(nng_msg*, T*);
    int (*chop)(nng_msg*, T*);
};

template <class T, class Text>
void check_numbers(nng_msg* msg, const NumberCalls<T>& calls, Text text) {
    constexpr T kFirst = static_cast<T>(0x8192'a3b4'c5d6'e7f8);
    constexpr T kSecond = static_cast<T>(0x0102'0304'0506'0708);
    const std::string first = std::string("\x81\x92\xa3\xb4\xc5\xd6\xe7\xf8").substr(8 - sizeof(T));
    const std::string second = std::string("\x01\x02\x03\x04\x05\x06\x07\x08").substr(8 - sizeof(T));
    T value = 0;
    EXPECT_EQ(calls.trim(msg, &value), NNG_EINVAL);
    EXPECT_EQ(calls.chop(msg, &value), NNG_EINVAL);
    EXPECT_EQ(calls.append(msg, kSecond), 0);
    EXPECT_EQ(calls.insert(msg, kFirst), 0);
    EXPECT_EQ(text(), first + second);
    EXPECT_EQ(calls.trim(msg, &value), 0);
    EXPECT_EQ(value, kFirst);
    EXPECT_EQ(calls.insert(msg, kFirst), 0);
    EXPECT_EQ(calls.chop(msg, &value), 0);
    EXPECT_EQ(value, kSecond);
    EXPECT_EQ(calls.chop(msg, &value), 0);
    EXPECT_EQ(value, kFirst);
    EXPECT_EQ(text(), "");
}

TEST_F(Msg, NumbersInTheBodyAreBigEndian) {
    const auto text = [this] { return body(); };
    check_numbers<std::uint16_t>(msg_, {nng_msg_append_u16, nng_msg_insert_u16, nng_msg_trim_u16, nng_msg_chop_u16},
                                 text);
    check_numbers<std::uint32_t>(msg_, {nng_msg_append_u32, nng_msg_insert_u32, nng_msg_trim_u32, nng_msg_chop_u32},
                                 text);
    check_numbers<std::uint64_t>(msg_, {nng_msg_append_u64, nng_msg_insert_u64, nng_msg_trim_u64, nng_msg_chop_u64},
                                 text);
    EXPECT_EQ(header(), "");
}

TEST_F(Msg, NumbersInTheHeaderAreBigEndian) {
    const auto text = [this] { return header(); };
    check_numbers<std::uint16_t>(
        msg_, {nng_msg_header_append_u16, nng_msg_header_insert_u16, nng_msg_header_trim_u16, nng_msg_header_chop_u16},
        text);
    check_numbers<std::uint32_t>(
        msg_, {nng_msg_header_append_u32, nng_msg_header_insert_u32, nng_msg_header_trim_u32, nng_msg_header_chop_u32},
        text);
    check_numbers<std::uint64_t>(
        msg_, {nng_msg_header_append_u64, nng_msg_header_insert_u64, nng_msg_header_trim_u64, nng_msg_header_chop_u64},
        text);
    EXPECT_EQ(body(), "");
}

TEST(MsgWithoutMemory, IsReportedAndLeavesThePointerAlone) {
    CountedLibrary library;
    nng_msg* msg = nullptr;
    ASSERT_EQ(nng_msg_alloc(&msg, 10), NNG_OK);
    nng_msg* const before = msg;
    library.fail(true);
    EXPECT_EQ(nng_msg_alloc(&msg, 10), NNG_ENOMEM);
    EXPECT_EQ(nng_msg_dup(&msg, msg), NNG_ENOMEM);
    EXPECT_EQ(nng_msg_append(msg, nullptr, 1000), NNG_ENOMEM);
    library.fail(false);
    EXPECT_EQ(msg, before);
    nng_msg_free(msg);
    nng_msg_free(nullptr);
}

TEST(MsgDeathTest, NullStopsTheProgramByName) {
    EXPECT_DEATH(nng_msg_len(nullptr), "nng_msg_len");
    EXPECT_DEATH(nng_msg_header_trim_u32(nullptr, nullptr), "nng_msg_header_trim_u32");
    nng_msg* copy = nullptr;
    EXPECT_DEATH(nng_msg_dup(&copy, nullptr), "nng_msg_dup");
}

}  // namespace
}  // namespace naio
