// Asynchronous I/O handles with the interface of NNG 1: the part of NNG 1.11's <nng/nng.h> that naio
// provides, for programs that are written for NNG 1. Distributions have NNG 1.5, whose interface has fewer
// functions, with the same names and types.
//
// Names, values, layouts and signatures are those of NNG 1. docs/moving/from-nng1.md says what differs in behaviour.
//
// A function that NNG 2 has with the same type and meaning is the same function as in naio's <nng/nng.h>,
// whose comments have the details. A function that differs has a name of its own in the library:
// naio_nng1_aio_begin for nng_aio_begin, and a macro of this header gives it the name of NNG 1. So a program
// may take the address of a function, and messages of the library show the name that the program uses.
//
// A source file includes this header or naio's <nng/nng.h>, but not both, because they define the same names
// differently. A program may consist of files of both kinds: handles and messages are the same objects.
//
// Each function's comment ends with its facts, as in naio's <nng/nng.h>. The fact "Contract" says "NNG" for
// the documentation and the header of NNG 1.
#ifndef NAIO_NNG1_H
#define NAIO_NNG1_H

#ifdef NNG_NNG_H
#error "<naio/nng1.h> has the interface of NNG 1; this file has included the <nng/nng.h> of NNG 2 or of NNG itself"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

// Defines NNG_DECL, with which all functions are declared, as naio's <nng/nng.h> does.
#ifndef NNG_DECL
#if defined(_WIN32) && !defined(NNG_STATIC_LIB) && defined(NNG_SHARED_LIB)
#define NNG_DECL __declspec(dllexport)
#elif defined(_WIN32) && !defined(NNG_STATIC_LIB)
#define NNG_DECL __declspec(dllimport)
#elif defined(NNG_SHARED_LIB) && defined(NNG_HIDDEN_VISIBILITY)
#define NNG_DECL __attribute__((visibility("default")))
#else
#define NNG_DECL extern
#endif
#endif

// Lets GCC and Clang check the arguments of printf-like functions. The macro is for this header only.
#if defined(__GNUC__) || defined(__clang__)
#define NAIO_PRINTF(text, first) __attribute__((__format__(__printf__, text, first)))
#else
#define NAIO_PRINTF(text, first)
#endif

// ---- Names of the functions that differ --------------------------------------------------------

// clang-format off
#define nng_strerror naio_nng1_strerror
#define nng_version naio_nng1_version
#define nng_init_set_parameter naio_nng1_init_set_parameter
#define nng_aio_alloc naio_nng1_aio_alloc
#define nng_aio_stop naio_nng1_aio_stop
#define nng_aio_abort naio_nng1_aio_abort
#define nng_aio_result naio_nng1_aio_result
#define nng_aio_set_iov naio_nng1_aio_set_iov
#define nng_aio_set_input naio_nng1_aio_set_input
#define nng_aio_set_output naio_nng1_aio_set_output
#define nng_sleep_aio naio_nng1_sleep_aio
#define nng_aio_begin naio_nng1_aio_begin
#define nng_aio_defer naio_nng1_aio_defer
#define nng_aio_finish naio_nng1_aio_finish
#define nng_str_sockaddr naio_nng1_str_sockaddr
#define nng_socket_pair naio_nng1_socket_pair
#define nng_url_parse naio_nng1_url_parse
#define nng_url_free naio_nng1_url_free
#define nng_url_clone naio_nng1_url_clone
#define nng_stream_send naio_nng1_stream_send
#define nng_stream_recv naio_nng1_stream_recv
#define nng_stream_get naio_nng1_stream_get
#define nng_stream_get_bool naio_nng1_stream_get_bool
#define nng_stream_get_int naio_nng1_stream_get_int
#define nng_stream_get_ms naio_nng1_stream_get_ms
#define nng_stream_get_size naio_nng1_stream_get_size
#define nng_stream_get_uint64 naio_nng1_stream_get_uint64
#define nng_stream_get_string naio_nng1_stream_get_string
#define nng_stream_get_ptr naio_nng1_stream_get_ptr
#define nng_stream_get_addr naio_nng1_stream_get_addr
#define nng_stream_set naio_nng1_stream_set
#define nng_stream_set_bool naio_nng1_stream_set_bool
#define nng_stream_set_int naio_nng1_stream_set_int
#define nng_stream_set_ms naio_nng1_stream_set_ms
#define nng_stream_set_size naio_nng1_stream_set_size
#define nng_stream_set_uint64 naio_nng1_stream_set_uint64
#define nng_stream_set_string naio_nng1_stream_set_string
#define nng_stream_set_ptr naio_nng1_stream_set_ptr
#define nng_stream_set_addr naio_nng1_stream_set_addr
#define nng_stream_dialer_alloc naio_nng1_stream_dialer_alloc
#define nng_stream_dialer_alloc_url naio_nng1_stream_dialer_alloc_url
#define nng_stream_dialer_dial naio_nng1_stream_dialer_dial
#define nng_stream_dialer_get naio_nng1_stream_dialer_get
#define nng_stream_dialer_get_bool naio_nng1_stream_dialer_get_bool
#define nng_stream_dialer_get_int naio_nng1_stream_dialer_get_int
#define nng_stream_dialer_get_ms naio_nng1_stream_dialer_get_ms
#define nng_stream_dialer_get_size naio_nng1_stream_dialer_get_size
#define nng_stream_dialer_get_uint64 naio_nng1_stream_dialer_get_uint64
#define nng_stream_dialer_get_string naio_nng1_stream_dialer_get_string
#define nng_stream_dialer_get_ptr naio_nng1_stream_dialer_get_ptr
#define nng_stream_dialer_get_addr naio_nng1_stream_dialer_get_addr
#define nng_stream_dialer_set naio_nng1_stream_dialer_set
#define nng_stream_dialer_set_bool naio_nng1_stream_dialer_set_bool
#define nng_stream_dialer_set_int naio_nng1_stream_dialer_set_int
#define nng_stream_dialer_set_ms naio_nng1_stream_dialer_set_ms
#define nng_stream_dialer_set_size naio_nng1_stream_dialer_set_size
#define nng_stream_dialer_set_uint64 naio_nng1_stream_dialer_set_uint64
#define nng_stream_dialer_set_string naio_nng1_stream_dialer_set_string
#define nng_stream_dialer_set_ptr naio_nng1_stream_dialer_set_ptr
#define nng_stream_dialer_set_addr naio_nng1_stream_dialer_set_addr
#define nng_stream_listener_alloc naio_nng1_stream_listener_alloc
#define nng_stream_listener_alloc_url naio_nng1_stream_listener_alloc_url
#define nng_stream_listener_listen naio_nng1_stream_listener_listen
#define nng_stream_listener_accept naio_nng1_stream_listener_accept
#define nng_stream_listener_get naio_nng1_stream_listener_get
#define nng_stream_listener_get_bool naio_nng1_stream_listener_get_bool
#define nng_stream_listener_get_int naio_nng1_stream_listener_get_int
#define nng_stream_listener_get_ms naio_nng1_stream_listener_get_ms
#define nng_stream_listener_get_size naio_nng1_stream_listener_get_size
#define nng_stream_listener_get_uint64 naio_nng1_stream_listener_get_uint64
#define nng_stream_listener_get_string naio_nng1_stream_listener_get_string
#define nng_stream_listener_get_ptr naio_nng1_stream_listener_get_ptr
#define nng_stream_listener_get_addr naio_nng1_stream_listener_get_addr
#define nng_stream_listener_set naio_nng1_stream_listener_set
#define nng_stream_listener_set_bool naio_nng1_stream_listener_set_bool
#define nng_stream_listener_set_int naio_nng1_stream_listener_set_int
#define nng_stream_listener_set_ms naio_nng1_stream_listener_set_ms
#define nng_stream_listener_set_size naio_nng1_stream_listener_set_size
#define nng_stream_listener_set_uint64 naio_nng1_stream_listener_set_uint64
#define nng_stream_listener_set_string naio_nng1_stream_listener_set_string
#define nng_stream_listener_set_ptr naio_nng1_stream_listener_set_ptr
#define nng_stream_listener_set_addr naio_nng1_stream_listener_set_addr
#define nng_udp_open naio_nng1_udp_open
#define nng_udp_sockname naio_nng1_udp_sockname
#define nng_udp_send naio_nng1_udp_send
#define nng_udp_recv naio_nng1_udp_recv
#define nng_udp_multicast_membership naio_nng1_udp_multicast_membership
// clang-format on

