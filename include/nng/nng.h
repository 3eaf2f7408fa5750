// Asynchronous I/O handles with the interface of NNG 2: the part of <nng/nng.h> that naio provides.
//
// Names, values, layouts and signatures are NNG's, so a program that uses only the declarations in this
// header compiles and runs with either library.
//
// Each function's comment ends with its facts:
//
//   Blocks    what the function waits for: an operation, a callback, a lock or a time. "no": nothing.
//   Callback  "yes" if the function may be called from an aio's callback.
//   NULL      the effect of a NULL handle. "ignored": none. "fatal": the program ends with a line on
//             stderr that names the function. Other pointers must be valid, unless the text allows NULL.
//   Down      the effect while the library is down: before nng_init, and after the last nng_fini. "works":
//             as at other times. "starts it": the function first starts the library. For that it may block
//             as nng_init does, whatever its own fact Blocks says. "fatal": as above.
//   Errors    the values that the function returns besides NNG_OK (0).
//   Contract  the source of the promise. "NNG": NNG's documentation. "NNG's code": the behaviour of NNG
//             where its documentation is silent or says otherwise. "naio": naio's own promise, which is
//             stricter than NNG's or different.
//
// Facts of all functions, unless a comment or the head of its section says otherwise:
//
//   Threads   any, also several at once for one object. While a function destroys an object, no other call
//             may use the object.
//   Down      works.
//   Memory    the memory that a pointer refers to stays the caller's. The function uses this memory during
//             the call only, and copies everything that it needs later, also strings and addresses.
//   Units     nng_duration and nng_time: milliseconds. size_t: bytes, unless the comment says what it
//             counts.
//
// A child that is forked while the library is up may exec or exit. In the child, functions that free, stop
// or close an object do nothing, except for objects that are only memory (messages, URLs, id maps, locks,
// blocks of nng_alloc): these are released. nng_fini does nothing, and nng_aio_wait returns at once if the
// aio is idle. nng_init, functions that start the library, and all other functions that start, end or wait
// for an operation terminate the child with a message on stderr.
//
// Signals: the library's threads, which run the callbacks, block every signal except those that a
// thread raises by its own fault (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS). They block SIGABRT
// (for abort), SIGPROF and SIGVTALRM (for profilers) only if the thread that starts the library blocks
// them. A child that a callback forks gets the mask of the thread that started the library, so that a
// program that the child executes does not start with SIGTERM blocked. If the callback has changed its
// thread's mask before the fork, the child keeps the changed mask. posix_spawn, vfork, popen and system
// run no code of the library, so the program that they start has the callback's mask. Give posix_spawn
// the mask that the program needs, with posix_spawnattr_setsigmask and POSIX_SPAWN_SETSIGMASK.
#ifndef NNG_NNG_H
#define NNG_NNG_H

#ifdef NAIO_NNG1_H
#error "this file has included <naio/nng1.h>, the interface of NNG 1, and includes that of NNG 2"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>  // for programs that rely on NNG's including it

