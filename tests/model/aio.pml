/* A model of the life of one handle (src/aio, src/time/timer.cpp). Its processes are the handle's consumer, a provider,
 * the timer's thread, the workers, another thread that aborts and stops, and nng_fini. `./check` explores several
 * variants of the model, and its mutants. Each mutant leaves out one rule, and spin has to find an error in the mutant.
 *
 * Where the code is. If the code changes, the model has to change, too. The numbers are those in the picture of
 * src/aio/state.h.
 *
 *     flags, seq            the state of nng_aio; an atomic step that begins with TOUCH is one atomic operation on it
 *     settle                State::settle, Operation::take: changes the bits and wakes the waiters             (4)
 *     leave, let_go         Operation::advance; State::let_go                                                  (4) (6)
 *     start                 Operation::start, begin, admit, report; State::start, refuse                       (1)
 *     finish, complete      Operation::finish, complete; State::finish, State::complete                         (2)
 *     request, abort        Operation::ask, cancel; State::request                                             (3)
 *     end_claimed           Operation::end_claimed; State::returned                                            (3)
 *     worker                Operation::run, run_posted; State::run, run_posted, ran                            (5) (6)
 *     post                  Operation::post; State::post                                                       (8)
 *     close, stop, wait     Operation::close, stop, wait, announce_wait; ParkingLot::Waiter (parking.pml: in detail)
 *     free, reap            Operation::free, reap; State::reap
 *     arm, destroy          Timer::arm; Registry::destroy, ~nng_aio, Timer::disarm
 *     timer, examine        Timer::collect and ring; Operation::examine, and expire after it; State::reaped
 *     fini                  Registry::end_operations and wait_for_operations; Operation::claim_closed; State::stop
 *     submit, cancel_function, provider      not in the library: a provider, as nng.h describes it
 *     callback, consumer, stopper            not in the library: what an application may do
 *
 * Variants
 *
 *     (none)           The consumer starts an operation, aborts, waits, starts the next operation, and then frees or
 *                      reaps the handle, whether or not an operation is in flight. The callback may start the next
 *                      operation. The provider holds its lock while it calls start.
 *     LOCKLESS         The provider has the operation, and may finish it, from the moment it is PENDING.
 *     NO_CALLBACK      There is no callback: operations complete in place.
 *     BARE             There may be a finish without a start.
 *     STUBBORN         The cancel function may leave the operation to the provider, or the operation has no cancel
 *                      function and so permits nothing.
 *     CALLBACK_REAPS   The callback reaps its own handle, also after it has started the next operation.
 *     CALLBACK_STOPS   The callback stops its own handle, also after it has started the next operation.
 *     STOPPER          Another thread aborts, and aborts again or stops, at any time.
 *     POSTER           Another thread posts twice, and a callback may post once. A callback that runs for a post alone
 *                      starts no operation, because the consumer may start one at the same time.
 *     FINI             nng_fini comes at any time, also while the callback starts the next operation, and while the
 *                      consumer frees or reaps.
 *     ONE_DEADLINE     Operations have one deadline or none. There are fewer states than with two deadlines.
 *     NO_DEADLINE      With ONE_DEADLINE: operations have no deadline.
 *     OPS=n            n operations begin, 2 if not given. Refused starts do not count.
 *
 * Claims
 *
 *     There is one callback for each operation, and callbacks never overlap. After each accepted post a callback
 *     begins. A cancel function is called once at most, and its own operation is in flight until the function returns.
 *     No thread touches a handle that is destroyed. An operation with a deadline is asked to end, in time (WATCHED) and
 *     not early. A handle that is to be destroyed when idle is destroyed. Every waiter is woken; stop, free and fini
 *     return, even if every callback starts an operation. When fini returns, all callbacks have returned, and a handle
 *     that was reaped before is gone. When no process can make a step any more, nothing is left to do (watch), and no
 *     process is stuck (spin's invalid end state).
 *
 * What is left out
 *
 *     Memory orders: everything here is sequentially consistent, as the state and TimerEntry::tick are in the code.
 *     The wrap-around of generations. Other entries in the timer's burst and other handles in the registry, which only
 *     delay this handle. Requests by type, their reasons, scopes, and reminders after a permit: see cancel.pml. All
 *     operations here are plain: the provider permits one type or none, and never declines. So each accepted request is
 *     delivered at once, and sticky types make no difference. The order of tasks: here the workers have no other task
 *     than the handle, and task_queue.pml models the rest. The wake-ups of the timer's thread: here this thread notices
 *     the time itself. */

