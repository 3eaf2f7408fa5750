// Tests the parts of examples/httpd that make no system call.
#include <gtest/gtest.h>

#include <string>

#include "content_type.h"
#include "http_request.h"
#include "range.h"
#include "response.h"
#include "target.h"

namespace {

struct Parsed {
    int status;
    http_request request;
    std::size_t size;
};

Parsed parse(const std::string& head) {
    Parsed parsed{};
    parsed.status = http_request_parse(head.data(), head.size(), &parsed.request, &parsed.size);
    return parsed;
}

int status_of(const std::string& head) { return parse(head).status; }

std::string string_of(text text) { return {text.at, text.size}; }

text text_of(const std::string& string) { return {string.data(), string.size()}; }

const std::string kGet = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";

TEST(HttpRequest, HasMethodTargetAndSize) {
    const std::string head = kGet + "GET /next";
    const Parsed parsed = parse(head);
    EXPECT_EQ(parsed.status, 200);
    EXPECT_EQ(string_of(parsed.request.method), "GET");
    EXPECT_EQ(string_of(parsed.request.target), "/a");
    EXPECT_EQ(parsed.size, kGet.size());
}

TEST(HttpRequest, IsIncompleteUntilTheLastByteOfTheHead) {
    for (std::size_t size = 0; size < kGet.size(); ++size) EXPECT_EQ(status_of(kGet.substr(0, size)), 0) << size;
}

TEST(HttpRequest, IsRefusedByItsFirstByteIfItCannotBeOne) {
    EXPECT_EQ(status_of("\x16\x03\x01"), 400);  // TLS
    EXPECT_EQ(status_of(std::string("\r\n\0", 3)), 400);
    EXPECT_EQ(status_of(" "), 400);
    EXPECT_EQ(status_of("\r\n\r"), 0);
}

TEST(HttpRequest, MayComeAfterOneEmptyLine) {
    EXPECT_EQ(status_of("\r\n" + kGet), 200);
    EXPECT_EQ(status_of("\r\n\r\n" + kGet), 400);
}

TEST(HttpRequest, KeepsTheConnectionAsItsVersionSays) {
    EXPECT_TRUE(parse(kGet).request.keep_alive);
    EXPECT_FALSE(parse("GET / HTTP/1.0\r\n\r\n").request.keep_alive);
    EXPECT_TRUE(parse("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").request.keep_alive);
    EXPECT_FALSE(parse("GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade , Close\r\n\r\n").request.keep_alive);
}

TEST(HttpRequest, NeedsOneHostInVersion11) {
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\n\r\n"), 400);
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n"), 400);
}

TEST(HttpRequest, OfAnotherVersionIsRefused) { EXPECT_EQ(status_of("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), 505); }

TEST(HttpRequest, IsRefusedIfItCanBeReadInTwoWays) {
    for (const std::string line :
         {"GET /\r\n", "GET  / HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n", "GET / HTTP/1.1\n", "GET / http/1.1\r\n",
          "G@T / HTTP/1.1\r\n", " GET / HTTP/1.1\r\n", "GET /\t HTTP/1.1\r\n", "GET /\xc3\xa4 HTTP/1.1\r\n"})
        EXPECT_EQ(status_of(line + "Host: x\r\n\r\n"), 400) << line;
    for (const std::string field :
         {"A : b\r\n", " A: b\r\n", "A\r\n", ": b\r\n", "A: b\n", "A: b\rc\r\n", "A: \x01\r\n",
          "Content-Length: -1\r\n", "Content-Length: +1\r\n", "Content-Length: 1, 1\r\n", "Content-Length:\r\n",
          "Content-Length: 1\r\nContent-Length: 2\r\n", "Content-Length: 99999999999999999999\r\n",
          "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"})
        EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: x\r\n" + field + "\r\n"), 400) << field;
    EXPECT_EQ(status_of("GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(1, '\0') + "\r\n\r\n"), 400);
}

TEST(HttpRequest, WithTooManyFieldsIsRefused) {
    std::string head = "GET / HTTP/1.1\r\nHost: x\r\n";
    for (int i = 1; i < HTTP_FIELDS_MAX; ++i) head += "a: b\r\n";
    EXPECT_EQ(status_of(head + "\r\n"), 200);
    EXPECT_EQ(status_of(head + "a: b\r\n\r\n"), 431);
}

TEST(HttpRequest, TellsOfItsBody) {
    const http_request request =
        parse("PUT / HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n").request;
    EXPECT_EQ(request.content_length, 12u);
    EXPECT_TRUE(request.expects);
    EXPECT_TRUE(parse("PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n").request.chunked);
}

struct Path {
    int status;
    std::string path;
};

Path path_of(const std::string& target) {
    char path[PATH_SIZE] = "";
    const int status = target_to_path(text_of(target), path);
    return {status, path};
}

TEST(Target, BecomesAPath) {
    EXPECT_EQ(path_of("/").path, "");
    EXPECT_EQ(path_of("/a/b.html").path, "a/b.html");
    EXPECT_EQ(path_of("/a/").path, "a/");
    EXPECT_EQ(path_of("/a%20b%C3%A4?c=/../..").path, "a b\xc3\xa4");
    EXPECT_EQ(path_of("http://host:80/a").path, "a");
    EXPECT_EQ(path_of("HTTP://host").path, "");
    EXPECT_EQ(path_of("HTTP://host?q").status, 200);
}

TEST(Target, LosesItsDotsAndDoubleSlashes) {
    EXPECT_EQ(path_of("//a///b").path, "a/b");
    EXPECT_EQ(path_of("/./a/./b/.").path, "a/b/");
    EXPECT_EQ(path_of("/a/../b").path, "b");
    EXPECT_EQ(path_of("/a/b/..").path, "a/");
    EXPECT_EQ(path_of("/a/%2e%2E/b").path, "b");
    EXPECT_EQ(path_of("/a/...").path, "a/...");
    EXPECT_EQ(path_of("/..a/b..").path, "..a/b..");
}

TEST(Target, ThatLeadsOutOfTheRootIsRefused) {
    for (const std::string target : {"/..", "/../a", "/a/../..", "/a/../../b", "/%2e%2e/a", "/..%2fa", "/%2e%2e%2fa",
                                     "/a/..//../b", "//../a", "/./../a"})
        EXPECT_EQ(path_of(target).status, 400) << target;
}

TEST(Target, ThatIsMalformedIsRefused) {
    for (const std::string target :
         {"", "*", "a", "?a", "#", "/%", "/%1", "/%g0", "/%0g", "/%00", "/a%00b", "https://host/", "http:/a"})
        EXPECT_EQ(path_of(target).status, 400) << target;
}

TEST(Target, ThatIsTooLongIsRefused) {
    EXPECT_EQ(path_of("/" + std::string(PATH_SIZE - 2, 'a')).status, 200);
    EXPECT_EQ(path_of("/" + std::string(PATH_SIZE - 1, 'a')).status, 414);
}

TEST(Target, IsMadeOfAPath) {
    char target[TARGET_SIZE];
    for (const std::string path : {"", "a/b", "a b/\xc3\xa4", "%?#\"<>\r\n"}) {
        path_to_target(path.c_str(), target);
        EXPECT_EQ(path_of(target).path, path);
    }
    path_to_target("a b\n", target);
    EXPECT_STREQ(target, "/a%20b%0A");
    path_to_target(std::string(PATH_SIZE - 1, ' ').c_str(), target);
    EXPECT_EQ(std::string(target).size(), 1u + 3 * (PATH_SIZE - 1));
}

struct Part {
    int status;
    std::uint64_t first;
    std::uint64_t size;
    bool operator==(const Part&) const = default;
};

Part part(const std::string& value, std::uint64_t file_size = 100) {
    range range;
    const int status = range_parse(text_of(value), file_size, &range);
    return {status, range.first, range.size};
}

TEST(Range, IsPartOfTheFile) {
    EXPECT_EQ(part("bytes=0-0"), (Part{206, 0, 1}));
    EXPECT_EQ(part("bytes=10-19"), (Part{206, 10, 10}));
    EXPECT_EQ(part("bytes=90-"), (Part{206, 90, 10}));
    EXPECT_EQ(part("bytes=90-1000"), (Part{206, 90, 10}));
    EXPECT_EQ(part("bytes=-10"), (Part{206, 90, 10}));
    EXPECT_EQ(part("bytes=-1000"), (Part{206, 0, 100}));
}

TEST(Range, BehindTheFileIsNotSatisfiable) {
    EXPECT_EQ(part("bytes=100-").status, 416);
    EXPECT_EQ(part("bytes=-0").status, 416);
    EXPECT_EQ(part("bytes=0-", 0).status, 416);
    EXPECT_EQ(part("bytes=-1", 0).status, 416);
}

TEST(Range, ThatIsNotUnderstoodIsTheWholeFile) {
    for (const std::string value : {"", "bytes=", "bytes=-", "bytes=1", "bytes=5-4", "bytes=a-b", "lines=1-2",
                                    "bytes=0-1,3-4", "bytes=0-1 ", "bytes=99999999999999999999-"})
        EXPECT_EQ(part(value), (Part{200, 0, 100})) << value;
}

TEST(ContentType, GoesByTheExtension) {
    EXPECT_STREQ(content_type("a/b.html"), "text/html; charset=utf-8");
    EXPECT_STREQ(content_type("A.PNG"), "image/png");
    EXPECT_STREQ(content_type("a.html/b"), "application/octet-stream");
    EXPECT_STREQ(content_type("html"), "application/octet-stream");
    EXPECT_STREQ(content_type("a."), "application/octet-stream");
}

TEST(HttpDate, IsTheOneOfTheStandard) {
    char date[HTTP_DATE_SIZE];
    http_date(784111777, date);
    EXPECT_STREQ(date, "Sun, 06 Nov 1994 08:49:37 GMT");
}

std::string head_of(const response& response) {
    char head[RESPONSE_HEAD_SIZE];
    return {head, response_head(&response, 784111777, head)};
}

TEST(ResponseHead, IsComplete) {
    response response{};
    response.status = 206;
    response.minor = 1;
    response.keep_alive = true;
    response.type = "text/plain";
    response.length = 10;
    response.modified = 784111777;
    response.range = {90, 10};
    response.file_size = 100;
    EXPECT_EQ(head_of(response),
              "HTTP/1.1 206 Partial Content\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n"
              "Content-Length: 10\r\nContent-Range: bytes 90-99/100\r\nAccept-Ranges: bytes\r\n"
              "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\n");
}

TEST(ResponseHead, HasRoomForTheLongestLocation) {
    char target[TARGET_SIZE];
    path_to_target(std::string(PATH_SIZE - 1, ' ').c_str(), target);
    response response{};
    response.status = 301;
    response.type = "text/plain; charset=utf-8";
    response.location = target;
    EXPECT_TRUE(head_of(response).ends_with("Connection: close\r\n\r\n"));
    EXPECT_NE(head_of(response).find(target), std::string::npos);
}

}  // namespace
