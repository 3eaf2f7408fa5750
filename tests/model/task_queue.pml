/* Who is woken when, as src/exec/task_queue.cpp has it. `./check` explores it, and once per mutant.
 *
 * Where the code is
 *
 *     submit                TaskQueue::enqueue, Inbox::push
 *     publish, owe_wake_up  TaskQueue::become, owe_wake_up and rouse
 *     notify                TaskQueue::notify, Condition: a sleeper may also wake for no reason
 *     worker                TaskQueue::work
 *     next, rest, take      TaskQueue::next with wait, rest, take
 *     next_after, exchange  TaskQueue::next_after, exchange
 *     pop, steal            Batch::pop, steal
 *     stopper               TaskQueue::stop
 *     run_task, submitter   not ours: what tasks and other threads may do
 *
 * A task may submit others, one or two in one go; then it ends, runs once more, or blocks until nothing else moves; one
 * worker at least never blocks. Sooner or later the queue is stopped, also while others submit. What a worker does with
 * the lock held is one atomic step, but where others need no lock to see it: between publishing that somebody rests, or
 * that nobody looks any more, and looking what waits. What is done without the lock is one step each.
 *
 * Claims
 *
 *     1. No task waits while a worker is free: whenever the lock is free, and nobody has submitted without having looked
 *        yet who attends, if something waits, then a worker looks, or has been told to, or naps while another one runs,
 *        or none rests.
 *     2. A wake-up is paid only if nobody looks.
 *     3. Even if all workers but one are blocked, every task is run. It is run once, also when the queue is stopped
 *        meanwhile, and then all workers end.
 *     4. Nobody is notified who is gone.
 *
 * What is left out: which task is next (inbox, queue and batches are numbers); who rests last is woken first (anybody
 * is); who has stalled, how often a worker has run and whether others have taken something (these are hints that may be
 * wrong at any time, so either is done); whether a worker whose task runs again sees in backlog_ that others wait (it may
 * look there or not; that backlog_ is right whenever the lock is free is for the tests); that the batches are looked at
 * one after the other; tasks that block for others which were submitted after the stop. */

#ifndef WORKERS
#define WORKERS 3
#endif
#ifndef TASKS
#define TASKS 4           /* submitted in all */
#endif
#ifndef SUBMITTERS
#define SUBMITTERS 1
#endif
#ifndef BATCH
#define BATCH 3           /* taken at once */
#endif
#define AGAINS 1          /* so often, in all, a task runs once more */

byte inbox = 0;
bool closed = false;
byte queue = 0;
byte batch[WORKERS];
bool unattended = false;
bool stopping = false;
bool locked = false;      /* between two steps of the one who has the lock */

#define RUNS 0
#define LOOKS 1
#define NAPS 2
#define SLEEPS 3
byte state[WORKERS];
bool woken[WORKERS];
bool in_condition[WORKERS];
byte notifiers = 0;

/* ---- what is to be checked, and what may happen */
byte submitted = 0, ended = 0, agains = 0, blocked = 0;
byte submitters = SUBMITTERS, workers = WORKERS;   /* those that have not ended */
byte pushing = 0;                                  /* who have submitted, and have not looked yet */
bool spurious = false;                             /* one such wake-up is due */
bool stop_early = false, at_rest = false, gone = false;
bool is_pushed[WORKERS];                           /* and it takes the next at once: one of its batch waits for nobody */

#if WORKERS > 2
#define in_batches (batch[0] + batch[1] + batch[2])
#define none_waits_in_batches (is_no_more(0) && is_no_more(1) && is_no_more(2))
#define any(s) (state[0] == s || state[1] == s || state[2] == s)
#else
#define in_batches (batch[0] + batch[1])
#define none_waits_in_batches (is_no_more(0) && is_no_more(1))
#define any(s) (state[0] == s || state[1] == s)
#endif
#define is_no_more(i) (batch[i] <= is_pushed[i])
#define rests(i) (state[i] >= NAPS)

#if defined(BATCHES_OWE_NOTHING) || defined(BATCHES_NOT_LOOKED_AT)
#define anything_waits (inbox + queue > 0)
#else
#define anything_waits (inbox + queue + in_batches > 0)
#endif

