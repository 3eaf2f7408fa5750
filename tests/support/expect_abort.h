// Checks how a process ends that breaks the contract: it prints one line to stderr, and SIGABRT ends it.
#pragma once

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <ostream>
#include <regex>
#include <string>
#include <utility>

namespace support {

// A matcher for the text that a process has printed to stderr: all of it must match a regular expression.
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

// Matches one line that names `call`, and nothing else.
inline WasSaid a_line_naming(const std::string& call) { return WasSaid("[^\n]*\\b" + call + "\\b[^\n]*\n"); }

// Prints the address of the handle. A death test runs in a process of its own, where the handle has another address.
inline void print_handle(const void* handle) {
    std::fprintf(stderr, "handle 0x%zx\n", reinterpret_cast<std::size_t>(handle));
}

// Matches the line of print_handle, and then a line that names `call` and that handle and has more text behind it.
inline WasSaid a_line_naming_call_and_handle(const std::string& call) {
    return WasSaid("handle (0x[0-9a-f]+)\n[^\n]*\\b" + call + "\\b[^\n]*\\b\\1\\b[^\n]+\n");
}

}  // namespace support

#define EXPECT_ABORT(statement, message) EXPECT_EXIT(statement, testing::KilledBySignal(SIGABRT), message)
