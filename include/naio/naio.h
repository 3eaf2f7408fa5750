// naio's additions to the aios of <nng/nng.h>: cancellation by type, posts, aios in memory of the program,
// signals and scopes, words and defaults for providers, composed operations, transfers of whole buffers,
// groups, look-ups of names, files, queues of completions that the program runs itself, dumps and
// statistics.
//
// The types of a request are guarantees, and the provider of an operation says which guarantees it can
// give at the moment:
//
//   terminal   the operation ends; the object that it worked on can only be closed
//   partial    the operation ends; nng_aio_count says how much has been done
//   total      the operation ends; nothing has happened, it may be tried again
//
// A request names the types that the requester accepts. A stronger guarantee satisfies a request for a
// weaker one. A request that the operation cannot honour has no effect, and naio_aio_cancel then returns
// false. The names, values and rules are Asio's. In Asio they hold on one thread or strand; in naio any
// thread may make a request at any time.
//
// Each function's comment ends with its facts, as in <nng/nng.h>. "Contract: Asio" is the behaviour
// of Asio's per-operation cancellation. docs/cancellation.md is the guide.
#ifndef NAIO_NAIO_H
#define NAIO_NAIO_H

#include <naio/version.h>
#include <nng/nng.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Version -----------------------------------------------------------------------------------

// Returns the version of the library that is running: the NAIO_VERSION with which it was built, such as
// 10203 for 1.2.3. This number differs from the program's NAIO_VERSION if the program was compiled with
// the headers of another release. nng_version returns the version of NNG whose interface the library has.
// Blocks: no. Callback: yes. Errors: none. Contract: naio.
NNG_DECL uint32_t naio_version(void);

// ---- Types -------------------------------------------------------------------------------------

typedef uint32_t naio_cancel;  // a set of types

#define NAIO_CANCEL_NONE 0u
#define NAIO_CANCEL_TERMINAL 1u
#define NAIO_CANCEL_PARTIAL 2u
#define NAIO_CANCEL_TOTAL 4u
#define NAIO_CANCEL_ALL 0xffffffffu  // any type that the operation permits

typedef struct naio_signal naio_signal;  // emits requests
typedef struct naio_slot naio_slot;      // receives requests
typedef struct naio_op naio_op;          // an operation composed of other operations
typedef struct naio_group naio_group;    // operations that run side by side
typedef struct naio_queue naio_queue;    // callbacks that the program runs itself

// ---- Asking an operation to end ----------------------------------------------------------------

// Asks the operation in flight at this moment to end with one of the types' guarantees. If a request ends
// the operation, the operation's result is the reason; the reason 0 stands for NNG_ECANCELED.
// False: the request has no effect. No operation is in flight, or the operation is over already, or it can
// give none of these guarantees now. True: the operation accepts the request, or has accepted its types
// before, or another thread is handing the request to the provider. Even then the operation may end by
// itself. Accepted types add up: the library hands a type to the provider unless the operation has
// accepted that type before. The reason of the first accepted request stays.
// The provider's cancel function may run in this call: hold no lock that the function takes.
// Blocks: no. Callback: yes. NULL: ignored, false. Errors: none. Contract: Asio; naio: the answer,
// the reason, any thread.
NNG_DECL bool naio_aio_cancel(nng_aio* aio, naio_cancel types, nng_err reason);

// Returns the guarantee of an operation that a request has ended, that is, whose result is the request's
// reason. It is the strongest guarantee that the provider gave. TOTAL: nothing happened. PARTIAL:
// nng_aio_count says how much happened. TERMINAL: close the object that the operation worked on. NONE: no
// request has ended the operation. An operation that was refused at its start has the outcome TOTAL. The
// outcome is valid whenever nng_aio_result is.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL naio_cancel naio_aio_outcome(nng_aio* aio);

// Sets the types that the aio's timeout, expiry and limit request, from the next operation on. The default
// is ALL. If the operation can give none of the guarantees at the deadline, the request takes effect as
// soon as it can give one. If the deadline has passed at the start, the start is refused, whatever the
// operation could guarantee, because nothing has happened yet. With NONE no timeout, expiry or limit ends or
// refuses an operation, even if the deadline has passed at the start.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_aio_set_timeout_types(nng_aio* aio, naio_cancel types);

// Limits the next operation on the aio: the operation times out at `deadline`, a time of nng_clock, unless
// it times out earlier. The earliest of all such deadlines and of the aio's own timeout or expiry holds,
// whatever the order of the calls. Code that passes an operation to other code limits its time with this
// function, because the other code can neither lengthen nor remove the limit. The result is NNG_ETIMEDOUT,
// and the deadline asks for the types of naio_aio_set_timeout_types. The limit holds for one operation,
// even if the start of that operation is refused. If this function is called while an operation is in
// flight, the limit holds for the operation after it.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_aio_limit(nng_aio* aio, nng_time deadline);

// Does what nng_aio_stop does, without the wait: refuses every later start, and asks the operation in
// flight to end with NNG_ESTOPPED. A later nng_aio_stop or nng_aio_free waits until that operation has
// ended.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: naio.
NNG_DECL void naio_aio_close(nng_aio* aio);

// Does what nng_aio_reap does, and calls fn(arg) once when the aio is gone: its last callback and the
// provider's release function have returned, its memory is released, and the library does not use anything
// that the aio refers to any more. So fn may release the memory around it, such as the callback's argument.
// fn runs where the callbacks of the aio run: in its queue, otherwise on a worker. Except in the two cases
// below, fn does not run in this call. No lock is held while it runs. It may block: on a worker this delays
// no other aio, and in a queue it delays the callbacks of the queue. It may call the library, except the
// last nng_fini, which waits until fn has returned.
// In the aio's own callback: fn runs after the callback has returned. NULL aio: it is gone, so fn runs in
// this call. After the last nng_fini, and while that stops the threads: the aio is destroyed and fn runs,
// both in this call. NULL fn: as nng_aio_reap, which is fatal for an aio of naio_aio_init. In a forked
// child: no effect, and fn does not run, unless aio is NULL. The function needs no memory, so it cannot
// fail. If naio_aio_init has made the aio, fn may release the memory that it was in.
// Blocks: no. Callback: yes. NULL: aio: calls fn. Down: works. Errors: none. Contract: naio.
NNG_DECL void naio_aio_reap_then(nng_aio* aio, void (*fn)(void* arg), void* arg);

// Waits as nng_aio_wait does, but not beyond deadline, a time of nng_clock. True: the aio is idle.
// False: it is not idle; the function has not asked the operation to end.
// Blocks: until idle or the deadline. Callback: as nng_aio_wait; from the aio's own callback it returns
// false at once. NULL: true. Errors: none. Contract: naio.
NNG_DECL bool naio_aio_wait_until(nng_aio* aio, nng_time deadline);

