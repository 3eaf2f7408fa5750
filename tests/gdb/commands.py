"""Checks the gdb commands of src/packaging/gdb.py on a process that hangs, and on its core file.

    gdb -batch -nx -iex 'add-auto-load-safe-path BUILD/src' -x tests/gdb/commands.py --args hung URL CORE

gdb loads the commands together with the library, as it does for a user. CORE is the path to which gdb writes the core
file. If CORE is "-", the library has no debug information, and the commands have to say so. gdb exits with 1 if a check
fails.
"""

import os
import re
import subprocess
import tempfile
import traceback

import gdb


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def run(command):
    text = gdb.execute(command, to_string=True)
    print("(gdb) %s\n%s" % (command, text))
    return text


def check_fails(command, text):
    """Checks that the command fails, and that it says why in one line, which has the text."""
    try:
        gdb.execute(command, to_string=True)
    except gdb.error as error:
        line = str(error)
        print("(gdb) %s\n%s\n" % (command, line))
        check(text in line, "%s is missing in: %s" % (text, line))
        check("Python" not in line and len(line.splitlines()) == 1, "not one clear line: %s" % line)
        return
    raise AssertionError("%s has succeeded" % command)


WRONG_USES = (
    ("naio", "the commands are naio handles, naio handle PTR and naio workers"),
    ("naio nonsense", "there is no command nonsense; the commands are "),
    ("naio handles nonsense", "naio handles: this command takes no argument"),
    ("naio workers nonsense", "naio workers: this command takes no argument"),
    ("naio handle", "a pointer to the handle is missing"),
)
WRONG_POINTERS = (
    ("naio handle nonsense", 'naio handle: No symbol "nonsense" in current context.'),
    ("naio handle 1 +", "naio handle: A syntax error in expression"),
    ("naio handle *(int*)0", "naio handle: Cannot access memory at address 0x0"),
    ('naio handle "text"', 'naio handle: "text" is not a pointer to a handle'),
    ("naio handle main", "naio handle: main is not a pointer to a handle"),
    ("naio handle 0", "0x0 is not a handle that exists"),
)


def check_all_fail(text):
    for command in ("naio handles", "naio workers", "naio handle nonsense"):
        check_fails(command, text)


def check_without_library():
    """Without a process, without the library, and with a library that has no symbols, the commands say what is missing.
    Called after a run, because gdb knows the commands then."""
    gdb.execute("delete")
    gdb.execute("break all_hang")
    gdb.execute("kill")
    check_all_fail("there is no process and no core file")
    gdb.execute("starti")  # before the loader has loaded the library
    check_all_fail("the program has not loaded the library")
    gdb.execute("continue")
    library = next(each.filename for each in gdb.objfiles() if "libnaio.so" in each.filename)
    gdb.execute("kill")
    with tempfile.TemporaryDirectory() as directory:
        stripped = os.path.join(directory, "libnaio.so.0")
        subprocess.run(["strip", "-o", stripped, library], check=True)
        gdb.execute("set environment LD_LIBRARY_PATH " + directory)
        # gdb would find the symbols of the library if the package libnaio0-dbgsym is installed.
        symbols = gdb.parameter("debug-file-directory")
        gdb.execute("set debug-file-directory " + directory)
        gdb.execute("run")
        check_all_fail(stripped + " has neither debug information nor a symbol table")
        gdb.execute("kill")
        gdb.execute("set debug-file-directory " + symbols)
    gdb.execute("unset environment LD_LIBRARY_PATH")


def lines_by_handle():
    lines = {}
    for line in run("naio handles").splitlines():
        match = re.match(r"aio (0x[0-9a-f]+)((?: \".*\")?: .*)", line)
        if match:
            lines[int(match.group(1), 16)] = match.group(2)
    return lines


def expect(lines, address, *patterns):
    check(address in lines, "0x%x is missing" % address)
    for pattern in patterns:
        check(re.search(pattern, lines[address]), "%s is missing in: %s" % (pattern, lines[address]))


