"""Tests the echo server over TCP and IPC. Its clients are Python's sockets and the program echo_client.

    echo_test.py ECHO_SERVER ECHO_CLIENT
"""

import os
import random
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading

from server import Server, receive_all, receive_exactly, run_all

echo_server, echo_client = sys.argv[1:]
folder = tempfile.TemporaryDirectory()
ipc = f"ipc://{folder.name}/echo.sock"
tcp = "tcp://127.0.0.1:0"


def echo(peer, data):
    sender = threading.Thread(target=peer.sendall, args=(data,))
    sender.start()
    same = receive_exactly(peer, len(data)) == data
    sender.join()
    return same


def sends_back_what_it_receives():
    for url in (tcp, ipc):
        with Server(echo_server, url) as server, server.connect() as peer:
            for size in (1, 2, 1000, 16384, 16385, 3000000):
                assert echo(peer, random.randbytes(size)), f"{url}: {size} bytes come back changed"


def sends_back_what_came_before_the_end():
    for url in (tcp, ipc):
        with Server(echo_server, url) as server, server.connect() as peer:
            peer.sendall(b"x" * 100000)
            peer.shutdown(socket.SHUT_WR)
            assert len(receive_all(peer)) == 100000


def has_many_clients_at_once():
    with Server(echo_server, tcp) as server:
        peers = [server.connect() for _ in range(200)]
        for i, peer in enumerate(peers):
            peer.sendall(b"%03d" % i)
        for i, peer in reversed(list(enumerate(peers))):
            assert receive_exactly(peer, 3) == b"%03d" % i
        for peer in peers:
            peer.close()


def keeps_nothing_of_clients_that_are_gone():
    with Server(echo_server, tcp) as server:
        with server.connect() as peer:
            assert echo(peer, b"x")
            before = server.descriptors()
        for i in range(100):
            with server.connect() as peer:
                peer.sendall(b"x")
                if i % 2:  # this client's close resets the connection
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with server.connect() as peer:
            for _ in range(1000):
                assert echo(peer, b"x")
                if before is None or server.descriptors() <= before:
                    return
            raise AssertionError(f"{server.descriptors()} descriptors, {before} at first")


def is_not_disturbed_by_a_client_that_does_not_read():
    with Server(echo_server, tcp) as server, server.connect() as silent, server.connect() as peer:
        silent.settimeout(0.2)
        try:
            while True:
                silent.send(b"x" * 65536)
        except socket.timeout:
            pass
        assert echo(peer, random.randbytes(100000))


def ends_with_clients_in_all_states():
    for end_with in (signal.SIGTERM, signal.SIGINT):
        with Server(echo_server, tcp, end_with=end_with) as server:
            peers = [server.connect() for _ in range(20)]
            for peer in peers[:10]:
                peer.sendall(b"x" * 300000)
            assert echo(peers[19], b"x")
        for peer in peers:
            peer.close()


def leaves_no_socket_file():
    with Server(echo_server, ipc) as server:
        assert os.path.exists(server.address)
    assert not os.path.exists(server.address)


def talks_to_its_client():
    for url in (tcp, ipc):
        with Server(echo_server, url) as server:
            subprocess.run([echo_client, server.url, "1000", "64"], check=True)
            subprocess.run([echo_client, server.url, "10", "1000000"], check=True)


run_all([
    sends_back_what_it_receives,
    sends_back_what_came_before_the_end,
    has_many_clients_at_once,
    keeps_nothing_of_clients_that_are_gone,
    is_not_disturbed_by_a_client_that_does_not_read,
    ends_with_clients_in_all_states,
    leaves_no_socket_file,
    talks_to_its_client,
])
