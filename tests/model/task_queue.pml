/* A model of the wake-ups, the starts and the ends of workers (src/exec/task_queue.cpp,
 * task_queue_staff.cpp, task_queue_monitor.cpp).
 * `./check` explores several variants of the model, and its mutants.
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
 *     begin_wait, end_wait  the functions of TaskQueue of these names, in a LibraryWait
 *     leave                 TaskQueue::leave; a sleeper's deadline may pass at any time
 *     monitor               TaskQueue::check_workers, which the timer's thread calls when it is asked to check
 *     stopper               Timer::stop, then TaskQueue::stop
 *     run_task, submitter   not in the library: what tasks and other threads may do
 *
 * A task may submit one or two others at once. Then the task ends, runs once more, or blocks until nothing else can
 * happen. Without HELPS, at least one worker never blocks. Sooner or later the queue is stopped, also while threads
 * submit. Code of a worker that holds the lock is one atomic step, except where other threads see its effects without
 * the lock: after the worker publishes that it rests, or that no worker looks for tasks any more, and before it looks
 * for waiting tasks. Without the lock, each access is a step.
 *
 * Claims
 *
 *     1. No task waits while a worker is free. If the lock is free, a task waits, and no submitter is between its push
 *        and its check of unattended_, then one of these holds: a worker looks for tasks, or has been woken to do so; a
 *        worker naps while another one runs; or no worker rests, and the monitor has been asked if there is one.
 *     2. A submitter wakes a worker only if no worker looks for tasks.
 *     3. Every task is run once, even if all workers except one are blocked, and even if the queue is stopped before
 *        the task runs. After a stop all workers end.
 *     4. No worker is notified after it has ended.
 *     5. With LEAST, claim 3 holds even if all workers that have started are blocked: the monitor starts others, up to
 *        WORKERS, even if the system has refused a thread once. With HELPS all workers may be blocked: then the monitor
 *        runs the tasks.
 *     6. A worker that waits inside the library (WAITS) does not count towards the maximum.
 *     7. If no task waits, the monitor is not asked.
 *
 * What is left out
 *
 *     - The time that tasks have waited when the monitor checks the workers. Here the monitor checks them at any time,
 *       unless it could do nothing.
 *     - The rule that the slot of a worker that has left is used again only after its thread was joined.
 *     - The order of tasks: inbox, queue and batches are numbers.
 *     - The order in which resting workers are woken: the library wakes first the worker that came to rest last, and
 *       the model wakes any worker.
 *     - Hints that may be wrong at any time: the worker that has stalled, the number of runs of a worker, and whether
 *       other workers have taken tasks. The model explores both answers.
 *     - The value of backlog_, in which a worker whose task runs again sees whether other tasks wait. The model
 *       explores both values. Tests check that backlog_ is right whenever the lock is free.
 *     - The order in which a worker looks through the batches.
 *     - Tasks that block until a task runs that is submitted after the stop. */

#ifndef WORKERS
#define WORKERS 3
#endif
#ifndef TASKS
#define TASKS 4           /* the max number of tasks that are submitted in all */
#endif
#ifndef SUBMITTERS
#define SUBMITTERS 1
#endif
#ifndef BATCH
#define BATCH 3           /* the max number of tasks that a worker takes at once */
#endif
#ifdef LEAST              /* the workers that start first, and stay. Without LEAST all start, and there is no monitor */
#define GROWS
#else
#define LEAST WORKERS
#endif
#ifdef WAITS
#define MOST (WORKERS - 1)
#else
#define MOST WORKERS
#endif
#define AGAINS 1          /* the max number of runs once more, of all tasks together */

byte inbox = 0;
bool closed = false;
byte queue = 0;
byte batch[WORKERS];
bool unattended = false;
bool stopping = false;
bool locked = false;      /* a process holds the lock from one of its steps to the next */

#define RUNS 0
#define LOOKS 1
#define NAPS 2
#define SLEEPS 3
#define WAITING 4
#define GONE 5
byte state[WORKERS];
bool woken[WORKERS];
bool in_condition[WORKERS];
byte notifiers = 0;
bool has_monitor = false;
bool asked = false;
bool checking = false; /* the monitor is in check_workers() */
bool started[WORKERS];    /* the slot's thread was started and has not begun yet */
byte refusals = 0;