/* Called by who is about to give the lock away. */
inline unlock() {
  assert(pushing > 0 || (inbox + queue == 0 && none_waits_in_batches) ||
         any(LOOKS) || (any(NAPS) && any(RUNS)) || !(any(NAPS) || any(SLEEPS)));
  locked = false
}

inline publish() {
#ifdef LOOKERS_IGNORED
  unattended = !(any(NAPS) && any(RUNS)) && (any(NAPS) || any(SLEEPS))
#else
  unattended = !any(LOOKS) && !(any(NAPS) && any(RUNS)) && (any(NAPS) || any(SLEEPS))
#endif
}

inline rouse(i) {
  assert(!woken[i]);
  woken[i] = true;
#ifndef WOKEN_NOT_COUNTED
  state[i] = LOOKS;
  publish()
#endif
}

inline owe_wake_up() {
  if
  :: !unattended || !anything_waits
  :: else ->
     assert(!any(LOOKS));
     wake = true;
     notifiers++;
     if
     :: rests(0) -> whom = 0
     :: rests(1) -> whom = 1
#if WORKERS > 2
     :: rests(2) -> whom = 2
#endif
     fi;
     rouse(whom)
  fi
}

inline notify() {
  if
  :: wake ->
     atomic { assert(!gone); in_condition[whom] = false; wake = false; whom = 0; notifiers-- }
  :: else
  fi
}

inline submit(n) {
#ifdef LOOKS_FIRST
  attends = !unattended;
#endif
  atomic {
    submitted + n <= TASKS ->
    submitted = submitted + n;
    if
    :: closed -> ended = ended + n      /* run here */
    :: else -> inbox = inbox + n; pushing++; is_pushing = true
    fi
  };
  if
  :: is_pushing ->
     is_pushing = false;
     atomic {
#ifndef LOOKS_FIRST
       attends = !unattended;
#endif
       if
       :: attends -> attends = false; pushing--
       :: else -> has_to_wake = true
       fi
     };
     if
     :: has_to_wake -> atomic { !locked -> has_to_wake = false; owe_wake_up(); pushing--; unlock() }
     :: else
     fi
  :: else
  fi;
  notify()
}

active [SUBMITTERS] proctype submitter() {
  bool wake, is_pushing, attends, has_to_wake;
  byte whom;
  do
  :: submit(1)
  :: submit(2)
  :: break
  od;
  submitters--
}

inline pop() {
  got = batch[self] > 0;
  batch[self] = batch[self] - got
}

/* One in so many of another one's, if the worker has nothing. */
inline steal(victim, one_in) {
  if
  :: batch[self] == 0 && batch[victim] > 0 ->
     batch[self] = (batch[victim] + one_in - 1) / one_in;
     batch[victim] = batch[victim] - batch[self];
     is_thief = true
  :: else
  fi
}

inline fill() {
  if
  :: batch[self] == 0 ->
     queue = queue + inbox; inbox = 0;
     batch[self] = (queue < BATCH -> queue : BATCH);
     queue = queue - batch[self]
  :: else
  fi
}

inline take() {
  is_thief = false;
  if                    /* has one of them stalled? */
  :: true
  :: true -> steal(0, 1)
  :: true -> steal(1, 1)
#if WORKERS > 2
  :: true -> steal(2, 1)
#endif
  fi;
  fill();
#ifndef BATCHES_NOT_LOOKED_AT
  steal(0, 2);
  steal(1, 2);
#if WORKERS > 2
  steal(2, 2);
#endif
#endif
#ifdef STOPPED_AT_ONCE
  if
  :: stopping -> got = false
  :: else -> pop()
  fi
#else
  pop()
#endif
}

