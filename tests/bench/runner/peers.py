"""The peers that are measured, and the functions that build their programs."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shlex
import subprocess
import sys

from .scenarios import FUNCTIONS, GROUPS

BENCH = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCH.parent.parent

PACKAGES = [
    'c++|g++:g++', 'cc|gcc:gcc', 'cmake:cmake', 'ninja:ninja-build', 'pkg-config:pkg-config', 'libuv.pc:libuv1-dev',
    'gtest.pc:libgtest-dev', 'benchmark.pc:libbenchmark-dev', '/usr/include/asio.hpp:libasio-dev',
    '/usr/include/nng/nng.h:libnng-dev', 'gnuplot:gnuplot-nox', 'cargo:cargo',
    '/usr/share/doc/librust-tokio-dev:librust-tokio-dev'
]

# A peer is a program, bench_NAME, and its environment. naio comes first, and the others are compared to it.
PEERS = {
    'naio': ('naio', {}),
    'naio_1': ('naio', {'BENCH_POLLERS': '1'}),
    'naio_1_again': ('naio', {'BENCH_POLLERS': '1'}),  # shows how much two measurements of the same thing differ
    'naio_2': ('naio', {'BENCH_POLLERS': '2'}),
    'nng1': ('nng1', {}),
    'asio': ('asio', {}),
    'asio_2': ('asio', {'BENCH_THREADS': '2'}),
    'asio_2x1': ('asio', {'BENCH_CONTEXTS': '2'}),
    'uv': ('uv', {}),
    'uv_2': ('uv', {'BENCH_THREADS': '2'}),
    'tokio_2': ('tokio', {'BENCH_THREADS': '2'}),
    'system': ('system', {}),
    'beside': ('beside', {}),  # naio and Asio in one process
}

TITLES = {
    'naio_1': 'naio, 1 poller', 'naio_1_again': 'naio, 1 poller again', 'naio_2': 'naio, 2 pollers', 'nng2': 'NNG 2',
    'nng1': 'NNG 1', 'asio': 'Asio', 'asio_2': 'Asio, 2 threads', 'asio_2x1': 'Asio, 2 contexts', 'uv': 'libuv',
    'uv_2': 'libuv, 2 loops', 'tokio_2': 'tokio, 2 workers', 'system': 'limit'
}


def title(name):
    return TITLES.get(name, name)


@dataclasses.dataclass
class Peer:
    name: str
    scenarios: pathlib.Path
    functions: pathlib.Path | None = None  # Google Benchmark's program
    environment: dict[str, str] = dataclasses.field(default_factory=dict)

    def command(self, scenario, seconds):
        """Returns the command of a scenario, or None if the peer does not have the scenario."""
        if scenario.name == GROUPS:
            return [self.scenarios, '1', GROUPS]
        if scenario.name != FUNCTIONS:
            return [self.scenarios, scenario.name, str(scenario.size)]
        if self.functions is None:
            return None
        return [self.functions, '--benchmark_format=json', f'--benchmark_min_time={seconds / 4}']


def existing(path):
    return path if path.exists() else None


def built_in(directory):
    """Returns the peers whose programs are in the directory, by name."""
    peers = {}
    for name, (program, environment) in PEERS.items():
        path = directory / f'bench_{program}'
        functions = existing(directory / 'bench_functions') if name == 'naio' else None
        if path.exists():
            peers[name] = Peer(name, path, functions, environment)
    return peers


def build():
    """Installs missing packages, builds all programs, and returns their directory."""
    subprocess.run([ROOT / '.ci' / 'need', *PACKAGES], check=True)
    quiet = {'check': True, 'cwd': ROOT, 'stdout': sys.stderr}
    subprocess.run(['cmake', '--preset', 'release', '-DNAIO_BUILD_TESTS=ON', '-DNAIO_TEST_EVERYTHING=ON'], **quiet)
    subprocess.run(['cmake', '--build', '--preset', 'release', '--target', 'bench'], **quiet)
    return ROOT / 'build' / 'release' / 'tests' / 'bench'


def build_for(name, library):
    """Builds the scenarios and functions of nng_aio, linked to another library that has NNG 2's interface."""
    library = pathlib.Path(library).resolve()
    directory = ROOT / 'build' / 'bench'
    directory.mkdir(parents=True, exist_ok=True)
    scenarios = directory / f'bench_{name}'
    functions = directory / f'bench_functions_{name}'
    link = [library, '-Wl,--as-needed', f'-Wl,-rpath,{library.parent}', '-luv', '-latomic', '-lpthread']
    common = ['-O3', '-DNDEBUG', f'-I{ROOT / "include"}']
    subprocess.run(
        [*shlex.split(os.environ.get('CC', 'cc')), *common, '-D_GNU_SOURCE', f'-I{BENCH / "common"}',
         *sorted(BENCH.glob('common/*.c')), *sorted(BENCH.glob('nng/*.c')), '-o', scenarios, *link, '-lstdc++'],
        check=True)
    sources = [file for file in sorted(BENCH.glob('functions/*.cpp')) if file.name != 'typed.cpp']
    subprocess.run(
        [*shlex.split(os.environ.get('CXX', 'c++')), '-std=c++20', *common, *sources, '-o', functions, *link,
         '-lbenchmark'],
        check=True)
    return Peer(name, scenarios, functions)
