// Numbers of one byte for the public functions that start an operation. For dumps, each handle keeps the number of the
// function that has started its latest operation.
#pragma once

#include <naio/naio.h>

#include <cstdint>

#include "base/string_of.h"

namespace naio {

// clang-format off
#define NAIO_STARTING_FUNCTIONS(X) \
    X(nng_aio_start) \
    X(nng_sleep_aio) \
    X(naio_aio_start) \
    X(nng_aio_begin) \
    X(naio_compose) \
    X(naio_file_open) \
    X(naio_file_close) \
    X(naio_file_read) \
    X(naio_file_write) \
    X(naio_file_pread) \
    X(naio_file_pwrite) \
    X(naio_file_sync) \
    X(naio_file_stat) \
    X(naio_group_start) \
    X(naio_resolve) \
    X(nng_stream_send) \
    X(nng_stream_recv) \
    X(naio_stream_recv_all) \
    X(naio_stream_send_all) \
    X(naio_stream_shutdown) \
    X(nng_stream_dialer_dial) \
    X(nng_stream_listener_accept) \
    X(nng_udp_send) \
    X(nng_udp_recv)
// clang-format on

enum class Api : std::uint8_t {
    kLibrary,  // the library itself, for an operation that is part of another one
#define NAIO_ENUMERATOR(name) name,
    NAIO_STARTING_FUNCTIONS(NAIO_ENUMERATOR)
#undef NAIO_ENUMERATOR
};

inline constexpr const char* kApiNames[] = {"the library",
#define NAIO_NAME(name) NAIO_STRING_OF(name),
                                            NAIO_STARTING_FUNCTIONS(NAIO_NAME)
#undef NAIO_NAME
};

// Returns the name of the function, or "the library" for kLibrary.
constexpr const char* name_of(Api api) noexcept { return kApiNames[static_cast<unsigned>(api)]; }

}  // namespace naio