// ---- Version -----------------------------------------------------------------------------------

// The version of NNG whose interface this header has. The suffix is empty in a release.
#define NNG_MAJOR_VERSION 1
#define NNG_MINOR_VERSION 11
#define NNG_PATCH_VERSION 0
#define NNG_RELEASE_SUFFIX ""

// Returns the version of NNG whose interface this header has, as a string: "1.11.0". The string lives
// forever.
// Blocks: no. Callback: yes. Errors: none. Contract: NNG.
NNG_DECL const char* nng_version(void);

// ---- Types -------------------------------------------------------------------------------------

typedef struct nng_aio nng_aio;  // a handle: it runs operations, one after the other
typedef struct nng_msg nng_msg;  // a message: a header and a body

typedef int32_t nng_duration;  // milliseconds
typedef uint64_t nng_time;     // milliseconds on the clock that nng_clock reads

#define NNG_DURATION_INFINITE (-1)  // forever
#define NNG_DURATION_DEFAULT (-2)   // the operation chooses
#define NNG_DURATION_ZERO (0)       // do not wait at all

// One piece of memory in a scatter/gather list.
typedef struct nng_iov {
    void* iov_buf;   // its first byte; stays the caller's
    size_t iov_len;  // its length in bytes
} nng_iov;

// ---- Errors ------------------------------------------------------------------------------------

// The outcome of a call or of an operation, which is an int; 0: no error. Unrelated to errno.
enum nng_errno_enum {
    NNG_EINTR = 1,
    NNG_ENOMEM = 2,
    NNG_EINVAL = 3,
    NNG_EBUSY = 4,
    NNG_ETIMEDOUT = 5,
    NNG_ECONNREFUSED = 6,
    NNG_ECLOSED = 7,
    NNG_EAGAIN = 8,
    NNG_ENOTSUP = 9,
    NNG_EADDRINUSE = 10,
    NNG_ESTATE = 11,
    NNG_ENOENT = 12,
    NNG_EPROTO = 13,
    NNG_EUNREACHABLE = 14,
    NNG_EADDRINVAL = 15,
    NNG_EPERM = 16,
    NNG_EMSGSIZE = 17,
    NNG_ECONNABORTED = 18,
    NNG_ECONNRESET = 19,
    NNG_ECANCELED = 20,
    NNG_ENOFILES = 21,
    NNG_ENOSPC = 22,
    NNG_EEXIST = 23,
    NNG_EREADONLY = 24,
    NNG_EWRITEONLY = 25,
    NNG_ECRYPTO = 26,
    NNG_EPEERAUTH = 27,
    NNG_ENOARG = 28,
    NNG_EAMBIGUOUS = 29,
    NNG_EBADTYPE = 30,
    NNG_ECONNSHUT = 31,
    NNG_EINTERNAL = 1000,
    NNG_ESYSERR = 0x10000000,  // a bit: the rest is an errno
    NNG_ETRANERR = 0x20000000  // a bit: the rest is the code of a transport
};

// Returns a text for the code, in English, for any value of it. The string is valid until the calling thread
// calls nng_strerror again, at least.
// Blocks: no. Callback: yes. Errors: none. Contract: NNG.
NNG_DECL const char* nng_strerror(int code);

// ---- Start and end of the library --------------------------------------------------------------
//
// The library starts when nng_aio_alloc, or a function that creates a dialer, a listener or a UDP socket, is
// first called.

// Ends the library as nng_fini of naio's <nng/nng.h> does. If parts of the program that are written for NNG 2
// have called nng_init, the library ends when they have called nng_fini, too. A value of
// nng_init_set_parameter holds for one start: set it again before the next one.
// Blocks: the last call until every callback has returned; other calls while another thread is in the last
// call. Callback: yes, but the last call, and any call while another thread is in the last call, is fatal.
// Errors: none; if the library is not running it does nothing. Contract: NNG; naio: operations in flight are
// ended.
NNG_DECL void nng_fini(void);

typedef int nng_init_parameter;

// The parameters of nng_init_set_parameter: numbers of threads.
enum {
    NNG_INIT_PARAMETER_NONE = 0,
    NNG_INIT_NUM_TASK_THREADS = 1,
    NNG_INIT_NUM_EXPIRE_THREADS = 2,
    NNG_INIT_NUM_POLLER_THREADS = 3,
    NNG_INIT_NUM_RESOLVER_THREADS = 4,
    NNG_INIT_MAX_TASK_THREADS = 5,
    NNG_INIT_MAX_EXPIRE_THREADS = 6,
    NNG_INIT_MAX_POLLER_THREADS = 7
};

// Sets a parameter to value, which nng_init_params of naio's <nng/nng.h> describes, for the next time that a
// function of this header starts the library. That start uses the value up. 0 stands for the default; 0 for
// a maximum stands for no limit. An unknown parameter has no effect.
// Blocks: no. Callback: yes. Threads: no other thread may be calling the library. Errors: none. Contract:
// NNG's code.
NNG_DECL void nng_init_set_parameter(nng_init_parameter parameter, uint64_t value);

// ---- Asynchronous operations -------------------------------------------------------------------
//
// The comments of naio's <nng/nng.h> on these functions hold here, too, except: an aio that is stopped gives
// NNG_ECANCELED or NNG_ECLOSED, and a start on such an aio has no callback.

// Creates an aio in *aiop, to be released with nng_aio_free or nng_aio_reap. The library calls callback with
// arg when an operation is over. callback may be NULL, for programs that only wait.
// Blocks: no. Callback: yes. NULL: aiop fatal. Down: starts it. Errors: NNG_ENOMEM; NNG_ENOFILES: no
// descriptors; NNG_ENOSPC: no more descriptors to watch; NNG_ESTATE: NNG itself is in the process, too
// (nng_init of naio's <nng/nng.h>). Contract: NNG.
NNG_DECL int nng_aio_alloc(nng_aio** aiop, void (*callback)(void*), void* arg);

// Stops the aio, waits until it is idle, and destroys it. The operation in flight ends with NNG_ECLOSED.
// Blocks: until idle. Callback: yes; from the aio's own callback it does what nng_aio_reap does. NULL:
// ignored. Errors: none. Contract: NNG; NNG's code: ECLOSED; naio: from its own callback (NNG deadlocks).
NNG_DECL void nng_aio_free(nng_aio* aio);

// Stops the aio, and destroys it when it is idle, in the background. The operation in flight ends with
// NNG_ECLOSED.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; NNG's code: ECLOSED.
NNG_DECL void nng_aio_reap(nng_aio* aio);

// Stops the aio for good: ends the operation in flight with NNG_ECANCELED, waits until its callback has
// returned, and refuses every later start. A refused start has no callback, and the result is NNG_ECANCELED.
// Blocks: until idle. Callback: yes; from the aio's own callback it only marks the aio as stopped. NULL:
// ignored.
// Errors: none. Contract: NNG; NNG's code: ECANCELED; naio: from its own callback.
NNG_DECL void nng_aio_stop(nng_aio* aio);

// Asks the operation in flight to end with the result err. If err is 0, the result is NNG_ECANCELED. The
// provider's cancel function runs in this call: hold no lock that the function takes. If the provider has
// begun the operation and has not deferred it, the request takes effect when it does. No effect if the aio is
// idle or its operation is over.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; naio: a request before nng_aio_defer
// is kept (NNG forgets it, and a wait returns while the operation is in flight), err 0.
NNG_DECL void nng_aio_abort(nng_aio* aio, int err);

// Does what nng_aio_abort does with NNG_ECANCELED.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: as nng_aio_abort.
NNG_DECL void nng_aio_cancel(nng_aio* aio);

