/* A model of waiting and waking (src/exec/parking_lot.cpp). `./check` explores the model and its mutants.
 *
 * Where the code is
 *
 *     waiter                Operation::wait, announce_wait; ParkingLot::Waiter's constructor, sleep and destructor
 *     end_operation         Operation::take with ParkingLot::wake_all_if, when the step says `wake`
 *     ender, starter        not in the library: each handle has two operations, one after the other
 *
 * Two threads wait for handle 0 and one for handle 1, whose addresses share a bucket. Code that holds the bucket's lock
 * is one atomic step, which ends where the code waits.
 *
 * Claims
 *
 *     1. Every waiter is woken.
 *     2. A wait ends only if the waiter's handle was idle at some time after the waiter came. This holds although the
 *        bucket's condition variable may wake the waiter for no reason or for another waiter, and although a waker may
 *        be late.
 *     3. No thread touches a waiter after its wait, because a waiter lives on the stack of its thread.
 *
 * A waiter may nap before it sleeps (ParkingLot::Waiter::nap). A waker may put off the notification of waiters that all
 * nap. In the model it then never makes the notification, because a task that blocks may come first. */

#define WAITERS 3
#define HANDLE(w) ((w) == 2)

/* the handles' states */
bool busy[2] = true;
bool waited[2];

/* the waiters */
bool exists[WAITERS];
bool linked[WAITERS];
bool woken[WAITERS];
bool in_condition[WAITERS];
bool naps[WAITERS];
bool spurious;              /* one spurious wake-up is still to come */
bool content[WAITERS];      /* the waiter's handle was idle at some time after the waiter came */

inline announce() {
  atomic { exists[self] = true; linked[self] = true }
}

inline announce_wait() {
  atomic { sleeps = busy[HANDLE(self)]; waited[HANDLE(self)] = waited[HANDLE(self)] || sleeps }
}

/* A nap ends after some time by itself. Only the waiters for handle 0 nap, which leaves fewer states. */
inline nap() {
  if
  :: atomic { !woken[self] && HANDLE(self) == 0 -> in_condition[self] = true; naps[self] = true };
#ifdef NAP_WITHOUT_END
     atomic { !in_condition[self] || spurious -> in_condition[self] = false; spurious = false; naps[self] = false }
#else
     atomic { in_condition[self] = false; naps[self] = false }
#endif
  :: true
  fi
}

inline sleep() {
  nap();
#ifdef NOT_CHECKED_AGAIN
  if
#else
  do
#endif
  :: atomic { !woken[self] -> in_condition[self] = true };
     atomic { !in_condition[self] || spurious -> in_condition[self] = false; spurious = false }
#ifdef NOT_CHECKED_AGAIN
  :: woken[self]
  fi
#else
  :: woken[self] -> break
  od
#endif
}

active [WAITERS] proctype waiter() {
  byte self = _pid;
  bool sleeps;
  atomic { sleeps = busy[HANDLE(self)]; content[self] = !sleeps };
  if
  :: sleeps ->
#ifdef ANNOUNCED_LATE
     announce_wait();
     announce();
#else
     announce();
     announce_wait();
#endif
     if
     :: sleeps -> sleep()
     :: else
     fi;
#ifdef NOT_UNLINKED
     exists[self] = false
#else
     atomic { linked[self] = false; exists[self] = false }
#endif
  :: else
  fi;
  assert(content[self])
}

/* Runs after the bucket's lock has been released. */
inline notify() {
#ifdef OWN_CONDITION
  if
  :: last < WAITERS -> assert(exists[last]); in_condition[last] = false
  :: else
  fi;
#else
#ifdef NOTIFIES_ONE
  if
  :: in_condition[0] -> in_condition[0] = false
  :: in_condition[1] -> in_condition[1] = false
  :: in_condition[2] -> in_condition[2] = false
  :: else
  fi;
#else
  atomic { in_condition[0] = false; in_condition[1] = false; in_condition[2] = false };
#endif
#endif
  last = WAITERS
}

inline wake(w) {
  if
#ifdef NOT_COMPARED
  :: linked[w] ->
#else
  :: linked[w] && HANDLE(w) == handle ->
#endif
     assert(exists[w]);
     linked[w] = false; woken[w] = true; last = w;
#ifndef SLEEPERS_NOTIFIED_LATE
     late = late && naps[w]
#endif
  :: else
  fi
}

inline wake_all() {
  wake(0);
#ifndef ONLY_ONE_WOKEN
  wake(1);
#endif
  wake(2)
}

inline end_operation() {
  atomic {
    busy[handle] = false;
    if
    :: handle == 0 -> content[0] = true; content[1] = true
    :: else -> content[2] = true
    fi;
    wakes = waited[handle]; waited[handle] = false;
#ifdef WOKEN_LATE
  }
  atomic {
#endif
    if
    :: wakes -> wake_all()
    :: else
    fi;
    wakes = false
  };
  if
  :: last < WAITERS -> notify()
  :: last < WAITERS && late -> last = WAITERS
  :: else
  fi;
  late = true
}

active [2] proctype ender() {
  bool handle = _pid - WAITERS;
  bool wakes;
  byte last = WAITERS;
  bool late = true;           /* all waiters that were marked as woken nap */
  end_operation();
  busy[handle];
  end_operation()
}

active [2] proctype starter() {
  atomic { !busy[_pid - WAITERS - 2] -> busy[_pid - WAITERS - 2] = true }
}

active proctype chance() {
  if
  :: spurious = true
  :: true
  fi
}