#ifdef __cplusplus
extern "C" {
#endif

// Defines NNG_DECL, with which all functions are declared. NNG_STATIC_LIB: the static library is being
// built, or a program is linked with it. NNG_SHARED_LIB: the shared library is being built; with
// NNG_HIDDEN_VISIBILITY its other symbols are hidden. A program that defines NNG_DECL before it includes
// this header replaces all of this.
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

// In C++ the enumerations can hold any int, because codes of the system and of transports have no
// enumerator.
#ifdef __cplusplus
#define NAIO_INT : int
#else
#define NAIO_INT
#endif

// ---- Version -----------------------------------------------------------------------------------

// The version of NNG whose interface this header has. The suffix is empty in a release.
#define NNG_MAJOR_VERSION 2
#define NNG_MINOR_VERSION 0
#define NNG_PATCH_VERSION 0
#define NNG_RELEASE_SUFFIX "dev"

// Returns the version of NNG whose interface the running library has, as a string like "2.0.0dev". The
// string lives forever.
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

// The outcome of a call or of an operation. Unrelated to errno, except for 0: no error.
typedef enum NAIO_INT {
    NNG_OK = 0,
    NNG_EINTR = 1,             // interrupted
    NNG_ENOMEM = 2,            // no memory, or no more of another resource
    NNG_EINVAL = 3,            // an argument makes no sense
    NNG_EBUSY = 4,             // in use
    NNG_ETIMEDOUT = 5,         // took longer than allowed
    NNG_ECONNREFUSED = 6,      // no socket accepts connections there
    NNG_ECLOSED = 7,           // closed, here or by the peer
    NNG_EAGAIN = 8,            // not now; it may work later
    NNG_ENOTSUP = 9,           // not supported
    NNG_EADDRINUSE = 10,       // the address is taken
    NNG_ESTATE = 11,           // not possible in this state
    NNG_ENOENT = 12,           // no such thing
    NNG_EPROTO = 13,           // the peer broke the protocol
    NNG_EUNREACHABLE = 14,     // no way to the destination
    NNG_EADDRINVAL = 15,       // not an address
    NNG_EPERM = 16,            // not allowed
    NNG_EMSGSIZE = 17,         // the message is too large
    NNG_ECONNABORTED = 18,     // the connection was given up on this side
    NNG_ECONNRESET = 19,       // the connection was given up by the peer
    NNG_ECANCELED = 20,        // canceled with nng_aio_cancel
    NNG_ENOFILES = 21,         // no more file descriptors
    NNG_ENOSPC = 22,           // no more space
    NNG_EEXIST = 23,           // exists already
    NNG_EREADONLY = 24,        // can only be read
    NNG_EWRITEONLY = 25,       // can only be written
    NNG_ECRYPTO = 26,          // cryptography failed, for instance because a key is not valid
    NNG_EPEERAUTH = 27,        // the peer has not proved its identity
    NNG_EBADTYPE = 30,         // the value has another type
    NNG_ECONNSHUT = 31,        // the connection was shut down
    NNG_ESTOPPED = 999,        // stopped with nng_aio_stop or nng_fini, or freed
    NNG_EINTERNAL = 1000,      // a defect in the library
    NNG_ESYSERR = 0x10000000,  // a bit: the rest is an error of the system, as in errno
    NNG_ETRANERR = 0x20000000  // a bit: the rest is an error of a transport
} nng_err;

// Describes an error in English, in the words of NNG 1 and 2, except that NNG_OK is "Success". The string
// lives forever if err is one of the codes above. If err is a system's, a transport's or an unknown code,
// the calling thread's next nng_strerror overwrites the string.
// Blocks: no. Callback: yes. Errors: none. Contract: NNG; naio: threads do not share the string.
NNG_DECL const char* nng_strerror(nng_err err);

// ---- Library -----------------------------------------------------------------------------------

// The library's threads and memory. Zero the structure, because 0 and NULL are the defaults, and then set
// fields. A max_ field limits its num_ field; negative: no limit. Numbers out of range are brought into
// range.
//
// Task threads run callbacks, which may block. If num_task_threads alone is set, exactly this number of
// task threads runs, at most 128. If num_task_threads is 0, one task thread starts at init, and the library
// starts others, up to max_task_threads, while callbacks wait and the running callbacks block. A thread
// that has been idle for 10 seconds ends, but never the last one. If both fields are set, num_task_threads
// threads start at init and stay. A thread whose callback waits inside the library (nng_aio_wait, stop,
// free) does not count against the limit. When the limit is reached, or the system refuses a thread, the
// two threads of the timer run callbacks, too, as long as one of the two is free.
//
// Poller threads wait for I/O, and run callbacks. Each has a second thread, which takes over when a callback
// blocks the first. num_poller_threads fixes the number of pollers, at most 16. If it is 0, there is one
// poller, and there are more while the pollers have no time left, up to max_poller_threads. The first poller
// starts with the first descriptor.
typedef struct {
    int16_t num_task_threads;      // default 0: on need; never fewer than 2 otherwise
    int16_t max_task_threads;      // default 128, never fewer than 2
    int16_t num_expire_threads;    // without effect: one thread keeps all deadlines
    int16_t max_expire_threads;    // without effect
    int16_t num_poller_threads;    // wait for I/O; default: one, and more while one has no time left
    int16_t max_poller_threads;    // default 8; at most 16, and at most one per processor
    int16_t num_resolver_threads;  // look up names; default 1, never fewer; started on first use

    // The functions from which the library gets its memory: set all three or none. (libuv's loops, the
    // system's threads and its look-ups still use malloc.) The library calls them on any thread; they must
    // not call the library. free_fn is given the size that was asked for. The functions stay in force
    // until an nng_init gives others, so that a block that outlives nng_fini is released by the functions
    // that it came from.
    void* (*malloc_fn)(size_t);
    void* (*calloc_fn)(size_t, size_t);
    void (*free_fn)(void*, size_t);
} nng_init_params;

// Starts the library, or counts one more user of it. Each success is paired with an nng_fini. A program
// need not call nng_init: if the library is not running, nng_aio_alloc, naio_aio_init and the functions
// that create a dialer, a listener, a UDP socket or a group start it as nng_init(NULL) does, which counts
// as the first user. params may be NULL, for the defaults, and is read during the call only.
// Blocks: while another thread is in nng_init or nng_fini. Callback: yes, to count one more user.
// Down: starts it. Errors: NNG_EBUSY: params is not NULL and the library is running, or other memory
// functions are given while memory of the former functions is in use, or a callback calls this function
// while the library goes down; NNG_EINVAL: one or two of the three memory functions; NNG_ENOMEM: no memory
// or threads; NNG_ENOFILES: no descriptors; NNG_ENOSPC: the system watches no more descriptors for this
// user; NNG_ESTATE: NNG itself is in the process, and its calls of functions that both libraries define
// come to naio. A log message then names both files; without a logger, a line on stderr does. The
// environment variable NAIO_FOREIGN_NNG=accept switches this check off. A call that fails leaves no
// thread, descriptor or memory behind.
// Contract: NNG; NNG's code: EINVAL, limits; naio: initialization on first use.
NNG_DECL nng_err nng_init(const nng_init_params* params);

// Counts one user less. The last call, which brings the count to 0, ends every operation in flight with
// NNG_ESTOPPED, runs all callbacks, destroys the aios that were given to nng_aio_reap and joins the
// library's threads, except those whose look-up of a name or open of a file hangs in the system. An aio
// that has not been freed by then can be freed later, and can be used again after the next nng_init. A
// stream, a listener, a UDP socket or a pipe that is left can be closed and freed later. After the next
// nng_init, operations on it that have to wait may end with NNG_ECLOSED.
// Loading: the shared library stays mapped until this function returns. If the program calls dlclose
// before that, the library is unmapped when this function returns (on x86-64; elsewhere the library stays
// mapped). A plugin that contains the static library calls nng_fini before it is unloaded, at the latest
// in its destructor.
// Blocks: the last call until every callback has returned; other calls while another thread is in the last
// call. Callback: yes, but the last call, and any call while another thread is in the last call, is fatal;
// this holds for cancel functions, too. Errors: none; without an nng_init, explicit or implied, it does
// nothing. Contract: NNG; naio: operations are ended, leftovers stay valid, no count below 0.
NNG_DECL void nng_fini(void);

// ---- Asynchronous operations -------------------------------------------------------------------
//
//     idle ---1--> in flight ---2--> done ---3--> callback ---4--> idle
//
//  1. A function that takes an aio starts an operation on it. An aio runs one operation at a time: a start
//     while an operation is in flight is fatal. The callback may start the next operation.
//  2. The operation ends: it succeeds, fails, expires, or is canceled, aborted or stopped.
//  3. A thread of the library runs the callback, exactly once, never inside the call that has started,
//     ended or canceled the operation. There are two exceptions: naio_aio_finish_sync, and an aio that is
//     set to a queue (naio_aio_set_queue). Callbacks of one aio never overlap. Callbacks may block. An aio
//     without a callback is idle as soon as its operation is done.
//  4. nng_aio_wait, nng_aio_stop and nng_aio_free return when the aio is idle, not before. Their callers
//     see all that the callback has written. In the aio's own callback they do not wait.

// Creates an aio in *aiop, to be released with nng_aio_free or nng_aio_reap. The library calls callback
// with arg when an operation is over, and does not use arg itself. callback may be NULL, for programs
// that only wait (nng_aio_wait). The new aio has no timeout and the result NNG_OK.
// Blocks: no. Callback: yes. NULL: aiop fatal. Down: starts it. Errors: NNG_ENOMEM; also those of
// nng_init, on first use. Contract: NNG.
NNG_DECL nng_err nng_aio_alloc(nng_aio** aiop, void (*callback)(void*), void* arg);

// Stops the aio as nng_aio_stop does, then destroys it. No other thread may be using the aio.
// Blocks: until idle. Callback: yes; from the aio's own callback it does what nng_aio_reap does. NULL:
// ignored.
// Errors: none. Contract: NNG; naio: from its own callback (NNG deadlocks).
NNG_DECL void nng_aio_free(nng_aio* aio);

// Stops the aio and destroys it when it is idle, in the background. The aio must not be used afterwards,
// except by the callback and the provider of an operation that is still in flight.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; naio: an operation that
// does not end delays no other aio.
NNG_DECL void nng_aio_reap(nng_aio* aio);

// Stops the aio for good: ends the operation in flight with NNG_ESTOPPED, waits until its callback has
// returned, and refuses every later start. An idle aio gets no callback. An aio may be stopped again. Hold
// no lock that the callback or the provider's cancel function takes.
// Blocks: until idle. Callback: yes; from the aio's own callback it does what naio_aio_close does. NULL:
// ignored.
// Errors: none. Contract: NNG; naio: from its own callback.
NNG_DECL void nng_aio_stop(nng_aio* aio);

// Asks the operation in flight to end with the result err, which may be any code. If err is NNG_OK, the
// operations of the library itself, and those started with naio_aio_start, end with NNG_ECANCELED. The
// provider decides: if it can end the operation, the callback sees err; otherwise the operation goes on to
// its own end. The provider's cancel function runs in this call: hold no lock that the function takes. An
// operation of nng_aio_start is asked only once. The call has no effect if the aio is idle, or if its
// operation is over, even if the callback has not returned yet.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; naio: without an operation
// the result stays and the next start is not refused.
NNG_DECL void nng_aio_abort(nng_aio* aio, nng_err err);

// Does what nng_aio_abort does with NNG_ECANCELED.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: as nng_aio_abort.
NNG_DECL void nng_aio_cancel(nng_aio* aio);

// Waits until the aio is idle. A callback that starts another operation prolongs the wait. Hold no lock
// that the callback takes. While a callback waits in this function, its thread does not count against
// max_task_threads.
// Blocks: until idle. Callback: yes; from the aio's own callback it returns at once. NULL: ignored.
// Errors: none. Contract: NNG; naio: from callbacks.
NNG_DECL void nng_aio_wait(nng_aio* aio);

// True if the aio is not idle: an operation is in flight, or its callback waits to run or is
// running. The answer may be out of date by the time the caller reads it.
// Blocks: no. Callback: yes; true from the aio's own callback. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL bool nng_aio_busy(nng_aio* aio);

// ---- Results of an operation -------------------------------------------------------------------
//
// The results are valid in the callback and while the aio is idle, until the next start. They are
// unspecified while an operation is in flight.

// Returns the result of the last operation; NNG_OK if there was none.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none of its own. Contract: NNG.
NNG_DECL nng_err nng_aio_result(nng_aio* aio);

// Returns the number of bytes that the last operation transferred, or another number that the operation
// defines; 0 if it defines none. While an operation is in flight, its provider alone may call this function,
// and gets the sum of its calls of naio_aio_add_count.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL size_t nng_aio_count(nng_aio* aio);

// Returns output number index of the last operation, NULL if it was not set or index > 3. The
// operation defines its meaning and its owner.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL void* nng_aio_get_output(nng_aio* aio, unsigned index);

// Returns the message in the aio, NULL if there is none: one that was received and is now the caller's,
// or one that was set and not sent.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL nng_msg* nng_aio_get_msg(nng_aio* aio);

// ---- Parameters of an operation ----------------------------------------------------------------
//
// Parameters stay set until they are set again, unless their comment says otherwise. Timeouts may be set
// at any time; set all other parameters while the aio is idle, or in its callback. While an operation is
// in flight, message, iov, inputs and outputs are the provider's: it may read and set them from the start
// to the finish, under its own lock. The consumer must neither read nor set them then, not even after it
// has asked the operation to end. Its callback finds what the provider has left there.
//
// Facts of all these functions, unless a comment says otherwise. Threads: one at a time for an aio.

// Sets the message to send; NULL for none. An operation that sends the message takes it over if the
// operation succeeds; otherwise the message stays the caller's. Neither nng_aio_free nor the next call of
// this function frees the message.
// A provider may set the message in flight: NULL if it has taken the message over, or a message that it
// has received. The message that is in the aio at the end is the consumer's, whatever the result. So a
// provider that ends an operation with an error first takes back a message that it has set.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL void nng_aio_set_msg(nng_aio* aio, nng_msg* msg);

// Sets the memory to read from or write to: n pieces, at most 8. The list is copied; the memory stays
// the caller's and must live as long as the operation. iov may be NULL if n is 0. If the aio has no
// iov, an operation that moves bytes to or from a stream or a file succeeds with 0 bytes: a loop that
// receives from a stream until its end (NNG_ECONNSHUT) never ends, and a file looks as if it had ended.
// A receive of a datagram loses the bytes of the datagram (NNG_EMSGSIZE). The library logs the first such
// operation of a process (NNG_LOG_WARN), except the sending of a datagram, which may be empty.
// A provider may set the list in flight, too, for instance to what is left (naio_aio_iov_advance); the
// next operation begins with this list unless the consumer sets another one.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_EINVAL: n > 8; the old list stays.
// Contract: NNG; NNG's code: 8 (its documentation grants 4).
NNG_DECL nng_err nng_aio_set_iov(nng_aio* aio, unsigned n, const nng_iov* iov);

// nng_aio_set_input sets input number index, from 0 to 3, to value; nng_aio_get_input returns it. The
// operation defines the meaning and the owner of the input.
// nng_aio_get_input is for providers; it returns NULL if the input was not set, or index > 3. A provider
// may set inputs in flight, too; the consumer must expect this if the operation's documentation says so.
// A provider has words of its own for its state (naio_aio_set_data).
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_EINVAL: index > 3. Contract: NNG; NNG's code:
// EINVAL.
NNG_DECL nng_err nng_aio_set_input(nng_aio* aio, unsigned index, void* value);
NNG_DECL void* nng_aio_get_input(nng_aio* aio, unsigned index);

// Sets the time that each operation may take: timeout milliseconds from its start. After that time, never
// before, the operation is aborted with NNG_ETIMEDOUT. NNG_DURATION_INFINITE: no limit.
// NNG_DURATION_DEFAULT: the default of the provider (naio_aio_default_timeout); no limit if the provider
// has none. The operations of the library have none. NNG_DURATION_ZERO: an operation that cannot be done
// at once ends with NNG_ETIMEDOUT. With another negative value the operation expires at once. The timeout
// replaces the time of nng_aio_set_expire. It does not replace the time of naio_aio_limit: the earlier of
// the two holds. If this function is called while an operation is in flight, the timeout holds from the
// next operation on.
// Blocks: no. Callback: yes. Threads: any. NULL: fatal. Errors: none. Contract: NNG; naio: negative values.
NNG_DECL void nng_aio_set_timeout(nng_aio* aio, nng_duration timeout);

// Limits the next operation: the operation times out at `when`, a time of nng_clock. Afterwards the
// timeout that was set before holds again. A time in the past has the effect of NNG_DURATION_ZERO. If this
// function is called while an operation is in flight, the time holds for the operation after it.
// Blocks: no. Callback: yes. Threads: any. NULL: fatal. Errors: none. Contract: NNG; naio: for one
// operation, even if its start is refused.
NNG_DECL void nng_aio_set_expire(nng_aio* aio, nng_time when);

// Lets the next operation do without its callback if it is done at once, without nng_aio_start. Sets
// *skip to false. If the operation is done at once, the library sets *skip to true instead of running
// the callback, and the aio is idle when the function that submits the operation returns. Otherwise
// the callback runs, and *skip stays false. skip must be valid until the submitting function has
// returned.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG; naio: not undone by
// nng_aio_reset.
NNG_DECL void nng_aio_skip_callback(nng_aio* aio, bool* skip);

// ---- Sleeping ----------------------------------------------------------------------------------

// Starts an operation that ends after ms milliseconds with NNG_OK, never early. 0 and negative values,
// even NNG_DURATION_DEFAULT, succeed at once; with NNG_DURATION_INFINITE the operation sleeps until it is
// canceled. If the aio's timeout, expiry or limit is earlier, the operation ends at that time with
// NNG_ETIMEDOUT; if both are at exactly the same time, it ends with NNG_OK.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none; the result may also be
// NNG_ESTOPPED, or the code of an abort. Contract: NNG; naio: DEFAULT, nng_aio_set_expire.
NNG_DECL void nng_sleep_aio(nng_duration ms, nng_aio* aio);

// ---- Providing operations ----------------------------------------------------------------------
//
// A program provides an operation as a function that takes an aio, calls nng_aio_start, keeps the aio
// until the work is done, and then calls nng_aio_finish, once:
//
//     void my_read(my_device* device, nng_aio* aio) {
//         lock(device);
//         if (nng_aio_start(aio, my_cancel, device)) append(&device->readers, aio);
//         unlock(device);
//     }
//
// If the work is done already, nng_aio_reset and nng_aio_finish without nng_aio_start are enough,
// and nng_aio_skip_callback can take effect.

// Asks the provider to end the operation on aio with err; arg is as given to nng_aio_start. If the
// operation can be ended, finish it with err, in this call or later; if it is over or cannot be ended, do
// nothing. The library calls this function once per operation at most, with no lock of the library held,
// on the thread that makes the request or on a thread of the library. Until the function returns, the
// library does not run the operation's callback, and the aio stays valid. The function must not wait for
// the aio. It should not block: a timeout calls it on the thread that serves the timeouts of all aios.
// Contract: NNG; naio: once; the callback waits for it (in NNG the call can hit the next operation).
typedef void (*nng_aio_cancelfn)(nng_aio* aio, void* arg, nng_err err);

// Starts an operation: clears result, count and outputs, and arms the timeout. cancel may be NULL:
// then only nng_aio_finish ends an operation in flight, and no timeout does; a timeout that has passed
// already refuses the start nevertheless. The library may call cancel with arg, on another thread, before
// this function returns.
// True: the operation is in flight, and the provider must finish it. False: the start was refused, the
// callback gets the cause as its result, and the provider must not use the aio any more. Results of a
// refused start: NNG_ESTOPPED: the aio or the library is stopped; NNG_ETIMEDOUT: the timeout is zero, or
// the expiry or a limit is past, and the aio remains usable; NNG_ECANCELED or another reason: the slot that
// the aio is bound to remembers a request (naio_aio_bind_slot). If a callback whose result is NNG_ESTOPPED
// starts again, the start is refused and the callback is not called again.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal, as is an aio in flight. Down: fatal.
// Errors: none.
// Contract: NNG; NNG's code: ETIMEDOUT; naio: no second NNG_ESTOPPED (NNG calls back forever).
NNG_DECL bool nng_aio_start(nng_aio* aio, nng_aio_cancelfn cancel, void* arg);

// Ends the operation with result err and has the callback run. The operation's count is the sum of the
// calls of naio_aio_add_count since the start or nng_aio_reset. If nng_aio_start was not called before,
// this call alone is a whole operation. Such an operation has the count and the outputs of the operation
// before it, unless nng_aio_reset was called. The provider must not use the aio afterwards, because it may be
// gone.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal, as is a second finish before the
// callback has begun. Down: fatal. Errors: none. Contract: NNG.
NNG_DECL void nng_aio_finish(nng_aio* aio, nng_err err);

// Clears result, count and outputs, as nng_aio_start does, for an operation that ends without
// nng_aio_start. No operation may be in flight.
// Blocks: no. Callback: yes. Threads: one at a time for an aio. NULL: fatal. Errors: none.
// Contract: NNG.
NNG_DECL void nng_aio_reset(nng_aio* aio);

// Sets output number index, from 0 to 3, to value, for the provider: at any time after nng_aio_start or
// nng_aio_reset and before nng_aio_finish, also several times. If the operation may still end with an
// error, its documentation says whether the consumer or the provider owns the output then.
// Blocks: no. Callback: yes. Threads: one at a time for an aio. NULL: fatal. Errors: NNG_EINVAL: index
// > 3. Contract: NNG; NNG's code: EINVAL.
NNG_DECL nng_err nng_aio_set_output(nng_aio* aio, unsigned index, void* value);

// ---- Messages ----------------------------------------------------------------------------------
//
// A message has a body, which grows at both ends, cheaply at the back, and a header of at most 64
// bytes, meant for protocols. Numbers are stored with the most significant byte first.
//
// A call that fails leaves the message as it was.
//
// Facts of all these functions, unless a comment says otherwise. Blocks: no. Callback: yes. Threads:
// one at a time for a message. NULL: fatal. Errors: none. Contract: NNG.

// Creates a message in *msgp with an empty header and a body of size bytes, unspecified; release it
// with nng_msg_free. Errors: NNG_ENOMEM.
NNG_DECL int nng_msg_alloc(nng_msg** msgp, size_t size);

// Creates a message in *copyp with the same header and body; release it with nng_msg_free.
// Errors: NNG_ENOMEM.
NNG_DECL int nng_msg_dup(nng_msg** copyp, const nng_msg* msg);

// Destroys the message. NULL: ignored.
NNG_DECL void nng_msg_free(nng_msg* msg);

// Return a pointer to the body's first byte, and the body's length in bytes. Any call that changes the
// body's size or capacity invalidates the pointer.
NNG_DECL void* nng_msg_body(nng_msg* msg);
NNG_DECL size_t nng_msg_len(const nng_msg* msg);

// Returns the number of bytes, counted from the body's first byte, to which the body can grow before
// memory must be allocated.
NNG_DECL size_t nng_msg_capacity(nng_msg* msg);

// Makes the capacity at least capacity bytes; the body stays as it is. Errors: NNG_ENOMEM.
NNG_DECL int nng_msg_reserve(nng_msg* msg, size_t capacity);

// Sets the body's length to size bytes: cuts bytes off at its end, or adds unspecified bytes there.
// Errors: NNG_ENOMEM, only when it grows.
NNG_DECL int nng_msg_realloc(nng_msg* msg, size_t size);

// Makes the body empty. The capacity stays.
NNG_DECL void nng_msg_clear(nng_msg* msg);

// Add a copy of the size bytes at data, or the number value, to the body: append at its end, insert at
// its front.
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

// Return a pointer to the header's first byte, and the header's length in bytes. The pointer is valid as
// long as the message.
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

// Remove size bytes, or a number into *value, from the header: chop at its end, trim at its front. Errors:
// NNG_EINVAL: the header is shorter.
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
// Blocks: yes. Callback: yes, at the cost of a thread that other callbacks may need. Errors: none.
// Contract: NNG; naio: negative values.
NNG_DECL void nng_msleep(nng_duration ms);

// ---- Threads -----------------------------------------------------------------------------------

typedef struct nng_thread nng_thread;  // a thread of the system

// Creates a thread in *threadp, which is set before the thread begins to run function(arg); release it
// with nng_thread_destroy. The thread has the caller's signal mask, with SIGPIPE blocked. If a callback
// creates the thread, that is the mask of the callback's thread. A child that the new thread forks gets
// the mask that a child of the thread's creator would get.
// Blocks: no. Callback: yes. NULL: threadp fatal; with a NULL function the thread ends at once.
// Errors: NNG_ENOMEM: no memory or threads; *threadp is NULL then.
// Contract: NNG; NNG's code: SIGPIPE.
NNG_DECL int nng_thread_create(nng_thread** threadp, void (*function)(void*), void* arg);

// Names the thread, for debuggers. The name is copied, and cut to the length that the system allows.
// Blocks: no. Callback: yes. NULL: names the calling thread. Errors: none. Contract: NNG; NNG's
// code: NULL.
NNG_DECL void nng_thread_set_name(nng_thread* thread, const char* name);

// Waits until the thread's function has returned, then releases the thread. The thread itself must not
// make this call.
// Blocks: yes. Callback: yes, if the thread's function does not wait for that callback. NULL: ignored.
// Errors: none. Contract: NNG; naio: NULL.
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

// Releases the mutex, which the caller must hold, sleeps until woken, and takes the mutex again. The call
// may also return without a wake: loop on the condition.
// Blocks: yes. Callback: yes, at the cost of a thread. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL void nng_cv_wait(nng_cv* cv);

// Waits as nng_cv_wait does, but not beyond `when`, a time of nng_clock. The caller holds the mutex
// again also after an error. With 0 the call only polls: it fails at once, and the caller has held the
// mutex all the time.
// Blocks: until woken or `when`. Callback: yes, at the cost of a thread. NULL: fatal. Errors:
// NNG_ETIMEDOUT: the time has passed; NNG_EAGAIN: `when` is 0. Contract: NNG; NNG's code: NNG_EAGAIN.
NNG_DECL int nng_cv_until(nng_cv* cv, nng_time when);

// Wake all threads that sleep on the condition variable, or one of them. The caller holds the mutex.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL void nng_cv_wake(nng_cv* cv);
NNG_DECL void nng_cv_wake1(nng_cv* cv);

// ---- Memory ------------------------------------------------------------------------------------

// Allocates size bytes, unspecified, aligned for 64-bit numbers; release them with nng_free.
// Returns NULL if there is no memory, or size is 0.
// Blocks: no. Callback: yes. Errors: only NULL. Contract: NNG; NNG's code: size 0.
NNG_DECL void* nng_alloc(size_t size);

// Releases a block that nng_alloc returned for the same size.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; naio: NULL.
NNG_DECL void nng_free(void* block, size_t size);

// Returns a copy of the string, to be released with nng_strfree, or with nng_free and its length + 1;
// NULL if there is no memory.
// Blocks: no. Callback: yes. NULL: fatal. Errors: only NULL. Contract: NNG; naio: NULL.
NNG_DECL char* nng_strdup(const char* string);

// Releases a string that nng_strdup returned. The string's length must not have changed.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; NNG's code: NULL.
NNG_DECL void nng_strfree(char* string);

// ---- Random numbers ----------------------------------------------------------------------------

// Returns a random number from 0 to UINT32_MAX that is fit for cryptography. If the system gives none, the
// program ends with a line on stderr.
// Blocks: no. Callback: yes. Errors: none. Contract: NNG.
NNG_DECL uint32_t nng_random(void);

// ---- Logging -----------------------------------------------------------------------------------
//
// These functions are for the program's messages. The ids of naio's own messages begin with "NAIO-"; those
// of NNG's begin with "NNG-". Everything here works before nng_init, too. Nothing is logged until a logger
// is set.

// The severity of a message: a lower value is more severe. The values are syslog's.
typedef enum nng_log_level NAIO_INT {
    NNG_LOG_NONE = 0,  // for nng_log_set_level: no messages at all
    NNG_LOG_ERR = 3,
    NNG_LOG_WARN = 4,
    NNG_LOG_NOTICE = 5,
    NNG_LOG_INFO = 6,
    NNG_LOG_DEBUG = 7
} nng_log_level;

// The part of a system that a message is from. The values are syslog's.
typedef enum nng_log_facility NAIO_INT {
    NNG_LOG_USER = 1,
    NNG_LOG_DAEMON = 3,
    NNG_LOG_AUTH = 10,  // syslog's "authpriv": for administrators only
    NNG_LOG_LOCAL0 = 16,
    NNG_LOG_LOCAL1 = 17,
    NNG_LOG_LOCAL2 = 18,
    NNG_LOG_LOCAL3 = 19,
    NNG_LOG_LOCAL4 = 20,
    NNG_LOG_LOCAL5 = 21,
    NNG_LOG_LOCAL6 = 22,
    NNG_LOG_LOCAL7 = 23
} nng_log_facility;

// Receives a message that a thread logs, on that thread. Several threads may call the logger at once.
// msgid may be NULL; both strings are valid during the call only.
// Contract: NNG.
typedef void (*nng_logger)(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg);

// Set the logger (NULL: nng_null_logger, which is the default), the least severe level that is logged
// (default NNG_LOG_NOTICE), and the facility of messages (default NNG_LOG_USER). The new values hold for
// messages that are logged from then on.
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

// Three loggers, for messages msg with level, facility and msgid. nng_null_logger drops all messages.
// nng_stderr_logger writes them to stderr, in color on a terminal unless NO_COLOR or NNG_LOG_NO_COLOR is
// in the environment. nng_system_logger writes them to syslog, or to stderr on systems without syslog.
// Blocks: while they write. Callback: yes. NULL: msgid may be. Errors: none. Contract: NNG.
NNG_DECL void nng_null_logger(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg);
NNG_DECL void nng_stderr_logger(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg);
NNG_DECL void nng_system_logger(nng_log_level level, nng_log_facility facility, const char* msgid, const char* msg);

// ---- Id map ------------------------------------------------------------------------------------
//
// A table from 64-bit numbers to pointers, which are never NULL and stay the caller's. Threads that
// share a map guard it with a mutex.
//
// Facts of all these functions, unless a comment says otherwise. Threads: one at a time for a map.

typedef struct nng_id_map_s nng_id_map;

#define NNG_MAP_RANDOM 1  // flag: the first number that nng_id_alloc hands out is a random one

// Creates an empty map in *mapp; release it with nng_id_map_free. nng_id_alloc hands out numbers
// from lo to hi, both included; lo 0 stands for 1, hi 0 for 0xffffffff. flags: 0 or NNG_MAP_RANDOM.
// Blocks: no. Callback: yes. NULL: mapp fatal. Errors: NNG_ENOMEM; NNG_EINVAL: hi < lo.
// Contract: NNG; NNG's code: the meaning of 0; naio: EINVAL.
NNG_DECL int nng_id_map_alloc(nng_id_map** mapp, uint64_t lo, uint64_t hi, int flags);

// Destroys the map. The objects that its pointers point to stay.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; naio: NULL.
NNG_DECL void nng_id_map_free(nng_id_map* map);

// Returns the pointer that is stored for id, NULL if there is none.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL void* nng_id_get(nng_id_map* map, uint64_t id);

// Stores a pointer for id, which may be any number, and replaces the pointer that was stored for id
// before.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOMEM; NNG_EINVAL: value is NULL.
// Contract: NNG; naio: EINVAL.
NNG_DECL int nng_id_set(nng_id_map* map, uint64_t id, void* value);

// Stores a pointer for the next free number of the map's range and writes the number to *idp. Numbers are
// handed out in ascending order up to hi, and then again from lo on; numbers in use are left out.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOMEM: no memory, or no free number;
// NNG_EINVAL: value is NULL. Contract: NNG; NNG's code: ENOMEM for a full range (its documentation:
// ENOSPC); naio: EINVAL.
NNG_DECL int nng_id_alloc(nng_id_map* map, uint64_t* idp, void* value);

// Removes the pointer that is stored for id.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOENT: there is none. Contract: NNG.
NNG_DECL int nng_id_remove(nng_id_map* map, uint64_t id);

// Walks the map, in no particular order: set *cursor to 0 and call the function until it returns false.
// Each call writes one number to *idp and its pointer to *valuep; idp and valuep may be NULL. Entries may
// be removed during the walk; if one is added, others may be seen twice or not at all.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG; NNG's code: NULL pointers.
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
    NNG_AF_ABSTRACT = 5  // s_abstract
};

