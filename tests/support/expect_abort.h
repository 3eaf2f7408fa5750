// Checks that a process which breaks the contract prints one line to stderr, and that SIGABRT ends the process.
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

// Matches a text that is a single line, which names `call`.
inline WasSaid a_line_naming(const std::string& call) { return WasSaid("[^\n]*\\b" + call + "\\b[^\n]*\n"); }

// Prints the address of the handle to stderr, for a_line_naming_call_and_handle. The statement of a death test runs in
// a process of its own, where the handle has another address than in the process of the matcher.
inline void print_handle(const void* handle) {
    std::fprintf(stderr, "handle 0x%zx\n", reinterpret_cast<std::size_t>(handle));
}

// Matches two lines. The first is that of print_handle. The second names `call`, then the handle, and has more text
// after them.
inline WasSaid a_line_naming_call_and_handle(const std::string& call) {
    return WasSaid("handle (0x[0-9a-f]+)\n[^\n]*\\b" + call + "\\b[^\n]*\\b\\1\\b[^\n]+\n");
}

}  // namespace support

#define EXPECT_ABORT(statement, message) EXPECT_EXIT(statement, testing::KilledBySignal(SIGABRT), message)
