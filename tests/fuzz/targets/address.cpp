// Fuzz target: makes an address from the input. Both the address's text and the system's form of the address must lead
// back to an equal address.
#include "io/address.h"

#include <arpa/inet.h>
#include <nng/nng.h>

#include <cstring>

#include "input.h"

using fuzz::Input;

namespace {

nng_sockaddr some_address(Input& input) {
    nng_sockaddr address;
    std::memset(&address, 0, sizeof(address));
    const unsigned which = input.below(7);
    address.s_family = static_cast<std::uint16_t>(which < 6 ? which : input.number<std::uint16_t>());
    const std::string_view rest = input.rest();
    char* const after_family = reinterpret_cast<char*>(&address) + sizeof(address.s_family);
    std::memcpy(after_family, rest.data(), std::min(rest.size(), sizeof(address) - sizeof(address.s_family)));
    return address;
}

// Returns the text of the address. nng_str_sockaddr writes it to a buffer of exactly `size` bytes, so that
// AddressSanitizer notices a write behind the buffer.
std::string text_of(const nng_sockaddr& address, std::size_t size) {
    auto* const buffer = static_cast<char*>(std::malloc(size == 0 ? 1 : size));
    CHECK(nng_str_sockaddr(&address, buffer, size) == buffer);
    const std::string text = size == 0 ? std::string() : std::string(buffer);
    CHECK(size == 0 || text.size() < size);
    std::free(buffer);
    return text;
}

void expect_every_cut_to_be_a_prefix(const nng_sockaddr& address, const std::string& text, std::size_t size) {
    const std::string cut = text_of(address, size);
    CHECK(cut == text.substr(0, size == 0 ? 0 : size - 1));
}

bool has_numbers(const nng_sockaddr& address) {
    return address.s_family == NNG_AF_INET || address.s_family == NNG_AF_INET6;
}

// Reads the text, such as "1.2.3.4:80" or "[::1]:80", as a host and a port, and expects the address.
void expect_the_text_to_be_the_address(const nng_sockaddr& address, const std::string& text) {
    if (!has_numbers(address)) return;
    // inet_pton does not read a scope.
    if (address.s_family == NNG_AF_INET6 && address.s_in6.sa_scope != 0) return;
    const std::size_t colon = text.rfind(':');
    CHECK(colon != text.npos);
    std::string host = text.substr(0, colon);
    if (host.front() == '[') host = host.substr(1, host.size() - 2);
    const unsigned long port = std::strtoul(text.c_str() + colon + 1, nullptr, 10);
    CHECK(port == nng_sockaddr_port(&address));
    nng_sockaddr read = address;
    const bool is_four = address.s_family == NNG_AF_INET;
    CHECK(is_four ? inet_pton(AF_INET, host.c_str(), &read.s_in.sa_addr) == 1
                  : inet_pton(AF_INET6, host.c_str(), read.s_in6.sa_addr) == 1);
    CHECK(nng_sockaddr_equal(&read, &address));
}

void expect_the_system_to_give_it_back(const nng_sockaddr& address) {
    naio::SystemAddress system;
    if (!naio::to_system(address, system)) return;
    CHECK(system.size <= sizeof(system.storage));
    nng_sockaddr back{};
    CHECK(naio::from_system(system, back));
    // Only these addresses must be equal: the system may choose the name of an abstract address, and a path may be cut.
    if (has_numbers(address)) CHECK(nng_sockaddr_equal(&address, &back));
    if (nng_sockaddr_equal(&address, &back)) CHECK(nng_sockaddr_hash(&address) == nng_sockaddr_hash(&back));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Input input(data, size);
    const std::size_t cut = input.byte();
    const nng_sockaddr address = some_address(input);
    const std::string text = text_of(address, 1000);
    expect_every_cut_to_be_a_prefix(address, text, cut);
    expect_the_text_to_be_the_address(address, text);
    expect_the_system_to_give_it_back(address);
    CHECK(nng_sockaddr_hash(&address) != 0);
    nng_sockaddr copy = address;
    const bool equal = nng_sockaddr_equal(&address, &copy);
    CHECK(equal || address.s_family == NNG_AF_UNSPEC || address.s_family > NNG_AF_ABSTRACT);
    return 0;
}
