#include "stream.h"

#include "measure.h"

void open_stream(struct stream* stream, uv_loop_t* loop, bool tcp, int fd, void* data) {
    int error;
    if (tcp) {
        uv_tcp_init(loop, &stream->uv.tcp);
        error = uv_tcp_open(&stream->uv.tcp, fd);
    } else {
        uv_pipe_init(loop, &stream->uv.pipe, 0);
        error = uv_pipe_open(&stream->uv.pipe, fd);
    }
    if (error != 0) die("%s", uv_strerror(error));
    stream->uv.handle.data = data;
    stream->write.data = data;
}