#define PENDING   1
#define DONE      2
#define STARTING  4
#define RUNNING   8
#define CANCELING 16
#define REAPING   32
#define STOPPED   64
#define CLOSED    128
#define DESTROY_WHEN_IDLE    256
#define WAITED    512
/* of the latest operation */
#define PERMITTED 1024    /* the operation has a cancel function */
#define ACCEPTED  2048
#define EXPIRED   4096
#define OF_OPERATION (PERMITTED|ACCEPTED|EXPIRED)
/* of the handle */
#define TIMER_ARMED   8192
#define POSTED    16384

#define BUSY (PENDING|DONE|STARTING|RUNNING|CANCELING|REAPING|POSTED)
#if defined(NO_STARTING_HOLD)
#define HOLDS (RUNNING|CANCELING|POSTED)
#elif defined(NO_RUNNING_HOLD)
#define HOLDS (STARTING|CANCELING|POSTED)
#elif defined(NO_CANCELING_HOLD)
#define HOLDS (STARTING|RUNNING|POSTED)
#elif defined(NO_POSTED_HOLD)
#define HOLDS (STARTING|RUNNING|CANCELING)
#else
#define HOLDS (STARTING|RUNNING|CANCELING|POSTED)
#endif

#ifndef OPS
#define OPS 2
#endif

/* Times and ticks. */
#define IMMEDIATELY 0
#define EARLY       1
#define LATE        2
#define NEVER       3     /* as a tick: kNoTick, the entry is not linked */

/* ---- the handle */
short flags = 0;
byte seq = 0;             /* the generation */
byte deadline = NEVER;
bool with_stop = false;   /* result_ == NNG_ESTOPPED */
bool gave_stopped = false; /* the callback that runs was given NNG_ESTOPPED */
bool reaping = false;
bool armed = false;
byte tick = NEVER;        /* TimerEntry::tick */

/* ---- around the handle */
byte now = 0;             /* the time that the timer saw last */
bool timer_lock = false;
bool registry_lock = false;
bool live = true;         /* the handle's bit in the registry */
bool missed = false;      /* fini waits for the destruction of the handle */
bool queued = false;      /* the handle is queued for a worker */
#define CONSUMER 0
#define OTHER    1       /* stopper or fini */
bool announced[2];        /* the waiter is in the parking lot */
bool woken[2];

/* ---- the provider */
bool provider_lock = false;
bool owned = false;       /* the operation is in the list of the provider */
bool slow = false;        /* the provider does not finish the operation by itself before `must` is true */
bool must = false;        /* nothing else can happen any more */
bool kept = false;        /* the cancel function has left the operation to the provider */

/* ---- what is to be checked */
bool destroyed = false;
byte owed = 0;            /* the number of operations that have not had their callback yet */
byte running = 0;         /* the number of callbacks that are on a stack */
bool called = false;      /* the cancel function of this operation has been called */
bool in_cancel = false;   /* the cancel function has been called and has not returned */
bool begun = false;       /* the consumer has started an operation */
bool stopper_done = false;
byte posts = 0;           /* the number of posts of callbacks */
bool unseen = false;      /* a post is accepted, and no callback has begun after it */
bool timer_at_work = false;

#define TOUCH assert(!destroyed)
#define LOCK(l) atomic { !l -> l = true }
#define UNLOCK(l) l = false
#define IN_FLIGHT(w) ((w) & (PENDING|DONE))
#define REFUSES(w) ((w) & (STOPPED|CLOSED))
#ifdef ACCEPTED_FORGOTTEN
#define NEWLY_POSSIBLE(w) (((w) & PENDING) && ((w) & PERMITTED) && !((w) & CANCELING))
#else
#define NEWLY_POSSIBLE(w) (((w) & PENDING) && ((w) & PERMITTED) && !((w) & ACCEPTED))
#endif
#define CAN_EXPIRE(w) (((w) & PENDING) && !((w) & EXPIRED))

