/* A model of the requests to end an operation, by type (src/aio/state.h, operation_request.cpp, slot.cpp): a provider
 * that changes its guarantee, two threads that request, a scope, the timer's thread with reminders and a deadline, and
 * the reaper. `./check` explores several variants of the model, and its mutants. The parts that have nothing to do with
 * types are left out here; aio.pml models them in detail.
 *
 * Where the code is. If the code changes, the model has to change, too.
 *
 *     state                 the state of an operation; an atomic step that begins with TOUCH is one atomic operation
 *     request, transition   State::request, expire, stop, remind, permit, acknowledge
 *     ask                   Operation::ask: reason and state change together, for every reader
 *     read_reason           Operation::reason
 *     end_claimed           Operation::end_claimed, give_back; State::returned. take_back: State::decline
 *     maker                 Operation::slot; naio_slot::remember_accepted
 *     begin                 Operation::begin, with naio_slot::admit; Operation::report
 *     worker                Operation::run, with the provider's release
 *     cancel, emit          Operation::cancel, close; naio_slot::emit, claim_targets, call_claimed
 *     timer                 Operation::examine and expire, rearm
 *     second_requester      with REAP: Operation::reap
 *     registry              Registry::destroy, which waits for the timer's lock in ~Operation
 *     provider, cancel_function     not in the library: a provider, as naio.h describes it
 *
 * Variants
 *
 *     (none)           Two threads request. The provider starts with any guarantee, and changes it. Its cancel function
 *                      finishes the operation, leaves that to the provider, or declines.
 *     ALONE            The second of these threads exists, and the first does not.
 *     STOPPER          The second thread stops the handle.
 *     SCOPE            The second thread makes a request through the handle's scope. With TWO_EMITTERS the first thread
 *                      makes its request through the scope, too.
 *     REAP             The second thread reaps the handle.
 *     OWN_SLOT         Another thread makes the handle's own slot, while requests are declined.
 *     TIMEOUT          Operations have a deadline.
 *     ACKNOWLEDGES     The provider may acknowledge accepted requests, and then honour or clear them.
 *     OPS=n            At most n operations begin, 2 if not given. The callback of an operation may start the next one.
 *     PERMITS=n        The provider changes its guarantee up to n times per operation, once if not given.
 *     REQUESTS=n       A thread makes n requests, one if not given.
 *
 * Claims
 *
 *     1. No two calls of a cancel function overlap. The function is called only while its own operation is in flight,
 *        and before the provider's state is released. The state is released once, before the callback.
 *     2. A cancel function is called only with types that the provider permits, or that permit has returned to the
 *        provider. permit returns all types that were accepted before. After that, only types that are still permitted
 *        are accepted.
 *     3. A decline does not take back types that the provider has acknowledged. Every undelivered type is an accepted
 *        one.
 *     4. Nothing is lost: when no process can make a step any more, no request is left that the provider could take
 *        and has not declined. A scope has asked each operation that began before the scope's request, and refuses each
 *        operation that begins later. No deadline is forgotten.
 *     5. A thread that sees that a request was accepted finds a reason, the same each time. This is the reason of a
 *        request that was being made, or was sticky, when the operation accepted its first request. A request that was
 *        not accepted leaves no reason.
 *     6. The handle's own slot remembers no type that was declined.
 *     7. No thread touches a handle that is destroyed.
 *
 * What is left out
 *
 *     STARTING, waiting, and the deadline of one operation found by the next: aio.pml has them. PARTIAL, the third
 *     type: TERMINAL and TOTAL relate to each other as each does to PARTIAL. Plain slots, handlers and inner
 *     operations.
 *     Plain operations: their cancel function is called once, by the thread that has stored the reason. */

