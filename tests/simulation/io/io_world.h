// Makes the calls of a program of io_program.h to the library, and checks that the result of each is allowed:
//
//  1. Each operation has exactly one callback. An operation ends at the latest when the streams are shut down and the
//     system does not fail any more.
//  2. A result is NNG_OK or an error that has a cause: a timeout that was set, a request (each has a code of its own),
//     an object that was closed, a peer that is gone, a failure of the system since the operation
//     began, or an earlier failure to watch a descriptor.
//  3. With the outcome NAIO_CANCEL_TOTAL nothing has been moved, and NNG_OK has no outcome.
//  4. The received bytes are those that were sent, in order, and the counts are exact (byte_log.h). NNG_ECONNSHUT comes
//     after all bytes that the peer has sent, and never after an operation has ended with NNG_ECONNRESET.
//  5. A datagram arrives whole or cut with NNG_EMSGSIZE, once, in order, and only if its sending has succeeded.
//  6. A file holds the bytes that were written, as many as the counts say (file_log.h).
//  7. No timeout is early.
//  8. A call that starts no operation fails only with an error that a failure of the system explains. nng_aio_alloc,
//     nng_aio_set_iov and nng_udp_open succeed when the system does not fail any more.
#pragma once

#include <naio/naio.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "byte_log.h"
#include "ending.h"
#include "file_log.h"
#include "io_program.h"
#include "platform.h"

namespace simulation {

class IoWorld {
  public:
    IoWorld();
    ~IoWorld();
    IoWorld(const IoWorld&) = delete;
    IoWorld& operator=(const IoWorld&) = delete;

    void make(const IoCall& call);

    // Checks the operations that are over. Returns what is wrong, or an empty string.
    std::string collect();

    // Ends all operations and checks them. Returns what is wrong, or an empty string.
    std::string finish(Ending end);

  private:
    static constexpr auto kFailures = static_cast<std::size_t>(Failure::kEnd);
    using Counts = std::array<unsigned, kFailures>;

    struct Request {
        int code;
        bool accepted;
    };
    struct Handle {
        nng_aio* aio = nullptr;
        std::atomic<unsigned> callbacks{0}, in_callback{0};
        std::atomic<bool> doubled{false};  // two callbacks ran at the same time
        std::atomic<nng_time> called{0};   // the time of the last callback
        unsigned operations = 0;           // the number of operations that were begun
        // The operation.
        bool active = false;  // the result was not checked yet
        IoCall call;
        std::uint64_t number = 0;
        nng_time begun = 0;
        std::size_t end = 0;      // for an operation of a stream: the index of the stream in ends_
        bool after_loss = false;  // before its start, an operation of the stream had ended with NNG_ECONNRESET
        bool after_end = false;   // before its start, a shutdown of the stream was submitted
        bool object_closed = false, canceled = false, stopped = false;
        std::vector<Request> requests;
        Counts before{};  // the numbers of the system's failures at the start of the operation
        std::vector<std::uint8_t> memory;
        nng_stream_dialer* dialer = nullptr;
        nng_sockaddr address{};
        naio_file_status status{};
    };
    struct Listener {
        nng_stream_listener* listener = nullptr;
        std::string url;  // the URL to dial
        int port = 0;
    };
    struct Place {
        nng_stream* stream = nullptr;
        std::size_t end = 0;
    };
    struct Udp {
        nng_udp* socket = nullptr;
        nng_sockaddr address{};
        std::uint32_t last = 0;         // the number of the datagram that was received last
        std::deque<unsigned> receives;  // aios of the receives not yet checked, in order of their starts
    };
    struct Datagram {
        std::vector<std::uint8_t> bytes;
        unsigned to = 0;
        bool sent = false, received = false;
    };
    struct FilePlace {
        naio_file* file = nullptr;
        bool closing = false;
        FileLog log;
    };
    struct Drain {
        nng_aio* aio = nullptr;
        nng_aio* closer = nullptr;
        Place* place = nullptr;
        std::array<std::uint8_t, 64> memory{};
        std::vector<std::uint8_t> received;
        bool after_loss = false;
        int result = 0;
    };

    [[nodiscard]] Handle& idle_from(unsigned place);
    [[nodiscard]] unsigned open_from(unsigned place) const;
    static void call_back(void* handle);
    static void drain_on(void* drain);

    // The calls.
    bool attempt(const char* what, const std::function<int()>& call);
    void insist(const char* what, const std::function<int()>& call);
    bool begin(Handle& handle, const IoCall& call);
    void set_memory(Handle& handle, bool fill);
    void listen(const IoCall& call);
    void free_listener(unsigned which);
    void accept(Handle& handle, const IoCall& call);
    void dial(Handle& handle, const IoCall& call);
    void transfer(Handle& handle, const IoCall& call);
    void close_stream(Place& place);
    void make_udp(unsigned which);
    void udp(Handle& handle, const IoCall& call);
    void open_file(Handle& handle, const IoCall& call);
    void use_file(Handle& handle, const IoCall& call);
    void request(Handle& handle, const IoCall& call);
    [[nodiscard]] bool has_unpaired() const;
    void mark_closed(Io first, Io last, unsigned object);
    void stop(Handle& handle);
    void renew(Handle& handle);
    void wait(Handle& handle);
    void pause(int milliseconds);

    // The results.
    [[nodiscard]] Counts counts() const;
    [[nodiscard]] bool has_failed(const Counts& before, std::initializer_list<Failure> kinds) const;
    [[nodiscard]] bool is_lack(int error, const Counts& before) const;
    [[nodiscard]] bool may_end_with(const Handle& handle, int result) const;
    [[nodiscard]] bool by_request(const Handle& handle, int result) const;
    void check_result(Handle& handle);
    void check_stream_of(Handle& handle);
    void check_transfer(Handle& handle, int result, std::size_t count);
    void check_datagram(Handle& handle, int result, std::size_t count);
    void check_file(Handle& handle, int result, std::size_t count);
    void complain(const Handle& handle, const std::string& what);
    bool collect_line(std::deque<unsigned>& line);
    void drain();
    void go_down();
    void check_datagrams();

    std::array<Handle, kIoAios> handles_;
    std::array<Listener, kListeners> listeners_;
    std::array<Place, kConnections> places_;
    std::array<Udp, kUdpSockets> udp_;
    std::array<FilePlace, kFiles> files_;
    std::deque<End> ends_;
    std::map<std::uint32_t, Datagram> datagrams_;
    std::uint64_t operations_ = 0;
    std::uint32_t last_datagram_ = 0;
    int requests_ = 0;
    bool something_closed_ = false;  // a stream or connection was closed, so a peer may be gone
    bool is_down_ = false;
    std::string folder_;
    std::string wrong_;
};

// Runs the program on the library. Returns what is wrong, or an empty string. `at` is the index of the call that is
// being made.
std::string run_io(const IoProgram& program, Ending end, std::atomic<std::size_t>& at);

}  // namespace simulation