/* No expiry is lost: if an operation can time out, the timer will examine it in time, or is about to. An operation that
 * the reaper asks to end is an exception. */
#define WATCHED (!CAN_EXPIRE(flags) || deadline == NEVER || tick <= deadline || timer_lock || \
                 (flags & (REAPING|DESTROY_WHEN_IDLE)))

/* The values of `todo`, a variable of each process: what the process has to do after a step. The wake-up of the waiters
 * is part of the step. */
#define QUEUE   1
#define DESTROY 2

inline settle(may_deliver) {
  todo = 0;
  if
  :: (flags & DONE) && !(flags & HOLDS) && may_deliver ->
#ifdef NO_CALLBACK
     flags = flags & ~DONE; assert(owed == 1); owed--
#else
     todo = QUEUE
#endif
  :: else
  fi;
  if
  :: !(flags & BUSY) ->
     todo = todo | ((flags & DESTROY_WHEN_IDLE) -> DESTROY : 0);
     if
     :: flags & WAITED -> flags = flags & ~WAITED; wake(CONSUMER); wake(OTHER)
     :: else
     fi
  :: else
  fi
}

inline leave() {
#ifdef TOUCHED_AFTERWARDS
  TOUCH;
#endif
  if
  :: todo == 0
  :: todo == QUEUE -> atomic { TOUCH; assert(!queued); queued = true; run worker(); todo = 0 }
  :: todo == DESTROY -> destroy(); todo = 0
  fi
}

#ifdef ONLY_FINISH_DELIVERS
#define LET_GO_DELIVERS false
#else
#define LET_GO_DELIVERS true
#endif

inline let_go(hold) {
  atomic { TOUCH; assert(flags & hold); flags = flags & ~(hold); settle(LET_GO_DELIVERS) };
  leave()
}

/* ---- registry, timer and parking lot, as seen by others */

inline destroy() {
#ifdef DESTROYED_UNLOCKED
  destroyed = true;
#endif
#ifdef FINI
  LOCK(registry_lock);
#endif
  if
#if defined(LEFT_LINKED)
  :: false
#elif defined(UNLINKED_UNLOCKED)
  :: armed -> tick = NEVER
#else
  :: armed -> atomic { !timer_lock -> tick = NEVER }
#endif
  :: else
  fi;
  atomic { assert(live && !(flags & BUSY)); destroyed = true; live = false; missed = false; UNLOCK(registry_lock) }
}

inline arm(at_tick) {
  atomic {
    !timer_lock -> TOUCH; armed = true;
    if
#if defined(REAP_KEEPS_LINK)
    :: tick != NEVER
#elif defined(LINK_MOVES_LATER)
    :: false
#else
    :: tick <= at_tick
#endif
    :: else -> tick = at_tick
    fi
  }
}

inline wake(who) {
  if
  :: announced[who] -> announced[who] = false; woken[who] = true
  :: else
  fi
}

/* ---- the provider's side */

inline finish(reason) {
  atomic {
    TOUCH; assert(flags & PENDING);
    with_stop = reason; slow = false; kept = false;
    flags = (flags & ~PENDING) | DONE; settle(true)
  };
  leave()
}

/* `ended`: a start is refused, as if its operation had been asked to end. */
inline complete(reason, ended) {
  atomic {
    TOUCH; assert(!IN_FLIGHT(flags));
    with_stop = reason; owed++; called = false;
    flags = (flags & ~OF_OPERATION) | DONE | (ended -> PERMITTED|ACCEPTED : 0); seq++; settle(true)
  };
  leave()
}

/* True if the state is still the one that the start has read, or if the operation has no deadline. */
#ifdef TIMER_ARMED_NOT_COMPARED
#define UNCHANGED true
#else
#define UNCHANGED (when == NEVER || (flags == before && seq == number))
#endif

