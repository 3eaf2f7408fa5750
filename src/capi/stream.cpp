// Defines nng_stream_* and naio_stream_*: connections.
#include "io/stream.h"

#include <naio/naio.h>
#include <nng/nng.h>

#include "capi/forked.h"
#include "capi/operation.h"
#include "capi/option.h"
#include "capi/with_vectors.h"

using naio::checked;
using naio::startable;
using naio::with_vectors;

namespace {

naio::Types guarantee(naio_cancel accept) noexcept { return accept != 0 ? accept : naio::kPartial; }

}  // namespace

extern "C" {

void nng_stream_send(nng_stream* stream, nng_aio* aio) {
    checked(stream, __func__).send(with_vectors(aio, naio::Api::nng_stream_send));
}

void nng_stream_recv(nng_stream* stream, nng_aio* aio) {
    checked(stream, __func__).recv(with_vectors(aio, naio::Api::nng_stream_recv));
}

void nng_stream_close(nng_stream* stream) {
    if (naio::is_ours(stream)) stream->close();
}

void nng_stream_stop(nng_stream* stream) {
    if (naio::is_ours(stream)) stream->stop();
}

void nng_stream_free(nng_stream* stream) {
    if (naio::is_ours(stream)) stream->free();
}

NAIO_GET_OPTIONS(nng_stream)

const nng_sockaddr* nng_stream_peer_addr(nng_stream* stream) { return &checked(stream, __func__).peer(); }

const nng_sockaddr* nng_stream_self_addr(nng_stream* stream) { return &checked(stream, __func__).self(); }

nng_err nng_stream_peer_cert(nng_stream* stream, nng_tls_cert**) {
    naio::require(stream, __func__);
    return NNG_ENOTSUP;
}

void naio_stream_recv_all(nng_stream* stream, nng_aio* aio, naio_cancel accept) {
    checked(stream, __func__).recv_all(with_vectors(aio, naio::Api::naio_stream_recv_all), guarantee(accept));
}

void naio_stream_send_all(nng_stream* stream, nng_aio* aio, naio_cancel accept) {
    checked(stream, __func__).send_all(with_vectors(aio, naio::Api::naio_stream_send_all), guarantee(accept));
}

void naio_stream_shutdown(nng_stream* stream, nng_aio* aio) {
    checked(stream, __func__).shutdown(startable(aio, naio::Api::naio_stream_shutdown));
}

}  // extern "C"
