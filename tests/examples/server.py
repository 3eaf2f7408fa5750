"""Helpers of the test scripts: a class that runs an example server, functions that receive, and run_all."""

import os
import re
import resource
import signal
import socket
import subprocess


class Server:
    """A process of an example server.

        with Server(program, url, ...) as server:
            server.connect()

    At the end of the block the server gets a signal. Server raises an error if the process then runs for 20 more
    seconds, or if its status is not 0. Server ignores the status if the block has raised an exception.
    """

    def __init__(self, *command, end_with=signal.SIGTERM, limits=None):
        self.command = command
        self.end_with = end_with
        self.limits = limits  # the soft and the hard limit of descriptors

    def __enter__(self):
        limit = (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, self.limits)) if self.limits else None
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True, preexec_fn=limit)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"listening on (\w+://(.*))\n", line)
        if not found:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.command[0]} says {line!r}")
        self.url, self.address = found.groups()
        return self

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    def connect(self):
        """Returns a connected socket."""
        if self.url.startswith("ipc:"):
            made = socket.socket(socket.AF_UNIX)
            made.settimeout(10)
            made.connect(self.address)
            return made
        return socket.create_connection((self.address.rpartition(":")[0].strip("[]"), self.port), 10)

    def descriptors(self):
        """Returns the number of sockets and files that the server has open, or None if the system has no /proc. Leaves
        out pipes and the inodes that Linux calls anonymous, because a further loop of the library, which has some of
        them, may start when the server is busy."""
        directory = f"/proc/{self.process.pid}/fd"
        open_files = 0
        try:
            for name in os.listdir(directory):
                try:
                    open_files += not os.readlink(f"{directory}/{name}").startswith(("anon_inode:", "pipe:"))
                except FileNotFoundError:  # it was closed meanwhile
                    pass
        except OSError:
            return None
        return open_files

    def __exit__(self, kind, *_):
        self.process.send_signal(self.end_with)
        try:
            status = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.command[0]} does not end")
        if kind is None:
            assert status == 0, f"{self.command[0]} ends with {status}"


def receive_exactly(peer, size):
    data = bytearray()
    while len(data) < size:
        piece = peer.recv(size - len(data))
        assert piece, f"the connection ended after {len(data)} of {size} bytes"
        data += piece
    return bytes(data)


def receive_all(peer):
    data = bytearray()
    while piece := peer.recv(65536):
        data += piece
    return bytes(data)


def run_all(cases):
    """Runs the functions and prints their names. An exception ends the program with an error."""
    for case in cases:
        print(f"{case.__name__} ...", end=" ", flush=True)
        case()
        print("ok")
