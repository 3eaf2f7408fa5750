#include "io_program.h"

#include <naio/naio.h>

#include <array>
#include <cstdio>

#include "program.h"

namespace simulation {

namespace {

constexpr std::int32_t kPiece = 1 << 20;  // the max bytes of a file that the library moves in one system call

constexpr auto kKinds = static_cast<std::size_t>(Io::kEnd);

struct Kind {
    const char* name;
    unsigned weight;  // the relative frequency of the call
};

constexpr std::array<Kind, kKinds> kKindsOfCalls = {{{"nng_stream_listener_listen", 8},
                                                     {"nng_stream_listener_free", 1},
                                                     {"nng_stream_listener_close", 1},
                                                     {"nng_stream_listener_accept", 14},
                                                     {"nng_stream_dialer_dial", 14},
                                                     {"nng_stream_dialer_close", 1},
                                                     {"nng_stream_send", 14},
                                                     {"nng_stream_recv", 14},
                                                     {"naio_stream_send_all", 8},
                                                     {"naio_stream_recv_all", 8},
                                                     {"naio_stream_shutdown", 3},
                                                     {"nng_stream_close", 2},
                                                     {"nng_stream_free", 2},
                                                     {"nng_udp_send", 8},
                                                     {"nng_udp_recv", 6},
                                                     {"nng_udp_close and open", 1},
                                                     {"naio_file_open", 8},
                                                     {"naio_file_read", 5},
                                                     {"naio_file_write", 8},
                                                     {"naio_file_pread", 5},
                                                     {"naio_file_pwrite", 5},
                                                     {"naio_file_sync", 1},
                                                     {"naio_file_stat", 2},
                                                     {"naio_file_close", 3},
                                                     {"naio_file_free", 1},
                                                     {"nng_aio_cancel", 4},
                                                     {"naio_aio_cancel", 6},
                                                     {"nng_aio_stop", 2},
                                                     {"nng_aio_wait", 6},
                                                     {"pause", 4}}};

Io choose(Random& random) {
    unsigned total = 0;
    for (const Kind& kind : kKindsOfCalls) total += kind.weight;
    unsigned at = random.below(total);
    std::size_t what = 0;
    while (at >= kKindsOfCalls[what].weight) at -= kKindsOfCalls[what++].weight;
    return static_cast<Io>(what);
}

unsigned objects(Io what) {
    if (what <= Io::kCloseDialer) return kListeners;
    return what <= Io::kFreeStream ? kConnections : kUdpSockets;
}

std::int32_t flags_of_file(Random& random) {
    const unsigned how = random.of<unsigned>(
        {NAIO_FILE_READ, NAIO_FILE_WRITE, NAIO_FILE_READ | NAIO_FILE_WRITE, NAIO_FILE_READ | NAIO_FILE_WRITE});
    unsigned more = random.one_in(4) ? 0 : NAIO_FILE_CREATE;
    if (more != 0 && random.one_in(6)) more |= NAIO_FILE_EXCLUSIVE;
    if ((how & NAIO_FILE_WRITE) != 0 && random.one_in(4)) more |= NAIO_FILE_TRUNCATE;
    if ((how & NAIO_FILE_WRITE) != 0 && random.one_in(4)) more |= NAIO_FILE_APPEND;
    return static_cast<std::int32_t>(how | more);
}

std::int32_t value_of(Io what, Random& random) {
    switch (what) {
        case Io::kOpen:
            return flags_of_file(random);
        case Io::kCancelTyped:
            return static_cast<std::int32_t>(1 + random.below(7));
        case Io::kPause:
            return static_cast<std::int32_t>(random.below(3));
        case Io::kDial:
            return random.one_in(3) ? 1 : 0;
        case Io::kUdpSend:
        case Io::kUdpRecv:
            return static_cast<std::int32_t>(4 + random.below(60));
        case Io::kRead:
        case Io::kWrite:
            if (random.one_in(40)) return kPiece + (random.one_in(2) ? 1000 : 0);
            [[fallthrough]];
        default:
            return 1 + static_cast<std::int32_t>(random.below(random.one_in(4) ? 500 : 30));
    }
}

}  // namespace

IoProgram generate_io(std::uint64_t seed, unsigned length) {
    Random random(seed);
    IoProgram program;
    // The program listens first, because no call can accept or dial before that.
    for (std::uint8_t i = 0; i < kListeners; ++i) program.push_back({.what = Io::kListen, .object = i});
    while (program.size() < length) {
        IoCall call;
        call.what = choose(random);
        call.aio = static_cast<std::uint8_t>(random.below(kIoAios));
        call.object = static_cast<std::uint8_t>(random.below(objects(call.what)));
        call.value = value_of(call.what, random);
        call.timeout = random.of<std::int32_t>({-1, -1, -1, -1, 0, 1, 20});
        program.push_back(call);
    }
    return program;
}

const char* name(Io what) { return kKindsOfCalls[static_cast<std::size_t>(what)].name; }

std::string text(const IoCall& call) {
    std::array<char, 160> line;
    std::snprintf(line.data(), line.size(), "%-28s aio %u, object %u, value %d, timeout %d", name(call.what),
                  static_cast<unsigned>(call.aio), static_cast<unsigned>(call.object), static_cast<int>(call.value),
                  static_cast<int>(call.timeout));
    return line.data();
}

}  // namespace simulation