// A name within the process. naio has no operations on such addresses.
struct nng_sockaddr_inproc {
    uint16_t sa_family;
    char sa_name[NNG_MAXADDRLEN];  // ends with a zero byte
};

// A socket in the file system. Systems allow fewer bytes than the array has: Linux allows 107.
struct nng_sockaddr_path {
    uint16_t sa_family;
    char sa_path[NNG_MAXADDRLEN];  // ends with a zero byte
};

struct nng_sockaddr_in6 {
    uint16_t sa_family;
    uint16_t sa_port;     // in network byte order
    uint32_t sa_scope;    // of a link-local address: the number of the interface
    uint8_t sa_addr[16];  // in network byte order
};

struct nng_sockaddr_in {
    uint16_t sa_family;
    uint16_t sa_port;  // in network byte order
    uint32_t sa_addr;  // in network byte order
};

// A socket outside of the file system, on Linux.
struct nng_sockaddr_abstract {
    uint16_t sa_family;
    uint16_t sa_len;       // number of bytes of the name, 0 to 107; 0: the system chooses a name
    uint8_t sa_name[107];  // any bytes, without the leading zero byte
};

// As large as the largest address, in later versions, too.
struct nng_sockaddr_storage {
    uint16_t sa_family;
    uint64_t sa_pad[16];
};

