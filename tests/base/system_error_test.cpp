// Tests how errno values become error codes.
#include "base/system_error.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "base/error.h"

namespace naio {
namespace {

TEST(SystemError, WhatNngHasACodeForHasThatCode) {
    EXPECT_EQ(system_error(0), NNG_OK);
    EXPECT_EQ(system_error(EAGAIN), NNG_EAGAIN);
    EXPECT_EQ(system_error(EWOULDBLOCK), NNG_EAGAIN);
    EXPECT_EQ(system_error(EINTR), NNG_EINTR);
    EXPECT_EQ(system_error(EBUSY), NNG_EBUSY);
    EXPECT_EQ(system_error(EPROTO), NNG_EPROTO);
    EXPECT_EQ(system_error(ECONNABORTED), NNG_ECONNABORTED);
    EXPECT_EQ(system_error(ECONNREFUSED), NNG_ECONNREFUSED);
    EXPECT_EQ(system_error(EMFILE), NNG_ENOFILES);
    EXPECT_EQ(system_error(ENFILE), NNG_ENOFILES);
    EXPECT_EQ(system_error(EPIPE), NNG_ECLOSED);
    EXPECT_EQ(system_error(EACCES), NNG_EPERM);
    EXPECT_EQ(system_error(EDQUOT), NNG_ENOSPC);
    EXPECT_EQ(system_error(EMSGSIZE), NNG_EMSGSIZE);
    EXPECT_EQ(system_error(EADDRNOTAVAIL), NNG_EADDRINVAL);
}

TEST(SystemError, OthersKeepTheirNumberAndTheirText) {
    EXPECT_EQ(system_error(EISDIR), NNG_ESYSERR | EISDIR);
    EXPECT_STREQ(error_text(system_error(EISDIR)), "Is a directory");
}

}  // namespace
}  // namespace naio