#define PENDING   1
#define DONE      2
#define RUNNING   4
#define CANCELING 8
#define REAPING   16
#define STOPPED   32
#define DESTROY_WHEN_IDLE    64
/* of the latest operation */
#define RELEASE   128
#define REASON_STAYS      256
#define EXPIRED   512
/* sets of types, of the latest operation */
#define PERMITTED 10
#define ACCEPTED  12
#define UNDELIVERED     14
#define STICKY       16
#define ACKNOWLEDGED      18
#define NUMBER    20

#define BUSY (PENDING|DONE|RUNNING|CANCELING|REAPING)
#ifdef NO_CANCELING_HOLD
#define HOLDS RUNNING
#else
#define HOLDS (RUNNING|CANCELING)
#endif

/* Types. A guarantee permits itself and all weaker types. */
#define NONE     0
#define TERMINAL 1
#define TOTAL    2
#define ALL      3
#define PERMITTED_BY(guarantee) ((guarantee) == TOTAL -> ALL : (guarantee))

#define SET(w, field) (((w) >> field) & ALL)
#define PUT(types, field) ((types) << field)
#define WITHOUT(w, types, field) ((w) & ~PUT(types, field))
#define OPERATION(w) ((w) >> NUMBER)
#define NEXT_OPERATION (1 << NUMBER)
#define OF_OPERATION (RELEASE|REASON_STAYS|EXPIRED|PUT(ALL, PERMITTED)|PUT(ALL, ACCEPTED)|PUT(ALL, UNDELIVERED)| \
                      PUT(ALL, STICKY)| \
                      PUT(ALL, ACKNOWLEDGED))
#define IN_FLIGHT(w) ((w) & (PENDING|DONE))
#define HAS_REASON(w) (SET(w, ACCEPTED) != 0 || ((w) & REASON_STAYS))

#ifndef OPS
#define OPS 2
#endif
#ifndef PERMITS
#define PERMITS 1
#endif
#ifndef REQUESTS
#define REQUESTS 1
#endif

/* Reasons: those of the requesters' requests are 1 to 4. */
#define NO_REASON 0
#define TIMED_OUT 5
#define BIT(reason) (1 << (reason))
#define REASON_FOR(operation, why) ((operation) << 3 | (why))
#define REASON_OF(noted) ((noted) & 7)

/* ticks */
#define IMMEDIATELY 0     /* the tick at which the timer's thread reaps */
#ifdef REMINDER_REAPS
#define SOON  0
#else
#define SOON  1           /* the tick at which the timer's thread reminds */
#endif
#define LATER 2
#define NEVER 3

/* ---- the handle */
int state = 0;
byte reason = 0;
bool reason_lock = false; /* the lock that the parking lot has for the handle */
byte tick = NEVER;        /* TimerEntry::tick */
byte result = NO_REASON;
bool queued = false;      /* the handle is queued for the worker */

/* ---- around the handle */
bool timer_lock = false;
bool slot_lock = false;
byte remembered = 0;      /* the types that the scope remembers */
byte slot_reason = NO_REASON; /* the reason of these types */
bool calling = false;
byte claimed = 0;

#ifdef OWN_SLOT
/* ---- the handle's own slot, which another thread makes */
bool own_made = false;
bool own_lock = false;
byte own_remembered = 0;
#endif

/* ---- the provider */
bool provider_lock = false;
bool owned = false;       /* the operation is in the list of the provider */
bool slow = false;        /* the provider does not finish the operation before `wanted` or `must` is true */
bool wanted = false;      /* the cancel function has taken a request up, or permit has returned one */
bool must = false;        /* nothing else can happen any more */
byte permits = 0;         /* the number of times that the provider has changed its guarantee */
byte promise = 0;         /* the types that the provider permits */
byte known = 0;           /* the types that permit or acknowledge has returned to the provider */
byte standing = 0;        /* the types in `known` that the provider has not cleared since */
byte called = 0;          /* the types with which the cancel function was called */

