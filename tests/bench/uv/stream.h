// One end of a connection on a loop.
#ifndef BENCH_STREAM_H
#define BENCH_STREAM_H

#include <stdbool.h>
#include <uv.h>

struct stream {
    union {
        uv_tcp_t tcp;
        uv_pipe_t pipe;
        uv_stream_t stream;
        uv_handle_t handle;
    } uv;
    uv_write_t write;
};

// Opens a stream on the socket `fd`. `data` becomes the data of the handle and of the write request.
void open_stream(struct stream* stream, uv_loop_t* loop, bool tcp, int fd, void* data);

#endif
