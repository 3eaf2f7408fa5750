// Programs of input and output as data: the calls that one thread makes to listeners, dialers, streams, UDP sockets and
// files. Unlike the programs of program.h, these programs do not wait for the effect of a call, and the system may
// fail. So answers are not determined, and io_world.h checks that each answer is allowed. A call that is not possible
// when its turn comes, because the aio is busy or there is no stream, is left out. So any part of a program is a
// program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace simulation {

enum class Io : std::uint8_t {
    kListen,         // object: the listener, which is made if there is none
    kFreeListener,   // nng_stream_listener_free
    kCloseListener,  // nng_stream_listener_close, then nng_stream_listener_free
    kAccept,         // object: the listener
    kDial,           // object: the listener; value 1: by a host's name
    kCloseDialer,    // the dialer of the aio's dial
    kSend,           // object: the stream; value: bytes
    kRecv,
    kSendAll,
    kRecvAll,
    kShutdown,
    kCloseStream,
    kFreeStream,
    kUdpSend,  // object: the socket that sends; value: bytes
    kUdpRecv,  // object: the socket that receives; value: bytes
    kUdpNew,   // object: the socket, which is closed and opened again
    kOpen,     // object: the file; value: flags
    kRead,     // value: bytes
    kWrite,
    kPread,  // value: the number of bytes, and the offset of the first one
    kPwrite,
    kSync,
    kStat,
    kCloseFile,
    kFreeFile,
    kCancel,       // nng_aio_cancel
    kCancelTyped,  // naio_aio_cancel; value: types
    kStop,         // nng_aio_stop; another aio takes its place
    kWait,         // nng_aio_wait, if the operation surely ends
    kPause,        // value: milliseconds
    kEnd
};

struct IoCall {
    Io what{};
    std::uint8_t aio = 0;
    std::uint8_t object = 0;
    std::int32_t value = 0;
    std::int32_t timeout = -1;  // of an operation, in milliseconds; -1: none
};

using IoProgram = std::vector<IoCall>;

inline constexpr unsigned kIoAios = 7;
inline constexpr unsigned kListeners = 2;    // the first over TCP, the second over a socket of the file system
inline constexpr unsigned kConnections = 4;  // places for streams
inline constexpr unsigned kUdpSockets = 2;
inline constexpr unsigned kFiles = 2;

// Returns the program of a seed, which has `length` calls.
IoProgram generate_io(std::uint64_t seed, unsigned length);

const char* name(Io what);
std::string text(const IoCall& call);  // one line, for people to read

}  // namespace simulation
