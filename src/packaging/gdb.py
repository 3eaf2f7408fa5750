"""Commands and pretty printers for gdb: what the handles of naio wait for, in processes and in core files.

    naio handles       one line for each handle that is not idle
    naio handle PTR    everything about one handle
    naio workers       the threads of the library, and the callbacks that they run

gdb loads this file by itself if it trusts the folder of the library (docs/debugging.md); otherwise use gdb's
command `source`. The commands of this file read memory and call no function, so they also work if the process is stuck
in a lock. They need the types of the library. If the library has no debug information, each command says so.
"""

import re
import time

import gdb
import gdb.printing

NEVER = 2**63 - 1  # kNever in src/base/now.h
TYPES = ((1, "terminal"), (2, "partial"), (4, "total"))
# describe() in src/aio/state_text.cpp prints the flags up to LAST_DESCRIBED, and ALSO_DESCRIBED. A test compares the
# two files.
LAST_DESCRIBED = "kWaited"
ALSO_DESCRIBED = "kDestroyWhenIdle"
REASON_CODE = 34  # StateBits::kReasonCode
CODED_REASONS = (None, "NNG_ECANCELED", "NNG_ETIMEDOUT", "NNG_ESTOPPED")  # StateBits::kCodedReasons
GENERATION = 37  # StateBits::kGeneration
RUNNER = {True: "a thread that runs its queue", False: "a worker"}  # by whether the handle has a queue


# ---- access


def members(object_type):
    """Returns the fields that an object has, without static fields and empty base classes."""
    fields = [field for field in object_type.strip_typedefs().fields() if hasattr(field, "bitpos")]
    return [field for field in fields if not field.is_base_class or members(field.type)]


def plain(value):
    """Returns the scalar inside of an atomic or a state."""
    while value.type.strip_typedefs().code == gdb.TYPE_CODE_STRUCT:
        value = value[members(value.type)[0]]
    return value


def number(value):
    return int(plain(value))


def need_type(name):
    try:
        return gdb.lookup_type(name)
    except gdb.error:
        raise gdb.GdbError(
            "naio: the type %s is missing, because the library has no debug information. Install the package "
            "libnaio0-dbgsym, or build naio with -DCMAKE_BUILD_TYPE=RelWithDebInfo (-g), and let the program use that "
            "build (LD_LIBRARY_PATH). Without it gdb shows the names of threads and functions only: info threads, "
            "thread apply all bt." % name
        ) from None


def library_file():
    for objfile in gdb.objfiles():
        if objfile.filename and "libnaio" in objfile.filename:
            return objfile.filename
    return None


def runtime():
    """Returns the one Runtime of the library, or None if the library has not been initialised."""
    if gdb.selected_thread() is None:
        raise gdb.GdbError("naio: there is no process and no core file.")
    try:
        memory = gdb.parse_and_eval("&'naio::runtime()::memory'")
    except gdb.error:
        file = library_file()
        if file is None:
            raise gdb.GdbError("naio: the program has not loaded the library (yet).") from None
        raise gdb.GdbError(
            "naio: %s has neither debug information nor a symbol table. Install the package libnaio0-dbgsym, or "
            "build naio with -DCMAKE_BUILD_TYPE=RelWithDebInfo (-g), and let the program use that build "
            "(LD_LIBRARY_PATH)." % file
        ) from None
    type_of_runtime = need_type("naio::Runtime")
    pointer = gdb.lookup_type("unsigned long").pointer()
    guard = gdb.parse_and_eval("&'guard variable for naio::runtime()::instance'").cast(pointer).dereference()
    if int(guard) & 1 == 0:
        return None
    return memory.cast(type_of_runtime.pointer()).dereference()


def elements(items, element_type):
    """Yields the elements of a naio::List."""
    head = items["head_"]
    node = head["next_"]
    for _ in range(1 << 20):
        if int(node) == int(head.address):
            return
        yield node.cast(element_type.pointer()).dereference()
        node = node["next_"]


def threads():
    """Yields all threads, each selected while it is yielded."""
    inferior = gdb.selected_inferior()
    selected = gdb.selected_thread()
    frame = gdb.selected_frame() if selected is not None and selected.is_valid() else None
    try:
        for thread in sorted(inferior.threads(), key=lambda each: each.num):
            thread.switch()
            yield thread
    finally:
        if selected is not None and selected.is_valid():
            selected.switch()
            if frame is not None and frame.is_valid():
                frame.select()


