"""Tests the proxy with Python's sockets as clients and as targets.

    proxy_test.py PROXY ECHO_SERVER
"""

import contextlib
import random
import socket
import sys
import tempfile
import threading
import time

from server import Server, receive_all, receive_exactly, run_all

proxy, echo_server = sys.argv[1:]
folder = tempfile.TemporaryDirectory()
tcp = "tcp://127.0.0.1:0"


@contextlib.contextmanager
def target(idle=10000):
    """Opens a listening socket, and starts a proxy that connects its clients to that socket."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        with Server(proxy, tcp, f"tcp://127.0.0.1:{listener.getsockname()[1]}", str(idle)) as server:
            yield listener, server


@contextlib.contextmanager
def joined(idle=10000):
    """Connects a client to the target through a proxy. Yields the client's socket and the target's socket."""
    with target(idle) as (listener, server), server.connect() as client, listener.accept()[0] as end:
        end.settimeout(10)
        yield client, end


def passes_everything_on():
    with Server(echo_server, f"ipc://{folder.name}/echo.sock") as echo, Server(proxy, tcp, echo.url) as server:
        with server.connect() as peer:
            data = random.randbytes(5000000)
            sender = threading.Thread(target=peer.sendall, args=(data,))
            sender.start()
            assert receive_exactly(peer, len(data)) == data
            sender.join()


def has_many_clients_at_once():
    with Server(echo_server, tcp) as echo, Server(proxy, tcp, echo.url) as server:
        peers = [server.connect() for _ in range(50)]
        for i, peer in enumerate(peers):
            peer.sendall(b"%02d" % i)
        for i, peer in reversed(list(enumerate(peers))):
            assert receive_exactly(peer, 2) == b"%02d" % i
        for peer in peers:
            peer.close()


def closes_the_client_if_there_is_no_target():
    with target() as (listener, server):
        listener.close()
        with server.connect() as client:
            assert receive_all(client) == b""


def ends_both_when_one_has_ended():
    for which in range(2):
        with joined() as ends:
            ends[which].sendall(b"last words")
            ends[which].close()
            assert receive_all(ends[1 - which]) == b"last words"


def passes_a_half_close_on():
    for which in range(2):
        with joined() as ends:
            one, other = ends[which], ends[1 - which]
            one.sendall(b"request")
            one.shutdown(socket.SHUT_WR)
            assert receive_all(other) == b"request"
            for _ in range(4):
                time.sleep(0.1)
                other.sendall(b"answer")
            other.close()
            assert receive_all(one) == b"answer" * 4


def ends_a_half_closed_pair_that_is_silent():
    with joined(idle=300) as (client, end):
        client.shutdown(socket.SHUT_WR)
        assert receive_all(end) == b""
        start = time.monotonic()
        assert receive_all(client) == b""
        assert time.monotonic() - start < 5


def ends_an_idle_pair():
    with joined(idle=300) as (client, end):
        start = time.monotonic()
        for _ in range(4):  # the pair is not idle while bytes pass in one direction
            time.sleep(0.15)
            client.sendall(b"x")
            assert receive_exactly(end, 1) == b"x"
        assert receive_all(client) == receive_all(end) == b""
        assert 0.85 < time.monotonic() - start < 5


def waits_for_a_receiver_who_is_slow():
    with joined() as (client, end):
        data = random.randbytes(20000000)
        sender = threading.Thread(target=client.sendall, args=(data,))
        sender.start()
        time.sleep(0.3)
        assert sender.is_alive()  # the proxy holds the sender back, because the receiver does not read
        assert receive_exactly(end, len(data)) == data
        sender.join()


def ends_with_clients_in_all_states():
    with target() as (listener, server):
        clients = [server.connect() for _ in range(5)]
        ends = [listener.accept()[0] for _ in clients]
        clients[0].shutdown(socket.SHUT_WR)
        clients[1].sendall(b"x" * 100000)
        ends[2].close()
    for each in clients + ends:
        each.close()


run_all([
    passes_everything_on,
    has_many_clients_at_once,
    closes_the_client_if_there_is_no_target,
    ends_both_when_one_has_ended,
    passes_a_half_close_on,
    ends_a_half_closed_pair_that_is_silent,
    ends_an_idle_pair,
    waits_for_a_receiver_who_is_slow,
    ends_with_clients_in_all_states,
])
