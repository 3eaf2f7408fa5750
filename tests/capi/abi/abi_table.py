#!/usr/bin/env python3
"""Prints what a program compiled against an nng.h depends on: one fact per line, sorted.

    abi_table.py HEADER                        the facts of everything HEADER declares as nng_* or NNG_*
    abi_table.py --expect nng_abi.txt HEADER   compares these facts with a table; if they differ, prints
                                               a diff and exits with 1
    abi_table.py --like OURS HEADER            only the facts of HEADER about names that OURS declares

nng_abi.txt holds the facts of NNG's own header. These commands extract them from another version of NNG:

    git -C NNG describe --always --abbrev=40   the commit, for the first line
    (echo '# NNG VERSION, commit COMMIT, include/nng/nng.h'
     ./abi_table.py --like ../../../include/nng/nng.h NNG/include/nng/nng.h) > nng_abi.txt

Types and prototypes come from Clang's syntax tree, as the header has them, but without parameter names.
Values, sizes and offsets come from a program that the C compiler compiles and that is then run. The
options --clang CLANG and --cc CC choose both compilers. Without a Clang the exit status is 77, which
CTest takes for "skipped". The sizes are those of this machine; nng_abi.txt is for 64-bit Unix.
"""

import argparse
import difflib
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


class Header:
    """The declarations of a header, as Clang sees them."""

    def __init__(self, path, clang):
        self.path, self.clang = os.path.abspath(path), clang
        tree = json.loads(self._clang("-fsyntax-only", "-Xclang", "-ast-dump=json"))
        self.tags = {node["id"]: node for node in tree["inner"] if "tagUsed" in node or node["kind"] == "EnumDecl"}
        ours = [node for node in tree["inner"] if node.get("name", "").startswith("nng_")]
        self.functions = {node["name"]: node for node in ours if node["kind"] == "FunctionDecl"}
        self.typedefs = {node["name"]: node for node in ours if node["kind"] == "TypedefDecl"}
        # Enums that have no typedef.
        self.enums = {node["name"]: node for node in ours
                      if node["kind"] == "EnumDecl" and node["name"] not in self.typedefs}
        self.macros = self._macros()
        self.names = {*self.functions, *self.typedefs, *self.enums, *self.macros}

    def _clang(self, *options):
        return run(self.clang, "-std=c99", *options, "-x", "c", self.path)

    def _macros(self):
        """Returns the macros that stand for a value, without the include guard and macros with parameters."""
        lines = dict(re.findall(r"^#define (NNG_\w+) (.+)$", self._clang("-E", "-dM"), re.MULTILINE))
        # A macro whose body is the name of another macro has that macro's body.
        return {name: lines.get(body, body) for name, body in lines.items() if name not in ("NNG_DECL", "NNG_DEPRECATED")}

    def tag_of(self, typedef):
        """Returns the struct or enum that a typedef names, or None."""
        node = typedef["inner"][0]
        while node["kind"] == "ElaboratedType":
            node = node["inner"][0]
        return self.tags[node["decl"]["id"]] if node["kind"] in ("RecordType", "EnumType") else None

    def nng_decl(self, symbols):
        """Returns the expansion of NNG_DECL when `symbols` are defined."""
        text = self._clang("-E", "-dM", *("-D" + symbol for symbol in symbols))
        return re.search(r"^#define NNG_DECL *(.*)$", text, re.MULTILINE).group(1)


def members(tag, kind):
    return [node for node in tag.get("inner", []) if node["kind"] == kind]


def spelled(node):
    return node["type"]["qualType"].replace("_Bool", "bool")


