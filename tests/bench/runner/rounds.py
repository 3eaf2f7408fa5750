"""Runs the scenarios in rounds. In a round the peers run each scenario one after the other, so that a load on the
machine that lasts for a while disturbs all peers alike."""

import json
import math
import os
import re
import statistics
import subprocess
import time

from .scenarios import FUNCTIONS, GROUPS, MORE_IS_BETTER

NO_EQUIVALENT = 77
PATIENCE = 60  # the time in seconds after which a program is taken to hang


class Results:
    """The values of all rounds, by scenario, metric and peer."""

    def __init__(self):
        self.values = {}  # (scenario's label, metric): {peer: {round: value}}
        self.units = {}
        self.failures = {}  # (peer, scenario's label): the error
        self.left_out = {}  # (peer, scenario's label): the reason, such as that the peer takes too long

    def add(self, label, metric, unit, peer, round_number, value):
        self.units[label, metric] = unit
        self.values.setdefault((label, metric), {}).setdefault(peer, {})[round_number] = value

    def median(self, key, peer):
        values = self.values.get(key, {}).get(peer)
        return statistics.median(values.values()) if values else None

    def ratio(self, key, peer, to):
        """Returns the median of the rounds' ratios. The two values of a round are measured at nearly the same time,
        whereas the medians of two peers may come from different rounds."""
        ratios = self.ratios(key, peer, to)
        return statistics.median(ratios) if ratios else None

    def ratios(self, key, peer, to):
        ours, others = (self.values.get(key, {}).get(name, {}) for name in (peer, to))
        return [ours[r] / others[r] for r in ours if r in others and ours[r] > 0 and others[r] > 0]

    def update(self, other):
        """Adds the values of another table."""
        self.values.update(other.values)
        self.units.update(other.units)

    def times_better(self, key, peer, to):
        ratio = self.ratio(key, peer, to)
        if ratio is None or self.units[key] in MORE_IS_BETTER:
            return ratio
        return 1 / ratio


def lines_of(text):
    for line in text.splitlines():
        metric, value, unit = line.split('\t')
        if math.isfinite(float(value)):  # a figure per message is not finite if there was no message
            yield metric, float(value), unit


def benchmarks_of(text):
    for benchmark in json.loads(text)['benchmarks']:
        name = benchmark['name'].removesuffix('/real_time').removesuffix('/threads:2')
        yield name, benchmark['real_time'], benchmark['time_unit']


def values_of(text, peer, scenario):
    """Returns the values that a program has printed, as (peer, metric, value, unit)."""
    if scenario.name == GROUPS:
        rows = re.findall(rf'^{GROUPS}, (.*?) +([\d.]+) +([\d.]+) +[\d.]+$', text, re.M)
        return [(name, row[0], float(value), 'ns') for row in rows for name, value in zip(('naio', 'asio'), row[1:])]
    lines = benchmarks_of(text) if scenario.name == FUNCTIONS else lines_of(text)
    return [(peer.name, *line) for line in lines]


def run_one(command, peer, scenario, seconds):
    """Returns the values, as values_of does, and ''. If the program does not run the scenario, returns None and the
    reason that it prints."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE,
                          env={**os.environ, **peer.environment, 'BENCH_SECONDS': str(seconds)})
    if done.returncode == NO_EQUIVALENT:
        return None, done.stderr.strip()
    if done.returncode != 0:
        raise RuntimeError(f'exit status {done.returncode}: {done.stderr.strip()[-500:]}')
    return values_of(done.stdout, peer, scenario), ''


def run_all(peers, scenarios, rounds, seconds, progress):
    """Runs the rounds and returns the results. If the user interrupts the rounds, returns the results so far."""
    results = Results()
    absent = set()
    begin = time.monotonic()
    todo = rounds * len(scenarios) * len(peers)
    done = 0
    try:
        for round_number in range(rounds):
            for scenario in scenarios:
                for turn in range(len(peers)):
                    peer = peers[(turn + round_number) % len(peers)]
                    spent = time.monotonic() - begin
                    progress(done / todo, spent / done * (todo - done) if done else None,
                             f'round {round_number + 1} of {rounds}: {scenario.label()}, {peer.name}')
                    done += 1
                    key = peer.name, scenario.label()
                    command = peer.command(scenario, seconds)
                    if command is None or key in absent or key in results.failures:
                        continue
                    try:
                        values, reason = run_one(command, peer, scenario, seconds)
                    except subprocess.TimeoutExpired:
                        too_long = results.failures if peer.name == 'naio' else results.left_out
                        too_long[key] = f'takes more than {PATIENCE} s'
                        absent.add(key)
                        continue
                    except (RuntimeError, ValueError) as error:
                        results.failures[key] = str(error)
                        continue
                    if values is None:
                        absent.add(key)
                        if reason:
                            results.left_out[key] = reason
                    for name, metric, value, unit in values or []:
                        results.add(scenario.label(), metric, unit, name, round_number, value)
    except KeyboardInterrupt:
        pass
    progress(1, 0, '')
    return results