/* ---- what is to be checked */
bool to_destroy = false;  /* the handle is idle and has to be destroyed */
bool destroyed = false;   /* the handle is destroyed */
bool in_cancel = false;   /* the cancel function runs */
byte in_cancel_of = 0;    /* the number of the operation whose cancel function runs */
bool unreleased = false;
byte owed = 0;
byte declined = 0;        /* types that the cancel function declined since the last permit */
byte asking = 0;          /* the threads that request now: a bit for each reason */
byte racing = 0;          /* `asking` when the first request was accepted, which sets the reason */
byte seen_reason = NO_REASON;  /* the reason that the first reader has found */

#define TOUCH assert(!destroyed)
#define LOCK(l) atomic { !l -> l = true }
#define UNLOCK(l) l = false

/* install() is a step on the state, after which the state must be CONSISTENT. */
#define CONSISTENT(w) \
  (!(SET(w, UNDELIVERED) & ~SET(w, ACCEPTED)) && \
   (!((w) & PENDING) || !(SET(w, ACCEPTED) & ~(promise | known))))

inline install(w) {
  state = w;
  assert(CONSISTENT(state))
}

inline settle(may_deliver) {
  if
  :: (state & DONE) && !(state & HOLDS) && may_deliver -> assert(!queued); queued = true
  :: else
  fi;
  if
  :: !(state & BUSY) && (state & DESTROY_WHEN_IDLE) -> to_destroy = true
  :: else
  fi
}

/* ---- requests: every process that requests has variables of its own with these names:
 *      int seen, answer; byte what, noted, why, call, types, some, acknowledged, later; bool accepted, first, took */

#define CANCEL 0
#define LAST   1   /* a scope's request */
#define STOP   2
#define REMIND 3
#define EXPIRE 4
#define PERMIT 5
#define ACKNOWLEDGE 6

/* Requests `types` of an operation whose state is `seen`. The types in `lasting` become sticky. */
inline request(lasting) {
  if
  :: seen & PENDING ->
     answer = answer | PUT(lasting, STICKY);
     some = types & (SET(seen, PERMITTED) | SET(seen, ACCEPTED));
     if
     :: some != 0 ->
        accepted = true;
        some = some & ~SET(seen, ACCEPTED);
        answer = answer | PUT(some, ACCEPTED) | PUT(some, UNDELIVERED);
        if
#ifdef CALLS_CONCURRENTLY
        :: some == 0
#else
        :: some == 0 || (seen & CANCELING)
#endif
        :: else -> call = SET(answer, UNDELIVERED); answer = WITHOUT(answer, ALL, UNDELIVERED) | CANCELING
        fi
     :: else
     fi
  :: else
  fi;
  some = 0
}

inline acknowledge_accepted() {
  acknowledged = SET(answer, ACCEPTED);
  answer = (acknowledged != 0 -> answer | REASON_STAYS | PUT(acknowledged, ACKNOWLEDGED) : answer)
}

inline transition() {
  answer = seen; accepted = false; call = 0;
  if
  :: what == CANCEL -> request(0)
  :: what == LAST -> request(types)
  :: what == STOP -> answer = answer | STOPPED; request(types)
  :: what == REMIND ->
     if
#ifdef REMINDS_AT_ONCE
     :: (seen & PENDING) && SET(seen, UNDELIVERED) != 0 ->
#else
     :: (seen & PENDING) && !(seen & CANCELING) && SET(seen, UNDELIVERED) != 0 ->
#endif
        accepted = true; call = SET(seen, UNDELIVERED); answer = WITHOUT(seen, ALL, UNDELIVERED) | CANCELING
     :: else
     fi
  :: what == EXPIRE ->
     if
     :: (seen & PENDING) && !(seen & EXPIRED) && later == NEVER ->
        answer = answer | EXPIRED;
#ifdef NOTHING_STICKY
        request(0)
#else
        request(types)
#endif
     :: else
     fi
  :: what == PERMIT ->
     if
     :: seen & PENDING ->
        answer = WITHOUT(answer, ALL, PERMITTED) | PUT(types, PERMITTED);
        some = SET(seen, STICKY) & types & ~SET(seen, ACCEPTED);
        answer = answer | PUT(some, ACCEPTED) | PUT(some, UNDELIVERED);
        acknowledge_accepted();
        accepted = acknowledged != 0; call = some; some = 0
     :: else
     fi
  :: what == ACKNOWLEDGE ->
     if
     :: seen & PENDING ->
#ifdef QUERY_ENDS
        acknowledged = SET(answer, ACCEPTED);
#else
        acknowledge_accepted();
#endif
        accepted = acknowledged != 0;
        some = types & acknowledged;
        answer = WITHOUT(WITHOUT(answer, some, ACCEPTED), some, UNDELIVERED);
        answer = WITHOUT(WITHOUT(answer, some, STICKY), some, ACKNOWLEDGED);
        some = 0
     :: else
     fi
  fi
}

