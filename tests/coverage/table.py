#!/usr/bin/env python3
"""Prints a table of the counts of gcovr, per folder of src, and the lines that are not covered and not explained.

    table.py COVERAGE.json

Exit status: 1 if a folder is below its limit (limits.txt), if a line is not covered and uncovered.txt does not say why,
or if uncovered.txt names a line that is not in the source.
"""

import collections
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def read_limits():
    """Returns {folder: (lines, branches)} in percent. '*' is for each folder that has no limit of its own."""
    limits = {}
    for line in (HERE / 'limits.txt').read_text().splitlines():
        words = line.partition('#')[0].split()
        if words:
            limits[words[0]] = (float(words[1]), float(words[2]))
    return limits


def read_explained():
    """Returns {file: {text of a line: reason}}."""
    explained = collections.defaultdict(dict)
    for line in (HERE / 'uncovered.txt').read_text().splitlines():
        if line and not line.startswith('#'):
            file, text, reason = line.split(' | ')
            explained[file][text.strip()] = reason
    return explained


def percent(part, whole):
    return 100.0 * part / whole if whole else 100.0


class Count:
    def __init__(self):
        self.lines = self.lines_hit = self.branches = self.branches_hit = 0

    def add(self, line):
        if line.get('gcovr/noncode'):
            return
        self.lines += 1
        self.lines_hit += line['count'] > 0
        taken = [branch['count'] > 0 for branch in line.get('branches', []) if not branch.get('throw')]
        self.branches += len(taken)
        self.branches_hit += sum(taken)

    def figures(self):
        return percent(self.lines_hit, self.lines), percent(self.branches_hit, self.branches)


def main():
    files = json.loads(pathlib.Path(sys.argv[1]).read_text())['files']
    explained = read_explained()
    folders = collections.defaultdict(Count)
    core, whole = Count(), Count()
    unexplained = []
    for file in files:
        name = file['file']
        source = (ROOT / name).read_text().splitlines()
        folder = name.split('/')[1]
        for line in file['lines']:
            counts = [folders[folder], whole] + ([core] if folder in ('base', 'exec', 'loop', 'time', 'aio') else [])
            for count in counts:
                count.add(line)
            text = source[line['line_number'] - 1].strip()
            if not line.get('gcovr/noncode') and line['count'] == 0 and text not in explained[name]:
                unexplained.append(f'{name}:{line["line_number"]}: {text}')
    wrong = []
    limits = read_limits()
    print(f'{"folder":12} {"lines":>7} {"%":>6} {"limit":>6}   {"branches":>8} {"%":>6} {"limit":>6}')
    for name, count in [*sorted(folders.items()), ('core', core), ('all', whole)]:
        lines, branches = count.figures()
        limit = limits.get(name, limits['*'] if name not in ('core',) else (0, 0))
        print(f'{name:12} {count.lines:7} {lines:6.1f} {limit[0]:6.1f}   {count.branches:8} {branches:6.1f} {limit[1]:6.1f}')
        if lines < limit[0] or branches < limit[1]:
            wrong.append(f'{name} is below its limit')
    for name, texts in explained.items():
        path = ROOT / name
        source = {line.strip() for line in path.read_text().splitlines()} if path.exists() else set()
        wrong += [f'uncovered.txt: {name} has no line "{text}"' for text in texts if text not in source]
    if unexplained:
        print(f'\n{len(unexplained)} lines are not covered, and uncovered.txt does not say why:')
        print('\n'.join(unexplained))
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong or unexplained else 0


if __name__ == '__main__':
    sys.exit(main())
