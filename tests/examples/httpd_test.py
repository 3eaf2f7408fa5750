"""Tests the file server with Python's HTTP client and sockets, and with curl, wrk and Chromium if they are installed.

    httpd_test.py HTTPD
"""

import http.client
import os
import pathlib
import random
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

from server import Server, receive_all, receive_exactly, run_all

httpd, = sys.argv[1:]
folder = tempfile.TemporaryDirectory()
root = pathlib.Path(folder.name, "root")
big = random.randbytes(5000000)

(root / "sub").mkdir(parents=True)
(root / "no index").mkdir()
(root / "index.html").write_text("<p>root")
(root / "sub" / "index.html").write_text("<p>sub")
(root / "big.bin").write_bytes(big)
(root / "empty.txt").touch()
with (root / "huge.bin").open("w") as huge:
    huge.truncate(100000000)  # the file needs no space on the disk
(root / ".hidden").write_text("hidden")
(root.parent / "secret").write_text("secret")
(root / "out").symlink_to("../secret")
(root / "up").symlink_to("..")
os.mkfifo(root / "fifo")

(root / "page").mkdir()
(root / "page" / "index.html").write_text("""<!doctype html><link rel="stylesheet" href="style.css">
    <p id="text"><img id="image" src="image.svg"><script src="script.js"></script>""")
