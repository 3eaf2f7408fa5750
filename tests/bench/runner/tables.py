"""The results as text, as Markdown, and as JSON."""

import json
import os
import platform

from .scenarios import GROWTH, MORE_IS_BETTER, ROWS


def figure(value):
    """Returns the value as text: an integer from 1,000 on, otherwise three significant digits."""
    if value is None:
        return '-'
    if value >= 1000:
        return f'{value:,.0f}'
    return f'{value:.3g}'


def machine():
    model = platform.processor()
    try:
        with open('/proc/cpuinfo') as file:
            model = next(line.partition(':')[2].strip() for line in file if line.startswith('model name'))
    except (OSError, StopIteration):
        pass
    return f'{os.cpu_count()} x {model}, {platform.system()} {platform.release()}'


# ---- Everything, as text

def print_all(results, peers):
    """Prints the medians of all peers, and behind each median the factor by which naio is better than this peer."""
    width = max((len(f'{label} {metric}') for label, metric in results.values), default=0)
    print(f'{"":{width}} {"":6}' + ''.join(f' {peer.title():>17}' for peer in peers))
    for key in results.values:
        cells = ''
        for peer in peers:
            cell = figure(results.median(key, peer.name))
            better = results.times_better(key, peers[0].name, peer.name) if peer is not peers[0] else None
            cells += f' {cell + (f" (x{better:.2f})" if better else ""):>17}'
        print(f'{" ".join(key):{width}} {results.units[key]:6}{cells}')


# ---- The tables of docs/performance.md

def goal(row, results, ours):
    if row.goal is None:
        return ''
    more = results.units[row.scenario, row.metric] in MORE_IS_BETTER
    reached = ours >= row.goal if more else ours <= row.goal
    return f'{"at least" if more else "at most"} {figure(row.goal)}: {"yes" if reached else "**no**"}'


def best(key, results, peers):
    """Returns the factor by which naio is better than the best other library, and the name of that library, or an empty
    text if there is none. The peer "system" is not a library."""
    better = [(results.times_better(key, peers[0].name, peer.name), peer.title()) for peer in peers[1:]
              if peer.name != 'system' and results.ratio(key, peers[0].name, peer.name)]
    return '{:.2f} x {}'.format(*min(better)) if better else ''


def cells(results, key, peers):
    return ' | '.join(figure(results.median(key, peer.name)) for peer in peers)


def figures(results, peers, rounds, load):
    lines = [
        f'{machine()}; {rounds} rounds, medians; load {load[0]:.1f} before, {os.getloadavg()[0]:.1f} after.', '',
        '| scenario | unit | ' + ' | '.join(peer.title() for peer in peers) + ' | better than the best | to reach |',
        '|---|---|' + '--:|' * len(peers) + '---|---|'
    ]
    for row in ROWS:
        key = row.scenario, row.metric
        if key not in results.values:
            continue
        ours = results.median(key, peers[0].name)
        reached = goal(row, results, ours) if ours is not None else ''
        lines.append(f'| {row.what} | {results.units[key]} | {cells(results, key, peers)} | '
                     f'{best(key, results, peers)} | {reached} |')
    return '\n'.join(lines) + '\n'


def growth(results, peers):
    lines = ['| scenario | how many | unit | ' + ' | '.join(peer.title() for peer in peers) + ' |',
             '|---|--:|---|' + '--:|' * len(peers)]
    for each in GROWTH:
        what = f'{each.what}: {each.size}'
        for size, label in each.points():
            key = label, each.metric
            if key in results.values:
                lines.append(f'| {what} | {size:,} | {results.units[key]} | {cells(results, key, peers)} |')
                what = ''
    return '\n'.join(lines) + '\n'


def markdown(results, peers, rounds, load):
    """Returns the parts of the page, by name."""
    return {'figures': figures(results, peers, rounds, load), 'growth': growth(results, peers)}


PARTS = ('figures', 'growth')


def marks(name):
    return f'<!-- {name}: tests/bench/run --markdown -->\n', f'<!-- end of {name} -->\n'


def marks_missing(text):
    """Returns the names of the parts for which the page has no marks."""
    return [name for name in PARTS if text.partition(marks(name)[0])[2].count(marks(name)[1]) == 0]


def write_markdown(path, parts):
    """Replaces the text between the two marks of each part with the part."""
    text = path.read_text()
    for name, part in parts.items():
        first, last = marks(name)
        before, rest = text.split(first, 1)
        after = rest.split(last, 1)[1]
        text = f'{before}{first}\n{part}\n{last}{after}'
    path.write_text(text)


# ---- JSON

def as_json(results, peers, rounds, seconds, load):
    rows = []
    for key, by_peer in results.values.items():
        rows.append({
            'scenario': key[0],
            'metric': key[1],
            'unit': results.units[key],
            'better': 'more' if results.units[key] in MORE_IS_BETTER else 'less',
            'peers': {
                name: {
                    'median': results.median(key, name),
                    'values': [values[r] for r in sorted(values)],
                    'naio_to_it': results.ratio(key, peers[0].name, name)
                }
                for name, values in by_peer.items()
            }
        })
    whole = {
        'machine': machine(),
        'rounds': rounds,
        'seconds': seconds,
        'load': {'before': load, 'after': os.getloadavg()},
        'failures': [{'peer': peer, 'scenario': label, 'error': error}
                     for (peer, label), error in results.failures.items()],
        'results': rows
    }
    return json.dumps(whole, indent=1) + '\n'
