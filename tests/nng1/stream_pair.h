// Two streams that are connected over TCP.
#pragma once

#include <gtest/gtest.h>
#include <nng/nng.h>

#include <string>

#include "handle.h"

struct StreamPair {
    StreamPair() {
        Handle accept, dial;
        int port = 0;
        EXPECT_EQ(nng_stream_listener_alloc(&listener, "tcp://127.0.0.1:0"), 0);
        EXPECT_EQ(nng_stream_listener_listen(listener), 0);
        EXPECT_EQ(nng_stream_listener_get_int(listener, NNG_OPT_TCP_BOUND_PORT, &port), 0);
        EXPECT_EQ(nng_stream_dialer_alloc(&dialer, ("tcp://127.0.0.1:" + std::to_string(port)).c_str()), 0);
        nng_stream_listener_accept(listener, accept);
        nng_stream_dialer_dial(dialer, dial);
        nng_aio_wait(accept);
        nng_aio_wait(dial);
        accepted = static_cast<nng_stream*>(nng_aio_get_output(accept, 0));
        dialed = static_cast<nng_stream*>(nng_aio_get_output(dial, 0));
    }
    ~StreamPair() {
        nng_stream_free(accepted);
        nng_stream_free(dialed);
        nng_stream_dialer_free(dialer);
        nng_stream_listener_free(listener);
    }
    StreamPair(const StreamPair&) = delete;
    StreamPair& operator=(const StreamPair&) = delete;

    // Receives `length` bytes on the accepted stream.
    std::string receive(std::size_t length) const {
        std::string bytes(length, '\0');
        Handle handle;
        for (std::size_t have = 0; have < length; have += nng_aio_count(handle)) {
            nng_iov iov{&bytes[have], length - have};
            EXPECT_EQ(nng_aio_set_iov(handle, 1, &iov), 0);
            nng_stream_recv(accepted, handle);
            nng_aio_wait(handle);
            if (nng_aio_result(handle) != 0) return bytes.substr(0, have);
        }
        return bytes;
    }

    nng_stream_listener* listener = nullptr;
    nng_stream_dialer* dialer = nullptr;
    nng_stream *accepted = nullptr, *dialed = nullptr;
};
