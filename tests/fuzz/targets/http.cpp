// Fuzz target: gives the input to the parser of examples/httpd, as the head of an HTTP request that arrives in pieces.
// The result must not depend on the pieces. All parts of the parsed request must lie inside the input, and the path of
// its target must not lead out of the root.
#include <cstring>
#include <memory>

#include "content_type.h"
#include "http_request.h"
#include "input.h"
#include "range.h"
#include "target.h"

using fuzz::Input;

namespace {

// A copy of the bytes in a block of their exact size, so that AddressSanitizer notices a read behind the block.
struct Exact {
    explicit Exact(std::string_view from) : data(std::make_unique<char[]>(from.size())), size(from.size()) {
        std::memcpy(data.get(), from.data(), from.size());
    }
    std::unique_ptr<char[]> data;
    std::size_t size;
};

void expect_inside(const text& part, const Exact& bytes, std::size_t head) {
    if (part.size == 0) return;
    CHECK(part.at >= bytes.data.get() && part.at + part.size <= bytes.data.get() + head);
}

// Returns false if a part of the path is ".", ".." or empty. The last part may be empty.
bool is_clean(std::string_view path) {
    for (std::size_t at = 0; at <= path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view name = path.substr(at, end - at);
        const bool last = end == path.size();
        if (name == "." || name == ".." || (name.empty() && !last)) return false;
        at = end + 1;
    }
    return true;
}

void expect_a_path_below_the_root(const text& target) {
    char path[PATH_SIZE];
    const int status = target_to_path(target, path);
    CHECK(status == 200 || status == 400 || status == 414);
    if (status != 200) return;
    CHECK(std::strlen(path) + 1 < PATH_SIZE && path[0] != '/' && is_clean(path));
    CHECK(content_type(path) != nullptr);

    char encoded[TARGET_SIZE];
    path_to_target(path, encoded);
    char again[PATH_SIZE];
    CHECK(target_to_path({encoded, std::strlen(encoded)}, again) == 200);
    CHECK(std::strcmp(path, again) == 0);
}

void expect_a_part_of_the_file(const text& value, std::uint64_t file_size) {
    range part{};
    const int status = range_parse(value, file_size, &part);
    CHECK(status == 200 || status == 206 || status == 416);
    if (status != 206) return;
    CHECK(part.size > 0 && part.first < file_size && part.size <= file_size - part.first);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const unsigned shift = input.below(65);
    const std::uint64_t file_size = shift == 64 ? 0 : std::uint64_t{1} << shift;
    const std::string_view all = input.rest();
    const Exact bytes(all);
    http_request request{};
    std::size_t head = 0;
    const int status = http_request_parse(bytes.data.get(), bytes.size, &request, &head);
    CHECK(status == 0 || status == 200 || status == 400 || status == 431 || status == 505);

    // If the parser accepts the first half of the bytes, it must accept all of the bytes. If it refuses the first half,
    // it must refuse all of the bytes.
    const Exact half(all.substr(0, all.size() / 2));
    http_request early{};
    std::size_t early_head = 0;
    const int early_status = http_request_parse(half.data.get(), half.size, &early, &early_head);
    if (early_status == 200)
        CHECK(status == 200 && early_head == head && early.content_length == request.content_length);
    if (early_status == 200) CHECK(early.keep_alive == request.keep_alive && early.minor == request.minor);
    if (early_status >= 400) CHECK(status >= 400);
    if (status == 0) CHECK(early_status == 0);

    if (status == 200) {
        CHECK(head <= bytes.size && head > 0);
        for (const text& part :
             {request.method, request.target, request.range, request.if_range, request.if_modified_since})
            expect_inside(part, bytes, head);
        CHECK(request.minor == 0 || request.has_host);
        CHECK(!(request.chunked && request.has_length));
        CHECK(request.has_length || request.content_length == 0);
        const Exact exact(all.substr(0, head));
        CHECK(http_request_parse(exact.data.get(), exact.size, &early, &early_head) == 200 && early_head == head);
        expect_a_path_below_the_root(request.target);
        expect_a_part_of_the_file(request.range, file_size);
    }
    expect_a_path_below_the_root({bytes.data.get(), bytes.size});
    expect_a_part_of_the_file({bytes.data.get(), bytes.size}, file_size);
    return 0;
}