/* Sets `accepted` if an operation begins. Ends with the provider's lock held, which submit() releases. */
inline start() {
  atomic {
#ifndef LOCKLESS
    !provider_lock -> provider_lock = true;
#endif
    TOUCH; assert(!IN_FLIGHT(flags));
#if defined(STOPPED_GIVEN_AGAIN)
    go = false;
#elif defined(STOPPED_READ_FROM_RESULT)
    with_stop = false; go = REFUSES(flags) && (flags & RUNNING) && with_stop;
#else
    go = REFUSES(flags) && (flags & RUNNING) && gave_stopped;
#endif
    if
    :: !go -> with_stop = false; deadline = when
    :: else
    fi
  };
  if
  :: go
  :: else ->
#ifdef LINK_BEFORE_PENDING
     linked = (tick <= when);
#endif
     do
     :: atomic {
          TOUCH; before = (when == NEVER -> 0 : flags); number = (when == NEVER -> 0 : seq);
#ifdef ANY_ARMED_TIMER_WILL_DO
          arms = (when != NEVER && !(flags & TIMER_ARMED))
#else
          arms = (when != NEVER && (!(flags & TIMER_ARMED) || tick > when))
#endif
        };
        atomic {
          TOUCH; assert(!IN_FLIGHT(flags));
          if
          :: REFUSES(flags) -> go = true; break
          :: !REFUSES(flags) && !UNCHANGED -> skip   /* read again */
          :: else ->
#ifdef ACCEPTED_KEPT
             flags = flags & ~(PERMITTED|EXPIRED);
#else
             flags = flags & ~OF_OPERATION;
#endif
             flags = flags | PENDING | (arms -> STARTING|TIMER_ARMED : 0) | (with_cancel -> PERMITTED : 0);
             seq++; owed++; accepted = true; called = false; slow = slow_too;
#ifdef LOCKLESS
             owned = true;
#endif
             assert(arms || WATCHED); break
          fi
        }
     od;
     atomic { before = 0; number = 0 };
     if
     :: go -> assert(seq <= 2 * OPS); complete(true, true)   /* the callback does not start operations forever */
     :: accepted && arms ->
        atomic {
          TOUCH;
#if defined(ANY_LINK_WILL_DO)
          linked = (tick != NEVER)
#elif !defined(LINK_BEFORE_PENDING)
          linked = (tick <= when)
#endif
        };
        if
        :: linked
        :: else -> arm(when)
        fi;
        assert(WATCHED);
        let_go(STARTING)
     :: else
     fi
  fi;
  atomic { go = false; linked = false; arms = false }
}

inline submit() {
  if
#ifndef ONE_DEADLINE
  :: when = EARLY; with_cancel = true
#endif
#ifndef NO_DEADLINE
  :: when = LATE; with_cancel = true
#endif
  :: when = NEVER; with_cancel = true
#ifdef STUBBORN
  :: when = NEVER; with_cancel = false
#endif
  fi;
  if
  :: slow_too = true
  :: slow_too = false
  fi;
  start();
  atomic {
#ifndef LOCKLESS
    owned = (accepted -> true : owned); provider_lock = false;
#endif
    accepted = false; when = 0; with_cancel = false; slow_too = false
  }
}

/* The provider's cancel function: it ends the operation if the provider still has it. */
inline cancel_function(reason) {
  if
  :: atomic { owned && !provider_lock -> owned = false }; finish(reason)
  :: atomic { !owned && !provider_lock -> skip }
#ifdef STUBBORN
  :: atomic { owned && !provider_lock -> kept = true }
#endif
  fi
}

/* Finishes the operation at any time or, if the provider is slow, only when nothing else can happen any more. */
active proctype provider() {
  byte todo;
end:
  do
  :: atomic { owned && !provider_lock && (!slow || must) -> owned = false; must = false }; finish(false)
  od
}

/* ---- the consumer's side */