// Makes the aio's callback run once more, where its callbacks run: in the aio's queue, otherwise on a
// thread of the library. A program posts to wake up its own state machine. Programs on NNG call
// nng_aio_finish on an idle aio for this. Before the callback, a second such call is fatal, and so is a
// start; a second post is harmless, and so is a start after a post.
// True: a callback begins after this call, and sees everything that the caller has written before. A
// callback that was queued already, for an operation that has ended or for an earlier post, counts: there
// is no second one. A post in the aio's own callback makes the callback run again after it has returned.
// False: no callback runs because of this call. If an operation is in flight and the aio has a callback, the
// callback of that operation begins after this call, and sees what the caller has written before. Otherwise
// the call has no effect, because the aio has no callback, or is stopped or reaped, or nng_fini runs or has
// run.
// The aio is busy until the callback has returned, so that nng_aio_stop, nng_aio_free and the last
// nng_fini wait for it. If the callback itself frees or reaps the aio, a post that was accepted while the
// callback runs is dropped.
// A post is not an operation. It changes neither result, count, message nor outputs, which a callback for
// a post finds as the last operation has left them. Requests have no effect on it, and
// nng_aio_skip_callback does not skip its callback. An operation may be started while a post is queued. If
// the operation is over before the callback begins, there is one callback for both. Otherwise the callback
// runs for the post while the operation is in flight, and must not read results then: see naio_aio_posted.
// Cancel and release functions may post, and so may threads that hold locks. No thread may call
// naio_aio_set_queue for the aio at the same time.
// Blocks: no. Callback: yes. NULL: false. Down: works. Errors: none. Contract: naio.
NNG_DECL bool naio_aio_post(nng_aio* aio);

// Returns true on the thread that runs the aio's own callback for a post alone, also in a function that the
// callback calls, such as a cancel function. Returns false in a callback that reports the end of an
// operation, and in all other places.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL bool naio_aio_posted(nng_aio* aio);

// ---- Aios in memory of the program --------------------------------------------------------------
//
// A program that has an aio as a part of an object of its own needs no memory for the aio beside that of
// the object. So it cannot run out of memory in the middle of a protocol.
//
//     struct session {
//         nng_aio* aio;
//         naio_aio_memory memory;  // for aio
//     };
//     err = naio_aio_init(&s->aio, &s->memory, sizeof s->memory, session_callback, s);
//
// The aio is one like any other, but the program ends it with naio_aio_fini or naio_aio_reap_then:
// nng_aio_free and nng_aio_reap are fatal. The aio need not begin where the memory begins: use the pointer
// that naio_aio_init has stored, and do not move the memory.

#define NAIO_AIO_SIZE 704  // bytes; more than an aio of this version needs

typedef union naio_aio_memory {
    unsigned char bytes[NAIO_AIO_SIZE];
    void* aligns_it;
} naio_aio_memory;

// Creates an aio as nng_aio_alloc does, but in the memory, and stores its address in *aiop; release it
// with naio_aio_fini or naio_aio_reap_then. The library calls callback with arg. size is the number of
// bytes of the memory, NAIO_AIO_SIZE. If a program was built with the headers of another version, whose
// aios are smaller, the library refuses this size and logs the reason (NNG_LOG_ERR). While the library is
// up, this is the only error. The memory belongs to the aio until naio_aio_fini has returned, or the
// function of naio_aio_reap_then is called. It must be aligned as a pointer is, and must not have an aio
// already.
// Blocks: no. Callback: yes. NULL: fatal, aiop and memory. Down: starts it. Errors: NNG_EINVAL: size is too
// small; also those of nng_init, on first use. Contract: naio.
NNG_DECL nng_err naio_aio_init(nng_aio** aiop, void* memory, size_t size, void (*callback)(void* arg), void* arg);

// Stops the aio as nng_aio_stop does, and then destroys it. When this call has returned, the library does
// not use the memory any more. No other thread may be using the aio. Fatal in the aio's own callback,
// because the memory must outlive the callback: there, call naio_aio_reap_then, whose function may release
// the memory. Fatal, too, for an aio that nng_aio_alloc has made.
// Blocks: until idle. Callback: of other aios. NULL: ignored. Errors: none. Contract: naio.
NNG_DECL void naio_aio_fini(nng_aio* aio);

// ---- Signals and slots -------------------------------------------------------------------------
//
// A signal emits requests, and its slot receives them for the aios and the function that are bound to the
// slot. Each signal has one slot.
//
// A plain signal works as in Asio: it has one target at a time. The target is a function, or the latest
// operation on an aio that is bound to the slot. When the signal gets a new target, the former operation
// goes on, and the signal does not reach it any more. A request that is emitted before the start or after
// the end of an operation has no effect on that operation.
//
// A scope (NAIO_SIGNAL_SCOPE) reaches all operations bound to its slot, and remembers the request: an
// operation that starts later is refused with NNG_ECANCELED and outcome TOTAL.

#define NAIO_SIGNAL_SCOPE 1u

// Creates a signal in *signalp; release it with naio_signal_free. flags: 0 or NAIO_SIGNAL_SCOPE.
// Blocks: no. Callback: yes. NULL: signalp fatal. Errors: NNG_ENOMEM; NNG_EINVAL: an unknown flag.
// Contract: naio.
NNG_DECL nng_err naio_signal_alloc(naio_signal** signalp, unsigned flags);

// Destroys the signal. Its targets stay bound to the slot, but no request reaches them any more; the slot
// lives as long as a target is bound to it. No other call may be using the signal.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: naio.
NNG_DECL void naio_signal_free(naio_signal* signal);

// Asks the targets that are bound to the signal's slot to end with the types, for the reason
// NNG_ECANCELED.
// True: a target has accepted the request, or the scope remembers it, or another emission is handing it on.
// False: the emission has no effect.
// Providers' cancel functions and the slot's function may run in this call. An emission of the same signal
// that begins during this call, in one of these functions or on another thread, leaves its calls of
// functions to this call, and returns true, so that emissions do not recurse. A handler of POSIX signals
// must not call naio_signal_emit.
// Blocks: no. Callback: yes, also from cancel functions. NULL: ignored, false. Errors: none.
// Contract: Asio; naio: the answer, any thread.
NNG_DECL bool naio_signal_emit(naio_signal* signal, naio_cancel types);

// Returns the signal's slot, for naio_aio_bind_slot and naio_slot_assign. The slot belongs to the signal.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: Asio.
NNG_DECL naio_slot* naio_signal_slot(naio_signal* signal);

// Binds the aio to the slot: the aio's later operations receive the slot's requests, restricted to the
// types in filter. NAIO_CANCEL_ALL lets all types pass, 0 none. The aio keeps the slot alive. If slot is
// NULL, the aio is unbound. No operation may be in flight on the aio.
// Blocks: no. Callback: yes. Threads: one at a time for an aio. NULL aio: fatal, as is one in flight.
// Errors: none. Contract: Asio's bind_cancellation_slot.
NNG_DECL void naio_aio_bind_slot(nng_aio* aio, naio_slot* slot, naio_cancel filter);

