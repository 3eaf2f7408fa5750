// naio's additions to the aios of <nng/nng.h>: cancellation by type, signals and scopes, composed
// operations, groups, and queues of completions that the program runs itself.
//
// Operations can be asked to end by type. The types are guarantees, and a provider says which of
// them it can give at the moment:
//
//   terminal   the operation ends; what it worked on is good for nothing but being closed
//   partial    the operation ends; what has been done so far is known (nng_aio_count)
//   total      the operation ends; nothing has happened, it may be tried again
//
// A request names the types that will do. A stronger guarantee satisfies a request for a weaker
// one; a request that the operation cannot honour has no effect and says so. The names, values and
// rules are Asio's; unlike there, all of it works from any thread at any time.
//
// Each function's comment ends with its facts, as in <nng/nng.h>. "Contract: Asio" is the behaviour
// of Asio's per-operation cancellation. docs/cancellation.md is the guide.
#ifndef NAIO_NAIO_H
#define NAIO_NAIO_H

#include <nng/nng.h>

#ifdef __cplusplus
extern "C" {
#endif

// ---- Types -------------------------------------------------------------------------------------

typedef uint32_t naio_cancel;  // a set of types

#define NAIO_CANCEL_NONE 0u
#define NAIO_CANCEL_TERMINAL 1u
#define NAIO_CANCEL_PARTIAL 2u
#define NAIO_CANCEL_TOTAL 4u
#define NAIO_CANCEL_ALL 0xffffffffu  // whatever can be had

typedef struct naio_signal naio_signal;  // emits requests
typedef struct naio_slot naio_slot;      // receives them
typedef struct naio_op naio_op;          // an operation composed of others
typedef struct naio_group naio_group;    // operations that run side by side
typedef struct naio_queue naio_queue;    // callbacks that the program runs itself

// ---- Asking an operation to end ----------------------------------------------------------------

// Asks the operation in flight at this moment to end with one of the types' guarantees. reason is
// what its result becomes if it does; 0 means NNG_ECANCELED.
// False: certainly no effect. Nothing is in flight, it is over already, or it can give none of
// these guarantees now. True: accepted, now or earlier, or on its way to the provider by another
// thread; the operation may still end by itself. Accepted types add up: a new one is handed to the
// provider again, the same one is not. The first accepted reason stays.
// The provider's cancel function may run in this call: hold no lock that it takes.
// Blocks: no. Callback: yes. NULL: ignored, false. Errors: none. Contract: Asio; naio: the answer,
// the reason, any thread.
NNG_DECL bool naio_aio_cancel(nng_aio* aio, naio_cancel types, nng_err reason);

// The guarantee that holds after an operation that a request ended, that is, whose result is the
// request's reason: the strongest one that its provider gave. TOTAL: nothing happened. PARTIAL:
// nng_aio_count tells what happened. TERMINAL: close what it worked on. An operation that was
// refused at its start has the outcome TOTAL. NONE: no request ended it. Valid as nng_aio_result is.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL naio_cancel naio_aio_outcome(nng_aio* aio);

// The types that the aio's own timeout asks for, from the next operation on; ALL unless set. If the
// operation cannot give any of them when the time comes, the request stays due until it can. With
// NONE no timeout, expiry or limit ends or refuses an operation, however early it is.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_aio_set_timeout_types(nng_aio* aio, naio_cancel types);

// Shortens the next operation on the aio: it times out at `deadline`, a time of nng_clock, unless it
// times out earlier. Of several calls, and of the aio's own timeout or expiry, the earliest holds,
// whatever the order of the calls. For code that passes an operation on and limits its time: a
// limit inside can neither lengthen it nor take it away. The result is NNG_ETIMEDOUT, and the types
// that the deadline asks for are those of naio_aio_set_timeout_types. It holds for one operation,
// whatever becomes of that; called in flight, for the operation after this one.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_aio_limit(nng_aio* aio, nng_time deadline);

// nng_aio_stop without the wait: refuses every later start, and asks the operation in flight to end
// with NNG_ESTOPPED. nng_aio_stop or nng_aio_free wait for it later.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: naio.
NNG_DECL void naio_aio_close(nng_aio* aio);

// Waits like nng_aio_wait, but not beyond deadline, a moment on nng_clock's clock. True: the aio is
// idle. False: it is not; nothing has been asked of it.
// Blocks: until idle or the deadline. Callback: as nng_aio_wait; from the aio's own it returns false
// at once. NULL: true. Errors: none. Contract: naio.
NNG_DECL bool naio_aio_wait_until(nng_aio* aio, nng_time deadline);

// ---- Signals and slots -------------------------------------------------------------------------
//
// A signal emits requests, a slot receives them for what is bound to it. Each signal has one slot.
//
// A plain signal is Asio's: it has one target at a time, the operation that was started last on an
// aio bound to its slot, or a function. What was the target before goes on, out of reach. Emitted
// before a start or after the end it has no effect.
//
// A scope (NAIO_SIGNAL_SCOPE) reaches all operations bound to its slot, and remembers: an operation
// that starts later is refused with NNG_ECANCELED and outcome TOTAL.

#define NAIO_SIGNAL_SCOPE 1u

// Creates a signal in *signalp; release it with naio_signal_free.
// Blocks: no. Callback: yes. Errors: NNG_ENOMEM; NNG_EINVAL: an unknown flag. Contract: naio.
NNG_DECL nng_err naio_signal_alloc(naio_signal** signalp, unsigned flags);

// Destroys the signal. What is bound to its slot stays bound, out of reach; slots live as long as
// anything is bound to them. No other call may be using the signal.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: naio.
NNG_DECL void naio_signal_free(naio_signal* signal);

// Requests the types, with the reason NNG_ECANCELED, of what is bound to the signal's slot.
// True: a target accepted, or the scope remembers. False: certainly no effect.
// Providers' cancel functions and the slot's function may run in this call. An emission from within
// one of them, or from another thread meanwhile, is handed to the emission that is going on:
// nothing recurses. Not for handlers of POSIX signals.
// Blocks: no. Callback: yes, also from cancel functions. NULL: ignored, false. Errors: none.
// Contract: Asio; naio: the answer, any thread.
NNG_DECL bool naio_signal_emit(naio_signal* signal, naio_cancel types);

// The signal's slot, for naio_aio_bind_slot and naio_slot_assign. It stays the signal's.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: Asio.
NNG_DECL naio_slot* naio_signal_slot(naio_signal* signal);

// Binds the aio to the slot: its current and all later operations receive the slot's requests, of the
// types in filter: with NAIO_CANCEL_ALL all of them, with 0 none. The aio keeps the slot alive. NULL
// unbinds. Not with an operation in flight.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: Asio's bind_cancellation_slot.
NNG_DECL void naio_aio_bind_slot(nng_aio* aio, naio_slot* slot, naio_cancel filter);

// The slot that the aio is bound to, NULL if none.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: Asio's associated slot.
NNG_DECL naio_slot* naio_aio_bound_slot(nng_aio* aio);

// Has the slot call fn with arg and the requested types, for targets that are no aios. fn says
// whether it accepts. A plain signal has only this target then; a scope calls it besides the
// operations bound to it, and at once if it remembers a request. When this returns, the function
// that was assigned before does not run on another thread and will not run again. fn must not wait
// for anything that waits for this call.
// Blocks: until the function before has returned, unless it is the caller. Callback: yes.
// NULL: fatal, both slot and fn. Errors: none. Contract: Asio's slot.assign; naio: any thread.
NNG_DECL void naio_slot_assign(naio_slot* slot, bool (*fn)(void* arg, naio_cancel types), void* arg);

// Removes the function, and of a plain signal any target. Waits as naio_slot_assign does.
// Blocks: until the function has returned, unless it is the caller. Callback: yes. NULL: ignored.
// Errors: none. Contract: Asio's slot.clear; naio: any thread.
NNG_DECL void naio_slot_clear(naio_slot* slot);

// ---- Providing operations ----------------------------------------------------------------------
//
// naio_aio_permit, naio_aio_cancelled, naio_aio_acknowledge and naio_aio_reason are for the provider of
// an operation that was started with naio_aio_start, while it is not being finished by another thread.
// For one in flight that nng_aio_start has started, the first three are fatal.

// Asks the provider to end the operation: types are newly accepted, reason is what to finish with.
// True: taken up. It ends, here or later, unless it is over before. False: not now. The request is
// forgotten, and may be made again; a timeout, a stop or a scope's request stays due and is made
// again after naio_aio_permit.
// A request that arrives during the call is handed on after it, with the reason of the first one, even
// if that is declined.
// At most one call at a time for an operation, never after its completion was handed over, with no
// lock of the library held. It may finish the operation; it must not block, nor wait for, stop or
// free the aio.
// Contract: naio.
typedef bool (*naio_cancelfn)(nng_aio* aio, void* arg, naio_cancel types, nng_err reason);

// Starts an operation as nng_aio_start does. guarantee is the strongest the provider can give:
// TOTAL, PARTIAL, TERMINAL or NONE; weaker requests are permitted with it. cancel may be NULL: then
// requests are passed on to what is bound to naio_aio_slot. release may be NULL; it is called with
// arg exactly once, after the finish and after the last call of cancel has returned, before the
// callback, on the callback's thread: free the provider's state there.
// False: refused, and the callback reports why; also if the scope that the aio is bound to has been
// asked to end. Then release is not called, arg stays the caller's. A callback that has just been
// told NNG_ESTOPPED and starts again is not told once more; this holds for naio_compose and
// naio_group_start too.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal, as is an aio in flight. Errors: none.
// Contract: naio. nng_aio_start is this with TERMINAL and a cancel function that always takes up,
// or with NONE if it has none.
NNG_DECL bool naio_aio_start(
    nng_aio* aio, naio_cancel guarantee, naio_cancelfn cancel, void (*release)(void* arg), void* arg);

// Changes the guarantee while the operation runs, and returns the types accepted so far. Requests
// and permits are ordered: either the request came first and is returned, and the step that cannot
// be undone should not be taken; or the permit came first, and what it does not permit is refused.
// Types returned are the provider's to honour even if its cancel function declines them. What is
// still due and becomes possible is accepted and returned, and the cancel function is called with it
// too, on a thread of the library.
// The guarantee at the finish is the outcome. A provider that was asked before it took the step may
// permit TOTAL again before it finishes.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Not in flight: 0, no effect.
// Errors: none. Contract: naio.
NNG_DECL naio_cancel naio_aio_permit(nng_aio* aio, naio_cancel guarantee);

// The types accepted so far: a query, which changes nothing. A cancel function that is being called
// with them may still decline them. So a provider that finishes because of them, or takes any other
// step that cannot be undone, acknowledges them first and goes by what naio_aio_acknowledge returns:
// otherwise the operation may be ended by a request whose caller was told that it had no effect.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Not in flight: 0.
// Errors: none. Contract: Asio's cancellation_state.
NNG_DECL naio_cancel naio_aio_cancelled(nng_aio* aio);

// The types accepted so far, which the provider takes upon itself: they are its to honour, and its
// cancel function cannot decline them any more. Those in clear are forgotten then, also in the aio's
// own slot, so that operations bound to it can run again, to clean up. The reason stays.
// Only what was acknowledged, or returned by naio_aio_permit, or taken up by the cancel function may end
// the operation.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Not in flight: 0, no effect.
// Errors: none. Contract: naio; Asio's cancellation_state::clear.
NNG_DECL naio_cancel naio_aio_acknowledge(nng_aio* aio, naio_cancel clear);

// The reason of the accepted request: what a provider that stops by itself finishes with. NNG_OK if
// there is none.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL nng_err naio_aio_reason(nng_aio* aio);

// nng_aio_finish that also sets the count: bytes, or whatever the operation counts.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_aio_finish(nng_aio* aio, nng_err err, size_t count);

// naio_aio_finish for an operation that has received a message: sets it as the aio's message, to be
// owned by the consumer, with the result NNG_OK and the body's length as the count.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal, both. Errors: none. Contract: naio.
NNG_DECL void naio_aio_finish_msg(nng_aio* aio, nng_msg* msg);

// naio_aio_finish that runs the callback in this call if nothing holds it back, instead of on
// another thread. Hold no lock that the callback takes. An aio bound to a queue goes there.
// Blocks: as the callback does. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_aio_finish_sync(nng_aio* aio, nng_err err, size_t count);

// The timeout as nng_aio_set_timeout has set it, in milliseconds, or an NNG_DURATION_* value.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL nng_duration naio_aio_get_timeout(nng_aio* aio);

// The list of nng_aio_set_iov in *iovp, and how many pieces it has. The aio's own; valid until the
// list is set or the aio is gone.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal, both. Errors: none. Contract: naio.
NNG_DECL unsigned naio_aio_get_iov(nng_aio* aio, const nng_iov** iovp);

// Takes count bytes from the front of the list: what has been transferred. Returns how many bytes
// are left to be taken when the list is empty: 0 unless count exceeds it.
// Blocks: no; a lock may be held. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL size_t naio_aio_iov_advance(nng_aio* aio, size_t count);

// The aio's own slot: bind the aios of inner operations to it. It receives what is passed on of
// requests to the operation that runs on the aio, remembers that until the next start, and lives as
// long as the aio or anything bound to it. NULL: no memory, on first use.
// Blocks: no. Callback: yes. NULL: fatal. Errors: NULL. Contract: Asio's cancellation_state::slot.
NNG_DECL naio_slot* naio_aio_slot(nng_aio* aio);

// Passes a request on to what is bound to the aio's own slot, for cancel functions. True if one of
// the operations there accepted.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL bool naio_aio_forward(nng_aio* aio, naio_cancel types, nng_err reason);

// ---- Composed operations -----------------------------------------------------------------------

// Called once at the start, and then after each inner operation with its result and count.
// Contract: Asio's async_compose.
typedef void (*naio_stepfn)(naio_op* op, void* arg, nng_err result, size_t count);

// Starts an operation on aio that consists of others. step is called in this call, with NNG_OK and
// 0, and then whenever the inner operation that it submitted on naio_op_child is over: by the queue
// that aio is bound to, or else by a thread of the library, maybe another one each time. Two threads
// never call it at once, and each call sees what the one before has done. The last thing it does is
// either to submit the next operation or to call naio_op_finish. guarantee is as in naio_aio_start; 0
// means TERMINAL.
// A request is recorded on aio (naio_aio_cancelled) and passed on to the child: to the operation in
// flight there, or else the next one is refused at its start. It is never lost.
// release, which may be NULL, is called with arg exactly once, in all cases: after the end, before
// the callback, or when the start is refused or fails.
// Blocks: as step does. Callback: yes. NULL: fatal, aio and step. Errors: NNG_ENOMEM: nothing was
// started and no callback comes. A refused start is no error; the callback reports it.
// Contract: Asio's async_compose.
NNG_DECL nng_err naio_compose(
    nng_aio* aio, naio_cancel guarantee, naio_stepfn step, void (*release)(void* arg), void* arg);

// The aio for inner operations, one after the other. Set its inputs, iov and timeout as usual. It
// belongs to op, has no callback of yours, and is bound to the aio's own slot.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL nng_aio* naio_op_child(naio_op* op);

// The aio that the composed operation was started on.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL nng_aio* naio_op_aio(naio_op* op);

// Ends the composed operation. Nothing may be in flight on the child; op and arg must not be used
// any more.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_op_finish(naio_op* op, nng_err err, size_t count);

// Receive into, or send from, all of the aio's vectors. The operation ends when all bytes have been
// moved, or with the first error, or when it is asked to. nng_aio_count says exactly how many have
// been moved, whatever the result, and the aio's vectors are what is left: submitted again on the
// same aio, the operation goes on where it was.
// The operation keeps its place among the operations of its direction until it is over: the bytes
// of one transfer never lie between those of another, and an operation that is submitted later,
// single or whole, begins with the byte at which this one has stopped. Submitted again, it takes a
// new place at the end. Behind others it has moved nothing.
// accept says which requests it takes. 0 or NAIO_CANCEL_PARTIAL: partial ones, also terminal.
// NAIO_CANCEL_TOTAL: total ones, too, as long as not a byte has been moved: so that a frame is
// received as a whole or not at all. NAIO_CANCEL_TERMINAL: terminal ones.
// With a timeout of zero the operation moves what it can at once. If that is a part, the result is
// NNG_ETIMEDOUT, and the count tells which; unless the timeout asks for TOTAL alone
// (naio_aio_set_timeout_types): then the operation goes on once it has moved a byte.
// Results as of the single operations. One whose stream is freed ends with NNG_ECLOSED.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none.
// Contract: Asio's async_read and async_write; naio: order, TOTAL, the count of what was ended.
NNG_DECL void naio_stream_recv_all(nng_stream* s, nng_aio* aio, naio_cancel accept);
NNG_DECL void naio_stream_send_all(nng_stream* s, nng_aio* aio, naio_cancel accept);

// Ends the sending direction behind all sends that were submitted before, single and whole. The
// operation is done when the system has taken their bytes and the end: the peer receives the bytes,
// and then NNG_ECONNSHUT. Receiving goes on. Sends that are submitted later end with NNG_ECLOSED;
// another shutdown succeeds. While the operation waits for its turn it has done nothing: if it is
// ended, the sends behind it go on.
// That the system has taken bytes does not mean that the peer has them: nng_stream_free with bytes
// that were not received, or that come later, resets the connection, and what is still on its way
// is lost. So shut down, receive until NNG_ECONNSHUT, then free.
// Results: NNG_ENOTSUP: the socket cannot; NNG_ECLOSED: the stream is closed, or the connection is
// gone; NNG_ETIMEDOUT; NNG_ESTOPPED; the code of an abort; others of the system. nng_aio_count is 0.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Guarantee: TOTAL. Contract: naio.
NNG_DECL void naio_stream_shutdown(nng_stream* s, nng_aio* aio);

// ---- Groups ------------------------------------------------------------------------------------
//
// Several operations at once, as one operation on an ordinary aio. The goal is that `need` members
// complete; with NAIO_GROUP_SUCCESS, complete without error. When the goal is reached, or cannot be
// reached any more, the group asks the other members to end with `types`. It completes when all
// members have.
//
// Every completion counts towards a goal of completions, however the member ended: so this goal is
// always reached. A goal of successes cannot be reached any more when too few members are left, or
// when a request to the group has ended a member. A request to the group goes to each member, and
// each answers for itself: a member that does not permit it goes on, until the rest is asked.
//
//   wait for all                n, 0
//   for the first               1, 0
//   for the first success       1, NAIO_GROUP_SUCCESS
//   for all, or the first error n, NAIO_GROUP_SUCCESS
//   for k of them, or k successes   k, 0   or   k, NAIO_GROUP_SUCCESS
//
// The result is NNG_OK if `need` members have met the goal without having been asked to end by the
// group; else the reason of the request (NNG_ECANCELED, NNG_ETIMEDOUT ...); else the first error in
// order of completion. A member that accepted a request does not count here, even if it succeeded.
// nng_aio_count is the number of members that succeeded. The outcome of a group that a request has
// ended is the weakest of its members' outcomes. A member that ended by itself counts as PARTIAL: its
// own result and count tell what it has done.

#define NAIO_GROUP_SUCCESS 1u

// Creates a group of n members in *groupp; release it with naio_group_free.
// Blocks: no. Callback: yes. Errors: NNG_ENOMEM; NNG_EINVAL: n is 0. Contract: naio.
NNG_DECL nng_err naio_group_alloc(naio_group** groupp, unsigned n);

// Destroys the group and its members. It must not be running.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: naio.
NNG_DECL void naio_group_free(naio_group* group);

// Member i's aio, from 0 to n - 1. It belongs to the group and has no callback. Between the runs of
// the group set its inputs, iov, message and timeout, and read its results, which stay until the
// next start. What runs where its callback would, as the steps of a composed operation do, runs in the
// queue of the aio that the group was started on, unless the member has been set to a queue itself.
// A stream or a file in its output 0 is to be released, or it is lost: also that of a member which
// succeeded after another one had decided.
// Blocks: no. Callback: yes. NULL: fatal, as is i out of range. Errors: none. Contract: naio.
NNG_DECL nng_aio* naio_group_aio(naio_group* group, unsigned i);

// Starts the group as an operation on aio: after it, submit one operation on each member, then call
// naio_group_seal. A request that comes in between reaches the members that are submitted and those
// that will be.
// False: refused, the callback reports why: as for naio_aio_start, or NNG_EINVAL for need > n or an
// unknown flag, or NNG_ENOMEM. Then submit nothing and do not seal.
// Blocks: no. Callback: yes. NULL: fatal, both, as is a group or an aio in flight. Errors: none.
// Contract: Asio's parallel_group; naio: need of n.
NNG_DECL bool naio_group_start(
    naio_group* group, nng_aio* aio, unsigned need, unsigned flags, naio_cancel types);

// All members are submitted: now the group can complete.
// Blocks: no. Callback: yes. NULL: fatal, as is a member that was not submitted. Errors: none.
// Contract: naio.
NNG_DECL void naio_group_seal(naio_group* group);

// Which member was the i-th to complete, counted from 0. For i not less than the number of those
// that have: UINT_MAX. Where a provider has a release function, its member completes after that.
// Valid until the next start.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: Asio's completion order.
NNG_DECL unsigned naio_group_order(naio_group* group, unsigned i);

// ---- Names -------------------------------------------------------------------------------------

#define NAIO_RESOLVE_PASSIVE 1u

// Starts an operation that looks up the addresses of a host and the port of a service, and writes up
// to n of them to addresses, the best first; nng_aio_count says how many. addresses must live as long
// as the operation; it is written to in this call, or while the operation is in flight.
// host is a name or an address in numbers. NULL and "" stand for this machine itself, or with
// NAIO_RESOLVE_PASSIVE, as does "*", for all of its addresses, to listen there. service is a number,
// a name, or NULL for port 0. Both are copied. family is NNG_AF_INET, NNG_AF_INET6, or
// NNG_AF_UNSPEC: both, as far as this machine has addresses of them. A name for this machine has all of
// its loopback addresses, except with NAIO_RESOLVE_PASSIVE.
// If host and service are numbers, the operation is done at once, also with a timeout of 0. Otherwise a
// thread for look-ups (nng_init_params) asks the system, which may take minutes. The operation still ends
// at once when it is asked to: its guarantee is TOTAL. The late answer is dropped, and the thread does not
// count any more. nng_fini does not wait for it. Until the thread is back, memory functions given to
// nng_init must stay, and a plugin that contains the static library must not be unloaded. (The shared
// library stays mapped from then on.)
// Blocks: no. Callback: yes. NULL aio: fatal. Errors: none; results: NNG_EADDRINVAL: no such host or
// service, no answer from a name server, or a name that is too long (255 and 32 bytes); NNG_ENOTSUP: another
// family; NNG_EINVAL: an unknown flag; NNG_ENOMEM: no memory or threads; NNG_ESYSERR and the
// system's error.
// Contract: naio; NNG's code: the errors, 255 bytes.
NNG_DECL void naio_resolve(const char* host, const char* service, int family, unsigned flags,
                           nng_sockaddr* addresses, size_t n, nng_aio* aio);

// ---- Files -------------------------------------------------------------------------------------
//
// Operations on files, of which there are two kinds.
//
// Pipes, FIFOs, terminals and other devices that the system can poll are polled, as streams are. Reads
// are done in the order of the calls, and so are writes; neither wait for the other, and sync, stat,
// close, pread and pwrite wait for none. A read gives what is there, at least one byte; NNG_OK with 0
// bytes is the end. Their guarantee is TOTAL while nothing has been moved, and PARTIAL afterwards, as
// nng_aio_count tells: no byte is lost. A timeout of 0 polls. Closing the file ends them with
// NNG_ECLOSED, and so does the last nng_fini: such a file cannot be used after it.
//
// Regular files, and devices that cannot be polled, are read and written on threads of their own:
// systems have no better way for all of them. Operations on one file are done one after the other, in the
// order of the calls. Each may be asked to end until its turn has come (guarantee TOTAL). Reads and
// writes then go piece by piece, a MiB each, and may be asked to end between two pieces (PARTIAL):
// nng_aio_count tells exactly how far they came. Other operations cannot be ended any more (NONE). A
// piece that blocks keeps nng_aio_stop and nng_fini waiting. A timeout of 0 refuses them all.
//
// Results, besides those below: NNG_EPERM, NNG_ENOENT, NNG_EEXIST, NNG_ENOSPC and so on as the system
// says, or NNG_ESYSERR plus its error; NNG_ENOMEM: no memory or threads.

typedef struct naio_file naio_file;  // an open file

// For what it is opened; READ, WRITE or both.
#define NAIO_FILE_READ 1u
#define NAIO_FILE_WRITE 2u
#define NAIO_FILE_CREATE 4u      // unless it exists
#define NAIO_FILE_EXCLUSIVE 8u   // with CREATE: it must not exist
#define NAIO_FILE_TRUNCATE 16u   // with WRITE: makes it empty
#define NAIO_FILE_APPEND 32u     // with WRITE: everything is written at its end

// Starts an operation that opens the file at path, which is copied. Output 0 is the file, to be
// released with naio_file_close or naio_file_free. The aio does not: a file that is not taken from an
// operation with the result NNG_OK, before the next operation on the aio or its release, is lost with
// its descriptor. mode is for a file that is created: its permission
// bits, of which the process's umask takes some away. A program that is executed does not inherit it.
// An open that the system does not return from, as that of a FIFO without a peer, keeps no other file
// waiting. It can be ended at any time: its guarantee is TOTAL, and the file is closed if it opens
// after all. nng_fini does not wait for it; until it is back, memory functions given to nng_init must
// stay, and the library must not be unloaded. An open that may create or truncate a regular file
// cannot be ended any more once its turn has come (NONE).
// The file has a description of its own, so that others of the same pipe or terminal keep their flags.
// Blocks: no. Callback: yes. NULL: fatal, aio and path. Errors: none; results: NNG_EINVAL: flags;
// NNG_ENOFILES: no descriptors left. Contract: naio.
NNG_DECL void naio_file_open(const char* path, unsigned flags, unsigned mode, nng_aio* aio);

// Starts an operation that closes the file, after the operations that were started on it before. If the
// file is polled, it is closed at once, and operations in flight end with NNG_ECLOSED. When this
// operation is over the file must not be used any more, unless the operation was ended by a request or
// refused: then the file is still open. The system may report an error of an earlier write here; the
// file is closed nevertheless. So it is with NNG_ENOMEM, when no memory or thread was left for the
// operation; then an error of an earlier write is not reported.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_file_close(naio_file* file, nng_aio* aio);

// Closes the file without reporting an error. Operations in flight on it go on, and then it is closed;
// if the file is polled, they end with NNG_ECLOSED.
// Blocks: as the system's close does, if nothing is in flight. Callback: yes. NULL: ignored.
// Errors: none. Contract: naio.
NNG_DECL void naio_file_free(naio_file* file);

// Start an operation that reads to the aio's iov until it is full or the file ends, or writes all of
// it, from where the last one ended (read, write), or from offset bytes after the file's beginning
// on (pread, pwrite). nng_aio_count is how many bytes there were, also if the result is an error.
// Fewer than asked for with NNG_OK: the file ends there. If the file is polled, a read gives what is
// there; the iov of a write then is what is left of it. A write to a file that was opened with
// NAIO_FILE_APPEND is one system call, so that the system keeps its bytes together.
// A write to a pipe that has no reader left is an error, NNG_ECLOSED, and never raises SIGPIPE.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none; results: NNG_EINVAL: offset beyond what the
// system can do; NNG_EREADONLY, NNG_EWRITEONLY: the file is not open for that; NNG_ESYSERR plus
// ESPIPE: pread or pwrite of a pipe or a terminal, which have no offsets. Contract: naio.
NNG_DECL void naio_file_read(naio_file* file, nng_aio* aio);
NNG_DECL void naio_file_write(naio_file* file, nng_aio* aio);
NNG_DECL void naio_file_pread(naio_file* file, uint64_t offset, nng_aio* aio);
NNG_DECL void naio_file_pwrite(naio_file* file, uint64_t offset, nng_aio* aio);

// Starts an operation that waits until all that was written is on the disk.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_file_sync(naio_file* file, nng_aio* aio);

#define NAIO_FILE_OTHER 0u
#define NAIO_FILE_REGULAR 1u
#define NAIO_FILE_DIRECTORY 2u

typedef struct naio_file_status {
    uint64_t size;     // in bytes
    int64_t modified;  // when it was written to, in nanoseconds since 1970-01-01 UTC
    uint32_t kind;     // NAIO_FILE_REGULAR, _DIRECTORY or _OTHER
    uint32_t mode;     // its permission bits
} naio_file_status;

// Starts an operation that tells the file's state in *status, which must live as long as it.
// Blocks: no. Callback: yes. NULL: fatal. Errors: none. Contract: naio.
NNG_DECL void naio_file_stat(naio_file* file, naio_file_status* status, nng_aio* aio);

// ---- Completion queues -------------------------------------------------------------------------
//
// An aio whose callbacks the program runs itself, on a thread of its choice: for programs with one
// thread, or with an event loop of their own.
//
// One thread at a time runs a queue: the last one that called naio_queue_run, or else the creator.
// naio_queue_run first waits until a callback that another thread is inside has returned. A thread that
// ends gives up its queues. A callback on a thread of the library runs a queue only within
// naio_queue_run; at first no thread runs a queue that such a callback creates.
//
// The calls that wait are nng_aio_wait, nng_aio_stop, nng_aio_free, naio_aio_wait_until;
// nng_stream_stop, nng_udp_stop, nng_udp_close; stop and free of a dialer or a listener, and
// nng_stream_listener_listen at a name; the last nng_fini, and nng_init, nng_fini and nng_aio_alloc
// while another thread is in that. In all of them a thread that has called naio_queue_run goes on
// running its queues, and so does a callback of a queue. A creator that has not called it runs the
// queue only while it waits for an aio of the queue, and so does any thread if no thread runs the
// queue. Other threads just wait, also in the last nng_fini: for the thread that runs the queue. A
// callback that is run in such a wait must not wait for the aio whose callback the wait is in: neither
// would end.

// Creates a queue in *queuep; release it with naio_queue_free. A program that unloads the library, or a
// plugin that contains it, releases the queue and the aios that are bound to it before.
// Blocks: no. Callback: yes. Errors: NNG_ENOMEM. Contract: naio.
NNG_DECL nng_err naio_queue_alloc(naio_queue** queuep);

// Destroys the queue. Nothing may be in flight on an aio bound to it.
// Blocks: no. Callback: yes. NULL: ignored. Errors: none. Contract: naio.
NNG_DECL void naio_queue_free(naio_queue* queue);

// Runs the callbacks that are ready and returns how many; waits for the first one up to timeout
// milliseconds. NNG_DURATION_ZERO does not wait, NNG_DURATION_INFINITE waits forever. What becomes
// ready meanwhile is left to the next call, so it always returns. A signal does not end the wait. A
// program that has to do something after a signal waits with poll for naio_queue_fd and for something
// that its handler makes readable, such as a pipe.
// Blocks: up to the timeout, and as the callbacks do. Callback: yes. NULL: fatal. Errors: none.
// Contract: naio.
NNG_DECL size_t naio_queue_run(naio_queue* queue, nng_duration timeout);

// A descriptor for poll and its like: readable while callbacks are ready. It belongs to the queue;
// do not read from it. The first call creates it. -1: the system has none.
// Blocks: no. Callback: yes. NULL: fatal. Errors: -1. Contract: naio.
NNG_DECL int naio_queue_fd(naio_queue* queue);

// Has the callbacks of the following operations run by the queue; NULL: by the library's threads, as
// at first. Only while the aio is idle, not in its own callback. The aio keeps the queue's memory
// alive.
// Blocks: no. Callback: of other aios. NULL aio: fatal, as is a busy one. Errors: none. Contract: naio.
NNG_DECL void naio_aio_set_queue(nng_aio* aio, naio_queue* queue);

#ifdef __cplusplus
}
#endif

#endif