# ---- texts


def symbol(address):
    """Returns the name of the function at the address, without its parameters."""
    address = int(address)
    if address == 0:
        return "none"
    text = gdb.execute("info symbol 0x%x" % address, to_string=True).strip()
    if text.startswith("No symbol"):
        return "0x%x" % address
    text = re.sub(r" in section .*", "", text)
    if text.endswith(")"):
        depth = 0
        for at in range(len(text) - 1, 0, -1):
            depth += {")": 1, "(": -1}.get(text[at], 0)
            if depth == 0:
                return text[:at]
    return text


def flag_name(enumerator):
    """kDestroyWhenIdle -> DESTROY_WHEN_IDLE"""
    name = enumerator.rsplit("::", 1)[-1][1:]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


class State:
    """The 64 bits of a handle's state. All names and places come from the enumerations of src/aio/state_bits.h."""

    def __init__(self, bits):
        self.bits = int(bits) & (2**64 - 1)
        fields = need_type("naio::StateBits::Flag").fields()
        self.flags = sorted((field.enumval & (2**64 - 1), field.name.rsplit("::", 1)[-1]) for field in fields)
        self.value = {name: flag for flag, name in self.flags}
        self.first_bit = {f.name.rsplit("::", 1)[-1]: f.enumval for f in need_type("naio::StateBits::Field").fields()}

    def has(self, *names):
        return any(self.bits & self.value[name] for name in names)

    def busy(self):
        return self.has("kPending", "kDone", "kStarting", "kRunning", "kCanceling", "kReaping", "kPosted")

    def generation(self):
        return self.bits >> GENERATION

    def coded_reason(self):
        """Returns the reason if the state has one; None if it is in the handle."""
        return CODED_REASONS[self.bits >> REASON_CODE & 3]

    def names(self, described):
        def is_described(flag, name):
            return flag <= self.value[LAST_DESCRIBED] or name == ALSO_DESCRIBED

        return [flag_name(n) for flag, n in self.flags if self.bits & flag and is_described(flag, n) == described]

    def words(self):
        return " ".join(self.names(True) + ([] if self.busy() else ["idle"]))

    def text(self):
        return "%s, operation %d" % (self.words(), self.generation())

    def types(self, field):
        mask = self.bits >> self.first_bit[field]
        return " ".join(name for bit, name in TYPES if mask & bit) or "none"


def has_clock():
    """True if the monotonic clock of the process is the one of this machine."""
    connection = getattr(gdb.selected_inferior(), "connection", None)
    return connection is not None and connection.type == "native"


def time_text(nanoseconds):
    if nanoseconds == NEVER:
        return "none"
    if not has_clock():
        return "at %.6f s of the monotonic clock" % (nanoseconds / 1e9)
    left = (nanoseconds - time.monotonic_ns()) / 1e9
    return "in %.3f s" % left if left >= 0 else "%.3f s ago" % -left


def frames():
    """Yields the frames of the selected thread, the innermost first."""
    frame = gdb.newest_frame()
    while frame is not None and frame.is_valid():
        yield frame
        frame = frame.older()


def thread_name(thread):
    """Returns the name of the selected thread. A core file has no names, but the library knows those of its
    own threads."""
    if thread.name:
        return thread.name
    for frame in frames():
        if frame.name() == "naio::Thread::run":
            try:
                own = frame.read_var("self").cast(need_type("naio::Thread").pointer())
                return own["name_"].string() or "of the program"
            except (gdb.error, ValueError):
                break
    return "without a name"


def thread_text(thread):
    return "thread %d (%s)" % (thread.num, NAMES.get(thread.num, "without a name"))


NAMES = {}  # the names of the threads, by their numbers; each command reads them again
OBJECTS = {}  # the names of descriptors and slots, by their keys (naio::ObjectName); each command reads them again


# ---- handles


def slabs(registry):
    slab_type = need_type("naio::Registry::Slab")
    for each in ("slabs_", "seen_"):
        yield from elements(registry[each], slab_type)


def handles(of_runtime):
    handle_type = need_type("nng_aio")
    for slab in slabs(of_runtime["registry_"]):
        live = int(slab["live"])
        if int(slab["block"]) == 0:  # a slab in memory of the program has one handle
            live &= 1
        first = (slab.address + 1).cast(handle_type.pointer())
        for index in range(64):
            if live >> index & 1:
                yield (first + index).dereference()