// Returns the slot that the aio is bound to, NULL if there is none. The slot belongs to its signal or aio;
// the slot lives at least as long as this aio is bound to it.
// Blocks: no. Callback: yes. Threads: one at a time for an aio. NULL: fatal. Errors: none.
// Contract: Asio's associated slot.
NNG_DECL naio_slot* naio_aio_bound_slot(nng_aio* aio);

// Makes a function a target of the slot, for targets that are not aios. A request calls fn with arg and
// the requested types, and fn returns true if it accepts the request. fn becomes the only target of a
// plain signal. A scope calls fn in addition to the requests to its operations. If the scope remembers a
// request, it calls fn at once. When this call returns, the function that was assigned before does not run
// on another thread and will not run again. fn must not wait for anything that waits for this call.
// Blocks: until the former function has returned, unless that function makes this call. Callback: yes.
// NULL: fatal, both slot and fn. Errors: none. Contract: Asio's slot.assign; naio: any thread.
NNG_DECL void naio_slot_assign(naio_slot* slot, bool (*fn)(void* arg, naio_cancel types), void* arg);

// Removes the function and, from the slot of a plain signal, any target. Waits as naio_slot_assign does.
// Blocks: until the function has returned, unless the function itself makes this call. Callback: yes.
// NULL: ignored. Errors: none. Contract: Asio's slot.clear; naio: any thread.
NNG_DECL void naio_slot_clear(naio_slot* slot);

// ---- Providing operations ----------------------------------------------------------------------
//
// naio_aio_permit, naio_aio_cancelled, naio_aio_acknowledge and naio_aio_reason are for the provider of an
// operation that was started with naio_aio_start, as long as no other thread finishes it. While an
// operation that nng_aio_start has started is in flight, a call of the first three is fatal.

// Asks the provider to end the operation: types are the newly accepted types, reason is the result to
// finish with. Return true to take the request up: the provider then ends the operation, in this call or
// later, unless the operation is over before. Return false to decline the request for now. The library
// then forgets the request, and the requester may make it again. A request by a timeout, a stop or a scope
// is not forgotten: the library makes it again after naio_aio_permit.
// A request that arrives during the call is handed to the provider after the call, with the reason of the
// first request, even if the first request is declined.
// For one operation the library makes at most one call at a time, and no call once the operation's
// callback may run. It holds no lock during a call. The function may finish the operation; it must not
// block, nor wait for, stop or free the aio.
// Contract: naio.
typedef bool (*naio_cancelfn)(nng_aio* aio, void* arg, naio_cancel types, nng_err reason);

// Starts an operation as nng_aio_start does. guarantee is the strongest guarantee that the provider can
// give: TOTAL, PARTIAL, TERMINAL or NONE. Requests for this guarantee and for weaker ones are permitted.
// cancel may be NULL: then requests are passed on to the aios that are bound to naio_aio_slot. release may
// be NULL. The library calls release with arg exactly once, on the callback's thread: after the finish and
// after the last call of cancel has returned, before the callback. Free the provider's state there. If the
// aio has no callback and cancel finishes the operation, the thread that makes the request may call
// release, so a requester must hold no lock that release takes.
// False: the start is refused. A scope to which the aio is bound refuses it, too, if the scope remembers a
// request. The callback gets the cause as its result, release is not called, and arg stays the caller's.
// If a callback whose result is NNG_ESTOPPED starts again, the callback is not called again; this holds
// for naio_compose and naio_group_start, too. nng_aio_start does the same as this function with TERMINAL
// and a cancel function that always takes the request up, or with NONE if it is given no cancel function.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal, as is an aio in flight. Down: fatal.
// Errors: none. Contract: naio.
NNG_DECL bool naio_aio_start(nng_aio* aio, naio_cancel guarantee, naio_cancelfn cancel, void (*release)(void* arg),
                             void* arg);

// Changes the guarantee while the operation runs, and returns the types accepted so far. Requests and
// permits are ordered. If a request comes first, this function returns its types, and the provider should
// not take a step that cannot be undone. If the permit comes first, a request that it does not permit is
// refused. The provider has to honour the returned types even if its cancel function declines them. A
// request by a timeout, a stop or a scope that was not permitted before and is permitted now is accepted
// and returned. A thread of the library also calls the cancel function with it.
// The guarantee at the finish is the outcome. A provider that finishes without having taken the step may
// permit TOTAL again before it finishes.
// Returns 0, without an effect, if no operation is in flight.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL naio_cancel naio_aio_permit(nng_aio* aio, naio_cancel guarantee);

// Returns the types accepted so far, and changes nothing. A cancel function that is running may decline
// these types afterwards. So before a provider finishes because of these types, or takes any other step
// that cannot be undone, it must call naio_aio_acknowledge, and act on the types that naio_aio_acknowledge
// returns. Otherwise a request may end the operation although its caller was told that it had no effect.
// Returns 0 if no operation is in flight.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Errors: none.
// Contract: Asio's cancellation_state.
NNG_DECL naio_cancel naio_aio_cancelled(nng_aio* aio);

// Returns the types accepted so far and acknowledges them: the provider has to honour them, and its cancel
// function cannot decline them any more. Then forgets the types in clear, also in the aio's own slot, so
// that operations on the aios that are bound to this slot can run again, to clean up. The reason stays.
// Only a type that was acknowledged, or returned by naio_aio_permit, or taken up by the cancel function
// may end the operation.
// Returns 0, without an effect, if no operation is in flight.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Errors: none.
// Contract: naio; Asio's cancellation_state::clear.
NNG_DECL naio_cancel naio_aio_acknowledge(nng_aio* aio, naio_cancel clear);

// Returns the reason of the first accepted request, NNG_OK if there is none. A provider that ends the
// operation outside of its cancel function finishes with this reason.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL nng_err naio_aio_reason(nng_aio* aio);

// Adds count to what the operation has done so far, in bytes or another unit that the operation defines,
// and returns the sum. The provider calls this function after the start, or after nng_aio_reset for an
// operation that ends without a start; start and reset begin at 0. nng_aio_finish keeps the sum as the
// operation's count, so a cancel function that calls nng_aio_finish reports what was done before the
// request or the timeout. naio_aio_finish, naio_aio_finish_sync and naio_aio_finish_msg replace the sum by
// a count of their own.
// While the operation is in flight, the provider may also read the sum with nng_aio_count. Other threads,
// the consumer's among them, must not call nng_aio_count then.
// Blocks: no; a lock may be held. Callback: yes. Threads: one at a time for an aio: the provider makes the
// calls under its lock. NULL: fatal, as is an operation that is finished already. Down: fatal.
// Errors: none. Contract: naio; NNG has it inside its library.
NNG_DECL size_t naio_aio_add_count(nng_aio* aio, size_t count);

// Finishes with the result err as nng_aio_finish does, and sets the count: bytes, or another unit that
// the operation defines.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Down: fatal. Errors: none. Contract:
// naio.
NNG_DECL void naio_aio_finish(nng_aio* aio, nng_err err, size_t count);