/* Part of an atomic step. Sets `go` if the cancel function has to be called. */
inline request() {
  if
  :: NEWLY_POSSIBLE(flags) ->
     flags = flags | CANCELING | ACCEPTED; go = true;
     assert(!in_cancel && !called); in_cancel = true; called = true
  :: else
  fi
}

inline end_claimed(reason) {
#ifdef HOLD_ENDS_EARLY
  let_go(CANCELING);
#endif
  cancel_function(reason);
  atomic {
    assert(called && IN_FLIGHT(flags)); in_cancel = false; go = false;
#ifdef HOLD_ENDS_EARLY
  }
#else
    TOUCH; flags = flags & ~CANCELING; settle(LET_GO_DELIVERS)
  };
  leave()
#endif
}

inline abort(reason) {
  atomic { TOUCH; request() };
  if
  :: go -> end_claimed(reason)
  :: else
  fi
}

inline close() {
#ifdef STOPPED_LATE
  abort(true);
  atomic { TOUCH; flags = flags | STOPPED }
#else
  atomic { TOUCH; flags = flags | STOPPED; request() };
  if
  :: go -> end_claimed(true)
  :: else
  fi
#endif
}

inline announce(who) { atomic { announced[who] = true; woken[who] = false } }

inline announce_wait() {
  atomic { TOUCH; is_busy = (flags & BUSY) != 0; flags = flags | (is_busy -> WAITED : 0) }
}

/* Waits until the waiter is woken, if the handle was busy. Afterwards the waiter no longer exists. */
inline sleep(who) {
  if
  :: is_busy -> woken[who]
  :: else
  fi;
  atomic { is_busy = false; woken[who] = false; announced[who] = false }
}

inline wait(who) {
  atomic { TOUCH; is_busy = (flags & BUSY) != 0 };
  if
  :: is_busy ->
#ifdef ANNOUNCED_LATE
     announce_wait(); announce(who);
#else
     announce(who); announce_wait();
#endif
     sleep(who)
  :: else
  fi
}

inline stop(who) {
  close();
  wait(who)
}

inline free(who) {
  stop(who);
  destroy()
}

inline reap() {
  atomic {
    TOUCH; assert(!(flags & (DESTROY_WHEN_IDLE|REAPING)));
    go = (flags & PENDING) != 0;
    if
#ifdef DESTROYED_IN_FLIGHT
    :: go -> flags = flags | STOPPED | DESTROY_WHEN_IDLE
#else
    :: go -> flags = flags | STOPPED | REAPING
#endif
    :: else -> flags = flags | STOPPED | DESTROY_WHEN_IDLE; settle(false)
    fi
  };
  if
  :: go -> arm(IMMEDIATELY)
  :: else -> leave()
  fi;
  go = false
}

active proctype consumer() {
  byte todo, when, number; short before; bool go, linked, arms, accepted, with_cancel, slow_too, is_busy;
again:
  if
  :: true -> submit()
#ifdef BARE
  :: true -> complete(false, false)
#endif
  fi;
  begun = true;
#ifndef CALLBACK_REAPS
  do
  :: abort(false)
#ifndef FINI
  :: wait(CONSUMER);
     if
     :: seq < OPS -> goto again
     :: true
     fi
#endif
  :: break
  od;
#if defined(STOPPER) || defined(POSTER)
  stopper_done;
#endif
  if
  :: free(CONSUMER)
  :: reap()
#ifdef FINI
  :: true
#endif
  fi
#endif
}

#ifdef STOPPER
active proctype stopper() {
  byte todo; bool go, is_busy;
  begun;
  abort(false);
  if
  :: abort(false)
  :: stop(OTHER)
  fi;
  stopper_done = true
}
#endif

inline post() {
  atomic {
    TOUCH; todo = 0;
    if
    :: REFUSES(flags) || ((flags & PENDING) && !(flags & POSTED))
    :: else ->
       unseen = true;
#ifdef POSTED_TWICE
       if
       :: flags & DONE
#else
       if
       :: flags & (DONE|POSTED)
#endif
       :: else -> todo = (flags & RUNNING -> 0 : QUEUE); flags = flags | POSTED
       fi
    fi
  };
  leave()
}

