"""The peers that are measured, and the functions that build their programs."""

from __future__ import annotations

import dataclasses
import os
import pathlib
import shlex
import subprocess
import sys

from .scenarios import FUNCTIONS

BENCH = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCH.parent.parent

PACKAGES = [
    'c++|g++:g++', 'cc|gcc:gcc', 'cmake:cmake', 'ninja:ninja-build', 'pkg-config:pkg-config', 'libuv.pc:libuv1-dev',
    'gtest.pc:libgtest-dev', 'benchmark.pc:libbenchmark-dev', '/usr/include/asio.hpp:libasio-dev',
    '/usr/include/nng/nng.h:libnng-dev', 'gnuplot:gnuplot-nox'
]

# The program of a peer is called bench_NAME. naio comes first, and the others are compared to it.
BUILT_IN = ['naio', 'nng1', 'asio', 'uv', 'system']

TITLES = {'nng2': 'NNG 2', 'nng1': 'NNG 1', 'asio': 'Asio', 'uv': 'libuv', 'system': 'limit'}


@dataclasses.dataclass
class Peer:
    name: str
    scenarios: pathlib.Path
    functions: pathlib.Path | None = None  # Google Benchmark's program

    def title(self):
        return TITLES.get(self.name, self.name)

    def command(self, scenario, seconds):
        """Returns the command of a scenario, or None if the peer does not have the scenario."""
        if scenario.name != FUNCTIONS:
            return [self.scenarios, scenario.name, str(scenario.size)]
        if self.functions is None:
            return None
        return [self.functions, '--benchmark_format=json', f'--benchmark_min_time={seconds / 4}']


def existing(path):
    return path if path.exists() else None


def built_in(directory):
    """Returns the peers whose programs are in the directory."""
    peers = [Peer(name, directory / f'bench_{name}') for name in BUILT_IN]
    peers = [peer for peer in peers if peer.scenarios.exists()]
    for peer in peers:
        if peer.name == 'naio':
            peer.functions = existing(directory / 'bench_functions')
    return peers


def build():
    """Installs missing packages, builds all programs, and returns their directory."""
    subprocess.run([ROOT / '.ci' / 'need', *PACKAGES], check=True)
    quiet = {'check': True, 'cwd': ROOT, 'stdout': sys.stderr}
    subprocess.run(['cmake', '--preset', 'release', '-DNAIO_BUILD_TESTS=ON', '-DNAIO_TEST_EVERYTHING=ON'], **quiet)
    subprocess.run(['cmake', '--build', '--preset', 'release', '--target', 'bench'], **quiet)
    return ROOT / 'build' / 'release' / 'tests' / 'bench'


def build_for(name, library, directory):
    """Builds the scenarios and functions of nng_aio, linked to another library that has NNG 2's interface."""
    library = pathlib.Path(library).resolve()
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