// Finishes an operation that has received a message: the result is NNG_OK, the count is the body's length,
// and the aio has the message. The message is then the consumer's to free.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal, both. Down: fatal. Errors: none.
// Contract: naio.
NNG_DECL void naio_aio_finish_msg(nng_aio* aio, nng_msg* msg);

// Finishes with err and count as naio_aio_finish does, but runs the callback in this call instead of on
// another thread, unless the callback has to wait for an earlier callback or a cancel function. Hold no
// lock that the callback takes. If the aio is set to a queue, the callback goes to the queue.
// Blocks: as the callback does. Callback: yes. NULL: fatal. Down: fatal. Errors: none. Contract:
// naio.
NNG_DECL void naio_aio_finish_sync(nng_aio* aio, nng_err err, size_t count);

// Returns the timeout that nng_aio_set_timeout has set, in milliseconds, or an NNG_DURATION_* value.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL nng_duration naio_aio_get_timeout(nng_aio* aio);

// Says what the timeout NNG_DURATION_DEFAULT means for the next operation on the aio. A provider calls this
// function before it starts the operation. If the aio's timeout is NNG_DURATION_DEFAULT, and the consumer
// has set no time with nng_aio_set_expire, the operation times out `timeout` milliseconds after this call.
// NNG_DURATION_INFINITE and NNG_DURATION_DEFAULT: no limit; 0 and other negative values: the operation
// expires at its start. If another timeout or a time is set, this function has no effect. Of several calls
// for one operation the first one counts, so that a provider may pass the aio on to another provider, which
// has a default of its own. The limits of naio_aio_limit hold, too.
// The next operation uses the default up, even if it ends without a start or if its start is refused. So
// the default does not reach a later operation: naio_aio_get_timeout still returns NNG_DURATION_DEFAULT.
// Blocks: no; a lock may be held. Callback: yes. Threads: one at a time for an aio. NULL: fatal, as is an
// aio in flight. Errors: none. Contract: NNG's sockets, with their timeouts for sending and
// receiving; naio: for one operation.
NNG_DECL void naio_aio_default_timeout(nng_aio* aio, nng_duration timeout);

// Writes a pointer to the list of nng_aio_set_iov to *iovp, and returns the number of pieces of the list.
// The list belongs to the aio, and is valid until the list is set again or the aio is destroyed.
// Blocks: no; a lock may be held. Callback: yes. Threads: one at a time for an aio. NULL: fatal,
// both. Errors: none.
// Contract: naio.
NNG_DECL unsigned naio_aio_get_iov(nng_aio* aio, const nng_iov** iovp);

// Removes count bytes, which have been transferred, from the front of the list. Returns the number of
// bytes by which count exceeds the list: usually 0.
// Blocks: no; a lock may be held. Callback: yes. Threads: one at a time for an aio. NULL: fatal.
// Errors: none.
// Contract: naio.
NNG_DECL size_t naio_aio_iov_advance(nng_aio* aio, size_t count);

// Set and return word number index, 0 or 1, of the two words that each aio has for the provider of its
// operation: links of a list of aios, or a state. Only the program uses them. A word has a value from the
// provider's first naio_aio_set_data for the operation until the provider finishes the operation: before
// that call it is undefined, because an earlier provider may have used it. The provider may set the words
// before it starts the operation, and must not use them if the start is refused. After the finish only two
// functions may use them, because the callback waits for both: a cancel function that was called before the
// finish, to find that the operation is in no list any more; and the release function of naio_aio_start.
// For a composed operation or a group the words belong to the code that has started it. The words of an aio
// whose operation the library performs, such as a sleep, must not be used.
// The functions do not lock: the provider calls them under its own lock.
// Blocks: no; a lock may be held. Callback: yes. Threads: one at a time for an aio. NULL: fatal, as is an
// index above 1. Errors: none. Contract: naio; NNG has it inside its library.
NNG_DECL void naio_aio_set_data(nng_aio* aio, unsigned index, void* value);
NNG_DECL void* naio_aio_get_data(nng_aio* aio, unsigned index);

// Returns the aio's own slot, to which a provider binds the aios of inner operations. The slot receives
// the requests that are passed on from the operation that runs on the aio, and remembers them until the
// next start. The slot lives as long as the aio or an aio that is bound to the slot. Returns NULL if there
// is no memory; only the first call can fail.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NULL. Contract: Asio's cancellation_state::slot.
NNG_DECL naio_slot* naio_aio_slot(nng_aio* aio);

// For cancel functions: passes a request for the types, with the reason, on to the operations on aios that
// are bound to the aio's own slot. True if one of these operations has accepted the request, or another
// thread is handing the request to them. If the cancel function declines the request, the slot forgets it,
// except for types that no request to this operation has named.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL bool naio_aio_forward(nng_aio* aio, naio_cancel types, nng_err reason);

// ---- Composed operations -----------------------------------------------------------------------

// The step function of a composed operation: called once at the start, and then after each inner operation
// with the result and count of that operation.
// Contract: Asio's async_compose.
typedef void (*naio_stepfn)(naio_op* op, void* arg, nng_err result, size_t count);

// Starts an operation on aio that consists of others. step is called in this call, with NNG_OK and 0, and
// then whenever the inner operation that it submitted on naio_op_child is over: on the thread that runs
// aio's queue, or, if aio has no queue, on a thread of the library, maybe another thread each time. Two
// threads never call step at once, and each call sees the effects of the previous call. The last action of
// a step is either to submit the next operation or to call naio_op_finish. guarantee is as in
// naio_aio_start; 0 means TERMINAL.
// A request is recorded on aio (naio_aio_cancelled) and passed on to the child. If no operation is in
// flight on the child, the child's next operation is refused at its start, so that no request is lost.
// release, which may be NULL, is called with arg exactly once, in all cases: after the end and before the
// callback, or when the start is refused or fails.
// Blocks: as step does. Callback: yes. NULL: fatal, aio and step, as is an aio in flight. Down: fatal.
// Errors: NNG_ENOMEM: nothing was started and no callback comes. A refused start is no error; the callback
// reports it.
// Contract: Asio's async_compose.
NNG_DECL nng_err naio_compose(nng_aio* aio, naio_cancel guarantee, naio_stepfn step, void (*release)(void* arg),
                              void* arg);

// Returns the aio for inner operations, one after the other. Set its inputs, iov and timeout as usual.
// It belongs to op, has no callback of the program's, and is bound to the own slot of naio_op_aio.
// Blocks: no. Callback: yes. NULL: fatal. Down: does not occur while op runs. Errors: none.
// Contract: naio.
NNG_DECL nng_aio* naio_op_child(naio_op* op);

// Returns the aio that the composed operation was started on. The aio stays the consumer's.
// Blocks: no. Callback: yes. NULL: fatal. Down: does not occur while op runs. Errors: none.
// Contract: naio.
NNG_DECL nng_aio* naio_op_aio(naio_op* op);

