/* Who is woken when, as src/exec/task_queue.cpp has it. `./check` explores it, and once per mutant.
 *
 * Where the code is
 *
 *     submit, owe_wake_up   TaskQueue::enqueue, owe_wake_up
 *     worker                TaskQueue::work
 *     next, take            TaskQueue::next, with look_around between its steps; TaskQueue::take
 *     next_after, exchange  TaskQueue::next_after, exchange
 *     pop, steal            Batch::pop, steal
 *     stopper               TaskQueue::stop
 *     sleep, notify_one     Condition: a sleeper may also wake for no reason
 *     run_task, submitter   not ours: what tasks and other threads may do
 *
 * A task may submit others, one or two in one go; then it ends, runs once more, or blocks until nothing else moves; one
 * worker at least never blocks. When the submitters are done, at once or later, the queue is stopped. Each stretch of
 * code that holds the lock is one atomic step, which ends where it waits; what a worker does with its batch without the
 * lock is one step each.
 *
 * Claims
 *
 *     1. No task waits while a worker is free: whenever the lock is free, if something is in the queue or in a batch,
 *        then a worker is looking, or has been told to, or none sleeps.
 *     2. looking, asleep and wake_ups are what they say.
 *     3. A wake-up is paid only if nobody is looking.
 *     4. Even if all workers but one are blocked, every task is run. It is run once, also when the queue is stopped
 *        meanwhile, and then all workers end.
 *
 * What is left out: which task is next (the queue and the batches are numbers); what backlog_ says, who has stalled, and
 * how often a worker has run (these are hints that may be wrong at any time, so either is done); that the batches are
 * looked at one after the other; tasks that block for others which were submitted after the stop. */

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

byte queue = 0;
byte batch[WORKERS];
byte asleep = 0;
byte wake_ups = 0;
byte looking = 0;
bool stopping = false;
bool in_condition[WORKERS];

/* ---- what is to be checked, and what may happen */
byte submitted = 0, ended = 0, agains = 0, blocked = 0;
byte submitters = SUBMITTERS, workers = WORKERS;   /* those that have not ended */
byte are_looking = 0, are_asleep = 0;              /* with those who have a wake-up to take counted as asleep */
bool spurious = false;                             /* one such wake-up is due */
bool stop_early = false, at_rest = false;
bool is_pushed[WORKERS];                           /* and it takes the next at once: one of its batch waits for nobody */

#if WORKERS > 2
#define in_batches (batch[0] + batch[1] + batch[2])
#define nothing_waits (queue == 0 && is_no_more(0) && is_no_more(1) && is_no_more(2))
#else
#define in_batches (batch[0] + batch[1])
#define nothing_waits (queue == 0 && is_no_more(0) && is_no_more(1))
#endif
#define is_no_more(i) (batch[i] <= is_pushed[i])

#ifdef BATCHES_OWE_NOTHING
#define anything_waits (queue > 0)
#else
#define anything_waits (queue + in_batches > 0)
#endif

/* The end of such a step. */
inline unlock() {
  assert(nothing_waits || looking > 0 || asleep == 0);
  assert(looking == are_looking + wake_ups && asleep + wake_ups == are_asleep)
}

inline owe_wake_up() {
  if
#ifdef LOOKERS_IGNORED
  :: !anything_waits || asleep == 0 -> wake = false
#else
  :: !anything_waits || asleep == 0 || looking != 0 -> wake = false
#endif
  :: else ->
     assert(are_looking + wake_ups == 0);
     asleep--; wake_ups++; wake = true;
#ifndef WOKEN_NOT_COUNTED
     looking++
#endif
  fi
}

inline notify_one() {
  atomic {
    if
    :: in_condition[0] -> in_condition[0] = false
    :: in_condition[1] -> in_condition[1] = false
#if WORKERS > 2
    :: in_condition[2] -> in_condition[2] = false
#endif
    :: else
    fi;
    wake = false
  }
}

inline submit(n) {
  atomic {
    submitted + n <= TASKS ->
    submitted = submitted + n;
#ifdef OWED_TOO_EARLY
    owe_wake_up(); queue = queue + n;
#else
    queue = queue + n; owe_wake_up();
#endif
    unlock()
  };
  if
  :: wake -> notify_one()
  :: else
  fi
}

active [SUBMITTERS] proctype submitter() {
  bool wake;
  do
  :: submit(1)
  :: submit(2)
  :: break
  od;
  submitters--
}

/* Part of an atomic step, which it interrupts. */
inline sleep() {
  in_condition[self] = true;
  unlock();
  !in_condition[self] || spurious ->
  spurious = (in_condition[self] -> false : spurious); in_condition[self] = false
}

inline pop() {
  got = batch[self] > 0;
  batch[self] = batch[self] - got
}

/* Half of another one's, if the worker has nothing. */
inline steal(victim) {
  if
  :: batch[self] == 0 && batch[victim] > 0 ->
     batch[self] = (batch[victim] + 1) / 2;
     batch[victim] = batch[victim] - batch[self];
     is_thief = true
  :: else
  fi
}

inline fill() {
  if
  :: batch[self] == 0 ->
     batch[self] = (queue < BATCH -> queue : BATCH);
     queue = queue - batch[self]
  :: else
  fi
}

inline take() {
  is_thief = false;
  if                    /* has one of them stalled? */
  :: true
  :: true -> steal(0)
  :: true -> steal(1)
#if WORKERS > 2
  :: true -> steal(2)
#endif
  fi;
  fill();
#ifndef BATCHES_NOT_LOOKED_AT
  steal(0);
  steal(1);
#if WORKERS > 2
  steal(2);
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

/* The end of next: with a task, or because there will be none any more. */
inline taken() {
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
}

inline next() {
  atomic {
    take();
    if
    :: got || stopping -> taken()
    :: else -> is_looking = true; looking++; are_looking++; unlock()
    fi
  };
  /* look_around */
  atomic {
    if
    :: is_looking ->
   #ifndef LOOKS_ONCE
       take();
#endif
       do
       :: got || stopping -> break
       :: else ->
#ifndef ASLEEP_IS_LOOKING
          looking--;
#endif
          asleep++; are_looking--; are_asleep++;
#ifdef WAKE_UP_NOT_CHECKED
          sleep();
#else
          do
          :: wake_ups == 0 -> sleep()
          :: else -> break
          od;
#endif
          wake_ups--; are_asleep--; are_looking++;
          take()
       od;
       looking--; are_looking--; is_looking = false;
       taken()
    :: else
    fi
  };
  if
  :: wake -> notify_one()
  :: else
  fi
}

inline exchange() {
  atomic {
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
  bool wake, got, is_looking, is_thief, again;
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

active proctype stopper() {
  atomic { submitters == 0 && (stop_early || at_rest) };
  atomic {
    stopping = true;
#ifndef STOP_WAKES_NOBODY
    wake_ups = wake_ups + asleep; looking = looking + asleep; asleep = 0;
    in_condition[0] = false; in_condition[1] = false;
#if WORKERS > 2
    in_condition[2] = false;
#endif
#endif
    unlock()
  };
  workers == 0;
  assert(ended == submitted && queue + in_batches == 0 && looking == 0 && asleep == 0 && wake_ups == 0)
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
  assert(queue + in_batches == 0 || stopping);
  at_rest = true
}
