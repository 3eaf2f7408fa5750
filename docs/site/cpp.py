"""Reads the public C++ headers: classes, functions, their comments and facts, and the C functions that each one calls.

A comment that stands directly above declarations is about these, as in the C headers. A class has the facts of its own
comment for all of its members; other facts are those of the head of <naio/naio.hpp>. What is in namespace detail, or is
not public, is read to find out what the public functions call, and is not shown. The form of the headers is that of
.clang-format.
"""

import dataclasses
import pathlib
import re

import headers

INTERNAL = ("memory", "promise")  # headers for the other headers only
NOT_FOLLOWED = {"allocate", "deallocate", "nng_alloc", "nng_free", "nng_strerror"}  # calls that say nothing about a function
SHARED = "\0"  # stands behind a comment that an earlier declaration has already
NOT_SHOWN = r"static_assert|friend|using|template <[^>]*> (?:class|struct)|(?:class|struct) "  # forward declarations, too
ENTITY = re.compile(r"(?:template <.*?> )?(?:requires \S+ )?(class|struct|enum class|concept) (?:\[\[[^\]]*\]\] )?(\w+)")
FUNCTION_NAME = re.compile(r"(operator\s*(?:[^\s\w(]+|bool)|~?\w+)\(")


@dataclasses.dataclass
class Function:
    name: str
    declaration: str  # without body, initializers and attributes that the program does not see
    parameters: list  # their declarations
    body: str
    owner: str = ""  # its class

    @property
    def qualified(self):
        return f"{self.owner}::{self.name}" if self.owner else self.name

    @property
    def result(self):
        return re.sub(r"requires \S+<[^>]*> ", "", without_template(self.declaration).partition(self.name + "(")[0]).strip()

    @property
    def throws(self):
        """True unless the declaration says that the function throws nothing. Destructors do not throw."""
        return "noexcept" not in self.declaration and not self.name.startswith("~")


@dataclasses.dataclass
class Entry:
    """Declarations that share a comment: functions, or other code."""

    text: headers.Text
    functions: list
    code: str = ""
    name: str = ""  # of a concept, an enumeration or a variable

    def kind_and_declaration(self):
        """What Sphinx calls a named entity of this kind, and how it is declared."""
        code = re.sub(r"\s+", " ", self.code)
        if "concept " in code:
            return "concept", re.sub(r"concept (\w+) .*", r"\1", code)
        if "enum class" in code:
            return "enum-class", re.sub(r"enum class ([^{]*?) \{.*", r"\1", code)
        return "var", re.sub(r"inline (.*?)(?:\{\}|;| =).*", r"\1", code)


@dataclasses.dataclass
class Class:
    name: str
    declaration: str
    text: headers.Text
    entries: list

    def kind_and_declaration(self):
        kind = "struct" if "struct " in self.declaration else "class"
        return kind, re.sub(rf"^(template <.*> )?{kind} (?:\[\[[^\]]*\]\] )?", lambda m: m[1] or "", self.declaration)

    def functions(self):
        return [function for entry in self.entries for function in entry.functions]


@dataclasses.dataclass
class Header:
    path: str
    text: headers.Text
    entries: list  # Classes and Entries
    hidden: list  # functions that only other functions call

    @property
    def stem(self):
        return pathlib.Path(self.path).stem

    def names(self):
        return list(dict.fromkeys(name for entry in self.entries for name in names_of(entry)))

    @property
    def page(self):
        names = self.names()
        return self.stem if self.stem in names else names[0]


def names_of(entry):
    if isinstance(entry, Class) or entry.name:
        return [entry.name]
    return [function.name for function in entry.functions if not function.name.startswith("operator")]


def depth_of(code):
    return code.count("{") + code.count("(") - code.count("}") - code.count(")")


def plain(line):
    """The line without its comment and without what is in quotes."""
    return re.sub(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])\'', "''", re.sub(r"//.*", "", line))