/* ---- what is to be checked, and what may happen */
byte submitted = 0, ended = 0, agains = 0, blocked = 0;
byte submitters = SUBMITTERS, workers = WORKERS;   /* the numbers of processes that have not ended */
byte pushing = 0;                                  /* submitters that have pushed, but not checked `unattended` yet */
bool spurious = false;                             /* one spurious wake-up is still to come */
bool stop_early = false, at_rest = false, gone = false;
bool ready = false;                                /* the first workers have started */
bool one_waits = false;                            /* a task has waited inside the library */
/* The worker has pushed its task to its batch. Its next step takes a task of the batch, and that task does not wait. */
bool is_pushed[WORKERS];

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
#define rests(i) (state[i] == NAPS || state[i] == SLEEPS)
#define any_rests (any(NAPS) || any(SLEEPS))
#define attended (any(LOOKS) || (any(NAPS) && any(RUNS)))
#ifdef WAITING_COUNTS
#define counts(i) (state[i] != GONE)
#else
#define counts(i) (state[i] < WAITING)
#endif
#if WORKERS > 2
#define staff (counts(0) + counts(1) + counts(2))
#else
#define staff (counts(0) + counts(1))
#endif

#if defined(BATCHES_OWE_NOTHING) || defined(BATCHES_NOT_EXAMINED)
#define anything_waits (inbox + queue > 0)
#else
#define anything_waits (inbox + queue + in_batches > 0)
#endif

/* Releases the lock. Claim 1 must hold. */
inline unlock() {
  assert(pushing > 0 || (inbox + queue == 0 && none_waits_in_batches) ||
         attended || (asked && !any_rests) || (!any_rests && !has_monitor));
  locked = false
}

inline publish() {
#ifdef LOOKERS_IGNORED
  unattended = !(any(NAPS) && any(RUNS)) && any_rests
#else
  unattended = !attended && (any_rests || (has_monitor && !asked))
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
  :: unattended && anything_waits && !any_rests -> d_step { asked = true; publish() }
  :: unattended && anything_waits && any_rests ->
     d_step { assert(!any(LOOKS)); wake = true; notifiers++ };
     if
     :: rests(0) -> whom = 0
     :: rests(1) -> whom = 1
#if WORKERS > 2
     :: rests(2) -> whom = 2
#endif
     fi;
     d_step { rouse(whom) }
  fi
}

inline notify() {
  d_step { assert(!gone); in_condition[whom] = false; wake = false; whom = 0; notifiers-- }
}

/* The last step with the lock held. In sequences of steps like this one, a `break` skips the steps that are not needed.
 * With a state for each decision, which no other process sees, there would be twice as many states. */
inline unlock_and_notify() {
  do
  :: atomic {
       owe_wake_up();
       unlock();
       if
       :: wake
       :: else -> break
       fi
     };
     notify();
     break
  od
}

inline submit(n) {
#ifdef LOOKS_FIRST
  attends = !unattended;
#endif
  do
  :: atomic {
       submitted + n <= TASKS ->
       submitted = submitted + n;
       if
       :: closed -> ended = ended + n; break      /* the submitter runs them */
       :: else -> d_step { inbox = inbox + n; pushing++ }
       fi
     };
     atomic {
#ifndef LOOKS_FIRST
       attends = !unattended;
#endif
       if
       :: attends -> d_step { attends = false; pushing-- }; break
       :: else
       fi
     };
     atomic {
       !locked -> owe_wake_up(); d_step { pushing--; unlock() };
       if
       :: wake
       :: else -> break
       fi
     };
     notify();
     break
  od
}

