"""Checks the trace of a program: check.py TRACED TRACING_MD. The file must be valid, each slice must have its begin and
its end, and each finish of an operation that has a callback must have its arrow to that callback."""

import collections
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

THREADS, HANDLES = 1, 2
SESSIONS, PROGRAM_THREADS, ROUNDS, RESUBMITS = 2, 3, 200, 5
# In each round the resubmitting handle has RESUBMITS + 1 callbacks, the cancelled and the sleeping one have one each.
# Each thread also has the callback of its refused start.
CALLBACKS = SESSIONS * PROGRAM_THREADS * (ROUNDS * (RESUBMITS + 1 + 1 + 1) + 1)


def run(program, trace, *arguments, **options):
    environment = {key: value for key, value in os.environ.items() if key != "NAIO_TRACE"}
    if trace is not None:
        environment["NAIO_TRACE"] = str(trace)
    command = [program, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=100, **options)
    assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def check_slices(events):
    """Checks that each row has a name, that its slices nest, and that its events are in the order of their times."""
    depth = collections.Counter()
    names = {}
    for group in (THREADS, HANDLES):
        # Several threads write the row of a handle, so its events are compared in the order of their times.
        rows = [event for event in events if event["pid"] == group and "tid" in event]
        if group == HANDLES:
            rows.sort(key=lambda event: event.get("ts", 0))
        latest = {}
        for event in rows:
            row = (group, event.get("tid"))
            if event["ph"] == "M":
                names[row] = event["args"]["name"]
                continue
            assert event["ts"] >= latest.get(row, 0), event
            latest[row] = event["ts"]
            depth[row] += {"B": 1, "E": -1}.get(event["ph"], 0)
            assert 0 <= depth[row] <= (1 if group == HANDLES else 20), event
            if event["ph"] == "f":
                assert depth[row] > 0, "an arrow ends outside of a callback"
    assert all(count == 0 for count in depth.values()), depth
    assert set(depth) <= set(names), "a row has no name"
    return names


def check_arrows(events):
    begins = {event["id"]: event for event in events if event["ph"] == "s"}
    ends = {event["id"]: event for event in events if event["ph"] == "f"}
    assert len(begins) == len([event for event in events if event["ph"] == "s"]) == CALLBACKS, len(begins)
    assert len([event for event in events if event["ph"] == "f"]) == CALLBACKS
    assert begins.keys() == ends.keys()
    for key, end in ends.items():
        assert begins[key]["ts"] <= end["ts"], end


def check_trace(program, directory):
    path = directory / "trace.json"
    assert run(program, path) == ""
    events = json.loads(path.read_bytes().decode("ascii"))
    names = check_slices(events)
    # The second init of the program has continued the file. (A second program would begin the file again.)
    check_arrows(distinct(events))
    threads = [name for row, name in names.items() if row[0] == THREADS]
    assert "naio:task" in threads and "naio:timer" in threads, threads
    handles = {name for row, name in names.items() if row[0] == HANDLES and row[1] is not None}
    assert handles >= {"again????", "cancelled", "skipped", "named", "other"} and "forked" not in handles, handles
    requests = [event for event in events if event.get("name") == "request"]
    assert len(requests) >= SESSIONS * PROGRAM_THREADS * ROUNDS, len(requests)
    assert {"sleep", "poll"} <= {event.get("name") for event in events}


def distinct(events):
    """Numbers the arrows of each address, because another handle may have the address of one that was freed."""
    seen = {"s": collections.Counter(), "f": collections.Counter()}
    for event in sorted((event for event in events if event["ph"] in "sf"), key=lambda event: event["ts"]):
        key = event["id"]
        seen[event["ph"]][key] += 1
        event["id"] = f"{key} {seen[event['ph']][key]}"
    return events


def check_refusals(program, directory):
    messages = run(program, directory / "missing" / "trace.json")
    lines = messages.splitlines()
    assert len(lines) == SESSIONS and all(line.startswith("NAIO-TRACE: ") for line in lines), messages
    fifo = directory / "fifo"  # has no reader
    os.mkfifo(fifo)
    assert "NAIO-TRACE" in run(program, fifo)
    assert run(program, None) == ""
    if os.path.exists("/dev/full"):
        assert "NAIO-TRACE" in run(program, "/dev/full")


def check_full_file(program, directory):
    """A file that may not grow ends the trace, and neither the program nor the validity of the file. The log says so."""
    path = directory / "full.json"
    limit = 300_000  # bytes; the program would write more
    messages = run(program, path, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert limit * 3 // 4 < path.stat().st_size <= limit, path.stat()
    assert json.loads(path.read_text("ascii"))
    lines = messages.splitlines()
    assert lines and all(line.startswith("NAIO-TRACE: NAIO_TRACE: cannot write ") for line in lines), messages


def check_removed_file(program, directory):
    """If the file of the first session is removed, the second session begins the file again."""
    path = directory / "removed.json"
    assert run(program, path, "remove") == ""
    assert json.loads(path.read_text("ascii"))


def start_hanging(program, how, trace):
    """Runs `traced HOW`, which hangs. Returns the process, once it has said what is to be in the trace by now."""
    process = subprocess.Popen([program, how], env={**os.environ, "NAIO_TRACE": str(trace)}, stdout=subprocess.PIPE, text=True)
    if how != "second":
        assert process.stdout.readline() in ("dumped\n", "reported\n"), "no dump and no report"
        return process
    for _ in range(600):  # a minute: a loaded machine may run the program late
        if trace.exists() and b"stuck" in trace.read_bytes():
            break
        time.sleep(0.1)
    return process


def slices_of(page, directory, trace):
    """Runs the program of the page that prints a trace, and returns its lines."""
    source = page.read_text().partition("<!-- slices.py -->\n```python\n")[2].partition("```\n")[0]
    assert source, f"{page} has no program slices.py"
    script = directory / "slices.py"
    script.write_text(source)
    done = subprocess.run([sys.executable, script, trace], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def check_hangs(program, directory, page):
    """The file of a process that hangs and is killed has what the process did last. Only the array's end is missing."""
    for how in ("second", "dump", "stall"):
        path = directory / f"{how}.json"
        process = start_hanging(program, how, path)
        if how == "dump":  # another program with the same variable says that it does not trace, and changes nothing
            before = path.read_bytes()
            assert run(program, path).count("NAIO-TRACE: ") == SESSIONS
            assert path.read_bytes() == before, "two programs write one trace"
        process.kill()
        process.communicate()
        text = path.read_text("ascii")
        events = json.loads(text + "]")
        rows = {event["tid"] for event in events if event.get("args", {}).get("name") == "stuck"}
        begins = [event for event in events if event["pid"] == HANDLES and event["ph"] == "B" and event["tid"] in rows]
        assert len(begins) == 1, f"{how}: the operation is missing in:\n{text}"
        lines = [line.split() for line in slices_of(page, directory, path)]
        assert ["-", "stuck", "naio_aio_start"] in [line[1:] for line in lines], lines


def main():
    program, page = sys.argv[1], pathlib.Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as directory:
        check_trace(program, pathlib.Path(directory))
        check_refusals(program, pathlib.Path(directory))
        check_full_file(program, pathlib.Path(directory))
        check_removed_file(program, pathlib.Path(directory))
        check_hangs(program, pathlib.Path(directory), page)


main()
