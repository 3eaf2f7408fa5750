// The schemes over which the tests run.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace streams {

struct Scheme {
    const char* name;
    int family;          // AF_INET, AF_INET6 or AF_UNIX
    const char* listen;  // the URL to listen on; "?" stands for a name that no other test uses

    [[nodiscard]] bool is(const std::string& other) const { return name == other; }
    [[nodiscard]] bool dials() const { return !is("socket"); }  // true if it has dialers and addresses
    [[nodiscard]] bool tcp() const { return is("tcp") || is("tcp6"); }
    [[nodiscard]] bool file() const { return is("ipc") || is("unix"); }  // true if its address is a file
};

// True if this machine can connect to itself by IPv6.
bool has_ipv6();

// Returns all schemes that this machine has. Most test cases need only connected streams, and run over each scheme.
const std::vector<Scheme>& all_schemes();

// Return the schemes that have dialers, the schemes that have IP addresses, and the schemes whose addresses are files.
const std::vector<Scheme>& dialing_schemes();
const std::vector<Scheme>& tcp_schemes();
const std::vector<Scheme>& file_schemes();

inline std::ostream& operator<<(std::ostream& out, const Scheme& scheme) { return out << scheme.name; }

}  // namespace streams