// Waits until the aio is idle.
// Blocks: until idle. Callback: yes; from the aio's own callback it returns at once. NULL: ignored. Errors:
// none.
// Contract: NNG; naio: from callbacks.
NNG_DECL void nng_aio_wait(nng_aio* aio);

// True if the aio is not idle: an operation has begun or is in flight, or its callback waits to run or is
// running.
// Blocks: no. Callback: yes; true from the aio's own callback. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL bool nng_aio_busy(nng_aio* aio);

// Returns the result of the last operation or refused start; 0 if there was none.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none of its own. Contract: NNG.
NNG_DECL int nng_aio_result(nng_aio* aio);

// Returns the number of bytes that the last operation transferred.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL size_t nng_aio_count(nng_aio* aio);

// ---- Parameters of an operation ----------------------------------------------------------------
//
// Facts of all these functions, unless a comment says otherwise. Threads: one at a time for an aio.

// nng_aio_set_msg sets the message to send; NULL for none. If the operation succeeds, it takes the message
// over. nng_aio_get_msg returns the message in the aio, NULL if there is none; a message that was received is
// the caller's.
// Blocks: no. Callback: yes. NULL: aio fatal. Errors: none. Contract: NNG.
NNG_DECL void nng_aio_set_msg(nng_aio* aio, nng_msg* msg);
NNG_DECL nng_msg* nng_aio_get_msg(nng_aio* aio);

// nng_aio_set_input sets input number index, from 0 to 3, to value; nng_aio_get_input returns it, NULL if it
// was not set or index > 3. nng_aio_set_output and nng_aio_get_output do so with the outputs, which a start
// clears. The operation defines the meaning and the owner of both.
// Blocks: no. Callback: yes. Threads: one at a time for an aio. NULL: fatal. Errors: NNG_EINVAL: index > 3.
// Contract: NNG; NNG's code: EINVAL.
NNG_DECL int nng_aio_set_input(nng_aio* aio, unsigned index, void* value);
NNG_DECL void* nng_aio_get_input(nng_aio* aio, unsigned index);
NNG_DECL int nng_aio_set_output(nng_aio* aio, unsigned index, void* value);
NNG_DECL void* nng_aio_get_output(nng_aio* aio, unsigned index);

// Sets the time that each operation may take: timeout milliseconds, from nng_aio_defer or, for operations of
// the library, from their start. After that time the operation is asked to end with NNG_ETIMEDOUT.
// NNG_DURATION_INFINITE and NNG_DURATION_DEFAULT: no limit. NNG_DURATION_ZERO: at once; an operation of the
// library is only tried.
// Blocks: no. Callback: yes. Threads: any. NULL: fatal. Errors: none. Contract: NNG; naio: zero after
// nng_aio_defer (NNG's code: no limit and no cancel function), a zero timeout delivers what is there.
NNG_DECL void nng_aio_set_timeout(nng_aio* aio, nng_duration timeout);

// Limits the next operation: it times out at `when`, a time of nng_clock. The last call of
// nng_aio_set_timeout and nng_aio_set_expire counts.
// Blocks: no. Callback: yes. Threads: any. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL void nng_aio_set_expire(nng_aio* aio, nng_time when);

// Sets the memory to read from or write to: n pieces, at most 8. The list iov is copied; the memory stays the
// caller's and must live as long as the operation. iov may be NULL if n is 0.
// Blocks: no. Callback: yes. NULL: aio fatal. Errors: NNG_EINVAL: n > 8; the old list stays. Contract: NNG;
// NNG's code: 8.
NNG_DECL int nng_aio_set_iov(nng_aio* aio, unsigned n, const nng_iov* iov);

// ---- Sleeping ----------------------------------------------------------------------------------

// Starts an operation that ends after ms milliseconds with the result 0, never early. 0 and negative values
// other than NNG_DURATION_INFINITE succeed at once. If the aio's timeout or expiry is earlier, the result is
// NNG_ETIMEDOUT.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG; naio: INFINITE sleeps until it is
// canceled (NNG's code: succeeds at once).
NNG_DECL void nng_sleep_aio(nng_duration ms, nng_aio* aio);

// ---- Providing operations ----------------------------------------------------------------------
//
// A program provides an operation as a function that takes an aio, calls nng_aio_begin, keeps the aio until
// the work is done, and then calls nng_aio_finish, once. If the work takes time, it calls nng_aio_defer
// before it returns:
//
//     void my_read(my_device* device, nng_aio* aio) {
//         if (!nng_aio_begin(aio)) return;
//         lock(device);
//         nng_aio_defer(aio, my_cancel, device);
//         append(&device->readers, aio);
//         unlock(device);
//     }

// Asks the provider to end the operation on aio with err; arg is as given to nng_aio_defer. If the operation
// can be ended, finish it with err, in this call or later; otherwise do nothing, or call nng_aio_defer again
// to be asked again by the next request. The library holds no lock during the call, makes it on the thread
// that makes the request or on a thread of its own, and does not run the operation's callback before the
// function has returned. The function must not wait for the aio.
// Contract: NNG; naio: the callback waits for it.
typedef void (*nng_aio_cancelfn)(nng_aio* aio, void* arg, int err);

// Begins an operation: makes the aio busy, and clears result, count and outputs. False: the aio is stopped;
// the result is NNG_ECANCELED, there is no callback, and the provider must not use the aio any more.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal, as is an aio in flight.
// Errors: none. Contract: NNG; NNG's code: ECANCELED.
NNG_DECL bool nng_aio_begin(nng_aio* aio);

// Gives the operation that nng_aio_begin has begun its cancel function, which the library calls with arg, and
// arms the timeout. cancel may be NULL: then only nng_aio_finish ends the operation. If a request came since
// nng_aio_begin, or if the timeout is zero or the expiry is past, a thread of the library calls the cancel
// function. That may happen before this function returns. So the provider must have made the operation
// findable for the function, or hold the lock that the function takes.
// Without nng_aio_begin this function begins an operation. A stop of the aio ends such an operation also if
// its cancel function neither finishes it nor defers it again, as that of a timer does.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal, as is a second call before the cancel function
// has been called. Errors: none. Contract: NNG; NNG's code: without begin; naio: requests since begin, zero
// timeouts.
NNG_DECL void nng_aio_defer(nng_aio* aio, nng_aio_cancelfn cancel, void* arg);

// Ends the operation with result err and has the callback run. The operation need not have been deferred.
// Without nng_aio_begin this call alone is a whole operation. The provider must not use the aio afterwards,
// because it may be gone.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal, as is a second finish before the callback has
// begun. Down: fatal. Errors: none. Contract: NNG; NNG's code: without begin.
NNG_DECL void nng_aio_finish(nng_aio* aio, int err);

// ---- Messages ----------------------------------------------------------------------------------
//
// These functions are those of naio's <nng/nng.h>.
//
// Facts of all these functions, unless a comment says otherwise. Blocks: no. Callback: yes. Threads: one at a
// time for a message. NULL: fatal. Errors: none. Contract: NNG.

// Create a message in *msgp with a body of size bytes, or a copy of msg in *copyp; release it with
// nng_msg_free.
// Errors: NNG_ENOMEM.
NNG_DECL int nng_msg_alloc(nng_msg** msgp, size_t size);
NNG_DECL int nng_msg_dup(nng_msg** copyp, const nng_msg* msg);

// Destroys the message. NULL: ignored.
NNG_DECL void nng_msg_free(nng_msg* msg);

// Return a pointer to the body's first byte, and its length in bytes, or its capacity. Any call that changes
// the body's size or capacity invalidates the pointer.
NNG_DECL void* nng_msg_body(nng_msg* msg);
NNG_DECL size_t nng_msg_len(const nng_msg* msg);
NNG_DECL size_t nng_msg_capacity(nng_msg* msg);

// nng_msg_reserve makes the body's capacity at least capacity bytes; nng_msg_realloc sets its length to size
// bytes.
// Errors: NNG_ENOMEM.
NNG_DECL int nng_msg_reserve(nng_msg* msg, size_t capacity);
NNG_DECL int nng_msg_realloc(nng_msg* msg, size_t size);

