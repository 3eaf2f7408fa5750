// Fuzz target: the input chooses calls on a message. Two strings model the message's header and body.
#include <nng/nng.h>

#include "input.h"

using fuzz::Input;

namespace {

struct Message {
    nng_msg* message = nullptr;
    std::string body, header;

    Message() { CHECK(nng_msg_alloc(&message, 0) == NNG_OK); }
    ~Message() { nng_msg_free(message); }

    [[nodiscard]] std::string_view real_body() const {
        return {static_cast<const char*>(nng_msg_body(message)), nng_msg_len(message)};
    }
    [[nodiscard]] std::string_view real_header() const {
        return {static_cast<const char*>(nng_msg_header(message)), nng_msg_header_len(message)};
    }
};

constexpr std::size_t kHeader = 64;

std::string big_endian(std::uint64_t value, std::size_t size) {
    std::string text;
    for (std::size_t i = size; i-- > 0;) text.push_back(static_cast<char>(value >> (8 * i)));
    return text;
}

// Returns a size that is usually small.
std::size_t some_size(Input& input) {
    const std::size_t size = input.byte();
    return size < 250 ? size : (size - 249) * 1000;
}

// If there was room for `what`, expects that the call has succeeded, and adds `what` to the string. Otherwise expects
// NNG_EINVAL.
void added(int result, std::string& to, std::string_view what, bool at_front, std::size_t room) {
    if (what.size() > room) {
        CHECK(result == NNG_EINVAL);
    } else {
        CHECK(result == NNG_OK);
        to.insert(at_front ? 0 : to.size(), what);
    }
}

std::string removed(int result, std::string& from, std::size_t size, bool at_front) {
    if (size > from.size()) {
        CHECK(result == NNG_EINVAL);
        return {};
    }
    CHECK(result == NNG_OK);
    const std::size_t at = at_front ? 0 : from.size() - size;
    const std::string part = from.substr(at, size);
    from.erase(at, size);
    return part;
}

template <class Number>
struct Calls {
    int (*append)(nng_msg*, Number);
    int (*insert)(nng_msg*, Number);
    int (*chop)(nng_msg*, Number*);
    int (*trim)(nng_msg*, Number*);
};

template <class Number>
void number(Input& input, Message& m, const Calls<Number>& calls, std::string& model, std::size_t room) {
    const unsigned which = input.below(4);
    const bool at_front = which % 2 != 0;
    if (which < 2) {
        const auto value = input.number<Number>();
        const int result = (at_front ? calls.insert : calls.append)(m.message, value);
        return added(result, model, big_endian(value, sizeof(Number)), at_front, room - model.size());
    }
    constexpr Number kUntouched = 0x5A;
    Number value = kUntouched;
    const bool there = model.size() >= sizeof(Number);
    const int result = (at_front ? calls.trim : calls.chop)(m.message, &value);
    const std::string part = removed(result, model, sizeof(Number), at_front);
    CHECK(there ? big_endian(value, sizeof(Number)) == part : value == kUntouched);
}

void header_call(Input& input, Message& m) {
    const std::size_t room = kHeader - m.header.size();
    switch (input.below(8)) {
        case 0: {
            const std::string_view what = input.bytes(input.below(70));
            return added(nng_msg_header_append(m.message, what.data(), what.size()), m.header, what, false, room);
        }
        case 1: {
            const std::string_view what = input.bytes(input.below(70));
            return added(nng_msg_header_insert(m.message, what.data(), what.size()), m.header, what, true, room);
        }
        case 2: {
            const std::size_t size = input.below(70);
            removed(nng_msg_header_chop(m.message, size), m.header, size, false);
            return;
        }
        case 3: {
            const std::size_t size = input.below(70);
            removed(nng_msg_header_trim(m.message, size), m.header, size, true);
            return;
        }
        case 4:
            return number<std::uint16_t>(input, m,
                                         {nng_msg_header_append_u16, nng_msg_header_insert_u16, nng_msg_header_chop_u16,
                                          nng_msg_header_trim_u16},
                                         m.header, kHeader);
        case 5:
            return number<std::uint32_t>(input, m,
                                         {nng_msg_header_append_u32, nng_msg_header_insert_u32, nng_msg_header_chop_u32,
                                          nng_msg_header_trim_u32},
                                         m.header, kHeader);
        case 6:
            return number<std::uint64_t>(input, m,
                                         {nng_msg_header_append_u64, nng_msg_header_insert_u64, nng_msg_header_chop_u64,
                                          nng_msg_header_trim_u64},
                                         m.header, kHeader);
        default:
            nng_msg_header_clear(m.message);
            m.header.clear();
    }
}

// Adds a part of the body to the body itself.
void add_own_bytes(Input& input, Message& m) {
    const std::size_t at = m.body.empty() ? 0 : some_size(input) % m.body.size();
    const std::size_t size = std::min(some_size(input), m.body.size() - at);
    const std::string part = m.body.substr(at, size);
    const auto* const own = static_cast<const char*>(nng_msg_body(m.message)) + at;
    const bool at_front = input.below(2) != 0;
    const int result = (at_front ? nng_msg_insert : nng_msg_append)(m.message, own, size);
    added(result, m.body, part, at_front, SIZE_MAX);
}

void change_size(Input& input, Message& m) {
    const std::size_t size = some_size(input);
    CHECK(nng_msg_realloc(m.message, size) == NNG_OK);
    CHECK(nng_msg_len(m.message) == size);
    const std::size_t kept = std::min(size, m.body.size());
    CHECK(m.real_body().substr(0, kept) == std::string_view(m.body).substr(0, kept));
    m.body = m.real_body();  // the new bytes may have any value
}

void body_call(Input& input, Message& m) {
    switch (input.below(12)) {
        case 0: {
            const std::string_view what = input.bytes(some_size(input));
            return added(nng_msg_append(m.message, what.data(), what.size()), m.body, what, false, SIZE_MAX);
        }
        case 1: {
            const std::string_view what = input.bytes(some_size(input));
            return added(nng_msg_insert(m.message, what.data(), what.size()), m.body, what, true, SIZE_MAX);
        }
        case 2: {
            const std::size_t size = some_size(input);
            removed(nng_msg_chop(m.message, size), m.body, size, false);
            return;
        }
        case 3: {
            const std::size_t size = some_size(input);
            removed(nng_msg_trim(m.message, size), m.body, size, true);
            return;
        }
        case 4:
            return number<std::uint16_t>(input, m,
                                         {nng_msg_append_u16, nng_msg_insert_u16, nng_msg_chop_u16, nng_msg_trim_u16},
                                         m.body, SIZE_MAX);
        case 5:
            return number<std::uint32_t>(input, m,
                                         {nng_msg_append_u32, nng_msg_insert_u32, nng_msg_chop_u32, nng_msg_trim_u32},
                                         m.body, SIZE_MAX);
        case 6:
            return number<std::uint64_t>(input, m,
                                         {nng_msg_append_u64, nng_msg_insert_u64, nng_msg_chop_u64, nng_msg_trim_u64},
                                         m.body, SIZE_MAX);
        case 7:
            return add_own_bytes(input, m);
        case 8:
            return change_size(input, m);
        case 9: {
            const std::size_t capacity = some_size(input);
            CHECK(nng_msg_reserve(m.message, capacity) == NNG_OK && nng_msg_capacity(m.message) >= capacity);
            return;
        }
        case 10: {  // a copy takes the place of the message
            nng_msg* copy = nullptr;
            CHECK(nng_msg_dup(&copy, m.message) == NNG_OK);
            nng_msg_free(m.message);
            m.message = copy;
            return;
        }
        default:
            nng_msg_clear(m.message);
            m.body.clear();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kLarge = 100'000;
    Input input(data, size);
    Message m;
    while (!input.empty() && m.body.size() < kLarge) {
        input.below(3) == 0 ? header_call(input, m) : body_call(input, m);
        CHECK(m.real_body() == m.body);
        CHECK(m.real_header() == m.header);
        CHECK(nng_msg_capacity(m.message) >= m.body.size());
    }
    return 0;
}
