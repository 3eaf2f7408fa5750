"""The tables: their scenarios and sizes, the peers that they compare, and the figures that are shown."""

from __future__ import annotations

import dataclasses
import resource

MILLION = 1000000


@dataclasses.dataclass(frozen=True)
class Scenario:
    name: str
    size: int = 0  # its meaning depends on the scenario; 0: there is no size
    smoke: int = 0  # the size in a smoke run

    def label(self):
        return f'{self.name} {self.size}' if self.size else self.name


@dataclasses.dataclass(frozen=True)
class Row:
    """A figure that is worth a line in a table."""
    what: str
    scenario: str  # the label of the scenario
    metric: str


@dataclasses.dataclass(frozen=True)
class Growth:
    """A figure that is shown for every size of its scenario."""
    what: str
    size: str  # the things that the size counts, such as connections
    scenario: str  # the name of the scenario
    metric: str

    def points(self):
        """Returns each size, with the label of its scenario."""
        every = [each for table in TABLES.values() for each in table.scenarios]
        return [(each.size, each.label()) for each in every if each.name == self.scenario]


@dataclasses.dataclass(frozen=True)
class Table:
    """Scenarios that are measured together, in the same rounds, with the same peers."""
    question: str
    peers: tuple[str, ...]
    scenarios: tuple[Scenario, ...]


