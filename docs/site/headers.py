"""Reads the public C headers: sections, comments, declarations, and the facts of each function.

A header has this form. A section begins with a line `// ---- Title ----`, and the comment below that line is about
the whole section. A comment that stands directly above declarations is about these. Facts are `Tag: value.` behind the
text of a comment. A function has the facts of its own comment. For a tag that this comment lacks, it has the fact of
its section, and if the section has none, that of the head of <nng/nng.h>.
"""

import dataclasses
import pathlib
import re

FACTS = ("Blocks", "Callback", "Threads", "NULL", "Down", "Memory", "Units", "Results", "Guarantee", "Errors", "Throws", "Contract")
FACT = re.compile(r"(?:^|(?<=[.:)] ))(" + "|".join(FACTS) + r")((?: \w+)?): ")
FUNCTION_TYPE = re.compile(r"typedef [^;{(]*\(\*(\w+)\)\([^;]*\);")
RULE = re.compile(r"// ---- (.+?) -+$")
SECTION_FACTS = "Facts of all these functions, unless a comment says otherwise."
HEADERS = ("include/nng/nng.h", "include/naio/naio.h")
HEADER_OF_NNG1 = "include/naio/nng1.h"  # has no pages of its own, because its names are those of <nng/nng.h>


@dataclasses.dataclass
class Text:
    """A comment: blocks of the kinds "text", "item", "code" and "terms", which is a list of pairs, and the facts behind them."""

    blocks: list = dataclasses.field(default_factory=list)
    facts: dict = dataclasses.field(default_factory=dict)

    def prose(self):
        return " ".join(text if kind != "terms" else " ".join(map(" ".join, text)) for kind, text in self.blocks)


@dataclasses.dataclass
class Function:
    name: str
    declaration: str  # without NNG_DECL and the semicolon
    result: str
    parameters: list  # pairs of type and name


@dataclasses.dataclass
class Group:
    """Functions that share a comment."""

    functions: list
    text: Text
    line: int


@dataclasses.dataclass
class FunctionType:
    """A type of functions that the program writes and the library calls."""

    name: str
    declaration: str  # without typedef and the semicolon
    text: Text


@dataclasses.dataclass
class Section:
    title: str
    header: str  # as it is included: nng/nng.h
    text: Text
    entries: list = dataclasses.field(default_factory=list)  # Groups, FunctionTypes, and strings: declarations of anything else

    def groups(self):
        return [entry for entry in self.entries if isinstance(entry, Group)]

    def functions(self):
        return [function for group in self.groups() for function in group.functions]


@dataclasses.dataclass
class Header:
    path: str
    text: Text
    rules: dict  # facts of all functions
    sections: list


def split_facts(text):
    """Returns the text before the first fact, and the facts."""
    hits = list(FACT.finditer(text))
    if not hits:
        return text, {}
    facts = {}
    for hit, following in zip(hits, hits[1:] + [None]):
        value = text[hit.end() : following.start() if following else None].strip()
        # "NULL aio: fatal" is the fact NULL of the parameter aio.
        facts[hit.group(1)] = (hit.group(2).strip() + ": " if hit.group(2) else "") + value
    return text[: hits[0].start()].strip(), facts


def terms_in(code):
    """Returns pairs of a word and its meaning if the code is a table of such pairs, otherwise an empty list."""
    terms = []
    for line in code.splitlines():
        term = re.match(r" {2}(\w+) {2,}(\S.*)", line)
        if term:
            terms.append([term.group(1), term.group(2)])
        elif terms and line.startswith(" " * 8):
            terms[-1][1] += " " + line.strip()
        else:
            return []
    return [tuple(term) for term in terms]


def parse_text(lines):
    """Makes a Text of lines that have lost their `//`."""
    text = Text()
    kind = None
    for line in lines:
        body = line[1:] if line.startswith(" ") else line
        stripped = body.strip()
        if not stripped:
            if kind == "code":
                text.blocks[-1][1] += "\n"
            else:
                kind = None
            continue
        indent = len(body) - len(body.lstrip())
        if kind == "code" and indent < 2 and text.blocks[-1][1].endswith("\n"):
            kind = None
        item = re.match(r" ?(- |\d\. )(.*)", body)
        if item and kind != "code":
            kind = "item"
            text.blocks.append([kind, stripped])
        elif kind == "item" and indent >= 3:
            text.blocks[-1][1] += " " + stripped
        elif indent >= 2:
            if kind != "code":
                text.blocks.append(["code", body])
            else:
                text.blocks[-1][1] += "\n" + body
            kind = "code"
        elif kind == "text" and not re.match(r"(True|False): ", stripped):  # such a line begins a paragraph
            text.blocks[-1][1] += " " + stripped
        else:
            kind = "text"
            text.blocks.append([kind, stripped])
    blocks = []
    for kind, body in text.blocks:
        if kind == "code" and terms_in(body):
            blocks.append(("terms", terms_in(body)))
            continue
        if kind == "text":
            body, facts = split_facts(body)
            text.facts.update(facts)
        if body.strip() and body != SECTION_FACTS:
            blocks.append((kind, body.rstrip().removesuffix(SECTION_FACTS).rstrip()))
    text.blocks = blocks
    return text