/* Until woken, or until the nap is over; with the lock held, which is given away meanwhile. */
inline rest() {
#ifdef RESTS_UNSEEN
  atomic { has_come = anything_waits };
#endif
  atomic {
    if
    :: any(RUNS) -> naps = true
    :: naps = false
    fi;
#ifndef RESTING_IS_LOOKING
    state[self] = (naps -> NAPS : SLEEPS);
#endif
    publish()
  };
  atomic {
#ifndef RESTS_UNSEEN
    has_come = anything_waits;
#endif
    if
    :: has_come
    :: else -> in_condition[self] = true; waits = true; unlock()
    fi
  };
  do
  :: waits ->
     atomic {
       !locked && (!in_condition[self] || spurious || naps) ->
       spurious = (in_condition[self] && !naps -> false : spurious);
       in_condition[self] = !(woken[self] || naps);
       waits = in_condition[self];
       locked = !waits
     }
  :: else -> break
  od;
  atomic {
    if
    :: woken[self]
#ifdef WOKEN_NOT_COUNTED
       -> state[self] = LOOKS; publish()
#endif
    :: else -> state[self] = LOOKS; publish()
    fi;
    has_come = false; naps = false; woken[self] = false;
    take()
  }
}

inline next() {
  atomic {
    !locked -> take();
    if
    :: got -> locked = true
    :: else -> state[self] = LOOKS; publish(); unlock()
    fi
  };
  if
  :: got
  :: else ->
     atomic { !locked -> locked = true; take() };
     do
     :: got || stopping -> break
     :: else -> rest()
     od;
     atomic { state[self] = RUNS; publish() }
  fi;
  atomic {
#ifdef THIEF_OWES_NOTHING
    if
    :: is_thief
    :: else -> owe_wake_up()
    fi;
#else
#ifndef NO_CHAIN
    owe_wake_up();
#endif
#endif
    is_thief = false;
    unlock()
  };
  notify()
}

inline exchange() {
  atomic {
    !locked ->
    queue = queue + inbox; inbox = 0;
#ifndef AGAIN_LOST
    queue++;
#endif
#ifndef GIVEN_BACK_TWICE
    queue = queue + batch[self]; batch[self] = 0;
#else
    queue = queue + batch[self];
#endif
    take();
    is_thief = false;
    unlock()
  }
}

/* The task itself at once, or the first in the batch, and the task goes behind the last; or all of these behind those
 * in the queue. */
inline next_after() {
  if
  :: exchange()
  :: if
     :: batch[self] == 0
     :: batch[self] > 0 ->
#ifdef AGAIN_PUSHED_LATE
        atomic { pop() };
        atomic { batch[self]++; got = true }
#else
        atomic { batch[self]++; is_pushed[self] = true };
        atomic { is_pushed[self] = false; pop() }
#endif
     fi
  fi
}

inline run_task() {
  if
  :: submit(1)
  :: submit(2)
  :: true
  fi;
  if
  :: atomic { !at_rest && blocked + 1 < WORKERS -> blocked++ }; atomic { at_rest -> blocked-- }; ended++
  :: atomic { agains < AGAINS -> agains++; again = true }
  :: ended++
  fi
}

active [WORKERS] proctype worker() {
  byte self = _pid - SUBMITTERS;
  bool wake, is_pushing, attends, has_to_wake, got, is_thief, again, naps, has_come, waits;
  byte whom;
  do
  :: next();
     if
     :: got ->
        do
        :: run_task();
           if
           :: again -> again = false; next_after()
           :: else ->
              atomic { pop() }
           fi;
           if
           :: got
           :: else -> break
           fi
        od
     :: else -> break
     fi
  od;
  workers--
}

inline wake_for_good(i) {
  if
  :: rests(i) -> rouse(i); in_condition[i] = false
  :: else
  fi
}

active proctype stopper() {
  atomic {
    (stop_early || (submitters == 0 && at_rest)) && !locked ->
    stopping = true;
#ifndef STOP_WAKES_NOBODY
    wake_for_good(0);
    wake_for_good(1);
#if WORKERS > 2
    wake_for_good(2);
#endif
#endif
    unlock()
  };
  workers == 0;
#ifndef NOTIFIERS_FORGOTTEN
  notifiers == 0;
#endif
  atomic {
    !locked -> ended = ended + queue + inbox;
    queue = 0; inbox = 0;
#ifndef STAYS_OPEN
    closed = true;
#endif
    unattended = false
  };
  gone = true;
  submitters == 0;
  assert(ended == submitted && inbox + queue + in_batches == 0)
}

active proctype chance() {
  if
  :: spurious = true
  :: stop_early = true
  :: true
  fi
}

active proctype watch() {
  timeout ->
  assert(inbox + queue + in_batches == 0 || stopping);
  at_rest = true
}