// Ends the composed operation with the result err and the count. Nothing may be in flight on the child; op
// and arg must not be used afterwards.
// Blocks: no. Callback: yes. NULL: fatal, as is a child in flight. Down: does not occur while op runs.
// Errors: none.
// Contract: naio.
NNG_DECL void naio_op_finish(naio_op* op, nng_err err, size_t count);

// Start a whole transfer: receive until the aio's iov is full, or send all of the iov. The operation ends
// when all bytes have been moved, with the first error, or because of a request. nng_aio_count is the
// exact number of bytes that have been moved, whatever the result. The aio's iov becomes the part that has
// not been moved, so that the operation continues there if it is submitted again on the same aio.
// The operation keeps its place among the operations of its direction until it is over: the bytes of one
// transfer never lie between those of another, and an operation that is submitted later, single or whole,
// begins with the byte at which this one has stopped. If the operation is submitted again, it takes a new
// place at the end. While it waits behind others, it has moved nothing.
// accept says which requests the operation accepts. 0 or NAIO_CANCEL_PARTIAL: partial and terminal
// requests. NAIO_CANCEL_TOTAL: total requests, too, until the first byte has been moved, so that a frame
// is received as a whole or not at all. NAIO_CANCEL_TERMINAL: terminal requests only.
// With a timeout of zero the operation moves the bytes that it can move at once. If it cannot move all
// bytes, the result is NNG_ETIMEDOUT, and nng_aio_count is the number of bytes that it has moved. There is
// one exception: if the timeout requests TOTAL alone (naio_aio_set_timeout_types), an operation that has
// moved a byte goes on.
// Results: those of the single operations. If the stream is freed, the result is NNG_ECLOSED.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none.
// Contract: Asio's async_read and async_write; naio: order, TOTAL, the count of what was ended.
NNG_DECL void naio_stream_recv_all(nng_stream* s, nng_aio* aio, naio_cancel accept);
NNG_DECL void naio_stream_send_all(nng_stream* s, nng_aio* aio, naio_cancel accept);

// Starts an operation that ends the sending direction, after all sends, single and whole, that were
// submitted before it. The operation is done when the system has taken the bytes of these sends and the
// end: the peer receives the bytes, and then NNG_ECONNSHUT. The stream can receive as before. Sends that
// are submitted later end with NNG_ECLOSED; another shutdown succeeds. While the operation waits for its
// turn it has done nothing: if a request ends it, the sends that were submitted after it go on.
// Bytes that the system has taken may not have reached the peer yet. If nng_stream_free is called while
// there are bytes that were not received, or if bytes arrive later, the system resets the connection, and
// bytes that have not reached the peer are lost. So shut down, receive until NNG_ECONNSHUT, then free.
// Results: NNG_ENOTSUP: the socket cannot be shut down; NNG_ECLOSED: the stream is closed, or the
// connection is gone; NNG_ETIMEDOUT; NNG_ESTOPPED; the code of an abort; others of the system.
// nng_aio_count is 0.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none. Guarantee: TOTAL. Contract:
// naio.
NNG_DECL void naio_stream_shutdown(nng_stream* s, nng_aio* aio);

// ---- Groups ------------------------------------------------------------------------------------
//
// A group runs several operations side by side, its members, as one operation on an ordinary aio. The goal
// is that `need` members complete or, with NAIO_GROUP_SUCCESS, that they complete without error. When the
// goal is reached, or cannot be reached any more, the group asks the other members to end with `types`; with
// NAIO_CANCEL_NONE it asks none. The group completes when all members have completed.
//
// Every completion counts towards a goal of completions, however the member ended, so this goal is always
// reached. A goal of successes cannot be reached any more when too few members are left, or when a request
// to the group has ended a member. A request to the group goes to each member, and each member accepts or
// refuses it. A member that refuses goes on, at least until the group asks the other members to end.
//
//   wait for all                n, 0
//   for the first               1, 0
//   for the first success       1, NAIO_GROUP_SUCCESS
//   for all, or the first error n, NAIO_GROUP_SUCCESS
//   for k of them, or k successes   k, 0   or   k, NAIO_GROUP_SUCCESS
//
// The result is NNG_OK if `need` members have met the goal without having accepted a request that the group
// has made or passed on. Otherwise, if the group has accepted a request, the result is the reason of that
// request (NNG_ECANCELED, NNG_ETIMEDOUT ...). Otherwise it is the first error in order of completion.
// nng_aio_count is the number of members that succeeded. The outcome of a group that a request has ended is
// the weakest of its members' outcomes. A member that ended by itself counts as PARTIAL: its own result and
// count say what it has done.
//
// Facts of all these functions, unless a comment says otherwise. Threads: one at a time for a group.

#define NAIO_GROUP_SUCCESS 1u

// Creates a group of n members in *groupp; release it with naio_group_free.
// Blocks: no. Callback: yes. NULL: groupp fatal. Down: starts it. Errors: NNG_ENOMEM; NNG_EINVAL: n is
// 0; also those of nng_init, on first use. Contract: naio.
NNG_DECL nng_err naio_group_alloc(naio_group** groupp, unsigned n);

// Destroys the group and its members. A call while the group is running is fatal. In the callback of the
// aio on which it was started, the group is not running any more.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: naio.
NNG_DECL void naio_group_free(naio_group* group);

// Returns the aio of member i, from 0 to n - 1. It belongs to the group and has no callback. While the
// group does not run, set the member's inputs, iov, message and timeout, and read its results, which stay
// until the next start. Code that runs where a member's callback would run, such as the step function of a
// composed operation on the member, runs in the queue of the aio that the group was started on, unless the
// member has been set to a queue itself. naio_group_start binds the members to the own slot of that aio, in
// place of a slot that the program has bound them to.
// Release a stream or a file in output 0 of each member, otherwise it is lost. A member may have a stream
// or a file even if other members had already reached the goal.
// Blocks: no. Callback: yes. NULL: fatal, as is i out of range. Errors: none. Contract: naio.
NNG_DECL nng_aio* naio_group_aio(naio_group* group, unsigned i);

// Starts the group as an operation on aio. After a return of true, submit one operation on each member,
// and then call naio_group_seal. flags: 0 or NAIO_GROUP_SUCCESS. A request before the seal reaches the
// members that are submitted already, and those that are submitted later. If need is 0, the goal is reached
// at the start, so the members are asked to end before they begin.
// When the goal is reached, or cannot be reached any more, the group asks the other members to end. If each
// member in flight has an operation of the library, the thread that completes the deciding member does so;
// it may hold a lock of the program. Otherwise the queue of aio does so if aio has a queue and a callback,
// and a thread of the library if not: cancel functions of the program never run inside a finish or a seal.
// False: the start is refused, and the callback reports why: as for naio_aio_start, or NNG_EINVAL for need
// > n or an unknown flag, or NNG_ENOMEM. In this case submit nothing and do not seal.
// Blocks: no. Callback: yes. NULL: fatal, both, as is a group, a member or an aio in flight. Down: fatal.
// Errors: none.
// Contract: Asio's parallel_group; naio: need of n.
NNG_DECL bool naio_group_start(naio_group* group, nng_aio* aio, unsigned need, unsigned flags, naio_cancel types);

