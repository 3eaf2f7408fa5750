"""Draws the charts as SVG with gnuplot: one for each question of the first page of docs/performance.md, the factors by
which naio is better than each peer, and the growth of costs."""

import shutil
import subprocess

from .peers import title
from .scenarios import BLOCKED, CONNECTIONS, GROUPS, GROWTH, ROWS
from .tables import peers_of

DOTS = r"""
set terminal svg size 1000,{height} enhanced font 'sans,12' background 'white'
set output '{output}'
set logscale x {base}
set xlabel '{xlabel}'
set yrange [{bottom}:-0.5]
set ytics ({tics}) nomirror
set xtics nomirror
set grid xtics ytics lc rgb '#dddddd' lt 1
set format x '%.15g'
set rmargin 5
set tmargin 3.5
set key at screen 0.5, screen 0.99 center top horizontal maxrows 2 samplen 1 width 1
{more}
plot {plots}
"""

ONE = """set arrow from first 1, graph 0 to first 1, graph 1 nohead lc rgb '#888888' lw 1.5
set xtics 0.0625, 16"""

PANELS = r"""
set terminal svg size 1000,{height} enhanced font 'sans,11' background 'white'
set output '{output}'
set multiplot layout {rows},2 margins 0.07,0.98,{bottom},{top} spacing 0.09,{gap}
set key at screen 0.5, screen 0.99 center top horizontal maxrows 3 samplen 2 width 1
{scale}
set grid lc rgb '#dddddd' lt 1
set format y '%.15g'
set ytics nomirror
"""

PANEL = r"""
set title {title} offset 0,-0.6
set xlabel {size} offset 0,0.6
set xtics ({tics}) nomirror
set xrange [-0.3:{right}]
plot {plots}
"""

# The points (gnuplot's filled ones) and the colours (easy to distinguish) of the peers.
LOOKS = {
    'naio': (7, '#000000'), 'naio_1': (6, '#777777'), 'naio_2': (4, '#777777'), 'nng2': (5, '#0072b2'),
    'nng1': (9, '#56b4e9'), 'asio': (13, '#d55e00'), 'asio_2': (12, '#d55e00'), 'asio_2x1': (13, '#e69f00'),
    'uv': (11, '#009e73'), 'uv_2': (10, '#009e73'), 'tokio_2': (15, '#cc79a7'), 'system': (14, '#999999')
}


def quoted(text):
    return '"' + text.replace('"', "'").replace('_', ' ') + '"'


def look(name):
    point, colour = LOOKS.get(name, (3, '#0072b2'))
    return f"pt {point} lc rgb '{colour}'"


def block(i, points):
    return f'$peer{i} << END\n' + '\n'.join(f'{x} {y}' for x, y in points) + '\nEND\n'


def gnuplot(script):
    subprocess.run(['gnuplot'], input=script, text=True, check=True)


def escaped(path):
    return str(path).replace("'", "''")


def tics(texts):
    return ', '.join(f'{quoted(text)} {at}' for at, text in enumerate(texts))


def draw_dots(rows, names, output, xlabel, base=10, more=''):
    """Draws a line for each row, which is a text and a function that returns the value of a peer or None. Returns
    False, and draws nothing, if there is no value."""
    rows = [(text, value) for text, value in rows if any(value(name) for name in names)]
    blocks, plots = '', []
    for i, name in enumerate(names):
        points = [(value(name), y) for y, (_, value) in enumerate(rows) if value(name)]
        if points:
            blocks += block(i, points)
            plots.append(f'$peer{i} using 1:2 with points {look(name)} ps 0.9 title {quoted(title(name))}')
    if plots:
        gnuplot(blocks + DOTS.format(height=140 + 22 * len(rows), output=escaped(output), base=base, xlabel=xlabel,
                                     bottom=len(rows) - 0.5, tics=tics([text for text, _ in rows]), more=more,
                                     plots=', '.join(plots)))
    return bool(plots)