typedef struct nng_sockaddr_inproc nng_sockaddr_inproc;
typedef struct nng_sockaddr_path nng_sockaddr_path;
typedef struct nng_sockaddr_path nng_sockaddr_ipc;
typedef struct nng_sockaddr_in nng_sockaddr_in;
typedef struct nng_sockaddr_in6 nng_sockaddr_in6;
typedef struct nng_sockaddr_abstract nng_sockaddr_abstract;
typedef struct nng_sockaddr_storage nng_sockaddr_storage;

typedef union nng_sockaddr {
    uint16_t s_family;  // an nng_sockaddr_family
    nng_sockaddr_ipc s_ipc;
    nng_sockaddr_inproc s_inproc;
    nng_sockaddr_in6 s_in6;
    nng_sockaddr_in s_in;
    nng_sockaddr_abstract s_abstract;
    nng_sockaddr_storage s_storage;
} nng_sockaddr;

#define NNG_MAXADDRSTRLEN (NNG_MAXADDRLEN + 16)  // room for nearly every address as text

// Writes the address sa to buf as text for people, and returns buf. The text may change from version to
// version. buf has room for bufsz bytes, with the zero byte at the end; a longer text is cut.
// Blocks: no. Callback: yes. NULL: fatal, except buf if bufsz is 0. Errors: none.
// Contract: NNG; naio: the text "unknown" for other families is written to buf, too; an abstract name
// has sa_len bytes (NNG's code: it ends at a zero byte), and spaces, "%" and unprintable bytes are written as
// %XX.
NNG_DECL const char* nng_str_sockaddr(const nng_sockaddr* sa, char* buf, size_t bufsz);

