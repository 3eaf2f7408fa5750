"""The raw figures of a table: one JSON file with every value of every round, and the state of the machine. All texts
and charts are made from these files, so they can be made again without a measurement."""

import dataclasses
import datetime
import json
import os
import platform
import resource
import time

from .rounds import Results


def model():
    try:
        with open('/proc/cpuinfo') as file:
            return next(line.partition(':')[2].strip() for line in file if line.startswith('model name'))
    except (OSError, StopIteration):
        return platform.processor()


def machine():
    return f'{os.cpu_count()} x {model()}, {platform.system()} {platform.release()}'


def times_of_all():
    """Returns the time for which the processors have been busy so far, and the time that the host gave to other guests,
    both in seconds. (0, 0) on a system without /proc/stat."""
    try:
        with open('/proc/stat') as file:
            user, nice, system, _, _, irq, softirq, stolen = map(int, file.readline().split()[1:9])
    except OSError:
        return 0, 0
    ticks = os.sysconf('SC_CLK_TCK')
    return (user + nice + system + irq + softirq) / ticks, stolen / ticks


def times_of_children():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


class Load:
    """Finds out how much of the processors other programs, and other guests of the host, use during a measurement."""

    def __init__(self):
        self.begin, self.children, (self.busy, self.stolen) = time.monotonic(), times_of_children(), times_of_all()

    def shares(self):
        available = (time.monotonic() - self.begin) * os.cpu_count()
        busy, stolen = times_of_all()
        others = busy - self.busy - (times_of_children() - self.children)
        return max(others, 0) / available, (stolen - self.stolen) / available


@dataclasses.dataclass
class State:
    """The circumstances of the measurement of a table."""
    machine: str
    date: str
    rounds: int
    seconds: float
    others: float  # the share of the processors that other programs used
    stolen: float  # the share of the processors that other guests of the host used

    @classmethod
    def now(cls, load, rounds, seconds):
        return cls(machine(), datetime.date.today().isoformat(), rounds, seconds, *load.shares())

    def is_quiet(self):
        return self.others < 0.05

    def line(self):
        """Returns the line that stands above a table."""
        preliminary = '' if self.is_quiet() else '**Preliminary**, because the machine had other work. '
        return (f'{preliminary}{self.machine}; {self.rounds} rounds of {self.seconds:g} s, medians; other programs '
                f'used {self.others:.0%} of the processors, other guests {self.stolen:.0%}; {self.date}.')


def write(directory, name, results, state):
    values = [{'scenario': label, 'metric': metric, 'unit': results.units[label, metric], 'peers': peers}
              for (label, metric), peers in results.values.items()]
    lines = ',\n'.join(json.dumps(each) for each in values)
    (directory / f'{name}.json').write_text(
        f'{{"state": {json.dumps(dataclasses.asdict(state))},\n"values": [\n{lines}\n]}}\n')


def read(directory, name):
    """Returns the results and the state of a table, or None if the directory has no file of it."""
    path = directory / f'{name}.json'
    if not path.exists():
        return None
    whole = json.loads(path.read_text())
    results = Results()
    for each in whole['values']:
        for peer, values in each['peers'].items():
            for number, value in values.items():
                results.add(each['scenario'], each['metric'], each['unit'], peer, int(number), value)
    return results, State(**whole['state'])
