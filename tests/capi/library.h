// Starts the library with memory functions that count the blocks, check the sizes of blocks that are freed, and fail
// while a test says so.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <cstddef>

#include "support/ledger.h"
#include "support/library.h"

namespace naio {

class CountedLibrary {
  public:
    CountedLibrary() {
        support::bring_library_down();
        support::Ledger::open();
        const nng_init_params params = support::Ledger::params();
        EXPECT_EQ(nng_init(&params), NNG_OK);
        in_use_before_ = in_use();
    }
    CountedLibrary(const CountedLibrary&) = delete;
    CountedLibrary& operator=(const CountedLibrary&) = delete;
    ~CountedLibrary() {
        fail(false);
        EXPECT_EQ(in_use(), in_use_before_) << "leaked";
        nng_fini();
        EXPECT_EQ(support::Ledger::wrong_sizes, 0);
    }

    static void fail(bool on) { support::Ledger::fail_from(on ? 1 : support::Ledger::kNever); }
    [[nodiscard]] static std::size_t in_use() { return static_cast<std::size_t>(support::Ledger::blocks); }

  private:
    std::size_t in_use_before_ = 0;
};

}  // namespace naio
