// Death by a broken contract: one line on stderr, then SIGABRT.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <ostream>
#include <regex>
#include <string>
#include <utility>

namespace support {

// A matcher for what a program said on stderr, by a regular expression for all of it.
class WasSaid {
  public:
    using is_gtest_matcher = void;

    explicit WasSaid(std::string pattern) : pattern_(std::move(pattern)) {}

    bool MatchAndExplain(const std::string& said, std::ostream* /*listener*/) const {
        return std::regex_match(said, std::regex(pattern_));
    }
    void DescribeTo(std::ostream* out) const { *out << "is all of " << pattern_; }
    void DescribeNegationTo(std::ostream* out) const { *out << "is not all of " << pattern_; }

  private:
    std::string pattern_;
};

// One line and nothing else, in which `call` is named.
inline WasSaid a_line_naming(const std::string& call) { return WasSaid("[^\n]*\\b" + call + "\\b[^\n]*\n"); }

// A death test runs in a process of its own, where the handle has another address than here.
inline void tell_handle(const void* handle) {
    std::fprintf(stderr, "handle 0x%zx\n", reinterpret_cast<std::size_t>(handle));
}

// The line of tell_handle, and then one that names `call`, the handle that was told, and what more there is to say.
inline WasSaid a_line_naming_call_and_handle(const std::string& call) {
    return WasSaid("handle (0x[0-9a-f]+)\n[^\n]*\\b" + call + "\\b[^\n]*\\b\\1\\b[^\n]+\n");
}

}  // namespace support

#define EXPECT_ABORT(statement, message) EXPECT_EXIT(statement, testing::KilledBySignal(SIGABRT), message)