// Makes the body empty.
NNG_DECL void nng_msg_clear(nng_msg* msg);

// Add the size bytes at data, or the number value, to the body: append at its end, insert at its front.
// Errors: NNG_ENOMEM.
NNG_DECL int nng_msg_append(nng_msg* msg, const void* data, size_t size);
NNG_DECL int nng_msg_append_u16(nng_msg* msg, uint16_t value);
NNG_DECL int nng_msg_append_u32(nng_msg* msg, uint32_t value);
NNG_DECL int nng_msg_append_u64(nng_msg* msg, uint64_t value);
NNG_DECL int nng_msg_insert(nng_msg* msg, const void* data, size_t size);
NNG_DECL int nng_msg_insert_u16(nng_msg* msg, uint16_t value);
NNG_DECL int nng_msg_insert_u32(nng_msg* msg, uint32_t value);
NNG_DECL int nng_msg_insert_u64(nng_msg* msg, uint64_t value);

// Remove size bytes, or a number into *value, from the body: chop at its end, trim at its front.
// Errors: NNG_EINVAL: the body is shorter.
NNG_DECL int nng_msg_chop(nng_msg* msg, size_t size);
NNG_DECL int nng_msg_chop_u16(nng_msg* msg, uint16_t* value);
NNG_DECL int nng_msg_chop_u32(nng_msg* msg, uint32_t* value);
NNG_DECL int nng_msg_chop_u64(nng_msg* msg, uint64_t* value);
NNG_DECL int nng_msg_trim(nng_msg* msg, size_t size);
NNG_DECL int nng_msg_trim_u16(nng_msg* msg, uint16_t* value);
NNG_DECL int nng_msg_trim_u32(nng_msg* msg, uint32_t* value);
NNG_DECL int nng_msg_trim_u64(nng_msg* msg, uint64_t* value);

// Return a pointer to the header's first byte, and its length in bytes. The pointer is valid as long as the
// message.
NNG_DECL void* nng_msg_header(nng_msg* msg);
NNG_DECL size_t nng_msg_header_len(const nng_msg* msg);

// Makes the header empty.
NNG_DECL void nng_msg_header_clear(nng_msg* msg);

// Add the size bytes at data, or the number value, to the header: append at its end, insert at its front.
// Errors: NNG_EINVAL: the header would exceed 64 bytes. Contract: NNG's code.
NNG_DECL int nng_msg_header_append(nng_msg* msg, const void* data, size_t size);
NNG_DECL int nng_msg_header_append_u16(nng_msg* msg, uint16_t value);
NNG_DECL int nng_msg_header_append_u32(nng_msg* msg, uint32_t value);
NNG_DECL int nng_msg_header_append_u64(nng_msg* msg, uint64_t value);
NNG_DECL int nng_msg_header_insert(nng_msg* msg, const void* data, size_t size);
NNG_DECL int nng_msg_header_insert_u16(nng_msg* msg, uint16_t value);
NNG_DECL int nng_msg_header_insert_u32(nng_msg* msg, uint32_t value);
NNG_DECL int nng_msg_header_insert_u64(nng_msg* msg, uint64_t value);

// Remove size bytes, or a number into *value, from the header: chop at its end, trim at its front.
// Errors: NNG_EINVAL: the header is shorter.
NNG_DECL int nng_msg_header_chop(nng_msg* msg, size_t size);
NNG_DECL int nng_msg_header_chop_u16(nng_msg* msg, uint16_t* value);
NNG_DECL int nng_msg_header_chop_u32(nng_msg* msg, uint32_t* value);
NNG_DECL int nng_msg_header_chop_u64(nng_msg* msg, uint64_t* value);
NNG_DECL int nng_msg_header_trim(nng_msg* msg, size_t size);
NNG_DECL int nng_msg_header_trim_u16(nng_msg* msg, uint16_t* value);
NNG_DECL int nng_msg_header_trim_u32(nng_msg* msg, uint32_t* value);
NNG_DECL int nng_msg_header_trim_u64(nng_msg* msg, uint64_t* value);

// ---- Time --------------------------------------------------------------------------------------

// Returns the milliseconds since some time in the past, the same for all threads of the process.
// Blocks: no. Callback: yes. Errors: none. Contract: NNG; naio: never goes back.
NNG_DECL nng_time nng_clock(void);

// Sleeps on the calling thread for at least ms milliseconds. 0 and negative values return at once.
// Blocks: yes. Callback: yes, at the cost of a thread that other callbacks may need. Errors: none. Contract:
// NNG.
NNG_DECL void nng_msleep(nng_duration ms);

// ---- Threads -----------------------------------------------------------------------------------
//
// These functions are those of naio's <nng/nng.h>. NNG 1 declares them in <nng/supplemental/util/platform.h>,
// too.

typedef struct nng_thread nng_thread;  // a thread of the system

// Creates a thread in *threadp, which is set before the thread begins to run function(arg); release it with
// nng_thread_destroy.
// Blocks: no. Callback: yes. NULL: threadp fatal. Errors: NNG_ENOMEM: no memory or threads. Contract: NNG.
NNG_DECL int nng_thread_create(nng_thread** threadp, void (*function)(void*), void* arg);

// Names the thread, for debuggers. The name is copied, and cut to the length that the system allows.
// Blocks: no. Callback: yes. NULL: names the calling thread. Errors: none. Contract: NNG; NNG's code: NULL.
NNG_DECL void nng_thread_set_name(nng_thread* thread, const char* name);

// Waits until the thread's function has returned, then releases the thread. The thread itself must not make
// this call.
// Blocks: yes. Callback: yes, if the thread's function does not wait for that callback. NULL: ignored.
// Errors: none.
// Contract: NNG; naio: NULL.
NNG_DECL void nng_thread_destroy(nng_thread* thread);

typedef struct nng_mtx nng_mtx;  // a lock that one thread at a time can hold

// Creates a mutex in *mtxp that is not locked; release it with nng_mtx_free.
// Blocks: no. Callback: yes. NULL: mtxp fatal. Errors: NNG_ENOMEM. Contract: NNG.
NNG_DECL int nng_mtx_alloc(nng_mtx** mtxp);

// Destroys a mutex that is not locked and that no condition variable uses.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; NNG's code: NULL.
NNG_DECL void nng_mtx_free(nng_mtx* mtx);

// Takes the mutex. The calling thread must not hold it already.
// Blocks: while another thread holds it. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL void nng_mtx_lock(nng_mtx* mtx);

// Releases the mutex. The calling thread must hold it.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL void nng_mtx_unlock(nng_mtx* mtx);

typedef struct nng_cv nng_cv;  // a condition variable: threads sleep on it until a condition has changed

// Creates a condition variable in *cvp for a condition that mtx guards; release it with nng_cv_free.
// Blocks: no. Callback: yes. NULL: fatal, both. Errors: NNG_ENOMEM. Contract: NNG.
NNG_DECL int nng_cv_alloc(nng_cv** cvp, nng_mtx* mtx);

// Destroys a condition variable on which no thread sleeps.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; NNG's code: NULL.
NNG_DECL void nng_cv_free(nng_cv* cv);

// Releases the mutex, which the caller must hold, sleeps until woken, and takes the mutex again. The call may
// also return without a wake: loop on the condition.
// Blocks: yes. Callback: yes, at the cost of a thread. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL void nng_cv_wait(nng_cv* cv);

// Waits as nng_cv_wait does, but not beyond `when`, a time of nng_clock. The caller holds the mutex again
// also after an error.
// Blocks: until woken or `when`. Callback: yes, at the cost of a thread. NULL: fatal. Errors: NNG_ETIMEDOUT:
// the time has passed; NNG_EAGAIN: `when` is 0. Contract: NNG.
NNG_DECL int nng_cv_until(nng_cv* cv, nng_time when);

// Wake all threads that sleep on the condition variable, or one of them. The caller holds the mutex.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL void nng_cv_wake(nng_cv* cv);
NNG_DECL void nng_cv_wake1(nng_cv* cv);

