// Defines the functions of NNG 1 on streams, dialers and listeners that differ from those of NNG 2.
#include <nng/nng.h>

#include <type_traits>

#include "base/panic.h"
#include "capi/nng1.h"
#include "capi/nng1_option.h"
#include "capi/operation.h"
#include "io/nng1_address.h"
#include "io/nng1_url.h"
#include "runtime/runtime.h"

using naio::checked;
using naio::Nng1Address;
using naio::Nng1Url;

namespace {

template <class Handle>
nng_err create(Handle** to, const Nng1Url& url, const char* call) noexcept {
    naio::require(to, call);
    nng_err error = naio::start_library_nng1(call);
    if (error != NNG_OK) return error;
    nng_url* converted = nullptr;
    error = url.convert(naio::runtime().allocator(), std::is_same_v<Handle, nng_stream_listener>, converted);
    if (error != NNG_OK) return error;
    error = Handle::create(naio::runtime().streams(), *converted, *to);
    nng_url_free(converted);
    return error;
}

template <class Handle>
nng_err create_from_text(Handle** to, const char* text, const char* call) noexcept {
    naio::require(to, call);
    naio::require(text, call);
    Nng1Url* url = nullptr;
    nng_err error = Nng1Url::parse(naio::runtime().allocator(), text, url);
    if (error != NNG_OK) return error;
    error = create(to, *url, call);
    Nng1Url::free(naio::runtime().allocator(), url);
    return error;
}

}  // namespace

// Define the functions of a handle's C type for one type of options. No option is a duration, a size, a string or a
// pointer.
#define NAIO_GET(handle, suffix, value_type, kind)                                                                  \
    NAIO_EXPORTED int NAIO_NNG1(handle##_get_##suffix)(nng_##handle * object, const char* name, value_type* room) { \
        constexpr const char* kCall = "nng_" #handle "_get_" #suffix;                                               \
        naio::require(name, kCall);                                                                                 \
        naio::require(room, kCall);                                                                                 \
        return naio::get_option_nng1(checked(object, kCall), name, naio::OptionType::kind, room);                   \
    }

#define NAIO_SET(handle, suffix, value_type, kind)                                                                  \
    NAIO_EXPORTED int NAIO_NNG1(handle##_set_##suffix)(nng_##handle * object, const char* name, value_type value) { \
        constexpr const char* kCall = "nng_" #handle "_set_" #suffix;                                               \
        naio::require(name, kCall);                                                                                 \
        return naio::set_option_nng1(checked(object, kCall), name, naio::OptionType::kind, &value);                 \
    }

#define NAIO_OPTION(handle, suffix, value_type, kind) \
    NAIO_GET(handle, suffix, value_type, kind)        \
    NAIO_SET(handle, suffix, value_type, kind)

#define NAIO_OPTIONS(handle)                                                                                       \
    NAIO_EXPORTED int NAIO_NNG1(handle##_get)(nng_##handle * object, const char* name, void* room, size_t* size) { \
        constexpr const char* kCall = "nng_" #handle "_get";                                                       \
        naio::require(name, kCall);                                                                                \
        naio::require(size, kCall);                                                                                \
        if (*size != 0) naio::require(room, kCall);                                                                \
        return naio::get_untyped_nng1(checked(object, kCall), name, room, size);                                   \
    }                                                                                                              \
    NAIO_EXPORTED int NAIO_NNG1(handle##_set)(nng_##handle * object, const char* name, const void* value,          \
                                              size_t size) {                                                       \
        constexpr const char* kCall = "nng_" #handle "_set";                                                       \
        naio::require(name, kCall);                                                                                \
        return naio::set_untyped_nng1(checked(object, kCall), name, value, size);                                  \
    }                                                                                                              \
    NAIO_OPTION(handle, bool, bool, kBool)                                                                         \
    NAIO_OPTION(handle, int, int, kInt)                                                                            \
    NAIO_OPTION(handle, ms, nng_duration, kMilliseconds)                                                           \
    NAIO_OPTION(handle, size, size_t, kSize)                                                                       \
    NAIO_OPTION(handle, uint64, uint64_t, kUint64)                                                                 \
    NAIO_GET(handle, string, char*, kString)                                                                       \
    NAIO_SET(handle, string, const char*, kString)                                                                 \
    NAIO_OPTION(handle, ptr, void*, kString)                                                                       \
    NAIO_GET(handle, addr, Nng1Address, kAddress)                                                                  \
    NAIO_EXPORTED int NAIO_NNG1(handle##_set_addr)(nng_##handle * object, const char* name,                        \
                                                   const Nng1Address* value) {                                     \
        constexpr const char* kCall = "nng_" #handle "_set_addr";                                                  \
        naio::require(name, kCall);                                                                                \
        naio::require(value, kCall);                                                                               \
        return naio::set_option_nng1(checked(object, kCall), name, naio::OptionType::kAddress, value);             \
    }

#define NAIO_CREATE(handle)                                                                   \
    NAIO_EXPORTED int NAIO_NNG1(handle##_alloc)(nng_##handle * *to, const char* text) {       \
        return create_from_text(to, text, "nng_" #handle "_alloc");                           \
    }                                                                                         \
    NAIO_EXPORTED int NAIO_NNG1(handle##_alloc_url)(nng_##handle * *to, const Nng1Url* url) { \
        constexpr const char* kCall = "nng_" #handle "_alloc_url";                            \
        return create(to, checked(url, kCall), kCall);                                        \
    }

extern "C" {

NAIO_OPTIONS(stream)
NAIO_OPTIONS(stream_dialer)
NAIO_OPTIONS(stream_listener)
NAIO_CREATE(stream_dialer)
NAIO_CREATE(stream_listener)

NAIO_EXPORTED void NAIO_NNG1(stream_send)(nng_stream* stream, nng_aio* aio) {
    naio::require(stream, "nng_stream_send");
    if (naio::startable_nng1(aio, naio::Api::nng_stream_send) != nullptr) nng_stream_send(stream, aio);
}

NAIO_EXPORTED void NAIO_NNG1(stream_recv)(nng_stream* stream, nng_aio* aio) {
    naio::require(stream, "nng_stream_recv");
    if (naio::startable_nng1(aio, naio::Api::nng_stream_recv) != nullptr) nng_stream_recv(stream, aio);
}

NAIO_EXPORTED void NAIO_NNG1(stream_dialer_dial)(nng_stream_dialer* dialer, nng_aio* aio) {
    naio::require(dialer, "nng_stream_dialer_dial");
    if (naio::startable_nng1(aio, naio::Api::nng_stream_dialer_dial) != nullptr) nng_stream_dialer_dial(dialer, aio);
}

NAIO_EXPORTED int NAIO_NNG1(stream_listener_listen)(nng_stream_listener* listener) {
    return naio::code_nng1(nng_stream_listener_listen(listener));
}

NAIO_EXPORTED void NAIO_NNG1(stream_listener_accept)(nng_stream_listener* listener, nng_aio* aio) {
    naio::require(listener, "nng_stream_listener_accept");
    if (naio::startable_nng1(aio, naio::Api::nng_stream_listener_accept) != nullptr)
        nng_stream_listener_accept(listener, aio);
}

}  // extern "C"