active [SUBMITTERS] proctype submitter() {
  bool wake, attends;
  byte whom;
  ready;
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

#define can_steal(victim) (batch[self] == 0 && batch[victim] > 0)

/* Takes one in `one_in` tasks of another worker's batch, if the worker's own batch is empty. */
inline steal(victim, one_in) {
  if
  :: can_steal(victim) ->
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
  if                    /* takes the whole batch of a worker that has stalled */
  :: true
  :: can_steal(0) -> d_step { steal(0, 1) }
  :: can_steal(1) -> d_step { steal(1, 1) }
#if WORKERS > 2
  :: can_steal(2) -> d_step { steal(2, 1) }
#endif
  fi;
  d_step {
  fill();
#ifndef BATCHES_NOT_EXAMINED
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
}

/* Rests until the worker is woken or its nap is over. The lock is released meanwhile, and held before and after. */
inline rest() {
#ifdef RESTS_UNSEEN
  atomic { has_come = anything_waits };
#endif
  atomic {
    if
    :: any(RUNS) -> naps = true
    :: naps = false
    fi;
    d_step {
#ifndef RESTING_IS_LOOKING
    state[self] = (naps -> NAPS : SLEEPS);
#endif
    publish()
    }
  };
  do
  :: atomic {
#ifndef RESTS_UNSEEN
       has_come = anything_waits;
#endif
       if
       :: has_come -> break
       :: else -> d_step { in_condition[self] = true; timed = !naps && staff > LEAST; unlock() }
       fi
     };
     do
     :: timed -> atomic { !locked -> rested_long = !woken[self]; in_condition[self] = false; locked = true; break }
     :: true ->
        atomic {
          !locked && (!in_condition[self] || spurious || naps) ->
          d_step {
            spurious = (in_condition[self] && !naps -> false : spurious);
            in_condition[self] = !(woken[self] || naps)
          };
          if
          :: in_condition[self]
          :: else -> locked = true; break
          fi
        }
     od;
     break
  od
}

/* Part of an atomic step: the end of a rest. */
inline rise() {
  d_step {
  if
  :: woken[self]
#ifdef WOKEN_NOT_COUNTED
     -> state[self] = LOOKS; publish()
#endif
  :: else -> state[self] = LOOKS; publish()
  fi;
  has_come = false; naps = false; timed = false; woken[self] = false
  };
  take();
  d_step { left = (rested_long && !got && !stopping && staff > LEAST); rested_long = false }
}

inline next() {
  do
  :: atomic {
       !locked ->
       if
       :: staff > MOST && !stopping -> left = true; d_step { locked = true; state[self] = GONE; publish() }; break
       :: else ->
          take();
          if
          :: got && state[self] == LOOKS -> d_step { locked = true; state[self] = RUNS; publish() }; break
          :: got && state[self] != LOOKS -> locked = true; break
          :: else -> d_step { state[self] = LOOKS; publish(); unlock() }
          fi
       fi
     };
     do
     :: atomic {
          !locked -> locked = true; take();
          if
          :: got || stopping -> break
          :: else
          fi
        };
        do
        :: rest();
           atomic {
             rise();
             if
             :: got || stopping || left -> break
             :: else
             fi
           }
        od;
        break
     od;
     atomic { state[self] = (left -> GONE : RUNS); publish() };
     break
  od;
  do
  :: atomic {
#ifdef LEAVES_UNSEEN
       if
       :: left
       :: else -> owe_wake_up()
       fi;
#else
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
#endif
       d_step { is_thief = false; unlock() };
       if
       :: wake
       :: else -> break
       fi
     };
     notify();
     break
  od
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

/* A task runs once more: at once if the batch is empty, otherwise behind the tasks of the batch. Or exchange() puts the
 * task and the batch behind the tasks in the queue. */
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

inline begin_wait() {
  atomic {
    !locked ->
    locked = true;
    queue = queue + batch[self]; batch[self] = 0;
    state[self] = WAITING;
    publish()
  };
  unlock_and_notify()
}

inline end_wait() { atomic { !locked -> state[self] = RUNS; publish() } }

/* Part of an atomic step. Leaves the loop if the batch is empty. */
inline end_task() {
  d_step { ended++; pop() };
  if
  :: got
  :: else -> break
  fi
}

inline run_task() {
  if
  :: submit(1)
  :: submit(2)
  :: true
  fi;
  if
#ifdef HELPS
  :: atomic { !at_rest && blocked < MOST -> blocked++ }; atomic { at_rest -> blocked--; end_task() }
#else
  :: atomic { !at_rest && blocked + 1 < MOST -> blocked++ }; atomic { at_rest -> blocked--; end_task() }
#endif
#ifdef WAITS
  :: atomic { !at_rest && !one_waits -> one_waits = true }; begin_wait(); at_rest; end_wait(); atomic { end_task() }
#endif
  :: atomic { agains < AGAINS -> agains++ };
     next_after();
     if
     :: got
     :: else -> break
     fi
  :: atomic { end_task() }
  fi
}

active [WORKERS] proctype worker() {
  byte self = _pid - SUBMITTERS;
  bool wake, attends, got, is_thief, naps, has_come, timed, rested_long, left, lives;
  byte whom;
  atomic { ready -> lives = self < LEAST };
  do
  :: !lives ->
     if
     :: atomic { started[self] -> started[self] = false; lives = true }
     :: stopping && !started[self] -> break
     fi
  :: lives ->
     next();
     if
     :: left -> left = false; lives = false
     :: else ->
     if
     :: got ->
        do
        :: run_task()
        od
     :: else -> break
     fi
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
    has_monitor = false;
    asked = false;
    publish()
  };
#ifndef STARTS_AFTER_STOP
  !checking;
#endif
  atomic {
    !locked ->
    stopping = true;
#ifndef STOP_WAKES_NO_WORKER
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
  atomic {
#ifdef GROWS
    if
    :: LEAST < 2 -> state[1] = GONE
    :: else
    fi;
#if WORKERS > 2
    state[2] = GONE;
#endif
    has_monitor = true;
    publish();
#endif
    ready = true
  };
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

#ifdef GROWS
#if WORKERS > 2
#define any_slot (state[0] == GONE || state[1] == GONE || state[2] == GONE)
#else
#define any_slot (state[0] == GONE || state[1] == GONE)
#endif
#define can_start (staff < MOST && any_slot)
#ifdef HELPS
#define can_help true
#else
#define can_help false
#endif

inline start_one() {
  atomic {
    !locked ->
    if
    :: state[0] == GONE -> slot = 0
    :: state[1] == GONE -> slot = 1
#if WORKERS > 2
    :: state[2] == GONE -> slot = 2
#endif
    fi;
    state[slot] = LOOKS;
    publish()
  };
  if
  :: atomic { assert(!gone); started[slot] = true; slot = 0 }
  :: atomic { refusals < 1 -> refusals++; refused = true };
     atomic { !locked -> state[slot] = GONE; slot = 0; helps = can_help; publish() }
  fi
}

inline lend() {
  if
  :: helps && batch[0] > 0 -> lent = batch[0]; batch[0] = 0
  :: helps && batch[1] > 0 -> lent = batch[1]; batch[1] = 0
  :: helps ->
     lent = queue + inbox;
#ifndef LENT_TWICE
     queue = 0; inbox = 0
#endif
  :: !helps
  fi;
  helps = false
}

active proctype monitor() {
  bool wake, wants, helps, refused, unseen;
  byte whom, slot, lent;
  ready;
  do
  :: !has_monitor -> break
  :: atomic {
       asked && !locked && (attended || any_rests || !anything_waits || can_start || can_help) ->
       checking = true;
       if
       :: attended || any_rests || !anything_waits
       :: else ->
          wants = can_start;
          helps = can_help && !wants
       fi
     };
     if
     :: wants -> wants = false; start_one()
     :: else
     fi;
#ifdef ASKED_UNSEEN
     atomic { !locked -> unseen = !anything_waits };
#endif
     atomic { !locked -> locked = true; lend(); asked = false; publish() };
     do
     :: atomic {
#ifdef REFUSED_FORGOTTEN
          unseen = refused;
#endif
          if
          :: unseen
          :: else -> owe_wake_up()
          fi;
          unseen = false; refused = false;
          unlock();
          if
          :: wake
          :: else -> break
          fi
        };
        notify();
        break
     od;
     atomic { ended = ended + lent; lent = 0; checking = false }
  od
}
#endif