// Returns the port of sa, in the machine's byte order; 0 for families without ports.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL uint32_t nng_sockaddr_port(const nng_sockaddr* sa);

// True if sa1 and sa2 are the same address. False for families without addresses.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG; naio: compares all of an abstract
// name (NNG's code: up to a zero byte).
NNG_DECL bool nng_sockaddr_equal(const nng_sockaddr* sa1, const nng_sockaddr* sa2);

// Returns a number for sa that is never 0 and that is equal for equal addresses; for tables within this
// process.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL uint64_t nng_sockaddr_hash(const nng_sockaddr* sa);

// Creates two connected descriptors for streams (AF_UNIX) in fds, which are the caller's. They are in
// blocking mode, and a program that is executed inherits them.
// Blocks: no. Callback: yes. Errors: NNG_ENOFILES: no more descriptors; NNG_ENOMEM.
// Contract: NNG; NNG's code: the blocking mode and the inheritance.
NNG_DECL nng_err nng_socket_pair(int fds[2]);

// ---- URLs --------------------------------------------------------------------------------------
//
//     scheme://[userinfo@]host[:port][/path][?query][#fragment]
//     scheme://path                                              abstract, inproc, ipc, socket, unix
//
// URLs of the second kind are not changed. Those of the first kind are brought into their normal form (RFC
// 3986, 6.2.2): scheme and host in lower case; %XX of letters, digits, "-._~" and of bytes above 127
// decoded, any other %XX in upper case; "." and ".." in the path resolved; several slashes in a row made
// one.

typedef struct nng_url nng_url;