def panel(results, names, text, size, keys, with_key):
    """Returns the script of one panel with the keys of all sizes, or an empty text if fewer than two have results."""
    keys = {at: key for at, key in keys.items() if key in results.values}
    if len(keys) < 2:
        return ''
    blocks, plots = '', []
    for i, name in enumerate(names):
        points = [(x, results.median(key, name)) for x, key in enumerate(keys.values()) if results.median(key, name)]
        style = f'with linespoints {look(name)} ps 0.7'
        if points:
            blocks += block(i, points)
            plots.append(f'$peer{i} using 1:2 {style} notitle')
        if with_key:
            plots.append(f'NaN {style} title {quoted(title(name))}')
    unit = results.units[next(iter(keys.values()))]
    return blocks + PANEL.format(title=quoted(f'{text}, {unit}'), size=quoted(size), right=len(keys) - 0.7,
                                 tics=tics([f'{at:,}' for at in keys]), plots=', '.join(plots))


def draw_panels(results, names, panels, output, scale='set logscale y'):
    """Draws panels, each of which is a text, the name of the sizes, and the key of each size."""
    names = [name for name in names if any(results.median(key, name) for *_, keys in panels for key in keys.values())]
    drawn = []
    for text, size, keys in panels:
        drawn += filter(None, [panel(results, names, text, size, keys, with_key=not drawn)])
    rows = (len(drawn) + 1) // 2
    height = 90 + 260 * rows
    if drawn:
        gnuplot(PANELS.format(height=height, output=escaped(output), rows=rows, bottom=50 / height, top=1 - 90 / height,
                              gap=70 / height, scale=scale) + ''.join(drawn))
    return bool(drawn)


# ---- One chart per question

def draw_round_trip(results, names, output):
    rows = [(row.what, lambda name, row=row: results.median((row.scenario, row.metric), name))
            for row in ROWS if 'ping' in row.scenario]
    return draw_dots(rows, names, output, 'microseconds of one round trip (left is better)')


def draw_connections(results, names, output):
    names = [name for name in names if not name.startswith('naio_')]
    return draw_panels(results, names, [
        (f'{what}: round trips per second', 'connections that echo 64 bytes',
         {n: (f'{scenario} {n}', 'rate') for n in CONNECTIONS})
        for what, scenario in (('TCP', 'tcp_echo'), ('Unix sockets', 'ipc_echo'))], output, 'set yrange [0:*]')


def draw_timers(results, names, output):
    return draw_panels(results, names, [
        (f'lateness of random sleeps, {percentile}', 'sleeps in one second',
         {n: (f'random_sleeps {n}', f'late_{percentile}') for n in (10000, 100000, 1000000)})
        for percentile in ('p50', 'p99')], output)


def draw_groups(results, names, output):
    rows = [(key[1], lambda name, key=key: results.median(key, name)) for key in results.values if key[0] == GROUPS]
    return draw_dots(rows, names, output, 'nanoseconds from the start of a group to its callback (left is better)')


def draw_blocked(results, names, output):
    return draw_panels(results, names, [
        (f'{what}: round trips of the others, {percentile}', 'callbacks of 100 that block for 10 ms',
         {k: (f'{scenario} {k}' if k else scenario, f'rtt_{percentile}') for k in BLOCKED})
        for what, scenario in (('TCP', 'tcp_blocked'), ('Unix sockets', 'ipc_blocked'))
        for percentile in ('p50', 'p99')], output)


# ---- All figures

def draw_ratios(results, names, output):
    rows = [(row.what, lambda name, row=row: results.times_better((row.scenario, row.metric), 'naio', name))
            for row in ROWS]
    return draw_dots(rows, [name for name in names if name != 'naio'], output,
                     'times better than the peer (to the right of 1: naio is better)', 2, ONE)


def draw_growth(results, names, output):
    panels = [(each.what, each.size, {size: (label, each.metric) for size, label in each.points()}) for each in GROWTH]
    return draw_panels(results, names, panels, output)


CHARTS = {
    'round-trip.svg': draw_round_trip, 'connections.svg': draw_connections, 'timers.svg': draw_timers,
    'groups.svg': draw_groups, 'blocked.svg': draw_blocked, 'ratios.svg': draw_ratios, 'growth.svg': draw_growth
}


def draw(results, directory):
    """Draws the charts into the directory, and returns the names of their files."""
    if shutil.which('gnuplot') is None:
        return []
    names = peers_of(results, list(LOOKS))
    return [name for name, draw_one in CHARTS.items() if draw_one(results, names, directory / name)]