def object_names():
    """Returns the names of streams, listeners and UDP sockets by their descriptors, and those of signals by the
    addresses of their slots."""
    names = {}
    buckets = gdb.parse_and_eval("'naio::ObjectName::buckets_'")
    for index in range(int(buckets.type.strip_typedefs().range()[1]) + 1):
        entry = buckets[index]
        while int(entry) != 0:
            names[int(entry["key"])] = text_at(entry["name"])
            entry = entry["next"]
    return names


def text_at(pointer):
    try:
        return pointer.string(errors="replace") if int(pointer) != 0 else None
    except gdb.MemoryError:  # a core file need not have the text
        return "unreadable name"


def quoted(name):
    return "" if name is None else ' "%s"' % name


class Threads:
    """Finds the thread that runs a handle's callback, and the threads that wait for the handle. Each command
    makes its own object, because the threads run between two commands."""

    def __init__(self, of_runtime):
        OBJECTS.clear()
        OBJECTS.update(object_names())
        self.running = {}  # address of a task: thread
        self.task_of = {}  # number of a thread: address of its innermost task
        stacks = []
        for thread in threads():
            NAMES[thread.num] = thread_name(thread)
            stacks.append((int(gdb.newest_frame().read_register("sp")), thread))
            for task in tasks_here():
                self.running[task] = thread
                self.task_of.setdefault(thread.num, task)
        stacks.sort(key=lambda each: each[0])
        self.waiting = {}  # address of a handle: threads
        buckets = of_runtime["parking_"]["buckets_"]["_M_elems"]
        waiter_type = need_type("naio::ParkingLot::Waiter")
        for index in range(int(buckets.type.strip_typedefs().range()[1]) + 1):
            for waiter in elements(buckets[index]["waiters"], waiter_type):
                below = [thread for sp, thread in stacks if sp <= int(waiter.address)]
                if below:
                    self.waiting.setdefault(int(waiter["address_"]), []).append(below[-1])

    def runs(self, handle):
        """Returns the thread that runs the handle's callback, or None. The state is needed because a thread
        names its latest task even after the task has ended."""
        return self.running.get(task_address(handle)) if state_of(handle).has("kRunning") else None

    def wait_for(self, handle):
        return self.waiting.get(int(handle.address), [])


def task_address(handle):
    return int(handle.address.cast(need_type("naio::Task").pointer()))


def tasks_here():
    """Yields the addresses of the tasks on the stack of the selected thread, the innermost first."""
    try:
        # The first member is `innermost`. The cast is for Clang, which describes the variable in a way that gdb does
        # not understand.
        call = gdb.parse_and_eval("*(void**)&'naio::CallOut::here'")
    except gdb.error:
        return  # the thread has not used the library, or gdb cannot find thread-local variables here
    call = call.cast(need_type("naio::CallOut").pointer())
    while int(call) != 0:
        task = number(call["task_"])
        if task != 0:
            yield task
        call = call["outer_"]


def state_of(handle):
    return State(number(handle["state_"]))


def cancel_function(handle):
    return int(handle["cancel_"]["plain"])


WAITS = 0x80  # OperationFields::kWaits, a flag of started_by_


def started_by(handle):
    by = number(handle["started_by_"]) & ~WAITS
    for field in need_type("naio::Api").fields():
        if field.enumval == by:
            name = field.name.rsplit("::", 1)[-1]
            return "the library" if name == "kLibrary" else name
    return "the function %d" % by


def waits_for(handle, state):
    """Returns the text for what a busy handle waits for, as far as the handle tells it."""
    if state.has("kPending"):
        if number(handle["started_by_"]) & WAITS:
            fd = number(handle["descriptor_"])
            return "descriptor %d%s" % (fd, quoted(OBJECTS.get(fd)))
        name = symbol(cancel_function(handle))
        return "its provider, with the cancel function " + name if name != "none" else "its provider"
    if state.has("kCanceling"):
        return "its cancel function"
    if state.has("kRunning"):
        return "its callback"
    if state.has("kPosted"):
        return RUNNER[number(handle["queue_"]) != 0]
    if state.has("kDone") and not state.has("kStarting"):
        return RUNNER[number(handle["queue_"]) != 0]
    return "a thread of the library"


def slot_of(handle):
    return plain(handle.cast(need_type("naio::SlotTarget"))["slot"])


def name_of(handle):
    return text_at(plain(handle["name_"]))