def written_facts(header, names):
    """Yields the facts that are written in the source."""
    for name in names & header.functions.keys():
        yield f"function {name} {spelled(header.functions[name])}"
    for name in names & header.typedefs.keys():
        tag = header.tag_of(header.typedefs[name])
        if tag is None:
            yield f"typedef {name} {spelled(header.typedefs[name])}"
            continue
        keyword = tag.get("tagUsed", "enum")
        yield f"typedef {name} {keyword} {tag.get('name') or '(no tag)'}"
        for number, field in enumerate(members(tag, "FieldDecl")):
            yield f"field {name} {number} {field['name']} {spelled(field)}"
    switches = ("_WIN32", "NNG_SHARED_LIB", "NNG_HIDDEN_VISIBILITY", "NNG_STATIC_LIB")
    subsets = (itertools.combinations(switches, count) for count in range(len(switches) + 1))
    for symbols in [*itertools.chain(*subsets), ("NNG_DECL=predefined",)]:
        yield f"NNG_DECL with [{' '.join(symbols)}] is {header.nng_decl(symbols)}"


def enumerators(name, tag):
    for constant in members(tag, "EnumConstantDecl"):
        yield f'    printf("enumerator {name} {constant["name"]} %ld\\n", (long){constant["name"]});'


def fact_program(header, names):
    """Yields the lines of a C program that prints the facts that the compiler computes."""
    yield "#include <stdio.h>"
    yield f'#include "{header.path}"'
    yield "#define ALIGN(type) offsetof(struct { char c; type t; }, t)"
    yield "int main(void) {"
    for name in names & header.macros.keys():
        form = '\\"%s\\"' if header.macros[name].startswith('"') else "%d"
        yield f'    printf("macro {name} {form}\\n", {name});'
    for name in names & header.enums.keys():
        yield from enumerators(name, header.enums[name])
    for name in names & header.typedefs.keys():
        typedef = header.typedefs[name]
        tag = header.tag_of(typedef)
        if tag is not None and tag["kind"] == "RecordDecl" and not tag.get("completeDefinition"):
            continue
        yield f'    printf("layout {name} size %zu align %zu\\n", sizeof({name}), ALIGN({name}));'
        if tag is not None:
            for field in members(tag, "FieldDecl"):
                place = f"offsetof({name}, {field['name']}), sizeof((({name} *)0)->{field['name']})"
                yield f'    printf("layout {name}.{field["name"]} offset %zu size %zu\\n", {place});'
            yield from enumerators(name, tag)
        if "(" not in spelled(typedef) and (tag is None or tag["kind"] == "EnumDecl"):
            yield f'    printf("layout {name} %s\\n", ({name})-1 < 0 ? "signed" : "unsigned");'
    yield "    return 0;"
    yield "}"


def computed_facts(header, names, cc):
    with tempfile.TemporaryDirectory() as folder:
        source, program = os.path.join(folder, "facts.c"), os.path.join(folder, "facts")
        with open(source, "w", encoding="utf-8") as file:
            file.write("\n".join(fact_program(header, names)) + "\n")
        run(cc, "-std=c99", "-w", "-o", program, source)
        return run(program).splitlines()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--expect", metavar="TABLE")
    parser.add_argument("--like", metavar="OURS")
    parser.add_argument("--clang", default="clang")
    parser.add_argument("--cc", default="cc")
    parser.add_argument("header", metavar="HEADER")
    options = parser.parse_args()
    if shutil.which(options.clang) is None:
        print(f"{options.clang}: not found")
        return SKIPPED

    header = Header(options.header, options.clang)
    names = Header(options.like, options.clang).names if options.like else header.names
    facts = sorted([*written_facts(header, names), *computed_facts(header, names, options.cc)])
    if options.expect is None:
        print("\n".join(facts))
        return 0
    with open(options.expect, encoding="utf-8") as file:
        expected = [line for line in file.read().splitlines() if not line.startswith("#")]
    diff = list(difflib.unified_diff(expected, facts, options.expect, options.header, lineterm="", n=0))
    print("\n".join(diff) if diff else f"{options.header}: {len(facts)} facts, all as in {options.expect}")
    return 1 if diff else 0


if __name__ == "__main__":
    sys.exit(main())