#ifdef POSTER
active proctype poster() {
  byte todo;
  post(); post();
  stopper_done = true
}
#endif

/* ---- the workers */

inline callback() {
#ifdef POSTER
  if
  :: posts == 0 -> posts++; post()
  :: true
  fi;
#endif
  if
  :: for_post -> goto over
  :: else
  fi;
  if
  :: seq < OPS || REFUSES(flags) -> submit()
#ifdef BARE
  :: seq < OPS -> complete(false, false)
#endif
  :: true
  fi;
#ifdef CALLBACK_REAPS
  if
  :: !(flags & (REAPING|DESTROY_WHEN_IDLE)) -> reap()
  :: true
  fi
#endif
#ifdef CALLBACK_STOPS
  if
  :: close()
  :: true
  fi
#endif
}

/* The state in which a worker may call the callback for a DONE operation. */
#ifdef POSTED_OVERTAKES
#define DELIVERABLE(w) true
#else
#define DELIVERABLE(w) (!((w) & (STARTING|CANCELING)))
#endif

/* One process for each time the handle is queued. */
proctype worker() {
  byte todo, when, number; short before; bool go, linked, arms, accepted, with_cancel, slow_too, for_post;
  atomic {
    TOUCH; assert(running == 0);
    queued = false;
    if
    :: flags & POSTED -> flags = flags & ~POSTED; for_post = (flags & DONE) == 0
    :: else -> assert((flags & DONE) && !(flags & HOLDS))
    fi;
    if
    :: for_post -> flags = flags | RUNNING; running++; unseen = false
    :: !for_post && DELIVERABLE(flags) ->
       assert(!in_cancel);
       flags = (flags & ~DONE) | RUNNING;
       gave_stopped = with_stop; with_stop = false;
       assert(owed == 1); owed--; running++; unseen = false
    :: !for_post && !DELIVERABLE(flags) -> goto postponed
    fi
  };
  callback();
over:
  atomic {
    TOUCH; running--; gave_stopped = false; flags = flags & ~RUNNING;
    if
#ifndef POSTED_AGAIN_LOST
    :: (flags & POSTED) && !(flags & DONE) -> todo = QUEUE
#endif
    :: (flags & POSTED) && (flags & DONE) -> flags = flags & ~POSTED; settle(true)
    :: else -> settle(true)
    fi
  };
  leave();
postponed:
  skip
}

/* ---- the timer's thread */

#ifdef TIMER_ARMED_FOREVER
#define CLEARS(w) false
#else
#define CLEARS(w) ((w) & TIMER_ARMED)
#endif

/* With the timer's lock held: sets `due` if the entry, which was linked at the tick `at`, is due. */
inline examine() {
  if
  :: at == IMMEDIATELY -> atomic { TOUCH; assert(flags & REAPING); reaping = true; due = true }
  :: else ->
#ifdef EXAMINED_UNLOCKED
     timer_lock = false;
#endif
     atomic { TOUCH; seen = flags; number = seq };
     do
     :: !CAN_EXPIRE(seen) && !CLEARS(seen) -> break
     :: !CAN_EXPIRE(seen) && CLEARS(seen) ->
        atomic {
          TOUCH;
          if
          :: flags == seen && seq == number -> flags = flags & ~TIMER_ARMED; break
          :: else -> seen = flags; number = seq
          fi
        }
     :: else ->
        atomic { TOUCH; limit = deadline };
        if
        :: limit > now ->
           atomic {
             TOUCH;
             if
             :: CLEARS(seen) && !(flags == seen && seq == number) -> seen = flags; number = seq; limit = now
             :: else -> flags = flags & ~(CLEARS(seen) -> TIMER_ARMED : 0)
             fi
           };
           if
           :: limit > now ->
#ifndef NOT_KEPT
              tick = limit;
#endif
              break
           :: else
           fi
        :: else ->
           atomic {
             TOUCH;
             if
#if defined(NO_GENERATION)
             :: flags == seen ->
#elif defined(NO_COMPARE)
             :: CAN_EXPIRE(flags) ->
#else
             :: flags == seen && seq == number ->
#endif
                assert(deadline <= now);
                flags = (flags & ~(CLEARS(flags) -> TIMER_ARMED : 0)) | EXPIRED;
                request(); due = go; go = false; break
             :: else -> seen = flags; number = seq
             fi
           }
        fi
     od;
     atomic { seen = 0; number = 0; limit = 0 }
  fi
}

