#include "byte_log.h"

#include <algorithm>

#include "program.h"

namespace simulation {

namespace {

constexpr std::size_t kDistinctive = 4;  // the number of bytes that show which end has sent them

bool could_be_from(const std::vector<std::uint8_t>& received, const End& sender, bool all) {
    if (received.size() > sender.sent.size() || (all && received.size() != sender.sent.size())) return false;
    return std::equal(received.begin(), received.end(), sender.sent.begin());
}

}  // namespace

std::uint8_t byte_of(std::uint64_t operation, std::size_t place) {
    return static_cast<std::uint8_t>(Random(operation * 0x10001 + place / 4).next() >> (8 * (place % 4)));
}

std::string wrong_bytes(const std::deque<End>& ends) {
    for (const End& each : ends) {
        if (each.received.size() < kDistinctive) continue;
        const auto is_peer = [&](const End& other) {
            return other.dialed != each.dialed && other.listener == each.listener &&
                   could_be_from(each.received, other, each.saw_end) &&
                   could_be_from(other.received, each, other.saw_end);
        };
        if (std::any_of(ends.begin(), ends.end(), is_peer)) continue;
        return std::string("a stream that was ") + (each.dialed ? "dialed" : "accepted") + " has received " +
               std::to_string(each.received.size()) + " bytes" + (each.saw_end ? " and the end" : "") +
               ", and no peer has sent these bytes";
    }
    return {};
}

}  // namespace simulation