def line_of(handle, where):
    """Returns the line of a handle: the words of a dump (src/aio/operation_dump.cpp), and facts for debuggers alone."""
    state = state_of(handle)
    parts = ["aio 0x%x%s: %s" % (int(handle.address), quoted(name_of(handle)), state.text())]
    if state.has("kPending", "kDone"):
        parts.append("started by " + started_by(handle))
    parts.append("waits for " + waits_for(handle, state))
    if state.has("kPending"):
        if number(handle["deadline_"]) != NEVER:
            parts.append("deadline " + time_text(number(handle["deadline_"])))
        for label, field in (("can be ended by", "kPermitted"), ("asked to end by", "kAccepted"), ("sticky", "kSticky")):
            types = state.types(field)
            if types != "none":
                parts.append("%s %s" % (label, types))
            elif field == "kPermitted":
                parts.append("cannot be ended")
    if int(handle["callback_"]) != 0:
        parts.append("callback " + symbol(handle["callback_"]))
    for label, pointer in (("queue", plain(handle["queue_"])), ("slot", slot_of(handle))):
        if int(pointer) != 0:
            name = OBJECTS.get(int(pointer)) if label == "slot" else None
            parts.append("%s 0x%x%s" % (label, int(pointer), quoted(name)))
    thread = where.runs(handle)
    if thread is not None:
        parts.append("runs in " + thread_text(thread))
    for thread in where.wait_for(handle):
        parts.append("awaited by " + thread_text(thread))
    return "; ".join(parts)


# ---- commands


class Command(gdb.Command):
    """Shows each error of gdb as one line, without the Python code that has called gdb."""

    takes_argument = False

    def __init__(self, name, *arguments):
        super().__init__(name, gdb.COMMAND_DATA, *arguments)
        self.name = name

    def invoke(self, argument, from_tty):
        if argument and not self.takes_argument:
            raise gdb.GdbError("%s: this command takes no argument." % self.name)
        try:
            self.run(argument)
        except gdb.error as error:
            raise gdb.GdbError("%s: %s" % (self.name, " ".join(str(error).split()))) from None


class NaioCommand(Command):
    """Shows what the handles of naio wait for."""

    takes_argument = True

    def __init__(self):
        super().__init__("naio", gdb.COMPLETE_NONE, True)

    def run(self, argument):
        unknown = "there is no command %s; " % argument if argument else ""
        raise gdb.GdbError("naio: %sthe commands are naio handles, naio handle PTR and naio workers." % unknown)


class HandlesCommand(Command):
    """One line for each handle of naio that is not idle: its state, what it waits for, its callback, deadline, the
requests that it permits and has accepted, its queue and slot, and the threads that run it or wait for it."""

    def __init__(self):
        super().__init__("naio handles", gdb.COMPLETE_NONE)

    def run(self, argument):
        found = runtime()
        if found is None:
            print("naio has not been initialised.")
            return
        where = Threads(found)
        total = busy = 0
        try:
            for handle in handles(found):
                total += 1
                if state_of(handle).busy():
                    busy += 1
                    print(line_of(handle, where))
        except gdb.MemoryError as error:
            print("naio: the list of handles is being changed by a thread (%s); continue the process a moment." % error)
        print("%d of %d handles are busy." % (busy, total))