// Tells the group that all members are submitted. The group can complete from now on.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal, as is a member that was not submitted, or a
// group that was not started or is sealed already. Down: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_group_seal(naio_group* group);

// Returns the number of the member that was the i-th to complete, where the first has i = 0. Returns
// UINT_MAX if no more than i members have completed. A member whose provider has a release function
// completes after that function has returned. Valid until the next start.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: Asio's completion order.
NNG_DECL unsigned naio_group_order(naio_group* group, unsigned i);

// ---- Names -------------------------------------------------------------------------------------

#define NAIO_RESOLVE_PASSIVE 1u

// Starts an operation that looks up the addresses of a host and the port of a service, and writes up to n
// of them to addresses, the best first; nng_aio_count is their number. addresses must live as long as the
// operation; it is written to in this call, or while the operation is in flight. flags: 0 or
// NAIO_RESOLVE_PASSIVE.
// host is a name or an address in numbers. NULL and "" stand for this machine itself. With
// NAIO_RESOLVE_PASSIVE these two and "*" stand for all addresses of this machine, to listen there. service
// is a number, a name, or NULL for port 0. host and service are copied. family is NNG_AF_INET,
// NNG_AF_INET6, or NNG_AF_UNSPEC, which stands for each of these two families of which this machine has
// addresses. For a name of this machine, the addresses include all loopback addresses of the name, except
// with NAIO_RESOLVE_PASSIVE.
// If host and service are numbers, the operation is done at once, also with a timeout of 0. Otherwise a
// thread for look-ups (nng_init_params) asks the system, which may take minutes. A request ends the
// operation at once: its guarantee is TOTAL. The library then drops the late answer and no longer counts
// the thread against num_resolver_threads, and nng_fini does not wait for the thread. Until that thread
// has returned from the system, memory functions given to nng_init must remain usable, and a plugin that
// contains the static library must not be unloaded. (The shared library stays mapped from then on.)
// Blocks: no. Callback: yes. NULL aio: fatal. Down: fatal. Errors: none; results: NNG_EADDRINVAL:
// no such host or service, no answer from a name server, or a name that is too long (255 and 32
// bytes); NNG_ENOTSUP: another family; NNG_EINVAL: an unknown flag; NNG_ENOMEM: no memory or
// threads; NNG_ESYSERR and the system's error.
// Contract: naio; NNG's code: the errors, 255 bytes.
NNG_DECL void naio_resolve(const char* host, const char* service, int family, unsigned flags, nng_sockaddr* addresses,
                           size_t n, nng_aio* aio);

// ---- Files -------------------------------------------------------------------------------------
//
// Operations on files. There are two kinds of files.
//
// Pipes, FIFOs, terminals and other devices that the system can poll are polled, as streams are. Reads are
// done in the order of the calls, and so are writes. Reads do not wait for writes, nor writes for reads;
// sync, stat, close, pread and pwrite wait for neither. A read returns the bytes that are there, at least
// one; NNG_OK with 0 bytes is the end. Reads and writes guarantee TOTAL until a byte has been moved, and
// then PARTIAL with the exact nng_aio_count, so that no byte is lost. With a timeout of 0 an operation
// only does what can be done at once, and naio_file_close is refused. Closing the file ends operations with
// NNG_ECLOSED. The last nng_fini ends them with NNG_ESTOPPED. The file can be freed afterwards; after the
// next nng_init, operations on it that have to wait may end with NNG_ECLOSED.
//
// Regular files, and devices that cannot be polled, are read and written on the library's threads for
// files, because no other way exists on all systems. Operations on one file are done one after the other,
// in the order of the calls. A request can end each of them until its turn has come (guarantee TOTAL).
// From then on reads and writes move pieces of one MiB, and a request can end them between two pieces
// (PARTIAL): nng_aio_count is the exact number of bytes. A request cannot end any other operation whose
// turn has come (NONE). A piece that blocks keeps nng_aio_stop and nng_fini waiting. With a timeout of 0
// all operations on such files are refused.
//
// Results, besides those below: NNG_EPERM, NNG_ENOENT, NNG_EEXIST, NNG_ENOSPC and so on as the system
// says, or NNG_ESYSERR plus the system's error; NNG_ENOMEM: no memory or threads.

typedef struct naio_file naio_file;  // an open file

// Flags of naio_file_open: READ, WRITE or both, and any of the others.
#define NAIO_FILE_READ 1u
#define NAIO_FILE_WRITE 2u
#define NAIO_FILE_CREATE 4u     // creates the file unless it exists
#define NAIO_FILE_EXCLUSIVE 8u  // with CREATE: the file must not exist
#define NAIO_FILE_TRUNCATE 16u  // with WRITE: makes the file empty
#define NAIO_FILE_APPEND 32u    // with WRITE: everything is written at the file's end

// Starts an operation that opens the file at path, which is copied. Output 0 is the file, to be released
// with naio_file_close or naio_file_free. The aio does not release it: take the file from an operation
// with the result NNG_OK before the next operation on the aio and before the aio is released, otherwise
// the file and its descriptor are lost. mode has the permission bits of a file that is created, without
// those in the process's umask. A program that is executed does not inherit the descriptor.
// An open that the system does not return from, such as that of a FIFO without a peer, keeps no other file
// waiting. A request can end such an open at any time: its guarantee is TOTAL, and if the system opens the
// file later, the library closes the file. nng_fini does not wait for such an open. Until the system has
// returned from it, memory functions given to nng_init must remain usable, and a plugin that contains the
// static library must not be unloaded. If an open may create or truncate a regular file, a request cannot
// end it after its turn has come (NONE).
// The library opens a file description of its own, so that other descriptors of the same pipe or
// terminal keep their flags.
// Blocks: no. Callback: yes. NULL: fatal, aio and path. Down: fatal. Errors: none; results:
// NNG_EINVAL: flags that do not exist or do not go together; NNG_ENOFILES: no descriptors left.
// Contract: naio.
NNG_DECL void naio_file_open(const char* path, unsigned flags, unsigned mode, nng_aio* aio);

// Starts an operation that closes the file, after the operations that were started on it before. If the
// file is polled, it is closed at once, and operations in flight end with NNG_ECLOSED. When this operation
// is over the file must not be used any more. It remains open only if a request has ended the operation,
// or if the start was refused. The outcome (naio_aio_outcome) is TOTAL then, and the program calls this
// function again, or naio_file_free. Otherwise the outcome is NONE. The result may be the error of an
// earlier write; the file is closed nevertheless. If there is no memory or thread for the operation, the
// file is closed, too: the result is NNG_ENOMEM, and an error of an earlier write is not reported.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_file_close(naio_file* file, nng_aio* aio);

// Closes the file without reporting an error. If the file is polled, operations in flight on it end with
// NNG_ECLOSED; otherwise they go on, and then the file is closed.
// Blocks: as the system's close does, if nothing is in flight. Callback: yes. NULL: ignored.
// Errors: none. Contract: naio.
NNG_DECL void naio_file_free(naio_file* file);

