// Expectations about a text and about lines of text.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace support {

// True if the text contains the part.
inline testing::AssertionResult has(const std::string& text, const std::string& part) {
    if (text.find(part) != std::string::npos) return testing::AssertionSuccess() << '"' << part << "\" is in: " << text;
    return testing::AssertionFailure() << '"' << part << "\" is not in: " << text;
}

// True if one of the lines contains the part.
inline testing::AssertionResult any_has(const std::vector<std::string>& lines, const std::string& part) {
    std::string all;
    for (const std::string& line : lines) {
        if (line.find(part) != std::string::npos)
            return testing::AssertionSuccess() << '"' << part << "\" is in: " << line;
        all += '\n' + line;
    }
    return testing::AssertionFailure() << '"' << part << "\" is in none of these lines:" << all;
}

}  // namespace support