// Creates a URL in *urlp from text; release it with nng_url_free. The port may be a number or the name of
// a service that the system knows. Without a port the scheme's own port is used, or 0 if the scheme has
// none.
// Blocks: no, but it may read the system's list of services. Callback: yes. NULL: fatal.
// Errors: NNG_EINVAL: text is not a URL, its host is longer than 255 bytes, there is no such port, or
// text is longer than 65535 bytes; text is a URL of the first kind, and is not UTF-8, or has control
// characters or spaces; NNG_ENOTSUP: NNG does not know the scheme; NNG_ENOMEM. After an error *urlp is as
// before.
// Contract: NNG; NNG's code: EINVAL, ENOTSUP; naio: stricter on schemes, hosts, numbers and characters;
// "/." and "/.." at the path's end leave the slash, as in the RFC.
NNG_DECL nng_err nng_url_parse(nng_url** urlp, const char* text);

// Destroys the URL.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: NNG.
NNG_DECL void nng_url_free(nng_url* url);

// Creates a copy in *dup; release it with nng_url_free.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOMEM. Contract: NNG.
NNG_DECL nng_err nng_url_clone(nng_url** dup, const nng_url* url);

// Writes the URL to buf as snprintf does; returns the length of the URL's text without the zero byte. The
// text has neither the scheme's own port nor the userinfo.
// Blocks: no. Callback: yes. NULL: fatal, except buf if bufsz is 0. Errors: none. Contract: NNG;
// NNG's code: no port, no userinfo.
NNG_DECL int nng_url_sprintf(char* buf, size_t bufsz, const nng_url* url);

// Return a part of the URL, which lives as long as the URL, or NULL if the URL does not have that part.
// The scheme and the path are never NULL. The host of a URL of the first kind is not NULL, but may be
// empty. An IPv6 address is without its brackets, the query without "?", the fragment without "#".
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL const char* nng_url_scheme(const nng_url* url);
NNG_DECL const char* nng_url_userinfo(const nng_url* url);
NNG_DECL const char* nng_url_hostname(const nng_url* url);
NNG_DECL const char* nng_url_path(const nng_url* url);
NNG_DECL const char* nng_url_query(const nng_url* url);
NNG_DECL const char* nng_url_fragment(const nng_url* url);

// Returns the port, in the machine's byte order; 0 if there is none.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG.
NNG_DECL uint32_t nng_url_port(const nng_url* url);

// Sets the URL's port if that port is 0; for a port that the system has chosen.
// Blocks: no. Callback: yes. Threads: no other may be using the URL. NULL: fatal. Errors: none.
// Contract: NNG.
NNG_DECL void nng_url_resolve_port(nng_url* url, uint32_t port);

// ---- Options -----------------------------------------------------------------------------------
//
// The comment on each option has the option's type, and the objects that have the option: streams (S),
// dialers (D), listeners (L).
//
// A descriptor that is taken over becomes non-blocking (O_NONBLOCK) and stays so. The flag belongs to
// the socket, so all copies of the descriptor have it, also a service manager's. The descriptor also
// gets FD_CLOEXEC, which copies do not share, so a program that is executed does not inherit it. A
// listener only closes its own copy of a listening socket: the socket goes on listening for the other
// copies, no waiting connection is lost, and the socket's path stays. A stream ends its connection for
// all copies. A descriptor that is refused stays as it was.
//
// A set of NNG_OPT_SOCKET_FD or NNG_OPT_LISTEN_FD takes the descriptor over. A get of
// NNG_OPT_LISTEN_FD returns the descriptor of a listener that listens, and the descriptor stays the
// listener's. Another listener can use a copy (dup) of it. If the first listener has opened the socket
// itself, its close ends the listening of all copies. NNG has this get for its own tests only.

#define NNG_OPT_LOCADDR "local-address"            // address; D set, over TCP: the address to dial from
#define NNG_OPT_TCP_NODELAY "tcp-nodelay"          // bool; S get, D L get and set, over TCP; default true
#define NNG_OPT_TCP_KEEPALIVE "tcp-keepalive"      // bool; S get, D L get and set, over TCP; default false
#define NNG_OPT_BOUND_PORT "bound-port"            // int; L get, over TCP, after it has begun to listen
#define NNG_OPT_IPC_PERMISSIONS "ipc:permissions"  // int; L set, over IPC: mode of the socket's file
#define NNG_OPT_PEER_UID "ipc:peer-uid"            // int; S get, over Unix sockets: the peer's user
#define NNG_OPT_PEER_GID "ipc:peer-gid"            // int; S get, over Unix sockets: the peer's group
#define NNG_OPT_PEER_PID "ipc:peer-pid"            // int; S get, over Unix sockets: the peer's process, if known
#define NNG_OPT_PEER_ZONEID "ipc:peer-zoneid"      // int; none: it is for SunOS, and naio does not have it
#define NNG_OPT_SOCKET_FD "socket:fd"              // int; L set, socket://: a connected descriptor, taken over
#define NNG_OPT_LISTEN_FD "listen-fd"              // int; L get and set, TCP and IPC: a listening descriptor
#define NNG_OPT_IPC_PEER_UID NNG_OPT_PEER_UID
#define NNG_OPT_IPC_PEER_GID NNG_OPT_PEER_GID
#define NNG_OPT_IPC_PEER_PID NNG_OPT_PEER_PID
#define NNG_OPT_IPC_PEER_ZONEID NNG_OPT_PEER_ZONEID

// ---- Streams -----------------------------------------------------------------------------------
//
// A stream is a connection that carries bytes in both directions: TCP, a Unix socket, or a socket that
// the program hands over. Dialers and listeners make streams. URLs:
//
//     tcp://host:port  tcp4://  tcp6://  listener: no host or "*": all addresses; port 0: a free one
//     ipc://path  unix://path            a socket in the file system
//     abstract://name                    a socket without a file, on Linux; %XX in the name is a byte
//     socket://                          listener only: over the descriptors of NNG_OPT_SOCKET_FD
//
// Operations on one stream complete, in each direction, in the order in which they were submitted. The
// submitting function tries the operation at once, unless other operations wait before it. If the operation
// can be done, it completes in that call, and nng_aio_skip_callback can take effect. If the library expects
// that the operation has to wait, it may leave this attempt out, but only if the aio has no timeout, expiry
// or limit, and nng_aio_skip_callback was not called. With a timeout of zero the operation is only tried.
// While an operation waits it has moved nothing: if it is canceled or times out, no byte is lost or
// repeated (NAIO_CANCEL_TOTAL), and the stream remains usable.
//
// The callback of an operation may run on the thread that waits for descriptors (naio:io). The callback
// may block on that thread as on any other.

typedef struct nng_stream nng_stream;
typedef struct nng_stream_dialer nng_stream_dialer;
typedef struct nng_stream_listener nng_stream_listener;
typedef struct nng_tls_cert_s nng_tls_cert;
typedef struct nng_tls_config nng_tls_config;

// Start an operation that sends from the aio's iov (nng_aio_set_iov), or receives into it. The
// operation ends with NNG_OK when it has moved at least one byte, maybe fewer than the iov has;
// nng_aio_count says how many. Without an iov, or with one of 0 bytes, it succeeds at once with 0
// bytes, even if other operations wait. The memory is used until the operation ends.
// Results: NNG_ECONNSHUT: the peer will send no more; NNG_ECONNRESET: the peer has given the connection
// up, and bytes that it had sent may be missing (NNG's code: NNG_ECONNSHUT, too);
// NNG_ECLOSED: the stream is closed, here or, when sending, by the peer; NNG_ETIMEDOUT;
// NNG_ESTOPPED; the code of an abort; others of the system.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none. Contract: NNG; NNG's code:
// ECONNSHUT; naio: order, zero timeout, zero bytes.
NNG_DECL void nng_stream_send(nng_stream* s, nng_aio* aio);
NNG_DECL void nng_stream_recv(nng_stream* s, nng_aio* aio);

// End the connection. All operations on the stream, in flight and later ones, end with NNG_ECLOSED. close
// returns at once, and the peer learns of the close at once. The peer may lose bytes that were sent with
// success if there are bytes here that were not received; the comment on naio_stream_shutdown says how to
// avoid this loss. stop also waits until the descriptor is closed.
// free closes and destroys the stream. It does not wait: the callbacks of the operations that it ends
// may run later, so the objects that they use must live until then.
// Blocks: stop for as long as the poller takes. Callback: yes. NULL: ignored. Errors: none.
// Contract: NNG; naio: stop may be called from a callback, free does not wait.
NNG_DECL void nng_stream_close(nng_stream* s);
NNG_DECL void nng_stream_stop(nng_stream* s);
NNG_DECL void nng_stream_free(nng_stream* s);