// Start an operation that reads into the aio's iov until the iov is full or the file ends, or writes all
// of the iov. read and write begin where the last read or write has ended, pread and pwrite at offset
// bytes from the file's beginning. nng_aio_count is the number of bytes that were moved, even if the
// result is an error. If a read ends with NNG_OK and fewer bytes than the iov has, the file ends there. If
// the file is polled, a read returns the bytes that are there, and the iov of a write becomes the part
// that is left. A write to a file that was opened with NAIO_FILE_APPEND is one system call, so that the
// system keeps its bytes together. A write to a pipe that has no reader left is an error, NNG_ECLOSED, and
// never raises SIGPIPE.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none; results: NNG_EINVAL: the
// system does not support so large an offset; NNG_EREADONLY, NNG_EWRITEONLY: the file is not open
// for that; NNG_ESYSERR plus ESPIPE: pread or pwrite of a pipe or a terminal, which have no
// offsets. Contract: naio.
NNG_DECL void naio_file_read(naio_file* file, nng_aio* aio);
NNG_DECL void naio_file_write(naio_file* file, nng_aio* aio);
NNG_DECL void naio_file_pread(naio_file* file, uint64_t offset, nng_aio* aio);
NNG_DECL void naio_file_pwrite(naio_file* file, uint64_t offset, nng_aio* aio);

// Starts an operation that waits until all bytes that were written are on the disk.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_file_sync(naio_file* file, nng_aio* aio);

#define NAIO_FILE_OTHER 0u
#define NAIO_FILE_REGULAR 1u
#define NAIO_FILE_DIRECTORY 2u

typedef struct naio_file_status {
    uint64_t size;     // in bytes
    int64_t modified;  // the time of the last write, in nanoseconds since 1970-01-01 UTC
    uint32_t kind;     // NAIO_FILE_REGULAR, _DIRECTORY or _OTHER
    uint32_t mode;     // the permission bits
} naio_file_status;

// Starts an operation that writes the file's state to *status, which must live until the operation is
// over.
// Blocks: no. Callback: yes. NULL: fatal. Down: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_file_stat(naio_file* file, naio_file_status* status, nng_aio* aio);

// ---- Completion queues -------------------------------------------------------------------------
//
// A program sets an aio to a queue so that the program itself runs the callbacks, on a thread of its
// choice. Queues are for programs with one thread, or with an event loop of their own.
//
// One thread at a time is the runner of a queue: the thread that called naio_queue_run last or, before
// the first call, the thread that created the queue. If a callback of the queue runs on another thread,
// naio_queue_run first waits, up to its timeout, until that callback has returned. A thread that ends gives
// up its queues. A callback on a thread of the library is a runner only within naio_queue_run; a queue that
// such a callback creates has no runner at first.
//
// Waiting calls are:
//
//  - nng_aio_wait, nng_aio_stop, nng_aio_free, naio_aio_wait_until, naio_aio_fini;
//  - nng_stream_stop, nng_udp_stop, nng_udp_close, and stop and free of a dialer or a listener;
//  - nng_stream_listener_listen at a name;
//  - the last nng_fini;
//  - nng_init, nng_fini and functions that start the library, while another thread is in the last nng_fini.
//
// In all of them:
//
//  - A thread that has called naio_queue_run goes on running its queues, and so does a callback of a
//    queue.
//  - A thread that has created a queue, but has not called naio_queue_run, runs the queue only while it
//    waits for an aio of the queue. If a queue has no runner, any thread runs it while it waits for an aio
//    of the queue.
//  - Other threads wait until the runner has run the callbacks, also in the last nng_fini.
//
// A callback that runs inside a waiting call of another callback must not wait for that other callback's
// aio, because neither wait would end.

// Creates a queue in *queuep; release it with naio_queue_free. Before a program unloads the library, or a
// plugin that contains the library, the program releases the queue and the aios that are set to the queue.
// Blocks: no. Callback: yes. NULL: queuep fatal. Errors: NNG_ENOMEM. Contract: naio.
NNG_DECL nng_err naio_queue_alloc(naio_queue** queuep);

// Destroys the queue. No operation may be in flight on an aio that is set to it. A call while callbacks wait
// in the queue is fatal.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: naio.
NNG_DECL void naio_queue_free(naio_queue* queue);

// Runs the callbacks that are ready and returns the number of callbacks that it has run, among which is
// each time that a group asks its members to end in the queue (naio_group_start). If none is ready,
// waits up to timeout milliseconds for the first one; NNG_DURATION_ZERO does not wait,
// NNG_DURATION_INFINITE and all other negative values wait without a limit. Callbacks that become ready
// while others run are left to the next call, so that the call always returns. A POSIX signal does not end
// the wait. A program that has to act on a signal waits with poll for naio_queue_fd and for a descriptor
// that the signal's handler makes readable, such as a pipe's.
// Blocks: up to the timeout, and as the callbacks do. Callback: yes. NULL: fatal. Errors: none.
// Contract: naio.
NNG_DECL size_t naio_queue_run(naio_queue* queue, nng_duration timeout);

// Returns a descriptor for poll and its like, which is readable while callbacks are ready. The descriptor
// belongs to the queue; do not read from it. The first call creates it. Returns -1 if there are no
// descriptors left.
// Blocks: no. Callback: yes. NULL: fatal. Errors: -1. Contract: naio.
NNG_DECL int naio_queue_fd(naio_queue* queue);

// Sets the aio to the queue, which then runs the callbacks of the aio's later operations. If queue is
// NULL, the library's threads run them, as they do for a new aio. The aio must be idle: its own callback
// must not make this call. The aio keeps the queue's memory alive.
// Blocks: no. Callback: of other aios. Threads: one at a time for an aio. NULL aio: fatal, as is a
// busy one. Errors: none.
// Contract: naio.
NNG_DECL void naio_aio_set_queue(nng_aio* aio, naio_queue* queue);

// ---- Dumps: what a hung program waits for -------------------------------------------------------
//
// A dump is text. It has a line for each aio that is not idle: its name, its state, the function that has
// started its operation, the descriptor that it waits for, its deadline, the cancellation types that can
// end it and those that were requested, its callback, its queue and its slot. Lines for the queues, the
// workers and what they run, the timer, the pollers, and the threads for look-ups and files follow. The
// text is for people; its form may change with each version.
//
// A dump does not show a single moment: each line is true by itself, and aios that come or go during the dump
// may be missing. The dump locks each part of the library while it copies the state of that part. If
// another thread holds such a lock for 100 ms, as a thread that a debugger has stopped may do, the dump
// says what it leaves out.

// Calls write(arg, line) for each line of a dump, which has no newline at its end. The line belongs to the
// library and lives until write returns. write may call any function of the library.
// Blocks: as write does, and up to 100 ms for each part whose lock is held. Callback: yes. NULL: write
// fatal. Errors: none. Contract: naio.
NNG_DECL void naio_dump(void (*write)(void* arg, const char* line), void* arg);