// ---- Memory ------------------------------------------------------------------------------------

// Allocates size bytes, unspecified, aligned for 64-bit numbers; release them with nng_free. Returns NULL if
// there is no memory, or size is 0.
// Blocks: no. Callback: yes. Errors: only NULL. Contract: NNG; NNG's code: size 0.
NNG_DECL void* nng_alloc(size_t size);

// Releases a block that nng_alloc returned for the same size.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; naio: NULL.
NNG_DECL void nng_free(void* block, size_t size);

// Returns a copy of the string, to be released with nng_strfree, or with nng_free and its length + 1; NULL if
// there is no memory.
// Blocks: no. Callback: yes. NULL: fatal. Errors: only NULL. Contract: NNG; naio: NULL.
NNG_DECL char* nng_strdup(const char* string);

// Releases a string that nng_strdup returned. The string's length must not have changed.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; NNG's code: NULL.
NNG_DECL void nng_strfree(char* string);

// ---- Random numbers ----------------------------------------------------------------------------

// Returns a random number from 0 to UINT32_MAX that is fit for cryptography.
// Blocks: no. Callback: yes. Errors: none. Contract: NNG.
NNG_DECL uint32_t nng_random(void);

// ---- Logging -----------------------------------------------------------------------------------
//
// These functions are those of naio's <nng/nng.h>.

// The severity of a message: a lower value is more severe. The values are syslog's.
typedef enum nng_log_level {
    NNG_LOG_NONE = 0,
    NNG_LOG_ERR = 3,
    NNG_LOG_WARN = 4,
    NNG_LOG_NOTICE = 5,
    NNG_LOG_INFO = 6,
    NNG_LOG_DEBUG = 7
} nng_log_level;

// The part of a system that a message is from. The values are syslog's.
typedef enum nng_log_facility {
    NNG_LOG_USER = 1,
    NNG_LOG_DAEMON = 3,
    NNG_LOG_AUTH = 10,
    NNG_LOG_LOCAL0 = 16,
    NNG_LOG_LOCAL1 = 17,
    NNG_LOG_LOCAL2 = 18,
    NNG_LOG_LOCAL3 = 19,
    NNG_LOG_LOCAL4 = 20,
    NNG_LOG_LOCAL5 = 21,
    NNG_LOG_LOCAL6 = 22,
    NNG_LOG_LOCAL7 = 23
} nng_log_facility;

// Receives a message that a thread logs, on that thread. Several threads may call the logger at once. msgid
// may be NULL; both strings are valid during the call only.
// Contract: NNG.
typedef void (*nng_logger)(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg);

// Set the logger (NULL: nng_null_logger, which is the default), the least severe level that is logged
// (default NNG_LOG_NOTICE), and the facility of messages (default NNG_LOG_USER).
// Blocks: no. Callback: yes. Errors: none. Contract: NNG; NNG's code: NULL.
NNG_DECL void nng_log_set_logger(nng_logger logger);
NNG_DECL void nng_log_set_level(nng_log_level level);
NNG_DECL void nng_log_set_facility(nng_log_facility facility);

// Returns the level, so that a program need not prepare a message that would be dropped.
// Blocks: no. Callback: yes. Errors: none. Contract: NNG.
NNG_DECL nng_log_level nng_log_get_level(void);

// Log a message. msgid, a short name for this kind of message, may be NULL; msg and the arguments after it
// are as for printf. A text longer than 511 bytes is cut. nng_log_auth logs at level with the facility
// NNG_LOG_AUTH.
// Blocks: as the logger does. Callback: yes. Errors: none. Contract: NNG; NNG's code: 511 bytes.
NNG_DECL void nng_log_err(const char* msgid, const char* msg, ...) NAIO_PRINTF(2, 3);
NNG_DECL void nng_log_warn(const char* msgid, const char* msg, ...) NAIO_PRINTF(2, 3);
NNG_DECL void nng_log_notice(const char* msgid, const char* msg, ...) NAIO_PRINTF(2, 3);
NNG_DECL void nng_log_info(const char* msgid, const char* msg, ...) NAIO_PRINTF(2, 3);
NNG_DECL void nng_log_debug(const char* msgid, const char* msg, ...) NAIO_PRINTF(2, 3);
NNG_DECL void nng_log_auth(nng_log_level level, const char* msgid, const char* msg, ...) NAIO_PRINTF(3, 4);

// Three loggers, for messages msg with level, facility and msgid: one that drops all messages, one for
// stderr, and one for syslog.
// Blocks: while they write. Callback: yes. NULL: msgid may be. Errors: none. Contract: NNG.
NNG_DECL void nng_null_logger(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg);
NNG_DECL void nng_stderr_logger(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg);
NNG_DECL void nng_system_logger(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg);

// ---- Id map ------------------------------------------------------------------------------------
//
// These functions are those of naio's <nng/nng.h>. NNG 1 declares them in <nng/supplemental/util/idhash.h>.
//
// Facts of all these functions, unless a comment says otherwise. Threads: one at a time for a map.

typedef struct nng_id_map_s nng_id_map;

#define NNG_MAP_RANDOM 1  // flag: the first number that nng_id_alloc hands out is a random one

// Creates an empty map in *mapp; release it with nng_id_map_free. nng_id_alloc hands out numbers from lo to
// hi, both included; lo 0 stands for 1, hi 0 for 0xffffffff. flags: 0 or NNG_MAP_RANDOM.
// Blocks: no. Callback: yes. NULL: mapp fatal. Errors: NNG_ENOMEM; NNG_EINVAL: hi < lo. Contract: NNG; naio:
// EINVAL.
NNG_DECL int nng_id_map_alloc(nng_id_map** mapp, uint64_t lo, uint64_t hi, int flags);

// Destroys the map. The objects that its pointers point to stay.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; naio: NULL.
NNG_DECL void nng_id_map_free(nng_id_map* map);

// Returns the pointer that is stored for id, NULL if there is none. It belongs to the program.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL void* nng_id_get(nng_id_map* map, uint64_t id);

// Stores the pointer value for id, which may be any number.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOMEM; NNG_EINVAL: value is NULL. Contract: NNG; naio:
// EINVAL.
NNG_DECL int nng_id_set(nng_id_map* map, uint64_t id, void* value);

// Stores the pointer value for the next free number of the map's range and writes the number to *idp.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOMEM: no memory, or no free number; NNG_EINVAL: value
// is NULL.
// Contract: NNG; naio: EINVAL.
NNG_DECL int nng_id_alloc(nng_id_map* map, uint64_t* idp, void* value);

// Removes the pointer that is stored for id.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOENT: there is none. Contract: NNG.
NNG_DECL int nng_id_remove(nng_id_map* map, uint64_t id);

// Walks the map, in no particular order: set *cursor to 0 and call the function until it returns false. Each
// call writes one number to *idp and its pointer, which belongs to the program, to *valuep.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL bool nng_id_visit(nng_id_map* map, uint64_t* idp, void** valuep, uint32_t* cursor);

// ---- Addresses ---------------------------------------------------------------------------------

#define NNG_MAXADDRLEN (128)

// The family of an nng_sockaddr, which says which of its members is valid.
enum nng_sockaddr_family {
    NNG_AF_UNSPEC = 0,   // none
    NNG_AF_INPROC = 1,   // s_inproc
    NNG_AF_IPC = 2,      // s_ipc
    NNG_AF_INET = 3,     // s_in
    NNG_AF_INET6 = 4,    // s_in6
    NNG_AF_ZT = 5,       // s_zt
    NNG_AF_ABSTRACT = 6  // s_abstract
};

// A name within the process. naio has no operations on such addresses.
struct nng_sockaddr_inproc {
    uint16_t sa_family;
    char sa_name[NNG_MAXADDRLEN];  // ends with a zero byte
};

// A socket in the file system.
struct nng_sockaddr_path {
    uint16_t sa_family;
    char sa_path[NNG_MAXADDRLEN];  // ends with a zero byte
};