// Read the option opt (NNG_OPT_ ...) into *valp. No option is a string: nng_stream_get_string, and its
// counterparts for dialers and listeners, fail and leave *valp as it is.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOTSUP: the stream has no such option;
// NNG_EBADTYPE: the option has another type; NNG_ECLOSED. Contract: NNG.
NNG_DECL nng_err nng_stream_get_bool(nng_stream* s, const char* opt, bool* valp);
NNG_DECL nng_err nng_stream_get_int(nng_stream* s, const char* opt, int* valp);
NNG_DECL nng_err nng_stream_get_ms(nng_stream* s, const char* opt, nng_duration* valp);
NNG_DECL nng_err nng_stream_get_size(nng_stream* s, const char* opt, size_t* valp);
NNG_DECL nng_err nng_stream_get_uint64(nng_stream* s, const char* opt, uint64_t* valp);
NNG_DECL nng_err nng_stream_get_string(nng_stream* s, const char* opt, const char** valp);

// Return the addresses of the two ends, which live as long as the stream. Over a Unix socket both are
// the address that was dialed or listened at. Over a socket that the program handed over the family is
// NNG_AF_UNSPEC.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: NNG; NNG's code: Unix sockets.
NNG_DECL const nng_sockaddr* nng_stream_peer_addr(nng_stream* s);
NNG_DECL const nng_sockaddr* nng_stream_self_addr(nng_stream* s);

// For TLS, which naio does not have. *certp stays as it is.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOTSUP. Contract: NNG.
NNG_DECL nng_err nng_stream_peer_cert(nng_stream* s, nng_tls_cert** certp);

// ---- Dialers -----------------------------------------------------------------------------------

// Create a dialer in *dialerp for url; release it with nng_stream_dialer_free.
// Blocks: no. Callback: yes. NULL: fatal. Down: starts it. Errors: NNG_ENOMEM; NNG_EADDRINVAL: the
// URL has no host, port or path to dial; NNG_ENOTSUP: another scheme; those of nng_url_parse; also
// those of nng_init, on first use. Contract: NNG.
NNG_DECL nng_err nng_stream_dialer_alloc(nng_stream_dialer** dialerp, const char* url);
NNG_DECL nng_err nng_stream_dialer_alloc_url(nng_stream_dialer** dialerp, const nng_url* url);

// End all dials of the dialer, those in flight and later ones, with NNG_ECLOSED. stop also waits until
// no dial is under way. free does what stop does and destroys the dialer. Its streams stay.
// Blocks: stop and free until the dials have ended, but not until their callbacks have. Callback: yes.
// NULL: ignored. Errors: none. Contract: NNG; naio: from callbacks.
NNG_DECL void nng_stream_dialer_close(nng_stream_dialer* dialer);
NNG_DECL void nng_stream_dialer_stop(nng_stream_dialer* dialer);
NNG_DECL void nng_stream_dialer_free(nng_stream_dialer* dialer);

// Starts an operation that connects. The stream is output 0 of the aio; release it with
// nng_stream_free. The aio does not release it: take the stream from an operation with the result
// NNG_OK before the next operation on the aio and before the aio is released, otherwise the stream and
// its descriptor are lost. If a host has several addresses, the dial tries one after the other. Any
// number of dials may be under way at once. An operation that is canceled leaves nothing behind
// (NAIO_CANCEL_TOTAL).
// Results: NNG_ECONNREFUSED: no socket accepts there, or there is no such path; NNG_EADDRINVAL: no
// such host; NNG_EUNREACHABLE; NNG_EPERM; NNG_ENOFILES; NNG_ENOMEM; NNG_ECLOSED; NNG_ETIMEDOUT; and
// others.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none. Contract: NNG; naio: all
// addresses.
NNG_DECL void nng_stream_dialer_dial(nng_stream_dialer* dialer, nng_aio* aio);

// Read the option opt of the dialer into *valp, or set it to val for later dials.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOTSUP: the dialer has no such option;
// NNG_EBADTYPE: the option has another type; NNG_EWRITEONLY; NNG_EADDRINVAL: val is not an address to
// dial from, or has a port; NNG_ECLOSED.
// Contract: NNG.
NNG_DECL nng_err nng_stream_dialer_get_bool(nng_stream_dialer* dialer, const char* opt, bool* valp);
NNG_DECL nng_err nng_stream_dialer_get_int(nng_stream_dialer* dialer, const char* opt, int* valp);
NNG_DECL nng_err nng_stream_dialer_get_ms(nng_stream_dialer* dialer, const char* opt, nng_duration* valp);
NNG_DECL nng_err nng_stream_dialer_get_size(nng_stream_dialer* dialer, const char* opt, size_t* valp);
NNG_DECL nng_err nng_stream_dialer_get_uint64(nng_stream_dialer* dialer, const char* opt, uint64_t* valp);
NNG_DECL nng_err nng_stream_dialer_get_string(nng_stream_dialer* dialer, const char* opt, const char** valp);
NNG_DECL nng_err nng_stream_dialer_set_bool(nng_stream_dialer* dialer, const char* opt, bool val);
NNG_DECL nng_err nng_stream_dialer_set_int(nng_stream_dialer* dialer, const char* opt, int val);
NNG_DECL nng_err nng_stream_dialer_set_ms(nng_stream_dialer* dialer, const char* opt, nng_duration val);
NNG_DECL nng_err nng_stream_dialer_set_size(nng_stream_dialer* dialer, const char* opt, size_t val);
NNG_DECL nng_err nng_stream_dialer_set_uint64(nng_stream_dialer* dialer, const char* opt, uint64_t val);
NNG_DECL nng_err nng_stream_dialer_set_string(nng_stream_dialer* dialer, const char* opt, const char* val);
NNG_DECL nng_err nng_stream_dialer_set_addr(nng_stream_dialer* dialer, const char* opt, const nng_sockaddr* val);

// For TLS, which naio does not have. tls is ignored, *tlsp stays as it is.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOTSUP. Contract: NNG.
NNG_DECL nng_err nng_stream_dialer_get_tls(nng_stream_dialer* dialer, nng_tls_config** tlsp);
NNG_DECL nng_err nng_stream_dialer_set_tls(nng_stream_dialer* dialer, nng_tls_config* tls);

// ---- Listeners ---------------------------------------------------------------------------------

// Create a listener in *listenerp for url; release it with nng_stream_listener_free. The listener does not
// listen yet.
// Blocks: no. Callback: yes. NULL: fatal. Down: starts it. Errors: NNG_ENOMEM; NNG_EADDRINVAL: the
// URL has no address; NNG_ENOTSUP: another scheme; those of nng_url_parse; also those of nng_init,
// on first use.
// Contract: NNG.
NNG_DECL nng_err nng_stream_listener_alloc(nng_stream_listener** listenerp, const char* url);
NNG_DECL nng_err nng_stream_listener_alloc_url(nng_stream_listener** listenerp, const nng_url* url);

// End listening. All accepts, those in flight and later ones, end with NNG_ECLOSED. The path of an
// ipc:// listener is removed. stop also waits until the descriptor is closed. free does what stop does
// and destroys the listener. Its streams stay. A descriptor of NNG_OPT_LISTEN_FD is only closed, and
// its path stays.
// Blocks: up to 100 ms if another program keeps the lock of the path's directory; stop and free also
// until the poller lets go of the descriptor. Callback: yes. NULL: ignored. Errors: none.
// Contract: NNG; naio: from callbacks; a shared descriptor.
NNG_DECL void nng_stream_listener_close(nng_stream_listener* listener);
NNG_DECL void nng_stream_listener_stop(nng_stream_listener* listener);
NNG_DECL void nng_stream_listener_free(nng_stream_listener* listener);