// Writes a dump to the file, each line with a newline.
// Blocks: as naio_dump does. Callback: yes. NULL: fatal. Errors: none; those of fputs are ignored.
// Contract: naio.
NNG_DECL void naio_dump_file(FILE* file);

// Writes a dump to descriptor 2. For debuggers: in gdb, "call (void)naio_dump_stderr()". The function
// allocates nothing, uses no stdio, and writes functions as addresses, because the dynamic loader may be
// locked.
// Blocks: as naio_dump does. Callback: yes. Errors: none; those of write are ignored.
// Contract: naio.
NNG_DECL void naio_dump_stderr(void);

// From now on, logs each wait that takes longer than after milliseconds in nng_aio_wait, nng_aio_stop and
// nng_aio_free, in the functions that stop or close other objects, and in nng_fini. The message, of level
// NNG_LOG_WARN and with the id "NAIO-STALL", has the dump's line for the aio that the thread waits for; if
// the thread waits for another object, messages with a whole dump follow. Each wait is logged once, by the
// thread that waits; waits that the logger makes meanwhile are not logged. If no logger is set, stderr
// gets the messages. While the reports are on, dumps also say how long ago an operation was started.
// NNG_DURATION_INFINITE, like all negative values, switches the reports off, and is the default. With 0 each
// wait in which the thread sleeps is logged. The environment variable
// NAIO_STALL=5 switches the reports on, for waits of 5 s, before the program calls the library;
// NAIO_STALL=0.5 does so for half a second. Setuid programs ignore the variable.
// Blocks: no. Callback: yes. Errors: none. Contract: naio.
NNG_DECL void naio_set_stall_report(nng_duration after);

// Give an aio, a queue, or all members of a group a name, which dumps show. The text is not copied: it
// must outlive the object. Dumps show the first 31 bytes of the name, with "?" for control characters. If
// name is NULL, the object has no name, as at first.
// Blocks: no. Callback: yes. NULL: fatal, aio, queue and group. Errors: none. Contract: naio.
NNG_DECL void naio_aio_set_name(nng_aio* aio, const char* name);
NNG_DECL void naio_queue_set_name(naio_queue* queue, const char* name);
NNG_DECL void naio_group_set_name(naio_group* group, const char* name);

// Give a name to an object that operations refer to. Dumps show the name of a signal in the line of each
// aio that is bound to the signal's slot, and the name of a stream, a listener or a UDP socket in the line
// of each operation that waits for its descriptor. The text is not copied: it must live until the object
// is freed or gets another name. Dumps show the first 31 bytes of the name. If name is NULL, or if there
// is no memory for an entry in the library's table of names, the object has no name afterwards. A listener
// may get its name before it listens. The accepts of a listener for socket:// wait for no descriptor, so
// dumps do not show its name. A stream that is closed gets no name.
// Blocks: no. Callback: yes. NULL: fatal, signal, stream, listener and udp. Errors: none. Contract: naio.
NNG_DECL void naio_signal_set_name(naio_signal* signal, const char* name);
NNG_DECL void naio_stream_set_name(nng_stream* stream, const char* name);
NNG_DECL void naio_stream_listener_set_name(nng_stream_listener* listener, const char* name);
NNG_DECL void naio_udp_set_name(nng_udp* udp, const char* name);

// ---- Statistics: what the library has counted ---------------------------------------------------
//
// The library's threads count what they do. The counts grow from the start of the program on, and nng_fini
// and nng_init do not reset them. A program that wants the counts of a period subtracts the earlier counts
// from the later ones. Fields that are not counts have the numbers of the moment. A thread writes its
// counts without a lock, and the fields are read one after the other. So a count includes all events
// before the call, and may lack events during the call.
//
// Not counted are operations without a callback, and callbacks that threads of the program run: callbacks
// in a queue, callbacks that naio_aio_finish_sync calls on such a thread, and the last callbacks, which
// nng_fini itself may call. Starts, bytes and the time that callbacks take are not counted, because
// counting them would make each operation slower.

#define NAIO_STATS_LATENESS 24

struct naio_statistics {
    size_t size;  // of this struct in bytes; set by the caller

    uint64_t handles;       // aios that exist now, also those that the library has made for itself
    uint64_t handles_made;  // aios that were made, ever

    // Operations whose callbacks have returned on the library's threads, also operations of the library's own aios:
    uint64_t callbacks;    // the sum of the next five
    uint64_t succeeded;    // NNG_OK
    uint64_t timed_out;    // NNG_ETIMEDOUT
    uint64_t cancelled;    // NNG_ECANCELED
    uint64_t stopped;      // NNG_ESTOPPED, NNG_ECLOSED
    uint64_t failed;       // any other result
    uint64_t over_budget;  // callbacks that a poller or the timer gave up waiting for, after 1 to 2 ms or because
                           // they waited in the library; not those of workers

    uint64_t tasks_waiting;     // callbacks, and tasks of the library, that wait for a worker; 256: or more
    uint64_t queues;            // naio_queues that exist now
    uint64_t queued_callbacks;  // callbacks that wait in naio_queues now

    uint64_t workers;          // the library's threads for callbacks now, also those that sleep
    uint64_t workers_blocked;  // workers whose callback waits inside the library now
    uint64_t workers_started;  // workers that were started, ever
    uint64_t batches_stolen;   // times that a worker has taken tasks that another worker had taken before

    uint64_t timer_entries;  // entries of the timer now; an operation that has ended may have one, too
    // Timeouts and sleeps that have ended, by the delay with which the timer has found them. [0]: less
    // than 1 microsecond; [i]: from 2^(i-1) up to 2^i microseconds; the last one: all longer delays. The
    // delay counts from the deadline, rounded up to a multiple of 1.024 microseconds.
    uint64_t lateness[NAIO_STATS_LATENESS];

    uint64_t poller_turns;   // times that a poller has asked the system for events
    uint64_t poller_busy;    // processor time of the pollers' threads in nanoseconds; 0 on macOS
    uint64_t calls_avoided;  // system calls that a callback of a poller has left out, because they would probably fail
    uint64_t accepts_retried;  // times that a listener has tried again after a lack of descriptors or memory
    uint64_t posted;           // callbacks that have run for a naio_aio_post alone; not part of `callbacks`
};

// Fills in *stats as far as its size reaches, and sets size to the number of bytes that it has filled in.
// A later version may append fields: a program that was built for an older version gets the fields that it
// knows, and a program that was built for a newer version sees from size which fields the library has not
// filled in. If size is less than sizeof(size_t), *stats stays as it is. A forked child gets zeros.
// Holds each lock of the library once, while it adds up what the lock guards. Call it once a second, not
// once an operation.
// Blocks: no. Callback: yes. NULL: fatal. Down: works. Errors: none. Contract: naio.
NNG_DECL void naio_stats(struct naio_statistics* stats);

#ifdef __cplusplus
}
#endif

#endif