struct nng_sockaddr_in6 {
    uint16_t sa_family;
    uint16_t sa_port;     // in network byte order
    uint8_t sa_addr[16];  // in network byte order
    uint32_t sa_scope;    // of a link-local address: the number of the interface
};

struct nng_sockaddr_in {
    uint16_t sa_family;
    uint16_t sa_port;  // in network byte order
    uint32_t sa_addr;  // in network byte order
};

// An address of ZeroTier. naio has no operations on such addresses.
struct nng_sockaddr_zt {
    uint16_t sa_family;
    uint64_t sa_nwid;
    uint64_t sa_nodeid;
    uint32_t sa_port;
};

// A socket outside of the file system, on Linux.
struct nng_sockaddr_abstract {
    uint16_t sa_family;
    uint16_t sa_len;       // number of bytes of the name, 0 to 107; 0: the system chooses a name
    uint8_t sa_name[107];  // any bytes, without the leading zero byte
};

// As large as the largest address.
struct nng_sockaddr_storage {
    uint16_t sa_family;
    uint64_t sa_pad[16];
};

typedef struct nng_sockaddr_inproc nng_sockaddr_inproc;
typedef struct nng_sockaddr_path nng_sockaddr_path;
typedef struct nng_sockaddr_path nng_sockaddr_ipc;
typedef struct nng_sockaddr_in nng_sockaddr_in;
typedef struct nng_sockaddr_in6 nng_sockaddr_in6;
typedef struct nng_sockaddr_zt nng_sockaddr_zt;
typedef struct nng_sockaddr_abstract nng_sockaddr_abstract;
typedef struct nng_sockaddr_storage nng_sockaddr_storage;

typedef union nng_sockaddr {
    uint16_t s_family;  // an nng_sockaddr_family
    nng_sockaddr_ipc s_ipc;
    nng_sockaddr_inproc s_inproc;
    nng_sockaddr_in6 s_in6;
    nng_sockaddr_in s_in;
    nng_sockaddr_zt s_zt;
    nng_sockaddr_abstract s_abstract;
    nng_sockaddr_storage s_storage;
} nng_sockaddr;

#define NNG_MAXADDRSTRLEN (NNG_MAXADDRLEN + 16)  // room for nearly every address as text

// Writes the address sa to buf as text for people, and returns buf. buf has room for bufsz bytes, with the
// zero byte at the end; a longer text is cut.
// Blocks: no. Callback: yes. NULL: fatal, except buf if bufsz is 0. Errors: none. Contract: NNG.
NNG_DECL const char* nng_str_sockaddr(const nng_sockaddr* sa, char* buf, size_t bufsz);

// Creates two connected descriptors for streams (AF_UNIX) in fds, which are the caller's.
// Blocks: no. Callback: yes. Errors: NNG_ENOFILES: no more descriptors; NNG_ENOMEM. Contract: NNG.
NNG_DECL int nng_socket_pair(int fds[2]);

// ---- URLs --------------------------------------------------------------------------------------

// The parts of a URL. The program may read them, and may replace a part by a string of nng_strdup. A part
// that a URL does not have is NULL, unless its comment says otherwise. URLs of the schemes abstract, inproc,
// ipc and unix have only u_rawurl, u_scheme and u_path.
typedef struct nng_url {
    char* u_rawurl;    // the text that was parsed
    char* u_scheme;    // in lower case
    char* u_userinfo;  // before the "@"
    char* u_host;      // host and port, as in the text, the host in lower case; "" instead of "*"
    char* u_hostname;  // the host without the brackets of an IPv6 address; "" if there is none
    char* u_port;      // the port in the text, or that of the scheme; "" if there is neither
    char* u_path;      // "" if there is none
    char* u_query;     // without "?"
    char* u_fragment;  // without "#"
    char* u_requri;    // path, query and fragment; "" if there is none
} nng_url;

// Creates a URL in *urlp from text; release it with nng_url_free. Path, query and fragment are brought into
// their normal form, as NNG 1 does: %XX of letters, digits, "-._~" and of bytes above 127 decoded, any other
// %XX in upper case; several slashes in a row made one; "." and ".." resolved. Any scheme is accepted; a
// dialer or a listener knows some.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_EINVAL: text is not a URL, or has bytes that are not
// UTF-8; NNG_ENOMEM. Contract: NNG; NNG's code: the normal form.
NNG_DECL int nng_url_parse(nng_url** urlp, const char* text);

// Destroys the URL and its parts.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG.
NNG_DECL void nng_url_free(nng_url* url);

// Creates a copy in *dup; release it with nng_url_free.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOMEM. Contract: NNG.
NNG_DECL int nng_url_clone(nng_url** dup, const nng_url* url);

// ---- Options -----------------------------------------------------------------------------------
//
// The comment on each option has the option's type, and the objects that have the option: streams (S),
// dialers (D), listeners (L).

#define NNG_OPT_LOCADDR "local-address"            // address; S L get; D get and set, over TCP: to dial from
#define NNG_OPT_REMADDR "remote-address"           // address; S get
#define NNG_OPT_TCP_NODELAY "tcp-nodelay"          // bool; S D L get and set, over TCP; default true (NNG 1: false)
#define NNG_OPT_TCP_KEEPALIVE "tcp-keepalive"      // bool; S D L get and set, over TCP; default false
#define NNG_OPT_TCP_BOUND_PORT "tcp-bound-port"    // int; L get, over TCP, after it has begun to listen
#define NNG_OPT_IPC_PERMISSIONS "ipc:permissions"  // int; L set, over IPC: mode of the socket's file
#define NNG_OPT_PEER_UID "ipc:peer-uid"            // uint64; S get, over Unix sockets: the peer's user
#define NNG_OPT_PEER_GID "ipc:peer-gid"            // uint64; S get, over Unix sockets: the peer's group
#define NNG_OPT_PEER_PID "ipc:peer-pid"            // uint64; S get, over Unix sockets: the peer's process, if known
#define NNG_OPT_PEER_ZONEID "ipc:peer-zoneid"      // uint64; none: it is for SunOS, and naio does not have it
#define NNG_OPT_SOCKET_FD "socket:fd"              // int; L set, socket://: a connected descriptor, taken over
#define NNG_OPT_IPC_PEER_UID NNG_OPT_PEER_UID
#define NNG_OPT_IPC_PEER_GID NNG_OPT_PEER_GID
#define NNG_OPT_IPC_PEER_PID NNG_OPT_PEER_PID
#define NNG_OPT_IPC_PEER_ZONEID NNG_OPT_PEER_ZONEID

// ---- Streams -----------------------------------------------------------------------------------
//
// Streams, dialers and listeners are those of naio's <nng/nng.h>, with its URLs: tcp://, tcp4://, tcp6://,
// ipc://, unix://, abstract:// and socket://.

typedef struct nng_stream nng_stream;
typedef struct nng_stream_dialer nng_stream_dialer;
typedef struct nng_stream_listener nng_stream_listener;

// Start an operation that sends from the aio's iov (nng_aio_set_iov), or receives into it. The operation ends
// with the result 0 when it has moved at least one byte, maybe fewer than the iov has; nng_aio_count says how
// many.
// Results: NNG_ECONNSHUT: the peer will send no more; NNG_ECONNRESET; NNG_ECLOSED: the stream is closed;
// NNG_ETIMEDOUT; NNG_ECANCELED; the code of an abort; others of the system.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG; naio: order, a zero timeout only
// tries.
NNG_DECL void nng_stream_send(nng_stream* s, nng_aio* aio);
NNG_DECL void nng_stream_recv(nng_stream* s, nng_aio* aio);

// End the connection. All operations on the stream, in flight and later ones, end with NNG_ECLOSED. free also
// destroys the stream. Neither waits.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG.
NNG_DECL void nng_stream_close(nng_stream* s);
NNG_DECL void nng_stream_free(nng_stream* s);