def check_commands(handles, is_live):
    lines = lines_by_handle()
    check(len(lines) == 5, "%d handles are busy" % len(lines))
    expect(
        lines,
        handles["receiving"],
        '^ "the receive": PENDING WAITED, operation 1; started by nng_stream_recv; '
        'waits for descriptor [0-9]+ "the stream"; '
        "can be ended by terminal partial total; callback received; awaited by thread [0-9]+ ",
    )
    expect(
        lines,
        handles["asked"],
        "^: PENDING, operation 1; started by naio_aio_start; waits for its provider, with the cancel function takes_up; "
        "can be ended by terminal partial; asked to end by partial; callback received; "
        'slot 0x[0-9a-f]+ "the scope"$',
    )
    expect(lines, handles["blocked"], r"^: RUNNING, operation 1; waits for its callback; .*runs in thread .*naio:task")
    expect(
        lines,
        handles["queued"],
        "^: DONE, operation 1; started by nng_aio_start; waits for a thread that runs its queue; callback never_called; "
        "queue 0x[0-9a-f]+$",
    )
    deadline = r"deadline in 3[56][0-9][0-9]\.[0-9]+ s" if is_live else r"deadline at [0-9.]+ s of the monotonic clock"
    name = '^ "unreadable name": '
    expect(lines, handles["sleeping"], name + "PENDING, operation 2; started by nng_sleep_aio; .*end_sleep; " + deadline)
    check("runs in" not in lines[handles["sleeping"]], "a callback that has ended is shown as running")

    facts = run("naio handle 0x%x" % handles["asked"])
    for pattern in (r"accepted +partial\n", r"started by +naio_aio_start\n", r"sticky +none\n", r"reason +NNG_ECANCELED\n", r"other flags +TYPED"):
        check(re.search(pattern, facts), "%s is missing" % pattern)
    facts = run("naio handle 0x%x" % handles["idle"])
    check(re.search(r"state +idle, operation 1\n", facts) and "nothing: it is idle" in facts, "the idle handle is not shown as idle")
    check_fails("naio handle 0x%x" % (handles["idle"] + 64), "not a handle that exists")
    for command, text in WRONG_USES + WRONG_POINTERS:
        check_fails(command, text)

    workers = run("naio workers")
    check(re.search(r"\(naio:task\); runs; callback blocks of 0x%x\n" % handles["blocked"], workers), "the worker of the blocked callback is missing")
    check("waits for the handle 0x%x" % handles["receiving"] in workers, "the thread that waits is missing")
    check("callback received" not in workers, "a callback that has ended is shown")
    check(workers.count("(naio:timer)") == 2 and workers.count("(naio:io)") == 2, "a thread of the loops is missing")


def check_printer(handle):
    """Checks that gdb's printer of a state and the library's describe() give the same text, for each flag alone and for
    several flags together."""
    gdb.execute("set print elements 0")
    flags = [field.enumval for field in gdb.lookup_type("naio::StateBits::Flag").fields()]
    check(len(flags) > 10, "gdb finds too few flags")
    state = gdb.parse_and_eval("((nng_aio*)0x%x)->state_._M_i" % handle)
    bits = state.address.cast(gdb.lookup_type("unsigned long").pointer())
    before = int(bits.dereference())
    cases = [0, 0xFFFF, 7 << 32, (123456 << 32) | 0xFFFFFFFF] + [(3 << 32) | flag for flag in flags]
    try:
        for case in cases:
            gdb.execute("set *(unsigned long*)0x%x = %d" % (int(bits), case))
            printed = gdb.parse_and_eval("((nng_aio*)0x%x)->state_._M_i" % handle).format_string()
            described = gdb.parse_and_eval("naio::describe(((nng_aio*)0x%x)->state_._M_i)" % handle)
            text = described[described.type.fields()[0]].string()
            check(printed == text, "%s is not %s" % (printed, text))
    finally:
        gdb.execute("set *(unsigned long*)0x%x = %d" % (int(bits), before))
    check("PENDING WAITED, operation 1" in run("print ((nng_aio*)0x%x)->state_" % handle), "gdb does not use the printer")


def handles_here():
    names = ("receiving", "asked", "blocked", "queued", "sleeping", "idle")
    return {name: int(gdb.parse_and_eval(name)) for name in names}


def all_are_there(handles):
    """Returns a true value if a thread waits for the handle `receiving` and the threads of the loops have names."""
    bits = int(gdb.parse_and_eval("((nng_aio*)0x%x)->state_._M_i.bits_" % handles["receiving"]))
    names = [thread.name for thread in gdb.selected_inferior().threads()]
    return bits & 0x200 and names.count("naio:timer") == 2 and names.count("naio:io") == 2


def check_fini(handles):
    """Checks that the commands find the handles while nng_fini waits, although the registry has moved them by then."""
    gdb.execute("set variable leaving = 1")
    gdb.execute("delete")
    gdb.execute("break naio::ParkingLot::Waiter::wait_until")
    gdb.execute("continue")
    lines = lines_by_handle()
    expect(lines, handles["asked"], "^: PENDING CLOSED", "asked to end by terminal partial; sticky terminal partial total")
    expect(lines, handles["blocked"], "^: RUNNING CLOSED")


def main():
    for setting in ("confirm off", "pagination off", "debuginfod enabled off", "breakpoint pending on", "width 0"):
        gdb.execute("set " + setting)
    core = gdb.execute("show args", to_string=True).split('"')[1].split()[-1]
    gdb.execute("break all_hang")
    gdb.execute("run")
    if core == "-":
        check_all_fail("no debug information")
        check_without_library()
        return
    handles = handles_here()
    while not all_are_there(handles):
        gdb.execute("continue", to_string=True)
    check_commands(handles, is_live=True)
    check_printer(handles["receiving"])
    gdb.execute("generate-core-file " + core)
    check_fini(handles)
    check_without_library()
    gdb.execute("core-file " + core)
    check_commands(handles, is_live=False)
    os.remove(core)


try:
    main()
    print("all commands work")
except BaseException:
    traceback.print_exc()
    gdb.execute("quit 1")
