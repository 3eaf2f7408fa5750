"""The results as text and as the tables of docs/performance.md."""

import statistics

from .peers import title
from .scenarios import BLOCKED, CONNECTIONS, GROUPS, GROWTH, ROWS, TABLES


def figure(value):
    """Returns the value as text: an integer from 1,000 on, otherwise three significant digits."""
    if value is None:
        return '-'
    if value >= 1000:
        return f'{value:,.0f}'
    return f'{value:.3g}'


def peers_of(results, order=()):
    """Returns the names of the peers that have results, naio first, those of `order` next."""
    found = dict.fromkeys(name for peers in results.values.values() for name in peers)
    return sorted(found, key=lambda name: (name != 'naio', order.index(name) if name in order else len(order)))


# ---- Everything, as text

def print_all(results):
    """Prints the medians of all peers, and behind each median the factor by which naio is better than this peer."""
    peers = peers_of(results)
    width = max((len(f'{label} {metric}') for label, metric in results.values), default=0)
    print(f'{"":{width}} {"":6}' + ''.join(f' {title(peer):>20}' for peer in peers))
    for key in results.values:
        cells = ''
        for peer in peers:
            cell = figure(results.median(key, peer))
            better = results.times_better(key, 'naio', peer) if peer != 'naio' else None
            cells += f' {cell + (f" (x{better:.2f})" if better else ""):>20}'
        print(f'{" ".join(key):{width}} {results.units[key]:6}{cells}')


# ---- Tables in Markdown

def head(names, left=('scenario', 'unit'), right=()):
    columns = [*left, *(title(name) for name in names), *right]
    return [f'| {" | ".join(columns)} |', '|' + '---|' * len(left) + '--:|' * len(names) + '---|' * len(right)]


def line(*cells):
    return f'| {" | ".join(cells)} |'


def medians(results, key, names):
    return [figure(results.median(key, name)) for name in names]


def best(results, key, names):
    """Returns the factor by which naio is better than the best other library, and the name of that library, or an empty
    text if there is none. The peer "system" is not a library."""
    better = [(results.times_better(key, 'naio', name), title(name)) for name in names
              if name not in ('naio', 'system') and results.ratio(key, 'naio', name)]
    return '{:.2f} x {}'.format(*min(better)) if better else ''


def figures(results, names):
    keys = [(row.what, (row.scenario, row.metric)) for row in ROWS if (row.scenario, row.metric) in results.values]
    return [*head(names, right=['better than the best']),
            *[line(what, results.units[key], *medians(results, key, names), best(results, key, names))
              for what, key in keys]] if keys else []


def growth(results, names):
    lines = []
    for each in GROWTH:
        what = f'{each.what}: {each.size}'
        for size, label in each.points():
            key = label, each.metric
            if key in results.values:
                lines.append(line(what, f'{size:,}', results.units[key], *medians(results, key, names)))
                what = ''
    return [*head(names, left=('scenario', 'how many', 'unit')), *lines] if lines else []


def plain(results, names):
    return [*figures(results, names), '', *growth(results, names)]


# ---- Connections that echo

FIXED = ('naio_1', 'naio_2')
LEVEL = 0.95  # within five per cent
AHEAD = 1.2
MANY = 100  # the number of connections from which on naio is to be ahead


def best_of(results, key, names):
    """Returns the name of the peer with the largest median, or None."""
    there = [name for name in names if results.median(key, name) is not None]
    return max(there, key=lambda name: results.median(key, name)) if there else None


def spread(results, key):
    """Returns the median difference of two measurements of the same thing in the same round."""
    ratios = results.ratios(key, 'naio_1', 'naio_1_again')
    return statistics.median(1 - min(ratio, 1 / ratio) for ratio in ratios) if ratios else 0


def verdict(ratio, goal):
    return f'{ratio:.2f}: {"yes" if ratio >= goal else "**no**"}'


def judge(results, key, size, names):
    """Returns the cells that say whether naio has reached its goals, beside fixed pollers and other libraries."""
    fixed = best_of(results, key, [name for name in FIXED if name in names])
    peer = best_of(results, key, [name for name in names if not name.startswith('naio') and name != 'system'])
    beside_fixed = verdict(results.ratio(key, 'naio', fixed), min(LEVEL, 1 - spread(results, key))) if fixed else ''
    beside_peer = ''
    if peer:
        beside_peer = f'{verdict(results.ratio(key, "naio", peer), AHEAD if size >= MANY else LEVEL)} ({title(peer)})'
    return [f'{spread(results, key):.0%}' if fixed else '', beside_fixed, beside_peer]


def echo(results, names):
    lines = head(names, left=('k/s',), right=['spread', 'to the better number of pollers', 'to the best peer'])
    for what, scenario in (('TCP', 'tcp_echo'), ('Unix', 'ipc_echo')):
        for size in CONNECTIONS:
            key = f'{scenario} {size}', 'rate'
            if results.median(key, 'naio') is not None:
                lines.append(line(f'{what}, {size:,}', *medians(results, key, names),
                                  *judge(results, key, size, names)))
    return lines


# ---- Callbacks that block

def blocked(results, names):
    lines = head(names, left=('us', 'callbacks of 100 that block', 'percentile'))
    for what, scenario in (('TCP', 'tcp_blocked'), ('Unix', 'ipc_blocked')):
        for size in BLOCKED:
            for percentile in ('p50', 'p99'):
                key = f'{scenario} {size}' if size else scenario, f'rtt_{percentile}'
                if key in results.values:
                    lines.append(line(what, str(size), percentile, *medians(results, key, names)))
    return lines


# ---- Groups

def groups(results, names):
    lines = head(names, left=('group, members', 'unit'), right=['naio / Asio'])
    for key in results.values:
        if key[0] == GROUPS:
            ratio = results.ratio(key, 'naio', 'asio')
            lines.append(line(key[1], results.units[key], *medians(results, key, names), f'{ratio:.2f}'))
    return lines


# ---- The page

KINDS = {'echo': echo, 'blocked': blocked, 'groups': groups}


def markdown(name, results, state):
    """Returns the part of the page for a table."""
    peers = peers_of(results, TABLES[name].peers)
    return '\n'.join([state.line(), '', *KINDS.get(name, plain)(results, peers)]).rstrip() + '\n'


def marks(name):
    return f'<!-- {name}: tests/bench/run --markdown -->\n', f'<!-- end of {name} -->\n'


def marks_missing(text):
    """Returns the names of the tables for which the page has no marks."""
    return [name for name in TABLES if text.partition(marks(name)[0])[2].count(marks(name)[1]) == 0]


def write_markdown(path, parts):
    """Replaces the text between the two marks of each part with the part."""
    text = path.read_text()
    for name, part in parts.items():
        first, last = marks(name)
        before, rest = text.split(first, 1)
        after = rest.split(last, 1)[1]
        text = f'{before}{first}\n{part}\n{last}{after}'
    path.write_text(text)