// Read the option opt of the stream into *valp. nng_stream_get copies the value to valp if *sizep, the number
// of bytes there, is large enough, and sets *sizep to the value's size. No option is a string, a pointer, a
// duration or a size.
// Blocks: no. Callback: yes. NULL: fatal, except valp if *sizep is 0. Errors: NNG_ENOTSUP: the stream has no
// such option; NNG_EBADTYPE: the option has another type; NNG_EINVAL: *sizep is too small; NNG_ECLOSED: the
// stream is closed. Contract: NNG; naio: ECLOSED.
NNG_DECL int nng_stream_get(nng_stream* s, const char* opt, void* valp, size_t* sizep);
NNG_DECL int nng_stream_get_bool(nng_stream* s, const char* opt, bool* valp);
NNG_DECL int nng_stream_get_int(nng_stream* s, const char* opt, int* valp);
NNG_DECL int nng_stream_get_ms(nng_stream* s, const char* opt, nng_duration* valp);
NNG_DECL int nng_stream_get_size(nng_stream* s, const char* opt, size_t* valp);
NNG_DECL int nng_stream_get_uint64(nng_stream* s, const char* opt, uint64_t* valp);
NNG_DECL int nng_stream_get_string(nng_stream* s, const char* opt, char** valp);
NNG_DECL int nng_stream_get_ptr(nng_stream* s, const char* opt, void** valp);
NNG_DECL int nng_stream_get_addr(nng_stream* s, const char* opt, nng_sockaddr* valp);

// Set the option opt of the stream to val. nng_stream_set copies the size bytes at val.
// Blocks: no. Callback: yes. NULL: fatal, except val. Errors: NNG_ENOTSUP: the stream has no such option;
// NNG_EREADONLY; NNG_EBADTYPE: the option has another type; NNG_EINVAL: the size is wrong; NNG_ECLOSED.
// Contract: NNG.
NNG_DECL int nng_stream_set(nng_stream* s, const char* opt, const void* val, size_t size);
NNG_DECL int nng_stream_set_bool(nng_stream* s, const char* opt, bool val);
NNG_DECL int nng_stream_set_int(nng_stream* s, const char* opt, int val);
NNG_DECL int nng_stream_set_ms(nng_stream* s, const char* opt, nng_duration val);
NNG_DECL int nng_stream_set_size(nng_stream* s, const char* opt, size_t val);
NNG_DECL int nng_stream_set_uint64(nng_stream* s, const char* opt, uint64_t val);
NNG_DECL int nng_stream_set_string(nng_stream* s, const char* opt, const char* val);
NNG_DECL int nng_stream_set_ptr(nng_stream* s, const char* opt, void* val);
NNG_DECL int nng_stream_set_addr(nng_stream* s, const char* opt, const nng_sockaddr* val);

// ---- Dialers -----------------------------------------------------------------------------------

// Create a dialer in *dialerp for url; release it with nng_stream_dialer_free. nng_stream_dialer_alloc_url
// uses the parts of url, not its u_rawurl.
// Blocks: no. Callback: yes. NULL: fatal. Down: starts it. Errors: NNG_ENOMEM; NNG_EADDRINVAL: the URL has no
// host, port or path to dial; NNG_ENOTSUP: another scheme; NNG_EINVAL: url is not a URL; also those of
// nng_aio_alloc, on first use. Contract: NNG.
NNG_DECL int nng_stream_dialer_alloc(nng_stream_dialer** dialerp, const char* url);
NNG_DECL int nng_stream_dialer_alloc_url(nng_stream_dialer** dialerp, const nng_url* url);

// End all dials of the dialer, those in flight and later ones, with NNG_ECLOSED. free also destroys the
// dialer. Its streams stay.
// Blocks: free until the dials have ended, but not until their callbacks have. Callback: yes. NULL: ignored.
// Errors: none.
// Contract: NNG; naio: from callbacks.
NNG_DECL void nng_stream_dialer_close(nng_stream_dialer* dialer);
NNG_DECL void nng_stream_dialer_free(nng_stream_dialer* dialer);

// Starts an operation that connects. The stream is output 0 of the aio; release it with nng_stream_free.
// Results: NNG_ECONNREFUSED: no socket accepts there, or there is no such path; NNG_EADDRINVAL: no such host;
// NNG_EUNREACHABLE; NNG_EPERM; NNG_ENOFILES; NNG_ENOMEM; NNG_ECLOSED; NNG_ECANCELED; NNG_ETIMEDOUT; and
// others.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG; naio: tries all addresses of the host.
NNG_DECL void nng_stream_dialer_dial(nng_stream_dialer* dialer, nng_aio* aio);

// Read the option opt of the dialer into *valp, as nng_stream_get and its like do.
// Blocks: no. Callback: yes. NULL: fatal, except valp if *sizep is 0. Errors: NNG_ENOTSUP: the dialer has no
// such option; NNG_EBADTYPE: the option has another type; NNG_EWRITEONLY; NNG_EINVAL: *sizep is too small;
// NNG_ECLOSED. Contract: NNG.
NNG_DECL int nng_stream_dialer_get(nng_stream_dialer* dialer, const char* opt, void* valp, size_t* sizep);
NNG_DECL int nng_stream_dialer_get_bool(nng_stream_dialer* dialer, const char* opt, bool* valp);
NNG_DECL int nng_stream_dialer_get_int(nng_stream_dialer* dialer, const char* opt, int* valp);
NNG_DECL int nng_stream_dialer_get_ms(nng_stream_dialer* dialer, const char* opt, nng_duration* valp);
NNG_DECL int nng_stream_dialer_get_size(nng_stream_dialer* dialer, const char* opt, size_t* valp);
NNG_DECL int nng_stream_dialer_get_uint64(nng_stream_dialer* dialer, const char* opt, uint64_t* valp);
NNG_DECL int nng_stream_dialer_get_string(nng_stream_dialer* dialer, const char* opt, char** valp);
NNG_DECL int nng_stream_dialer_get_ptr(nng_stream_dialer* dialer, const char* opt, void** valp);
NNG_DECL int nng_stream_dialer_get_addr(nng_stream_dialer* dialer, const char* opt, nng_sockaddr* valp);

// Set the option opt of the dialer to val for later dials. nng_stream_dialer_set copies the size bytes at
// val.
// Blocks: no. Callback: yes. NULL: fatal, except val. Errors: NNG_ENOTSUP: the dialer has no such option;
// NNG_EREADONLY; NNG_EBADTYPE: the option has another type; NNG_EINVAL: the size is wrong; NNG_EADDRINVAL:
// val is not an address to dial from, or has a port; NNG_ECLOSED. Contract: NNG.
NNG_DECL int nng_stream_dialer_set(nng_stream_dialer* dialer, const char* opt, const void* val, size_t size);
NNG_DECL int nng_stream_dialer_set_bool(nng_stream_dialer* dialer, const char* opt, bool val);
NNG_DECL int nng_stream_dialer_set_int(nng_stream_dialer* dialer, const char* opt, int val);
NNG_DECL int nng_stream_dialer_set_ms(nng_stream_dialer* dialer, const char* opt, nng_duration val);
NNG_DECL int nng_stream_dialer_set_size(nng_stream_dialer* dialer, const char* opt, size_t val);
NNG_DECL int nng_stream_dialer_set_uint64(nng_stream_dialer* dialer, const char* opt, uint64_t val);
NNG_DECL int nng_stream_dialer_set_string(nng_stream_dialer* dialer, const char* opt, const char* val);
NNG_DECL int nng_stream_dialer_set_ptr(nng_stream_dialer* dialer, const char* opt, void* val);
NNG_DECL int nng_stream_dialer_set_addr(nng_stream_dialer* dialer, const char* opt, const nng_sockaddr* val);

// ---- Listeners ---------------------------------------------------------------------------------