(root / "page" / "style.css").write_text("p { color: rgb(1, 2, 3) }")
(root / "page" / "image.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="4" height="5"/>')
(root / "page" / "grün 100%.json").write_text('{"six": 6}')
(root / "page" / "script.js").write_text("""addEventListener("load", async () => {
    const size = async (url, options) => (await (await fetch(url, options)).arrayBuffer()).byteLength;
    const seen = [getComputedStyle(text).color, image.naturalWidth,
        (await (await fetch("gr%C3%BCn%20100%25.json")).json()).six,
        (await fetch("/sub")).url.endsWith("/sub/"), (await fetch("none")).status,
        await size("/big.bin"), await size("/big.bin", {headers: {Range: "bytes=5-11"}, cache: "no-store"}),
        (await fetch("/", {method: "POST", body: "x".repeat(300000)})).status,
        (await Promise.all([...Array(30).keys()].map(i => size("style.css?" + i)))).every(size => size === 25)];
    document.body.textContent = "seen " + seen.join("|");
})""")


def serve(idle=None, limits=None):
    return Server(httpd, "tcp://127.0.0.1:0", str(root), *([str(idle)] if idle else []), limits=limits)


def get(server, target, method="GET", **fields):
    """Returns the response, with its content."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(method, target, headers={name.replace("_", "-"): value for name, value in fields.items()})
    response = connection.getresponse()
    response.content = response.read()
    connection.close()
    return response


def exchange(server, request):
    """Sends the request. Returns all bytes that the server sends before it ends the connection."""
    with server.connect() as peer:
        peer.sendall(request)
        return receive_all(peer)


def status_of(answer):
    assert answer.startswith(b"HTTP/1.1 "), answer[:100]
    return int(answer[9:12])


def serves_files():
    with serve() as server:
        response = get(server, "/big.bin")
        assert (response.status, response.content == big) == (200, True)
        assert response.headers["Content-Type"] == "application/octet-stream"
        response = get(server, "/")
        assert (response.status, response.content) == (200, b"<p>root")
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
        assert get(server, "/sub/?query").content == b"<p>sub"
        assert get(server, "/%73ub/./x/../index.html").content == b"<p>sub"
        assert get(server, "/empty.txt").content == b""


def answers_head_without_content():
    with serve() as server, server.connect() as peer:
        peer.sendall(b"HEAD /big.bin HTTP/1.1\r\nHost: x\r\n\r\nGET /empty.txt HTTP/1.0\r\n\r\n")
        first, second, rest = receive_all(peer).split(b"\r\n\r\n")
        assert b"Content-Length: 5000000" in first
        assert b"Content-Length: 0" in second
        assert rest == b""


def tells_what_it_does_not_have():
    with serve() as server:
        assert get(server, "/none").status == 404
        assert get(server, "/index.html/").status == 404
        assert get(server, "/no%20index/").status == 403
        response = get(server, "/no%20index")
        assert (response.status, response.headers["Location"]) == (301, "/no%20index/")


def does_not_leave_the_root():
    with serve() as server:
        for target in ("/../secret", "/sub/../../secret", "/%2e%2e/secret", "/..%2fsecret", "/sub/..%2f..%2fsecret"):
            assert get(server, target).status == 400, target
        for target in ("/out", "/up/secret", "/up", "/up/root/index.html", "/fifo"):
            response = get(server, target)
            assert response.status in (403, 404) and b"secret" not in response.content, target
        for target in ("/.hidden", "//etc/passwd", "/sub//etc/passwd"):
            assert get(server, target).status == 404, target


def serves_ranges():
    with serve() as server:
        response = get(server, "/big.bin", Range="bytes=1000-300000")
        assert (response.status, response.content == big[1000:300001]) == (206, True)
        assert response.headers["Content-Range"] == "bytes 1000-300000/5000000"
        assert get(server, "/big.bin", Range="bytes=-7").content == big[-7:]
        response = get(server, "/big.bin", Range="bytes=5000000-")
        assert (response.status, response.headers["Content-Range"]) == (416, "bytes */5000000")


def knows_what_the_client_has_already():
    with serve() as server:
        modified = get(server, "/").headers["Last-Modified"]
        response = get(server, "/", If_Modified_Since=modified)
        assert (response.status, response.content) == (304, b"")
        assert get(server, "/", If_Modified_Since="Sun, 06 Nov 1994 08:49:37 GMT").status == 200
        assert get(server, "/", Range="bytes=0-1", If_Range=modified).status == 206
        assert get(server, "/", Range="bytes=0-1", If_Range="Sun, 06 Nov 1994 08:49:37 GMT").status == 200


def keeps_the_connection():
    with serve() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.connect()
        first = connection.sock
        for target, size in [("/", 7), ("/none", 10), ("/big.bin", 5000000), ("/", 7)] * 3:
            connection.request("GET", target)
            assert len(connection.getresponse().read()) == size
            assert connection.sock is first
        connection.close()
        answer = exchange(server, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert b"Connection: close" in answer
        with server.connect() as peer:
            for _ in range(2):
                peer.sendall(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
                answer = b""
                while not answer.endswith(b"<p>root"):
                    answer += receive_exactly(peer, 1)
                assert b"Connection: keep-alive" in answer


def answers_pipelined_requests_in_order():
    one = b"GET /%s HTTP/1.1\r\nHost: x\r\n\r\n"
    with serve() as server:
        requests = b"".join(one % (b"big.bin" if i % 10 == 0 else b"sub/") for i in range(100))
        answer = exchange(server, requests + b"GET / HTTP/1.0\r\n\r\n")
        assert answer.count(b"HTTP/1.1 200 OK") == 101 and answer.count(b"<p>sub") == 90 and answer.count(big) == 10
        assert answer.endswith(b"<p>root")


def takes_a_request_byte_by_byte():
    with serve() as server, server.connect() as peer:
        for byte in b"GET / HTTP/1.0\r\n\r\n":
            peer.sendall(bytes([byte]))
            time.sleep(0.001)
        assert receive_all(peer).endswith(b"<p>root")


def refuses_what_is_wrong():
    host = b" HTTP/1.1\r\nHost: x\r\n"
    cases = {
        400: [b"nonsense\r\n\r\n", b"\x16\x03\x01\0", b"GET /%00" + host + b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"GET /" + host + b" a: b\r\n\r\n"],
        405: [b"DELETE /" + host + b"Connection: close\r\n\r\n"],
        413: [b"POST /" + host + b"Content-Length: 100000000\r\n\r\n" + b"x" * 500000],
        414: [b"GET /" + b"a" * 9000, b"GET /" + b"a" * 2000 + host + b"Connection: close\r\n\r\n"],
        431: [b"GET /" + host + b"a: " + b"b" * 9000, b"GET /" + host + b"a: b\r\n" * 200 + b"\r\n"],
        501: [b"POST /" + host + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"],
        505: [b"GET / HTTP/2.0\r\nHost: x\r\n\r\n"],
    }
    with serve() as server:
        for status, requests in cases.items():
            for request in requests:
                with server.connect() as peer:
                    peer.sendall(request)
                    peer.shutdown(socket.SHUT_WR)
                    assert status_of(receive_all(peer)) == status, request[:60]


def skips_the_body_of_a_request():
    with serve() as server:
        body = b"GET /secret HTTP/1.1\r\n" * 100
        answer = exchange(server, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body +
                          b"GET / HTTP/1.0\r\n\r\n")
        assert status_of(answer) == 405 and b"Allow: GET, HEAD" in answer
        assert answer.count(b"HTTP/1.1") == 2 and answer.endswith(b"<p>root")


def ends_idle_connections():
    with serve(idle=200) as server:
        start = time.monotonic()
        assert exchange(server, b"") == b""
        assert status_of(exchange(server, b"GET / HTTP/1.1\r\nHos")) == 408
        with server.connect() as peer:  # this client sends a request that never ends
            try:
                while time.monotonic() < start + 5:
                    peer.sendall(b"a")
                    time.sleep(0.02)
            except OSError:
                pass
        with server.connect() as peer:  # this client does not receive the answer
            peer.sendall(b"GET /huge.bin HTTP/1.0\r\n\r\n")
            time.sleep(0.6)
            try:
                assert len(receive_all(peer)) < 100000000
            except ConnectionResetError:
                pass
        assert 0.6 <= time.monotonic() - start < 5


def has_many_clients_at_once():
    def client():
        for _ in range(5):
            assert get(server, "/big.bin").content == big
            good.append(1)

    good = []
    with serve() as server:
        threads = [threading.Thread(target=client) for _ in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(good) == 50


def has_descriptors_for_all_it_accepts():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    # In the first run the server can raise its limit. In the second run it cannot, and some clients have to wait.
    for limits in ((84, hard), (84, 84)):
        with serve(limits=limits) as server:
            peers = [server.connect() for _ in range(60)]
            for peer in peers:
                peer.sendall(b"GET /big.bin HTTP/1.0\r\n\r\n")
            for peer in peers:
                assert status_of(receive_all(peer)) == 200, limits
                peer.close()


def ends_with_clients_in_all_states():
    with serve() as server:
        peers = [server.connect() for _ in range(3)]
        peers[1].sendall(b"GET /")
        peers[2].sendall(b"GET /big.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        receive_exactly(peers[2], 100)
    for peer in peers:
        peer.close()


def satisfies_wrk():
    if not shutil.which("wrk"):
        print("wrk is not here;", end=" ")
        return
    with serve() as server:
        def wrk(connections, duration, target):
            return subprocess.Popen(["wrk", "-t1", "-c", str(connections), "-d", duration, "--timeout", "20s",
                                     f"http://127.0.0.1:{server.port}{target}"], stdout=subprocess.PIPE, text=True)

        get(server, "/")
        descriptors = server.descriptors()
        for connections, target in ((1, "/"), (200, "/"), (20, "/big.bin")):
            output, _ = wrk(connections, "1s", target).communicate()
            assert re.search(r"^ +[1-9]\d* requests in", output, re.MULTILINE), output
            assert "Non-2xx" not in output and "Socket errors" not in output, output
        with wrk(200, "20s", "/big.bin") as killed:
            time.sleep(0.5)
            killed.kill()
        end = time.monotonic() + 20
        while descriptors is not None and server.descriptors() > descriptors:
            assert time.monotonic() < end, "the connections of the killed client are still open"
            time.sleep(0.05)
        assert get(server, "/big.bin").content == big


def satisfies_chromium():
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        print("Chromium is not here;", end=" ")
        return
    with serve() as server:
        page = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                               f"--user-data-dir={folder.name}/chromium", "--virtual-time-budget=60000", "--dump-dom",
                               f"http://127.0.0.1:{server.port}/page"],
                              check=True, capture_output=True, text=True, timeout=60).stdout
        assert "seen rgb(1, 2, 3)|4|6|true|404|5000000|7|413|true" in page, page


def satisfies_curl():
    if not shutil.which("curl"):
        print("curl is not here;", end=" ")
        return
    with serve() as server:
        url = f"http://127.0.0.1:{server.port}"
        copy = pathlib.Path(folder.name, "copy")
        copy.write_bytes(big[:1234567])

        def curl(*arguments):
            return subprocess.run(["curl", "-sS", "--noproxy", "*", "-m", "20", "-w", "%{http_code}", *arguments],
                                  check=True, capture_output=True, text=True).stdout

        assert curl("-C", "-", "-o", str(copy), f"{url}/big.bin") == "206"  # continues the download of `copy`
        assert copy.read_bytes() == big
        assert curl("-L", f"{url}/sub") == "<p>sub200"
        assert curl("--path-as-is", f"{url}/../secret") == "Bad Request\n400"
        assert curl("-T", str(copy), "-o", str(copy), f"{url}/upload") == "413"
        assert curl("-I", "-o", str(copy), f"{url}/") == "200"


run_all([
    serves_files,
    answers_head_without_content,
    tells_what_it_does_not_have,
    does_not_leave_the_root,
    serves_ranges,
    knows_what_the_client_has_already,
    keeps_the_connection,
    answers_pipelined_requests_in_order,
    takes_a_request_byte_by_byte,
    refuses_what_is_wrong,
    skips_the_body_of_a_request,
    ends_idle_connections,
    has_many_clients_at_once,
    has_descriptors_for_all_it_accepts,
    ends_with_clients_in_all_states,
    satisfies_curl,
    satisfies_wrk,
    satisfies_chromium,
])