// Begins to listen, once; after an error the call may be repeated. If the URL has a host's name, the
// listener listens at the first address of that name. The listener takes over the path of a listener that
// no longer exists. It does not take over the path of a socket that exists, even if that socket does not
// listen yet. (On systems other than Linux it may take over the path of another library's socket that does
// not listen yet.) While the listener does so, it locks the path's directory (flock). While another program
// keeps that lock, no path is taken over. For socket:// the function has no effect.
// Blocks: to look up a host's name; up to a second for the directory's lock. Callback: yes. NULL: fatal.
// Down: NNG_ECLOSED. Errors: NNG_EADDRINUSE; NNG_EADDRINVAL: no such host or address here; NNG_EPERM;
// NNG_ENOENT: the path's directory does not exist; NNG_ENOTSUP: the machine does not have the family;
// NNG_ENOFILES; NNG_ENOSPC: as from nng_init; NNG_ENOMEM; NNG_ESTATE: the listener listens already;
// NNG_ECLOSED; NNG_ESTOPPED: the last nng_fini has begun; others of the system. Contract: NNG.
NNG_DECL nng_err nng_stream_listener_listen(nng_stream_listener* listener);

// Starts an operation that accepts one connection. The stream is output 0 of the aio; release it with
// nng_stream_free. As after a dial, a stream that is not taken is lost. When there are no descriptors
// left, the operation waits, and the listener tries again every 20 ms.
// Results: NNG_ESTATE: the listener does not listen; NNG_ECLOSED; NNG_ENOMEM; NNG_ETIMEDOUT; and others.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none. Contract: NNG; naio: no
// descriptors left.
NNG_DECL void nng_stream_listener_accept(nng_stream_listener* listener, nng_aio* aio);

// Read the option opt of the listener into *valp, or set it to val.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOTSUP: the listener has no such option;
// NNG_EBADTYPE: the option has another type; NNG_EREADONLY; NNG_EWRITEONLY; NNG_EINVAL: the value is not
// possible, such as a descriptor that is not a socket; NNG_EADDRINVAL: the descriptor is a socket of
// another kind; NNG_ENOSPC: 16 descriptors of NNG_OPT_SOCKET_FD wait already; NNG_EBUSY: the listener
// listens already; NNG_ESTATE: the listener does not listen yet; NNG_ECLOSED: the listener is closed, the
// descriptor is not open, or NNG_OPT_LISTEN_FD is set while the library is down; NNG_ENOMEM, NNG_ENOFILES:
// no memory, threads or descriptors to listen with. After an error a descriptor stays the caller's.
// Contract: NNG; naio: get of NNG_OPT_LISTEN_FD.
NNG_DECL nng_err nng_stream_listener_get_bool(nng_stream_listener* listener, const char* opt, bool* valp);
NNG_DECL nng_err nng_stream_listener_get_int(nng_stream_listener* listener, const char* opt, int* valp);
NNG_DECL nng_err nng_stream_listener_get_ms(nng_stream_listener* listener, const char* opt, nng_duration* valp);
NNG_DECL nng_err nng_stream_listener_get_size(nng_stream_listener* listener, const char* opt, size_t* valp);
NNG_DECL nng_err nng_stream_listener_get_uint64(nng_stream_listener* listener, const char* opt, uint64_t* valp);
NNG_DECL nng_err nng_stream_listener_get_string(nng_stream_listener* listener, const char* opt, const char** valp);
NNG_DECL nng_err nng_stream_listener_set_bool(nng_stream_listener* listener, const char* opt, bool val);
NNG_DECL nng_err nng_stream_listener_set_int(nng_stream_listener* listener, const char* opt, int val);
NNG_DECL nng_err nng_stream_listener_set_ms(nng_stream_listener* listener, const char* opt, nng_duration val);
NNG_DECL nng_err nng_stream_listener_set_size(nng_stream_listener* listener, const char* opt, size_t val);
NNG_DECL nng_err nng_stream_listener_set_uint64(nng_stream_listener* listener, const char* opt, uint64_t val);
NNG_DECL nng_err nng_stream_listener_set_string(nng_stream_listener* listener, const char* opt, const char* val);
NNG_DECL nng_err nng_stream_listener_set_addr(nng_stream_listener* listener, const char* opt, const nng_sockaddr* val);

// For TLS, and for pipes of Windows, which naio does not have. tls and pdesc are ignored, *tlsp stays
// as it is.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ENOTSUP. Contract: NNG.
NNG_DECL nng_err nng_stream_listener_get_tls(nng_stream_listener* listener, nng_tls_config** tlsp);
NNG_DECL nng_err nng_stream_listener_set_tls(nng_stream_listener* listener, nng_tls_config* tls);
NNG_DECL nng_err nng_stream_listener_set_security_descriptor(nng_stream_listener* listener, void* pdesc);

// ---- Datagrams ---------------------------------------------------------------------------------

typedef struct nng_udp nng_udp;  // a UDP socket

// Creates a socket in *udpp that is bound to sa; release it with nng_udp_close. If the port is 0, the
// system chooses one. A socket of IPv6 is for IPv6 alone, and leaves the port of IPv4 to others.
// Blocks: no. Callback: yes. NULL: udpp fatal, sa an error. Down: starts it. Errors:
// NNG_EADDRINVAL: sa is NULL, is not an IPv4 or IPv6 address, is an IPv4 address in the form of IPv6, or is
// not an address of this machine; NNG_EADDRINUSE; NNG_EPERM; NNG_ENOFILES; NNG_ENOTSUP: the machine does
// not have the family; NNG_ENOSPC: as from nng_init; NNG_ENOMEM; also those of nng_init, on first use.
// Contract: NNG; naio: IPv6 alone.
NNG_DECL int nng_udp_open(nng_udp** udpp, nng_sockaddr* sa);

// Closes the socket. Operations on it, those in flight and later ones, end with NNG_ECLOSED.
// Blocks: until the socket is closed, not for callbacks. Callback: yes. NULL: ignored. Errors: none.
// Contract: NNG; naio: NULL, the port is free when it returns.
NNG_DECL void nng_udp_stop(nng_udp* udp);

// Closes the socket as nng_udp_stop does, then destroys it. No other thread may be using the socket.
// Blocks: as nng_udp_stop. Callback: yes. NULL: ignored. Errors: none. Contract: NNG; naio: NULL.
NNG_DECL void nng_udp_close(nng_udp* udp);

// Writes the socket's own address to *sa.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_ECLOSED: the socket is stopped. Contract: NNG.
NNG_DECL int nng_udp_sockname(nng_udp* udp, nng_sockaddr* sa);

// Starts an operation that sends the aio's iov as one datagram. Input 0 points to the receiver's
// address, an nng_sockaddr, which must live until the operation is over. The operation is done when the
// system has taken the datagram.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none; results: NNG_EADDRINVAL: no
// address, one of another family than the socket's, or without a port; NNG_EMSGSIZE: too long;
// NNG_EUNREACHABLE; NNG_EPERM: not allowed, such as a broadcast; NNG_ECLOSED; others of the system.
// Guarantee: TOTAL.
// Contract: NNG; NNG's code: EADDRINVAL.
NNG_DECL void nng_udp_send(nng_udp* udp, nng_aio* aio);

// Starts an operation that receives one datagram into the aio's iov; nng_aio_count is its size, which
// may be 0. If input 0 is not NULL, it points to an nng_sockaddr that the sender's address is written
// to, and which must live until the operation is over.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none; results: NNG_EMSGSIZE: the
// datagram was longer than the iov, which is filled, and the rest is lost; NNG_ECLOSED. Guarantee:
// TOTAL.
// Contract: NNG; naio: EMSGSIZE as NNG documents it (its code cuts without reporting it).
NNG_DECL void nng_udp_recv(nng_udp* udp, nng_aio* aio);

// Joins the multicast group sa, or leaves it if join is false: on the interface of the socket's own
// address or, if sa is an IPv6 group with an sa_scope, on the interface with that number.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NNG_EADDRINVAL: sa is not an address of the socket's
// family, or the group was joined or left already, or there is no such interface; NNG_EINVAL: sa is not
// a group's address; NNG_ENOMEM: no more memberships; NNG_ECLOSED.
// Contract: NNG; naio: sa_scope.
NNG_DECL int nng_udp_multicast_membership(nng_udp* udp, nng_sockaddr* sa, bool join);

#undef NAIO_PRINTF

#ifdef __cplusplus
}
#endif

#endif  // NNG_NNG_H