// Create a listener in *listenerp for url; release it with nng_stream_listener_free. The listener does not
// listen yet. With tcp:// and no host it will listen at all IPv4 addresses. nng_stream_listener_alloc_url
// uses the parts of url, not its u_rawurl.
// Blocks: no. Callback: yes. NULL: fatal. Down: starts it. Errors: NNG_ENOMEM; NNG_EADDRINVAL: the URL has no
// address; NNG_ENOTSUP: another scheme; NNG_EINVAL: url is not a URL; also those of nng_aio_alloc, on first
// use. Contract: NNG; naio: nng_stream_listener_listen looks the host up (NNG's code: this function).
NNG_DECL int nng_stream_listener_alloc(nng_stream_listener** listenerp, const char* url);
NNG_DECL int nng_stream_listener_alloc_url(nng_stream_listener** listenerp, const nng_url* url);

// End listening. All accepts, those in flight and later ones, end with NNG_ECLOSED. The path of an ipc://
// listener is removed. free also destroys the listener. Its streams stay.
// Blocks: up to 100 ms if another program keeps the lock of the path's directory; free also until the poller
// lets go of the descriptor. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; naio: from callbacks.
NNG_DECL void nng_stream_listener_close(nng_stream_listener* listener);
NNG_DECL void nng_stream_listener_free(nng_stream_listener* listener);

// Begins to listen, once; after an error the call may be repeated. For socket:// the function has no effect.
// Blocks: to look up a host's name; up to a second for the directory's lock. Callback: yes. NULL: fatal.
// Down: NNG_ECLOSED.
// Errors: NNG_EADDRINUSE; NNG_EADDRINVAL: no such host or address here; NNG_EPERM; NNG_ENOENT: the path's
// directory does not exist; NNG_ENOTSUP: the machine does not have the family; NNG_ENOFILES; NNG_ENOSPC: no
// more descriptors to watch; NNG_ENOMEM; NNG_ESTATE: the listener listens already; NNG_ECLOSED; others of the
// system. Contract: NNG.
NNG_DECL int nng_stream_listener_listen(nng_stream_listener* listener);

// Starts an operation that accepts one connection. The stream is output 0 of the aio; release it with
// nng_stream_free.
// Results: NNG_ESTATE: the listener does not listen; NNG_ECLOSED; NNG_ENOMEM; NNG_ECANCELED; NNG_ETIMEDOUT;
// and others.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG; naio: waits when there are no
// descriptors left.
NNG_DECL void nng_stream_listener_accept(nng_stream_listener* listener, nng_aio* aio);

// Read the option opt of the listener into *valp, as nng_stream_get and its like do.
// Blocks: no. Callback: yes. NULL: fatal, except valp if *sizep is 0. Errors: NNG_ENOTSUP: the listener has
// no such option; NNG_EBADTYPE: the option has another type; NNG_EWRITEONLY; NNG_EINVAL: *sizep is too small;
// NNG_ESTATE: the listener does not listen yet; NNG_ECLOSED. Contract: NNG.
NNG_DECL int nng_stream_listener_get(nng_stream_listener* listener, const char* opt, void* valp, size_t* sizep);
NNG_DECL int nng_stream_listener_get_bool(nng_stream_listener* listener, const char* opt, bool* valp);
NNG_DECL int nng_stream_listener_get_int(nng_stream_listener* listener, const char* opt, int* valp);
NNG_DECL int nng_stream_listener_get_ms(nng_stream_listener* listener, const char* opt, nng_duration* valp);
NNG_DECL int nng_stream_listener_get_size(nng_stream_listener* listener, const char* opt, size_t* valp);
NNG_DECL int nng_stream_listener_get_uint64(nng_stream_listener* listener, const char* opt, uint64_t* valp);
NNG_DECL int nng_stream_listener_get_string(nng_stream_listener* listener, const char* opt, char** valp);
NNG_DECL int nng_stream_listener_get_ptr(nng_stream_listener* listener, const char* opt, void** valp);
NNG_DECL int nng_stream_listener_get_addr(nng_stream_listener* listener, const char* opt, nng_sockaddr* valp);

// Set the option opt of the listener to val. nng_stream_listener_set copies the size bytes at val.
// Blocks: no. Callback: yes. NULL: fatal, except val. Errors: NNG_ENOTSUP: the listener has no such option;
// NNG_EREADONLY; NNG_EBADTYPE: the option has another type; NNG_EINVAL: the size or the value is wrong;
// NNG_ENOSPC: 16 descriptors of NNG_OPT_SOCKET_FD wait already; NNG_EBUSY: the listener listens already;
// NNG_ECLOSED. Contract: NNG.
NNG_DECL int nng_stream_listener_set(nng_stream_listener* listener, const char* opt, const void* val, size_t size);
NNG_DECL int nng_stream_listener_set_bool(nng_stream_listener* listener, const char* opt, bool val);
NNG_DECL int nng_stream_listener_set_int(nng_stream_listener* listener, const char* opt, int val);
NNG_DECL int nng_stream_listener_set_ms(nng_stream_listener* listener, const char* opt, nng_duration val);
NNG_DECL int nng_stream_listener_set_size(nng_stream_listener* listener, const char* opt, size_t val);
NNG_DECL int nng_stream_listener_set_uint64(nng_stream_listener* listener, const char* opt, uint64_t val);
NNG_DECL int nng_stream_listener_set_string(nng_stream_listener* listener, const char* opt, const char* val);
NNG_DECL int nng_stream_listener_set_ptr(nng_stream_listener* listener, const char* opt, void* val);
NNG_DECL int nng_stream_listener_set_addr(nng_stream_listener* listener, const char* opt, const nng_sockaddr* val);

// ---- Datagrams ---------------------------------------------------------------------------------
//
// UDP sockets are those of naio's <nng/nng.h>, with the addresses of NNG 1.

typedef struct nng_udp nng_udp;  // a UDP socket

// Creates a socket in *udpp that is bound to sa; release it with nng_udp_close.
// Blocks: no. Callback: yes. NULL: udpp fatal, sa an error. Down: starts it. Errors: NNG_EADDRINVAL: sa is
// NULL, is not an IPv4 or IPv6 address, is an IPv4 address in the form of IPv6, or is not an address of this
// machine; NNG_EADDRINUSE; NNG_EPERM; NNG_ENOFILES; NNG_ENOTSUP: the machine does not have the family;
// NNG_ENOSPC: no more descriptors to watch; NNG_ENOMEM; also those of nng_aio_alloc, on first use.
// Contract: NNG; naio: IPv6 alone.
NNG_DECL int nng_udp_open(nng_udp** udpp, nng_sockaddr* sa);

// Ends the operations on the socket with NNG_ECLOSED, closes it and destroys it. No other thread may be using
// the socket.
// Blocks: until the socket is closed, not for callbacks. Callback: yes. NULL: ignored. Errors: none.
// Contract: NNG; naio: NULL.
NNG_DECL void nng_udp_close(nng_udp* udp);

// Writes the socket's own address to *sa.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ECLOSED: the socket is closed. Contract: NNG.
NNG_DECL int nng_udp_sockname(nng_udp* udp, nng_sockaddr* sa);

// Start an operation that sends the aio's iov as one datagram, or receives one into it. Input 0 points to an
// nng_sockaddr, which must live until the operation is over: for a send the receiver's address, for a
// receive room for the sender's address. Input 0 of a receive may be NULL.
// Results: NNG_EADDRINVAL: no address, one of another family, or one without a port; NNG_EMSGSIZE: too long,
// or, for a receive, longer than the iov, which is filled; NNG_EUNREACHABLE; NNG_EPERM; NNG_ECLOSED;
// NNG_ECANCELED; others of the system.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Guarantee: TOTAL. Contract: NNG.
NNG_DECL void nng_udp_send(nng_udp* udp, nng_aio* aio);
NNG_DECL void nng_udp_recv(nng_udp* udp, nng_aio* aio);

// Joins the multicast group sa, or leaves it if join is false.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_EADDRINVAL: sa is not an address of the socket's
// family, or the group was joined or left already, or there is no such interface; NNG_EINVAL: sa is not a
// group's address; NNG_ENOMEM; NNG_ECLOSED. Contract: NNG.
NNG_DECL int nng_udp_multicast_membership(nng_udp* udp, nng_sockaddr* sa, bool join);

#undef NAIO_PRINTF

#ifdef __cplusplus
}
#endif

#endif  // NAIO_NNG1_H