def declaration_at(lines, i):
    """Returns the index behind the declaration that begins in line i."""
    depth, opened = 0, False
    for j in range(i, len(lines)):
        code = plain(lines[j])
        depth += depth_of(code)
        opened = opened or "{" in code
        code = code.strip()
        if depth == 0 and (code.endswith(";") or (opened and code.endswith("}"))):
            return j + 1
    raise SystemExit(f"a declaration has no end: {lines[i]}")


def split_at_body(code):
    """Splits the code of a function into what is before its body, and the body. Braces within parentheses do not begin it."""
    parentheses = 0
    for i, c in enumerate(code):
        parentheses += (c == "(") - (c == ")")
        if c == "{" and parentheses == 0 and not re.search(r"requires\s*$|=\s*$", code[:i]):
            return code[:i], code[i:]
    return code, ""


def parameters_of(declaration, name):
    """The declarations of the parameters of a function."""
    rest = declaration[declaration.index(name + "(") + len(name) :]
    depth, found = 0, [""]
    for c in rest:
        depth += (c in "(<") - (c in ")>")
        if depth == 0 and c == ")":
            break
        if c == "," and depth == 1:
            found.append("")
        elif not (c == "(" and depth == 1 and found == [""]):
            found[-1] += c
    return [parameter.strip() for parameter in found if parameter.strip()]


def without_template(declaration):
    """The declaration without `template <...>`."""
    if not declaration.startswith("template <"):
        return declaration
    depth = 0
    for i, c in enumerate(declaration):
        depth += (c == "<") - (c == ">")
        if c == ">" and depth == 0:
            return declaration[i + 1 :].lstrip()
    return declaration


def function_in(code, owner):
    head, body = split_at_body(code)
    head = re.sub(r"\s+", " ", " ".join(plain(line) if "operator" not in line else line for line in head.splitlines())).strip()
    head = re.sub(r" ?/\*.*?\*/", "", head.rstrip("; "))
    initializers = re.search(r"(?<=\)) : [a-z_].*$|(?<=noexcept) : [a-z_].*$", head)
    if initializers:
        head, body = head[: initializers.start()], initializers[0] + body
    head = re.sub(r"\b(?:inline|friend) |\[\[gnu::[^\]]*\]\] ", "", head)
    name = FUNCTION_NAME.search(without_template(head))
    return Function(name[1], head, parameters_of(head, name[1]), body, owner) if name else None


def is_function(code):
    head = split_at_body(code)[0].replace("\n", " ").strip()
    if re.match(r"(?:using|static_assert|inline constexpr|static constexpr|friend class|friend promise|friend detail)", head):
        return False
    return bool(FUNCTION_NAME.search(head)) and "concept " not in head


def without_default(code):
    return bool(re.search(r"= (?:delete|default);", code))