active proctype timer() {
  byte todo, at, number, limit; short seen; bool go, due;
end:
  do
  :: atomic {
       !timer_lock && tick != NEVER ->
       if
       :: tick <= now
       :: tick <= EARLY && now < EARLY -> now = EARLY
       :: now < LATE -> now = LATE
       fi;
       TOUCH; timer_lock = true; at = tick; timer_at_work = true;
#ifndef EXAMINED_FIRST
       tick = NEVER
#endif
     };
     examine();
#ifdef EXAMINED_FIRST
     if
     :: tick == at -> tick = NEVER
     :: else
     fi;
#endif
     atomic { timer_lock = false; at = 0; assert(WATCHED || (flags & STARTING)) };
     if
     :: due && reaping ->
        reaping = false;
#ifndef REAPED_UNASKED
        close();
#endif
        atomic {
          TOUCH; flags = (flags & ~REAPING) | DESTROY_WHEN_IDLE;
#ifdef REAPING_DELIVERS
          settle(true)
#else
          settle(false)
#endif
        };
        leave()
     :: due && !reaping -> end_claimed(false)
     :: else
     fi;
     atomic { due = false; timer_at_work = false }
  od
}

/* ---- nng_fini */

#ifdef FINI
active proctype fini() {
  byte todo; bool go, is_busy, to_destroy, reaped_before;
  begun;
  atomic {
    !registry_lock;
    if
    :: live ->
       TOUCH;
#ifdef NO_CALLBACK
       reaped_before = (flags & (DESTROY_WHEN_IDLE|REAPING)) != 0;
#endif
#ifndef CLOSED_LATE
       flags = flags | CLOSED;
#endif
       request()
    :: else
    fi
  };
#ifdef CLOSED_LATE
  atomic {
    !registry_lock;
    if
    :: live -> flags = flags | CLOSED
    :: else
    fi
  };
#endif
  if
  :: go -> end_claimed(true)
  :: else
  fi;
  do
  :: LOCK(registry_lock);
     if
     :: live ->
#ifdef DESTROY_FLAG_READ_BEFORE_BUSY
        to_destroy = (flags & DESTROY_WHEN_IDLE) != 0;
#endif
        is_busy = (flags & BUSY) != 0;
        if
        :: is_busy -> announce(OTHER); announce_wait()
        :: else
        fi;
#ifndef DESTROY_FLAG_READ_BEFORE_BUSY
        to_destroy = (flags & DESTROY_WHEN_IDLE) != 0
#endif
     :: else
     fi;
     if
     :: is_busy -> UNLOCK(registry_lock); sleep(OTHER)
     :: !is_busy && to_destroy -> atomic { sleep(OTHER); missed = true; UNLOCK(registry_lock) }; !missed
     :: else -> atomic { sleep(OTHER); UNLOCK(registry_lock) }; break
     fi;
     to_destroy = false
  od;
  assert(owed == 0 && running == 0 && !(live && (flags & BUSY)));
#ifdef NO_CALLBACK
  !timer_at_work;   /* nng_fini joins the timer's thread, and without callbacks there are no workers */
  assert(!reaped_before || !live)
#endif
}
#endif

/* ---- when no process can make a step any more */

active proctype watch() {
end:
  do
  :: timeout ->
     if
     :: (flags & PENDING) && owned && !must ->
        /* The provider may be slow, unless it was asked to end the operation, or should have been asked. */
        assert(kept || !(flags & PERMITTED) || (deadline == NEVER && !REFUSES(flags)));
        must = true
     :: else -> break
     fi
  od;
  assert(owed == 0 && !unseen);
  assert(destroyed || !(flags & (BUSY|DESTROY_WHEN_IDLE)))
}
