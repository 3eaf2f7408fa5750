// Tests the encodings and paths in URLs.
#include "io/url_text.h"

#include <gtest/gtest.h>

#include <string>

namespace naio {
namespace {

std::optional<std::string> decoded(std::string_view text, std::size_t room) {
    std::string to(room + 1, 'x');
    const auto size = percent_decode(text, to.data(), room);
    EXPECT_EQ(to[room], 'x') << "a byte was written behind the end";
    if (!size) return std::nullopt;
    return to.substr(0, *size);
}

TEST(PercentDecode, DecodesWhatIsEncoded) {
    EXPECT_EQ(decoded("abc", 3), "abc");
    EXPECT_EQ(decoded("x%00y", 3), std::string("x\0y", 3));
    EXPECT_EQ(decoded("%3987", 3), "987");
    EXPECT_EQ(decoded("78%39", 3), "789");
    EXPECT_EQ(decoded("%fF%Ff", 5), "\xff\xff");
    EXPECT_EQ(decoded("", 5), "");
}

TEST(PercentDecode, NeedsRoomAndTwoDigits) {
    EXPECT_EQ(decoded("78%39", 2), std::nullopt);
    for (const char* text : {"78%", "78%1", "78%xy", "78%1$", "%%20", "%0\0"})
        EXPECT_EQ(decoded(text, 10), std::nullopt) << text;
}

std::optional<std::string> normalized(std::string_view text) {
    std::string to(text.size(), 'x');
    TextWriter writer{to.data()};
    if (!percent_normalize(text, writer)) return std::nullopt;
    return to.substr(0, static_cast<std::size_t>(writer.at() - to.data()));
}

TEST(PercentNormalize, DecodesOnlyWhatNeedsNoEncoding) {
    EXPECT_EQ(normalized("%41%7a%30%2d%2E%5f%7E"), "Az0-._~");
    EXPECT_EQ(normalized("a%2fb%3f%00%20"), "a%2Fb%3F%00%20");
    EXPECT_EQ(normalized("%c2%a2"), "\xc2\xa2");
    EXPECT_EQ(normalized("a/b?c"), "a/b?c");
    EXPECT_EQ(normalized("%2"), std::nullopt);
    EXPECT_EQ(normalized("%2g"), std::nullopt);
}

std::string resolved(std::string path) {
    path.resize(resolve_path(path.data(), path.size()));
    return path;
}

TEST(ResolvePath, RemovesDotsAndSlashes) {
    EXPECT_EQ(resolved(""), "");
    EXPECT_EQ(resolved("/"), "/");
    EXPECT_EQ(resolved("/a"), "/a");
    EXPECT_EQ(resolved("/a/"), "/a/");
    EXPECT_EQ(resolved("//a///b//"), "/a/b/");
    EXPECT_EQ(resolved("/."), "/");
    EXPECT_EQ(resolved("/.."), "/");
    EXPECT_EQ(resolved("/a/."), "/a/");
    EXPECT_EQ(resolved("/a/.."), "/");
    EXPECT_EQ(resolved("/a/b/.."), "/a/");
    EXPECT_EQ(resolved("/a/./b/../c"), "/a/c");
    EXPECT_EQ(resolved("/../../a"), "/a");
    EXPECT_EQ(resolved("//abc/def/./x/..///./../y"), "/abc/y");
    EXPECT_EQ(resolved("/a/b/c/./../../g"), "/a/g") << "RFC 3986, 5.2.4";
    EXPECT_EQ(resolved("/.a/..b/c./d../..."), "/.a/..b/c./d../...");
}

TEST(Utf8, TakesEveryCharacterInItsShortestForm) {
    EXPECT_TRUE(valid_utf8(""));
    EXPECT_TRUE(valid_utf8("abc"));
    for (const char* good : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
                             "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        EXPECT_TRUE(valid_utf8(good));
    for (const char* bad : {"\x80", "\xbf", "\xc0\x81", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf",
                            "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xc2", "\xe1\x80",
                            "\xf1\x80\x80", "\xc2x", "\xe1\x80x", "a\xc2"})
        EXPECT_FALSE(valid_utf8(bad));
}

TEST(Printable, HasNoControlCharactersAndNoSpaces) {
    EXPECT_TRUE(printable("abc~\xc2\xa2"));
    EXPECT_FALSE(printable("a b"));
    EXPECT_FALSE(printable("a\x7f"));
    EXPECT_FALSE(printable("a\n"));
    EXPECT_FALSE(printable(std::string_view("\0", 1)));
}

}  // namespace
}  // namespace naio