def parse_function(code):
    code = re.sub(r"\s+", " ", code).strip()
    code = re.sub(r" NAIO_PRINTF\([^)]*\)", "", code).removeprefix("NNG_DECL ").removesuffix(";")
    match = re.fullmatch(r"(.*?)(\w+)\((.*)\)", re.sub(r"\(\*\w+\)\([^)]*\)", lambda m: m.group().replace("(", "\1").replace(")", "\2").replace(",", "\3"), code))
    result, name, parameters = match.groups()
    restored = [re.sub("\1", "(", p).replace("\2", ")").replace("\3", ",").strip() for p in parameters.split(",")]
    pairs = []
    for parameter in restored:
        if parameter in ("void", "..."):
            continue
        function = re.fullmatch(r"(.*\(\*)(\w+)(\).*)", parameter)
        array = re.fullmatch(r"(.*?)(\w+)(\[\d*\])?", parameter)
        if function:
            pairs.append((function.group(1) + function.group(3), function.group(2)))
        else:
            pairs.append((array.group(1).strip() + ("*" if array.group(3) else ""), array.group(2)))
    return Function(name, code, result.strip(), pairs)


def statements(lines):
    """Splits lines of declarations into those of functions, each a whole one, and the others."""
    functions, others = [], []
    rest = iter(lines)
    for line in rest:
        if not line.startswith("NNG_DECL"):
            others.append(line)
            continue
        while not line.rstrip().endswith(";"):
            line += " " + next(rest).strip()
        functions.append(parse_function(line))
    return functions, others


def parse(root, path):
    lines = (pathlib.Path(root) / path).read_text().splitlines()
    end_of_head = next(i for i, line in enumerate(lines) if not line.startswith("//"))
    head = parse_text([line[2:] for line in lines[:end_of_head]])
    header = Header(path, head, rules_of(head), [])
    section, i = None, end_of_head
    while i < len(lines):
        rule = RULE.match(lines[i])
        if rule:
            j = i + 1
            while j < len(lines) and lines[j].startswith("//"):
                j += 1
            comment, code = lines[i + 1 : j], []
            if j < len(lines) and lines[j].strip():  # a comment on the declarations below it, not on the section
                comment, j = [], i + 1
            section = Section(rule.group(1), path.removeprefix("include/"), parse_text([c[2:] for c in comment]))
            header.sections.append(section)
            i = j
            continue
        if not lines[i].strip() or section is None:
            i += 1
            continue
        first = i
        while i < len(lines) and lines[i].strip() and not RULE.match(lines[i]):
            i += 1
            # A blank line within braces does not end a declaration.
            while i < len(lines) and not lines[i].strip() and sum(l.count("{") - l.count("}") for l in lines[first:i]) > 0:
                i += 1
        block = lines[first:i]
        above = next((k for k, line in enumerate(block) if not line.startswith("//")), len(block))
        functions, others = statements(block[above:])
        if functions and not [other for other in others if other.strip()]:
            section.entries.append(Group(functions, parse_text([c[2:] for c in block[:above]]), first + above + 1))
        elif above and FUNCTION_TYPE.fullmatch("\n".join(block[above:])):
            code = re.sub(r"\s+", " ", "\n".join(block[above:]))
            name = FUNCTION_TYPE.fullmatch(code).group(1)
            text = parse_text([c[2:] for c in block[:above]])
            section.entries.append(FunctionType(name, code.removeprefix("typedef ").removesuffix(";"), text))
        elif not block[0].startswith(("#ifdef __cplusplus", "#undef", "#endif", "}")):
            if functions:
                raise SystemExit(f"{path}:{first + 1}: a function stands among other declarations")
            section.entries.append("\n".join(block))
    return header


def rules_of(head):
    """The facts of all functions: the terms below a line that begins with "Facts of all functions"."""
    for (_, before), (kind, body) in zip(head.blocks, head.blocks[1:]):
        if kind == "terms" and before.startswith("Facts of all functions"):
            return dict(body)
    return {}


def parse_all(root):
    headers = [parse(root, path) for path in HEADERS]
    for header in headers:
        header.rules = headers[0].rules
    return headers


def parse_nng1(root, rules):
    header = parse(root, HEADER_OF_NNG1)
    header.rules = rules
    return header


def facts(header, section, group):
    """All facts of the functions of a group, in the order of FACTS."""
    found = {**header.rules, **section.text.facts, **group.text.facts}
    return {tag: found[tag] for tag in FACTS if tag in found}


def types_in(code):
    """The names of the types that the code declares."""
    code = re.sub(r"//[^\n]*", "", code)
    found = re.findall(r"typedef [^;{]*?\(\*(\w+)\)|typedef [^;{(]*?(\w+);|^\} (\w+);|^(?:struct|enum) (\w+) \{", code, re.M)
    return [name for groups in found for name in groups if name]


def page_name(section):
    """The name of a section's page: that of its first function, or one made of its title."""
    functions = section.functions()
    prefix = section.header.split("/")[0]
    return functions[0].name if functions else f"{prefix}_{section.title.lower()}"


def pages(parsed):
    """All sections by the names that their pages are found under: those of functions and types, and the page's own."""
    found = {}
    for header in parsed:
        for section in header.sections:
            found[page_name(section)] = section
    for header in parsed:
        for section in header.sections:
            for entry in section.entries:
                if isinstance(entry, Group):
                    names = [function.name for function in entry.functions]
                else:
                    names = types_in(entry) if isinstance(entry, str) else [entry.name]
                for name in names:
                    found.setdefault(name, section)
    return found