def max_connections():
    """Returns ten thousand, or fewer if this machine allows fewer: one process has both ends of each connection."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return 10000 if allowed == resource.RLIM_INFINITY else min(10000, (allowed - 100) // 200 * 100)


CONNECTIONS = sorted({min(n, max_connections()) for n in (1, 10, 100, 1000, 10000)})

FUNCTIONS = 'functions'  # Google Benchmark's program: one scenario, each of whose benchmarks is a metric
GROUPS = 'group'  # bench_beside measures naio and Asio in one process, and each of its rows is a metric
BLOCKED = (0, 1, 4, 16, 64)

# NNG and the limit do not depend on a number of threads that a program chooses, or have one thread.
LIBRARIES = ('naio', 'nng1', 'asio', 'uv', 'system')

TABLES = {
    'streams': Table('How fast is a round trip?', (*LIBRARIES, 'tokio_2'), (
        *[Scenario(name) for name in ('tcp_ping', 'ipc_ping', 'tcp_ping_wait', 'ipc_ping_wait')],
        *[Scenario(name, 1, 1) for name in ('tcp_flood', 'ipc_flood')])),
    'echo': Table('How many connections?',
                  ('naio', 'naio_1', 'naio_1_again', 'naio_2', 'asio', 'asio_2', 'asio_2x1', 'uv', 'uv_2', 'tokio_2',
                   'system'),
                  tuple(Scenario(name, n, min(n, 10)) for name in ('tcp_echo', 'ipc_echo') for n in CONNECTIONS)),
    'timers': Table('How late is a timer?', LIBRARIES, (
        *[Scenario('armed', n, min(n, 1000)) for n in (0, 1, 10, 100, 1000, 10000, 100000, MILLION)],
        Scenario('expire'),
        *[Scenario(name, n, 1000) for name in ('random_sleeps', 'burst') for n in (10000, 100000, MILLION)])),
    'groups': Table('What does a group cost?', ('beside',), (Scenario(GROUPS),)),
    'blocked': Table('What happens when a callback blocks?', ('naio', 'nng1', 'asio_2', 'uv_2', 'tokio_2'),
                     tuple(Scenario(name, k, min(k, 1)) for name in ('tcp_blocked', 'ipc_blocked') for k in BLOCKED)),
    'operations': Table('What does an operation cost?', LIBRARIES, (
        Scenario('round_trip'),
        *[Scenario('resubmit', n, min(n, 64)) for n in (1, 8, 64, 256, 1024)],
        *[Scenario('produce', n, min(n, 64)) for n in (1, 8, 64, 256, 1024)],
        *[Scenario('chain', n, min(n, 1)) for n in (0, 2)],
        Scenario('memory', MILLION, 1000),
        Scenario('fini', 2000, 100),
        Scenario('primitives'),
        Scenario(FUNCTIONS))),
}


def small(scenarios):
    """Returns the scenarios of a smoke run: each size is tiny, and each scenario comes once."""
    return list(dict.fromkeys(Scenario(each.name, each.smoke, each.smoke) for each in scenarios))


ROWS = [
    Row('submit, callback, wait', 'round_trip', 'time'),
    Row('processor time of submit, callback, wait', 'round_trip', 'cpu'),
    Row('callbacks that resubmit, 1 in flight', 'resubmit 1', 'rate'),
    Row('callbacks that resubmit, 64 in flight', 'resubmit 64', 'rate'),
    Row('callbacks that resubmit, 1024 in flight', 'resubmit 1024', 'rate'),
    Row('a thread produces, 64 in flight', 'produce 64', 'rate'),
    Row('a thread produces, 1024 in flight', 'produce 1024', 'rate'),
    Row('a thread that waits behind a chain of callbacks', 'chain', 'rate'),
    Row('a thread that waits behind a chain of callbacks, 2 busy processes beside it', 'chain 2', 'rate'),
    Row('start and cancel with a timeout', 'armed', 'time'),
    Row('start and cancel with a timeout, 1,000,000 others armed', 'armed 1000000', 'time'),
    Row('processor time of a timeout that expires', 'expire', 'cpu'),
    Row('lateness of 100,000 random sleeps, p50', 'random_sleeps 100000', 'late_p50'),
    Row('lateness of 100,000 random sleeps, p99', 'random_sleeps 100000', 'late_p99'),
    Row('processor time of one of 100,000 random sleeps', 'random_sleeps 100000', 'cpu'),
    Row('lateness of 1,000,000 random sleeps, p50', 'random_sleeps 1000000', 'late_p50'),
    Row('lateness of 1,000,000 random sleeps, p99', 'random_sleeps 1000000', 'late_p99'),
    Row('processor time of one of 1,000,000 random sleeps', 'random_sleeps 1000000', 'cpu'),
    Row('100,000 sleeps due at once, last callback', 'burst 100000', 'last'),
    Row('1,000,000 sleeps due at once, last callback', 'burst 1000000', 'last'),
    Row('processor time of one of 1,000,000 at once', 'burst 1000000', 'cpu'),
    Row('memory of an idle handle', 'memory 1000000', 'idle'),
    Row('memory of one in flight with a timeout', 'memory 1000000', 'in_flight'),
    Row('threads after init', 'memory 1000000', 'threads'),
    Row('fini with 2,000 sleepers', 'fini 2000', 'time'),
    Row('TCP ping-pong, 64 B, callbacks', 'tcp_ping', 'time'),
    Row('Unix socket ping-pong, 64 B, callbacks', 'ipc_ping', 'time'),
    Row('TCP ping-pong of two waiting threads', 'tcp_ping_wait', 'time'),
    Row('Unix socket ping-pong of two waiting threads', 'ipc_ping_wait', 'time'),
    Row('TCP one way, 64 KiB writes', 'tcp_flood 1', 'rate'),
    Row('Unix socket one way, 64 KiB writes', 'ipc_flood 1', 'rate'),
    Row('start, finish', FUNCTIONS, 'start_finish'),
    Row('start, finish, with a timeout', FUNCTIONS, 'start_finish_timeout'),
    Row('start, cancel', FUNCTIONS, 'start_cancel'),
    Row('finish without the callback', FUNCTIONS, 'skip_callback'),
    Row('alloc, free', FUNCTIONS, 'alloc_free'),
    Row('alloc, reap, until drained', FUNCTIONS, 'alloc_reap_drained'),
]

GROWTH = [
    Growth('Start and cancel with a timeout', 'others armed', 'armed', 'time'),
    Growth('Callbacks that resubmit', 'in flight', 'resubmit', 'rate'),
    Growth('A thread produces', 'in flight', 'produce', 'rate'),
    Growth('Random sleeps, lateness p50', 'sleeps in one second', 'random_sleeps', 'late_p50'),
    Growth('Random sleeps, processor time of one', 'sleeps in one second', 'random_sleeps', 'cpu'),
    Growth('Sleeps due at once, last callback', 'sleeps', 'burst', 'last'),
]

MORE_IS_BETTER = {'M/s', 'k/s', 'MB/s'}