inline accept() {
  if
  :: what == PERMIT && (seen & PENDING) ->
     promise = types; known = known | acknowledged; standing = standing | acknowledged; declined = 0
  :: what == ACKNOWLEDGE && (seen & PENDING) ->
     known = known | acknowledged; standing = (standing | acknowledged) & ~types
  :: else
  fi;
  if
  :: accepted && !HAS_REASON(seen) -> racing = asking | BIT(why); seen_reason = NO_REASON
  :: else
  fi;
  install(answer)
}

/* Sets `why` to the reason of the sticky types that the provider permits now. */
inline reason_of_due() {
  atomic {
    if
    :: seen & EXPIRED -> why = TIMED_OUT
    :: !(seen & EXPIRED) && (seen & STOPPED) -> why = 2
    :: else -> !slot_lock; why = slot_reason
    fi
  }
}

/* Clears variables that the process does not need any more, so that there are fewer different states. */
inline forget() { noted = 0; seen = 0; answer = 0 }

inline ask() {
  do
#ifdef REASON_REPLACED
  :: atomic { TOUCH; noted = reason };
     atomic {
#else
  :: atomic {
#endif
       d_step { TOUCH; seen = state; transition() };
       if
       :: !accepted || HAS_REASON(seen) -> d_step { accept(); forget() }; break
       :: else
       fi
     };
     if
     :: what == PERMIT -> reason_of_due()
     :: else
     fi;
#ifdef REASON_REPLACED
     atomic {
       TOUCH;
       if
       :: reason == noted -> reason = REASON_FOR(OPERATION(seen), why)
       :: else -> seen = -1
       fi
     };
     atomic {
       TOUCH;
       if
       :: state == seen -> d_step { accept(); forget() }; break
       :: else
       fi
     }
#else
     atomic {
       !reason_lock -> TOUCH;
#ifdef REASON_WRITTEN_FIRST
       reason = REASON_FOR(OPERATION(seen), why);
#endif
       if
#ifdef REASON_UNLOCKED
       :: state == seen -> d_step { accept() }
#else
       :: state == seen -> d_step { accept(); reason_lock = true }
#endif
       :: else -> accepted = false; call = 0
       fi
     };
     if
     :: accepted -> d_step { TOUCH; reason_lock = false; reason = REASON_FOR(OPERATION(seen), why); forget() }; break
     :: else
     fi
#endif
  od
}

/* A thread that finds that the operation has a reason waits until the lock is free. */
#define REASON_READABLE (!HAS_REASON(state) || !reason_lock)

/* Part of an atomic step that waits for REASON_READABLE. The model, but not the library, stores the operation of the
 * reason, and checks it here. */
inline read_reason() {
  TOUCH;
  why = ((HAS_REASON(state) && (reason >> 3) == OPERATION(state)) -> REASON_OF(reason) : NO_REASON);
  assert(!HAS_REASON(state) || (why != NO_REASON && (racing & BIT(why))));
  assert(seen_reason == NO_REASON || seen_reason == why);
  seen_reason = why
}

inline arm(at) { atomic { !timer_lock -> TOUCH; tick = (tick <= at -> tick : at) } }

/* ---- the cancel function, and its callers */

inline finish() {
  d_step {
    TOUCH; assert(state & PENDING); result = why; why = 0; slow = false; wanted = false;
#ifdef RELEASED_BY_FINISH
    unreleased = false;
#endif
    install((state & ~PENDING) | DONE); settle(true)
  }
}

#define PROVIDER_IS_THERE \
  assert(in_cancel && OPERATION(state) == in_cancel_of && IN_FLIGHT(state) && !queued && unreleased)

inline cancel_function() {
  atomic {
    !provider_lock -> PROVIDER_IS_THERE; assert(!(call & ~(promise | known)));
    if
    :: owned -> owned = false; took = true; noted = 1
    :: owned -> wanted = true; took = true
    :: owned -> took = false; wanted = wanted || (call & standing)
    :: !owned -> took = true
    :: !owned -> took = false
    fi;
    called = called | call
  };
  if
  :: noted -> noted = 0; finish()
  :: else
  fi
}

/* Part of a step. Sets `some` to those types of the call that are no longer accepted, because they were declined. */
inline take_back() {
  TOUCH; PROVIDER_IS_THERE; assert(state & CANCELING);
  some = (took -> 0 : call);
#ifndef DECLINE_FORGETS
  some = some & ~SET(state, ACKNOWLEDGED);
#endif
#ifndef DECLINE_TAKES_UNDELIVERED
  some = some & ~SET(state, UNDELIVERED) & SET(state, ACCEPTED);
#endif
  assert(!(some & standing));
  declined = declined | some
}

inline end_claimed() {
  do
  :: atomic {
       REASON_READABLE ->
       TOUCH; assert(!in_cancel); in_cancel = true; in_cancel_of = OPERATION(state); read_reason()
     };
     cancel_function();
#ifdef OWN_SLOT
     in_lock = false;
     do
     :: atomic { TOUCH; PROVIDER_IS_THERE; in_lock = !took && own_made; has_slot = took || own_made };
        do
        :: has_slot -> break
        :: else ->
#ifdef DECLINE_IN_ONE_STEP
           break
#else
#ifdef SLOT_SOUGHT_FIRST
           atomic { TOUCH; in_lock = own_made };
#endif
           d_step {
             take_back();
#ifdef HOLD_ENDS_WITH_DECLINE
             state = WITHOUT(state, some, ACCEPTED) & ~CANCELING;
#else
             state = WITHOUT(state, some, ACCEPTED);
#endif
             declined_now = some; some = 0; took = true
           };
#ifndef SLOT_SOUGHT_FIRST
           atomic { TOUCH; in_lock = own_made };
#endif
           break
#endif
        od;
        break
     od;
     if
#ifdef FORGOTTEN_UNLOCKED
     :: in_lock
#else
     :: in_lock -> LOCK(own_lock)
#endif
     :: else
     fi;
#endif
     atomic {
       d_step {
         take_back();
#ifdef OWN_SLOT
         declined_now = declined_now | some;
#endif
         in_cancel = false; in_cancel_of = 0; why = 0;
         call = SET(state, UNDELIVERED);
         answer = WITHOUT(WITHOUT(state, some, ACCEPTED), ALL, UNDELIVERED);
         some = 0; took = false;
         if
#ifdef UNDELIVERED_FORGOTTEN
         :: false
#else
         :: call != 0 && (state & PENDING) -> state = answer; assert(!(call & ~SET(state, ACCEPTED)))
#endif
         :: else -> call = 0; state = answer & ~CANCELING; settle(true)
         fi;
         answer = 0; seen_reason = (HAS_REASON(state) -> seen_reason : NO_REASON);
#ifdef OWN_SLOT
         if
         :: in_lock ->
            own_remembered = own_remembered & (~declined_now | SET(state, STICKY) | SET(state, ACCEPTED));
#ifndef FORGOTTEN_UNLOCKED
            own_lock = false
#endif
         :: else
         fi;
         in_lock = false; has_slot = false; declined_now = 0
#endif
       };
       if
       :: call == 0 -> break
       :: else
       fi
     }
  od
}

/* ---- the provider */

inline begin() {
#ifdef SCOPE_CHECKED_EARLY
  refused = remembered != 0;
#endif
  atomic {
#ifdef SCOPE
    !provider_lock && !slot_lock ->
#ifndef SCOPE_CHECKED_EARLY
    refused = remembered != 0;
#endif
#else
    !provider_lock ->
#endif
    TOUCH; assert(!IN_FLIGHT(state));
    if
    :: refused || (state & STOPPED) -> refused = true
    :: else ->
       if
       :: promise = NONE
       :: promise = TERMINAL
       :: promise = ALL
       fi;
       if
       :: slow = true
       :: slow = false
       fi;
       owned = true; wanted = false; known = 0; standing = 0; permits = 0; called = 0; declined = 0; unreleased = true;
       owed++; racing = 0; seen_reason = NO_REASON;
#ifdef TYPES_KEPT
       state = (state & ~OF_OPERATION) | (state & PUT(ALL, ACCEPTED));
#else
       state = state & ~OF_OPERATION;
#endif
       install((state | PENDING | RELEASE | PUT(promise, PERMITTED)) + NEXT_OPERATION)
#ifdef TIMEOUT
       ; tick = (tick <= LATER -> tick : LATER)
#endif
    fi
  };
  if
  :: refused ->
     atomic {
       TOUCH; result = (state & STOPPED -> 2 : slot_reason);
       reason = REASON_FOR(OPERATION(state) + 1, result);
     };
     atomic {
       TOUCH; assert(!IN_FLIGHT(state)); racing = BIT(result); seen_reason = NO_REASON; owed++; promise = ALL;
       install(((state & ~OF_OPERATION) | DONE | PUT(ALL, PERMITTED) | PUT(ALL, ACCEPTED)) + NEXT_OPERATION);
       settle(true)
     }
  :: else
  fi;
  refused = false
}

#ifdef OWN_SLOT
#define DECLINES byte declined_now; bool in_lock, has_slot;
#else
#define DECLINES
#endif
#define ASKS DECLINES int seen, answer; byte what, noted, why, call, types, some, acknowledged, later; \
  bool accepted, first, took

active proctype provider() {
  ASKS;
end:
  do
  :: atomic { owned && !provider_lock && permits < PERMITS -> provider_lock = true; permits++ };
     atomic {
       what = PERMIT;
       if
       :: types = NONE
       :: types = TERMINAL
       :: types = ALL
#ifdef ACKNOWLEDGES
       :: what = ACKNOWLEDGE; types = NONE
       :: what = ACKNOWLEDGE; types = ALL
#endif
       fi
     };
#ifdef PERMIT_READS_FIRST
     acknowledged = SET(state, ACCEPTED);
     atomic {
       call = 0;
       if
       :: what == PERMIT -> promise = types; known = known | acknowledged; standing = standing | acknowledged;
          state = WITHOUT(state, ALL, PERMITTED) | PUT(types, PERMITTED) | PUT(acknowledged, ACKNOWLEDGED) |
                  (acknowledged != 0 -> REASON_STAYS : 0)
       :: else
       fi
     };
#else
     ask();
#endif
     if
#ifdef NO_REMINDER
     :: false
#else
     :: what == PERMIT && call != 0 -> arm(SOON)
#endif
     :: else
     fi;
     /* The provider may end the operation now, or wait until its cancel function is called. */
     atomic {
       if
       :: acknowledged != 0 && (what == PERMIT || types == NONE) -> wanted = true
       :: !((acknowledged & called) && (what == PERMIT || types == NONE)) -> skip
       fi;
       what = 0; types = 0; call = 0; why = 0; acknowledged = 0; accepted = false; UNLOCK(provider_lock)
     }
  :: atomic { owned && !provider_lock && (!slow || wanted || must) -> owned = false; must = false };
     if
     :: wanted -> atomic { REASON_READABLE -> read_reason() }
     :: else
     fi;
     finish()
  od
}

/* ---- the consumer */

active proctype worker() {
  byte why; bool refused;
  begin();
end:
  do
  :: atomic {
       queued -> TOUCH; assert((state & DONE) && !(state & HOLDS) && !in_cancel); queued = false;
       state = (state & ~DONE) | RUNNING; owed--;
       if
#ifdef RELEASED_BY_FINISH
       :: false
#else
       :: state & RELEASE -> assert(unreleased); unreleased = false
#endif
       :: else
       fi;
       assert(!unreleased)
     };
     atomic {
       REASON_READABLE ->
       if
       :: result != NO_REASON -> read_reason(); assert(why == result); why = 0
       :: else
       fi;
       result = NO_REASON; called = 0; declined = 0; known = 0; standing = 0; promise = NONE; racing = 0;
       seen_reason = NO_REASON
     };
     if
     :: OPERATION(state) < OPS -> begin()
     :: true
     fi;
     atomic { TOUCH; state = state & ~RUNNING; settle(true) }
  od
}

inline cancel(self) {
  atomic { why = 2 * i + self; asking = asking | BIT(why) };
  ask();
  if
  :: call != 0 -> end_claimed()
  :: else -> assert(accepted || what == STOP || !HAS_REASON(state) || reason != REASON_FOR(OPERATION(state), why))
  fi;
  atomic { asking = asking & ~BIT(2 * i + self); call = 0; why = 0; accepted = false }
}

inline any_types() {
  if
  :: types = TERMINAL
  :: types = TOTAL
  fi
}

#ifdef SCOPE
inline emit(self) {
  any_types();
  LOCK(slot_lock);
#ifndef REMEMBERED_UNLOCKED
  atomic {
    slot_reason = (remembered == 0 -> self : slot_reason);
    remembered = remembered | types
  };
#endif
  atomic { what = LAST; why = self; asking = asking | BIT(why) };
  ask();
  atomic {
    assert(call == 0 || claimed == 0); claimed = claimed | call; first = call != 0; call = 0; why = 0;
    asking = asking & ~BIT(self); accepted = false;
    if
    :: first && !calling -> calling = true
    :: else -> first = false
    fi
  };
  if
  :: !first -> UNLOCK(slot_lock)
  :: else ->
     do
     :: claimed != 0 ->
        atomic { call = claimed; claimed = 0; UNLOCK(slot_lock) };
        end_claimed();
#ifdef CALLING_ENDS_UNLOCKED
        if
        :: claimed == 0 -> LOCK(slot_lock); break
        :: else
        fi;
#endif
        LOCK(slot_lock)
     :: else -> break
     od;
     atomic { calling = false; UNLOCK(slot_lock) }
  fi;
#ifdef REMEMBERED_UNLOCKED
  atomic {
    slot_reason = (remembered == 0 -> self : slot_reason);
    remembered = remembered | types
  };
#endif
}
#endif

/* ---- requesters */

#ifndef ALONE
active proctype first_requester() {
  ASKS; byte i;
#ifdef TWO_EMITTERS
  emit(1)
#else
  do
  :: i < REQUESTS -> any_types(); cancel(1); i++
  :: else -> break
  od
#endif
}
#endif

active proctype second_requester() {
  ASKS; byte i;
#if defined(SCOPE)
  emit(2)
#elif defined(STOPPER)
  atomic { what = STOP; types = ALL }; cancel(2)
#elif defined(REAP)
  OPERATION(state) > 0;
  atomic {
    TOUCH; first = (state & PENDING) != 0;
    state = state | STOPPED | (first -> REAPING : DESTROY_WHEN_IDLE); settle(false)
  };
  if
  :: first -> arm(IMMEDIATELY)
  :: else
  fi
#else
  do
  :: i < REQUESTS -> any_types(); cancel(2); i++
  :: else -> break
  od
#endif
}

#ifdef OWN_SLOT
active proctype maker() {
  byte types;
  OPERATION(state) > 0;
  atomic { TOUCH; own_made = true };
  if
  :: atomic { (state & PENDING) && !own_lock -> TOUCH; own_lock = true };
     atomic { TOUCH; types = SET(state, ACCEPTED) };
     atomic { own_remembered = own_remembered | types; types = 0; own_lock = false }
  :: atomic { !(state & PENDING) -> TOUCH }
  fi
}
#endif

/* ---- the timer's thread */

active proctype timer() {
  ASKS; byte at; bool reaping;
end:
  do
  :: atomic { !timer_lock && tick != NEVER -> TOUCH; timer_lock = true; at = tick; tick = NEVER; later = NEVER };
     atomic { TOUCH; reaping = at == IMMEDIATELY && (state & REAPING) };
     if
     :: at <= SOON && !reaping -> what = REMIND; ask()
     :: else
     fi;
#ifdef TIMEOUT
     if
     :: !reaping && call == 0 ->
        if
        :: at <= SOON -> later = LATER
        :: true
        fi;
        atomic { what = EXPIRE; why = TIMED_OUT; types = ALL; asking = asking | BIT(TIMED_OUT) };
        ask();
        asking = asking & ~BIT(TIMED_OUT);
        if
        :: later == LATER && (state & PENDING) && !(state & EXPIRED) -> tick = LATER
        :: else
        fi
     :: else
     fi;
#endif
     UNLOCK(timer_lock);
     if
     :: reaping ->
        atomic { what = STOP; types = ALL; why = 2; asking = asking | BIT(2) };
        ask();
        asking = asking & ~BIT(2);
#ifndef REMINDER_STOLEN
        if
        :: call == 0 -> what = REMIND; ask()
        :: else
        fi;
#endif
        if
        :: call != 0 -> end_claimed()
        :: else
        fi;
        atomic { TOUCH; state = (state & ~REAPING) | DESTROY_WHEN_IDLE; settle(false) }
     :: else ->
        if
        :: call != 0 ->
#if defined(TIMEOUT) && !defined(NOT_ARMED_AGAIN)
           if
           :: !(state & EXPIRED) -> arm(LATER)
           :: else
           fi;
#endif
           end_claimed()
        :: else
        fi
     fi;
     atomic { at = 0; what = 0; types = 0; why = 0; call = 0; later = 0; reaping = false; accepted = false }
  od
}

#ifdef REAP
active proctype registry() {
end:
  atomic { to_destroy && !timer_lock -> destroyed = true; tick = NEVER }
}
#endif

/* ---- when no process can make a step any more */

active proctype watch() {
end:
  do
  :: timeout ->
     assert(!in_cancel && !(state & CANCELING) && !claimed && !calling);
     if
     :: state & PENDING ->
        assert(SET(state, ACCEPTED) == 0);
#ifdef OWN_SLOT
        assert(own_remembered == 0);
#endif
        assert(!(SET(state, STICKY) & SET(state, PERMITTED) & ~declined));
#ifndef ACKNOWLEDGES
        assert(!(state & (STOPPED|EXPIRED)) || SET(state, STICKY) == ALL);
#endif
#ifdef SCOPE
        assert(!(remembered & ~SET(state, STICKY)));
#endif
#ifdef TIMEOUT
        assert((state & (EXPIRED|DESTROY_WHEN_IDLE)) != 0);
#endif
        assert(owned && !wanted && !must);
        must = true
     :: else -> break
     fi
  od;
  assert(owed == 0 && !unreleased && (destroyed || !(state & (BUSY|DESTROY_WHEN_IDLE))))
}