class Reader:
    def __init__(self, path):
        self.path, self.hidden = path, []

    def scope(self, lines, owner="", public=True, internal=False):
        """Returns the entries of the lines of a namespace or of a class."""
        entries, comment, i = [], [], 0
        while i < len(lines):
            line = lines[i].strip()
            access = re.fullmatch(r"(public|protected|private):", line)
            if access:
                public = access[1] == "public"
            if access or not line or line.startswith("#") or headers.RULE.match(line):
                comment, i = [], i + 1
                continue
            if line.startswith("//"):
                comment.append(line[2:])
                i += 1
                continue
            if line.startswith("namespace "):
                end = next(j for j in range(i, len(lines)) if lines[j] == "}  // " + line.removesuffix(" {"))
                inside = self.scope(lines[i + 1 : end], internal=internal or "detail" in line)
                entries += [] if "detail" in line else inside
                i = end + 1
                continue
            first, i = i, declaration_at(lines, i)
            self.add(entries, comment, lines[first:i], owner, public and not internal)
            # The next declaration shares the comment if no line is between them. The mark is for add().
            apart = i < len(lines) and (not lines[i].strip() or lines[i].strip().startswith("//"))
            comment = [] if apart or not comment else [*comment, SHARED]
        return entries

    def add(self, entries, comment, lines, owner, shown):
        code = "\n".join(lines)
        shared = bool(comment) and comment[-1] == SHARED
        text = headers.parse_text([line for line in comment if line != SHARED])
        head = re.sub(r"\s+", " ", split_at_body(code)[0]).strip()
        entity = ENTITY.match(head)
        if entity and entity[1] in ("class", "struct") and "{" in code:
            begin = next((k for k, line in enumerate(lines) if plain(line).rstrip().endswith("{")), len(lines)) + 1
            inside = self.scope(lines[begin:-1], entity[2], entity[1] == "struct", not shown)
            if shown:
                declaration = re.sub(r"^.*?\b((?:template <.*?> )?)(?:class|struct)", r"\1" + entity[1], head)
                entries.append(Class(entity[2], declaration, text, inside))
            return
        if not is_function(code):
            if shown and "{" not in head and not re.match(NOT_SHOWN, head):
                name = re.search(r"concept (\w+)|enum class (\w+)|constexpr \w+ (\w+)", head) if not owner else None
                code = "\n".join(line[len(lines[0]) - len(lines[0].lstrip()) :] for line in lines)
                if shared and entries and isinstance(entries[-1], Entry) and entries[-1].code:
                    entries[-1].code += "\n" + code
                elif not text.blocks and entries and isinstance(entries[-1], Entry) and entries[-1].code and owner:
                    entries[-1].code += "\n" + code
                else:
                    entries.append(Entry(text, [], code, next(filter(None, name.groups()), "") if name else ""))
            return
        function = function_in(code, owner)
        if function is None or without_default(code) or re.search(r"\w(?:<T>)?::~?\w+\(", function.declaration):
            if function and function.body:  # it is defined here, and declared in its class
                self.hidden.append(Function(function.name, function.declaration, [], function.body, "task"))
            return
        if not shown:
            self.hidden.append(function)
        elif shared and entries and isinstance(entries[-1], Entry) and entries[-1].functions:
            entries[-1].functions.append(function)
        else:
            entries.append(Entry(text, [function]))


def parse(root, path):
    lines = (pathlib.Path(root) / path).read_text().splitlines()
    end = next(i for i, line in enumerate(lines) if not line.startswith("//"))
    reader = Reader(path)
    entries = reader.scope(lines[end:])
    return Header(path, headers.parse_text([line[2:] for line in lines[:end]]), entries, reader.hidden)


def parse_all(root):
    root = pathlib.Path(root)
    first = root / "include/naio/naio.hpp"
    paths = [first, *sorted(set(root.glob("include/naio/*.hpp")) - {first})]
    return [parse(root, path.relative_to(root).as_posix()) for path in paths]


def shown(parsed):
    """The headers that have a page."""
    return [header for header in parsed if header.stem not in INTERNAL and header.entries]


def functions(parsed):
    for header in parsed:
        for entry in header.entries:
            yield from entry.functions() if isinstance(entry, Class) else entry.functions


class Calls:
    """Finds the C functions that a function calls, also through functions that are not shown."""

    def __init__(self, parsed, c_functions):
        self.c_functions = c_functions
        self.bodies = {}
        for function in [*functions(parsed), *(hidden for header in parsed for hidden in header.hidden)]:
            self.bodies.setdefault(function.name, []).append(function)

    def of(self, function):
        """The C functions that the function calls, in this order."""
        return list(dict.fromkeys(self.found(function, set())))

    def found(self, function, seen):
        bodies = [function] if function.body else self.bodies.get(function.name, [])
        for body in (each.body for each in bodies if each.owner == function.owner):
            for variable, name in re.findall(r"(?:(?<!\w)(\w+)\.|(?<![\w.~>]))(?:detail::)?(~?\w+)(?:<[^;()]*>)?\(", body):
                if name in NOT_FOLLOWED or (variable, name) in seen:
                    continue
                if name in self.c_functions and not variable:
                    yield name
                    continue
                seen.add((variable, name))
                for other in self.bodies.get(name, []):
                    # A function without an object is one of the same class or of none, or a constructor.
                    if other.owner == variable if variable else other.owner in ("", function.owner, name):
                        yield from self.found(other, seen)
