"""Tests udp_ping with Python's sockets: clients for its server, and a server that sends wrong answers to its client.

    udp_ping_test.py UDP_PING
"""

import random
import re
import signal
import socket
import subprocess
import sys
import threading

from server import Server, run_all

udp_ping, = sys.argv[1:]


def serve(**options):
    return Server(udp_ping, "serve", "127.0.0.1", "0", **options)


def peer():
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(("127.0.0.1", 0))
    made.settimeout(10)
    return made


def ping(port, count):
    """Returns the exit status, and the numbers of datagrams that were sent, answered and lost."""
    done = subprocess.run([udp_ping, "127.0.0.1", str(port), str(count)], stdout=subprocess.PIPE, text=True, timeout=60)
    found = re.match(r"(\d+) sent, (\d+) answered, (\d+) lost\n", done.stdout)
    assert found, done.stdout
    return done.returncode, *map(int, found.groups())


def sends_back_what_it_receives():
    with serve() as server, peer() as one, peer() as two:
        for size in (0, 1, 1000, 65507):
            for client in (one, two):
                client.sendto(bytes([size % 251]) * size, ("127.0.0.1", server.port))
            for client in (two, one):
                assert client.recv(65536) == bytes([size % 251]) * size


def ends_on_either_signal():
    for end_with in (signal.SIGINT, signal.SIGTERM):
        with serve(end_with=end_with) as server, peer() as client:
            client.sendto(b"x", ("127.0.0.1", server.port))


def measures_its_own_server():
    with serve() as server:
        status, sent, answered, lost = ping(server.port, 100)
        assert (status, sent) == (0, 100) and answered > 0 and answered + lost == 100


def counts_what_is_not_answered():
    def answer():
        before = b"12345678"
        for i in range(6):
            data, client = server.recvfrom(100)
            for wrong in (b"", data[:7], data + b"x", random.randbytes(8), before):  # `before`: a late answer
                server.sendto(wrong, client)
            if i % 2 == 0:
                server.sendto(data, client)
            before = data

    with peer() as server:
        thread = threading.Thread(target=answer)
        thread.start()
        status, sent, answered, lost = ping(server.getsockname()[1], 6)
        thread.join()
        assert (status, sent) == (0, 6) and answered > 0 and lost >= 3 and answered + lost == 6


def fails_if_nothing_answers():
    with peer() as server:
        assert ping(server.getsockname()[1], 1) == (1, 1, 0, 1)


run_all([
    sends_back_what_it_receives,
    ends_on_either_signal,
    measures_its_own_server,
    counts_what_is_not_answered,
    fails_if_nothing_answers,
])
