// nng_stream_dialer_*: dialers, which make connections.
#include "io/stream_dialer.h"

#include <nng/nng.h>

#include "capi/forked.h"
#include "capi/from_url.h"
#include "capi/handle.h"
#include "capi/option.h"

using naio::checked;
using naio::OptionType;

extern "C" {

nng_err nng_stream_dialer_alloc_url(nng_stream_dialer** to, const nng_url* url) {
    return naio::make_from_url(to, url, __func__);
}

nng_err nng_stream_dialer_alloc(nng_stream_dialer** to, const char* text) {
    return naio::make_from_text(to, text, __func__);
}

void nng_stream_dialer_close(nng_stream_dialer* dialer) {
    if (naio::is_ours(dialer)) dialer->close();
}

void nng_stream_dialer_stop(nng_stream_dialer* dialer) {
    if (naio::is_ours(dialer)) dialer->stop();
}

void nng_stream_dialer_free(nng_stream_dialer* dialer) {
    if (naio::is_ours(dialer)) dialer->free();
}

void nng_stream_dialer_dial(nng_stream_dialer* dialer, nng_aio* aio) {
    checked(dialer, __func__).dial(checked(aio, __func__), __func__);
}

nng_err nng_stream_dialer_get_bool(nng_stream_dialer* handle, const char* option, bool* value) {
    return naio::get_option(handle, option, OptionType::kBool, value, __func__);
}

nng_err nng_stream_dialer_get_int(nng_stream_dialer* handle, const char* option, int* value) {
    return naio::get_option(handle, option, OptionType::kInt, value, __func__);
}

nng_err nng_stream_dialer_get_ms(nng_stream_dialer* handle, const char* option, nng_duration* value) {
    return naio::get_option(handle, option, OptionType::kMilliseconds, value, __func__);
}

nng_err nng_stream_dialer_get_size(nng_stream_dialer* handle, const char* option, size_t* value) {
    return naio::get_option(handle, option, OptionType::kSize, value, __func__);
}

nng_err nng_stream_dialer_get_uint64(nng_stream_dialer* handle, const char* option, uint64_t* value) {
    return naio::get_option(handle, option, OptionType::kUint64, value, __func__);
}

nng_err nng_stream_dialer_get_string(nng_stream_dialer* handle, const char* option, const char** value) {
    return naio::get_option(handle, option, OptionType::kString, value, __func__);
}

nng_err nng_stream_dialer_set_bool(nng_stream_dialer* handle, const char* option, bool value) {
    return naio::set_option(handle, option, OptionType::kBool, &value, __func__);
}

nng_err nng_stream_dialer_set_int(nng_stream_dialer* handle, const char* option, int value) {
    return naio::set_option(handle, option, OptionType::kInt, &value, __func__);
}

nng_err nng_stream_dialer_set_ms(nng_stream_dialer* handle, const char* option, nng_duration value) {
    return naio::set_option(handle, option, OptionType::kMilliseconds, &value, __func__);
}

nng_err nng_stream_dialer_set_size(nng_stream_dialer* handle, const char* option, size_t value) {
    return naio::set_option(handle, option, OptionType::kSize, &value, __func__);
}

nng_err nng_stream_dialer_set_uint64(nng_stream_dialer* handle, const char* option, uint64_t value) {
    return naio::set_option(handle, option, OptionType::kUint64, &value, __func__);
}

nng_err nng_stream_dialer_set_string(nng_stream_dialer* handle, const char* option, const char* value) {
    return naio::set_option(handle, option, OptionType::kString, &value, __func__);
}

nng_err nng_stream_dialer_set_addr(nng_stream_dialer* handle, const char* option, const nng_sockaddr* value) {
    return naio::set_option(handle, option, OptionType::kAddress, value, __func__);
}

nng_err nng_stream_dialer_get_tls(nng_stream_dialer* dialer, nng_tls_config**) {
    naio::require(dialer, __func__);
    return NNG_ENOTSUP;
}

nng_err nng_stream_dialer_set_tls(nng_stream_dialer* dialer, nng_tls_config*) {
    naio::require(dialer, __func__);
    return NNG_ENOTSUP;
}

}  // extern "C"