class HandleCommand(Command):
    """Everything about one handle of naio: naio handle PTR."""

    takes_argument = True

    def __init__(self):
        super().__init__("naio handle", gdb.COMPLETE_EXPRESSION)

    @staticmethod
    def address_of(argument):
        value = gdb.parse_and_eval(argument)
        if value.type.code == gdb.TYPE_CODE_REF:
            value = value.referenced_value()
        if value.type.strip_typedefs().code not in (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_INT):
            raise gdb.GdbError("naio handle: %s is not a pointer to a handle." % argument)
        return int(value) % 2**64

    def run(self, argument):
        if not argument:
            raise gdb.GdbError("naio handle PTR: a pointer to the handle is missing.")
        found = runtime()
        address = self.address_of(argument)
        if found is None or all(int(each.address) != address for each in handles(found)):
            raise gdb.GdbError("naio: 0x%x is not a handle that exists. It may have been freed." % address)
        handle = gdb.Value(address).cast(need_type("nng_aio").pointer()).dereference()
        for label, text in self.facts(handle, Threads(found)):
            if text is not None:
                print("%-18s %s" % (label, text))

    def facts(self, handle, where):
        state = state_of(handle)
        yield "handle", "0x%x" % int(handle.address)
        yield "name", name_of(handle)
        yield "state", state.text()
        yield "other flags", " ".join(state.names(False)) or "none"
        yield "started by", started_by(handle)
        yield "waits for", waits_for(handle, state) if state.busy() else "nothing: it is idle"
        for label, field in (
            ("permitted", "kPermitted"),
            ("accepted", "kAccepted"),
            ("undelivered", "kUndelivered"),
            ("sticky", "kSticky"),
            ("acknowledged", "kAcknowledged"),
        ):
            yield label, state.types(field)
        if state.types("kAccepted") != "none" or state.has("kReasonStays"):
            yield "reason", state.coded_reason() or str(plain(handle["reason_"]))
        yield "callback", "%s, argument 0x%x" % (symbol(handle["callback_"]), int(handle["argument_"]))
        cancel = cancel_function(handle)
        if state.has("kPending", "kDone", "kCanceling"):
            yield "cancel function", "%s, argument 0x%x" % (symbol(cancel), number(handle["cancel_argument_"]))
        yield "release function", symbol(handle["release_"]) if state.has("kRelease") else "none"
        yield "deadline", time_text(number(handle["deadline_"])) if state.has("kPending") else None
        timeout = number(handle["timeout_"])
        yield "timeout", {-1: "none", -2: "none"}.get(timeout, "%d ms" % timeout)
        yield "latest result", "%s, count %d" % (handle["result_"], int(handle["count_"]))
        yield "message", "0x%x" % int(handle["message_"])
        for label, pointer in (
            ("queue", plain(handle["queue_"])),
            ("slot or scope", slot_of(handle)),
            ("own slot", plain(handle["own_slot_"])),
        ):
            yield label, "0x%x" % int(pointer) if int(pointer) != 0 else "none"
        thread = where.runs(handle)
        yield "runs in", thread_text(thread) if thread is not None else None
        for thread in where.wait_for(handle):
            yield "awaited by", thread_text(thread)


class WorkersCommand(Command):
    """The threads of naio: what each worker does, and which callback it runs; then the leaders of the loops, and other
threads that run callbacks or wait for a handle."""

    def __init__(self):
        super().__init__("naio workers", gdb.COMPLETE_NONE)

    def run(self, argument):
        found = runtime()
        if found is None:
            print("naio has not been initialised.")
            return
        where = Threads(found)
        handle_of = {task_address(handle): handle for handle in handles(found)}
        doing = self.workers(found["tasks_"])
        awaited = {}
        for address, waiting in where.waiting.items():
            for thread in waiting:
                awaited[thread.num] = address
        for thread in threads():
            states = doing.get(int.from_bytes(thread.handle(), "little"))
            task = where.task_of.get(thread.num)
            handle = handle_of.get(task)
            if handle is not None:
                has_ended = where.runs(handle) is None
            else:
                has_ended = states is not None and not states.startswith(("runs", "waits"))
            if has_ended:
                task = handle = None
            is_ours = NAMES[thread.num].startswith("naio:")
            if not (is_ours or states or task or thread.num in awaited):
                continue
            parts = [thread_text(thread)]
            if states:
                parts.append(states)
            if handle is not None:
                parts.append("callback %s of 0x%x" % (symbol(handle["callback_"]), int(handle.address)))
            elif task:
                parts.append("runs a task of the library, 0x%x" % task)
            if thread.num in awaited:
                parts.append("waits for the handle 0x%x" % awaited[thread.num])
            print("; ".join(parts))

    @staticmethod
    def workers(tasks):
        """Returns the text for each worker, by its pthread_t."""
        result = {}
        worker = tasks["first_"]
        while int(worker) != 0:
            state = flag_name(str(worker["state"])).lower()
            if state != "gone":
                batch = number(worker["batch"]["tail_"]) - number(worker["batch"]["head_"])
                text = "%s; %d tasks wait in its batch" % (state, batch) if batch else state
                result[int(worker["thread"]["thread_"])] = text
            worker = plain(worker["next"])
        return result


# ---- printers


class StatePrinter:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return State(number(self.value)).text()


def register():
    printers = gdb.printing.RegexpCollectionPrettyPrinter("naio")
    printers.add_printer("State", "^naio::State$", StatePrinter)
    gdb.printing.register_pretty_printer(gdb.current_objfile(), printers, replace=True)
    NaioCommand()
    HandlesCommand()
    HandleCommand()
    WorkersCommand()


register()
