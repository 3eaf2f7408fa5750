// nng_stream_listener_*: listeners, which accept connections.
#include "io/stream_listener.h"

#include <nng/nng.h>

#include "capi/forked.h"
#include "capi/from_url.h"
#include "capi/handle.h"
#include "capi/option.h"

using naio::checked;
using naio::OptionType;

extern "C" {

nng_err nng_stream_listener_alloc_url(nng_stream_listener** to, const nng_url* url) {
    return naio::make_from_url(to, url, __func__);
}

nng_err nng_stream_listener_alloc(nng_stream_listener** to, const char* text) {
    return naio::make_from_text(to, text, __func__);
}

void nng_stream_listener_close(nng_stream_listener* listener) {
    if (naio::is_ours(listener)) listener->close();
}

void nng_stream_listener_stop(nng_stream_listener* listener) {
    if (naio::is_ours(listener)) listener->stop();
}

void nng_stream_listener_free(nng_stream_listener* listener) {
    if (naio::is_ours(listener)) listener->free();
}

nng_err nng_stream_listener_listen(nng_stream_listener* listener) { return checked(listener, __func__).listen(); }

void nng_stream_listener_accept(nng_stream_listener* listener, nng_aio* aio) {
    checked(listener, __func__).accept(checked(aio, __func__), __func__);
}

nng_err nng_stream_listener_get_bool(nng_stream_listener* handle, const char* option, bool* value) {
    return naio::get_option(handle, option, OptionType::kBool, value, __func__);
}

nng_err nng_stream_listener_get_int(nng_stream_listener* handle, const char* option, int* value) {
    return naio::get_option(handle, option, OptionType::kInt, value, __func__);
}

nng_err nng_stream_listener_get_ms(nng_stream_listener* handle, const char* option, nng_duration* value) {
    return naio::get_option(handle, option, OptionType::kMilliseconds, value, __func__);
}

nng_err nng_stream_listener_get_size(nng_stream_listener* handle, const char* option, size_t* value) {
    return naio::get_option(handle, option, OptionType::kSize, value, __func__);
}

nng_err nng_stream_listener_get_uint64(nng_stream_listener* handle, const char* option, uint64_t* value) {
    return naio::get_option(handle, option, OptionType::kUint64, value, __func__);
}

nng_err nng_stream_listener_get_string(nng_stream_listener* handle, const char* option, const char** value) {
    return naio::get_option(handle, option, OptionType::kString, value, __func__);
}

nng_err nng_stream_listener_set_bool(nng_stream_listener* handle, const char* option, bool value) {
    return naio::set_option(handle, option, OptionType::kBool, &value, __func__);
}

nng_err nng_stream_listener_set_int(nng_stream_listener* handle, const char* option, int value) {
    return naio::set_option(handle, option, OptionType::kInt, &value, __func__);
}

nng_err nng_stream_listener_set_ms(nng_stream_listener* handle, const char* option, nng_duration value) {
    return naio::set_option(handle, option, OptionType::kMilliseconds, &value, __func__);
}

nng_err nng_stream_listener_set_size(nng_stream_listener* handle, const char* option, size_t value) {
    return naio::set_option(handle, option, OptionType::kSize, &value, __func__);
}

nng_err nng_stream_listener_set_uint64(nng_stream_listener* handle, const char* option, uint64_t value) {
    return naio::set_option(handle, option, OptionType::kUint64, &value, __func__);
}

nng_err nng_stream_listener_set_string(nng_stream_listener* handle, const char* option, const char* value) {
    return naio::set_option(handle, option, OptionType::kString, &value, __func__);
}

nng_err nng_stream_listener_set_addr(nng_stream_listener* handle, const char* option, const nng_sockaddr* value) {
    return naio::set_option(handle, option, OptionType::kAddress, value, __func__);
}

nng_err nng_stream_listener_get_tls(nng_stream_listener* listener, nng_tls_config**) {
    naio::require(listener, __func__);
    return NNG_ENOTSUP;
}

nng_err nng_stream_listener_set_tls(nng_stream_listener* listener, nng_tls_config*) {
    naio::require(listener, __func__);
    return NNG_ENOTSUP;
}

nng_err nng_stream_listener_set_security_descriptor(nng_stream_listener* listener, void*) {
    naio::require(listener, __func__);
    return NNG_ENOTSUP;
}

}  // extern "C"
