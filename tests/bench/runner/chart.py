"""Draws the charts as SVG with gnuplot: the factor by which naio is better than each peer, and the growth of costs."""

import shutil
import subprocess

from .scenarios import GROWTH, ROWS

RATIOS = r"""
set terminal svg size 1000,{height} enhanced font 'sans,12' background 'white'
set output '{output}'
set logscale x 2
set xlabel 'times better than the peer (to the right of 1: naio is better)'
set yrange [{bottom}:-0.5]
set ytics ({tics}) nomirror
set xtics nomirror
set grid xtics ytics lc rgb '#dddddd' lt 1
set key outside top center horizontal
set arrow from first 1, graph 0 to first 1, graph 1 nohead lc rgb '#888888' lw 1.5
plot {plots}
"""

PANELS = r"""
set terminal svg size 1000,{height} enhanced font 'sans,11' background 'white'
set output '{output}'
set multiplot layout {rows},2 margins 0.07,0.98,{bottom},{top} spacing 0.09,{gap}
set key at screen 0.5, screen 0.99 center top horizontal
set logscale xy
set format x '10^{{%T}}'
set grid lc rgb '#dddddd' lt 1
set xtics nomirror
set ytics nomirror
"""

PANEL = r"""
set title {title} offset 0,-0.6
set xlabel {size} offset 0,0.6
plot {plots}
"""

# The points (gnuplot's filled ones) and the colours (easy to distinguish) of the peers, in the order of the peers.
POINTS = [7, 5, 9, 13, 11, 15]
COLOURS = ['#000000', '#0072b2', '#56b4e9', '#d55e00', '#009e73', '#999999']


def quoted(text):
    return '"' + text.replace('"', "'") + '"'


def look(i):
    return f"pt {POINTS[i % len(POINTS)]} lc rgb '{COLOURS[i % len(COLOURS)]}'"


def block(i, points):
    return f'$peer{i} << END\n' + '\n'.join(f'{x} {y}' for x, y in points) + '\nEND\n'


def gnuplot(script):
    subprocess.run(['gnuplot'], input=script, text=True, check=True)


def escaped(path):
    return str(path).replace("'", "''")


def points_of(peer, rows, results, first):
    better = [results.times_better((row.scenario, row.metric), first.name, peer.name) for row in rows]
    return [(x, y) for y, x in enumerate(better) if x is not None]


def draw_ratios(results, peers, output):
    """Draws the factors by which naio is better. Returns False, and draws nothing, if no peer has a result that can be
    compared with naio's."""
    rows = [row for row in ROWS if any(points_of(peer, [row], results, peers[0]) for peer in peers[1:])]
    blocks, plots = '', []
    for i, peer in enumerate(peers[1:], 1):
        points = points_of(peer, rows, results, peers[0])
        if points:
            blocks += block(i, points)
            plots.append(f'$peer{i} using 1:2 with points {look(i)} ps 0.9 title {quoted(peer.title())}')
    if plots:
        gnuplot(blocks + RATIOS.format(
            height=120 + 22 * len(rows),
            output=escaped(output),
            bottom=len(rows) - 0.5,
            tics=', '.join(f'{quoted(row.what)} {y}' for y, row in enumerate(rows)),
            plots=', '.join(plots)))
    return bool(plots)


def panel(growth, results, peers, with_key):
    """Returns the script of one panel, or an empty text if there are results for fewer than two sizes."""
    keys = [(size, (label, growth.metric)) for size, label in growth.points()]
    blocks, plots, sizes = '', [], set()
    for i, peer in enumerate(peers):
        medians = [(size, results.median(key, peer.name)) for size, key in keys]
        points = [(size, median) for size, median in medians if size and median]  # the scales are logarithmic
        sizes.update(size for size, _ in points)
        style = f'with linespoints {look(i)} ps 0.5'
        if points:
            blocks += block(i, points)
            plots.append(f'$peer{i} using 1:2 {style} notitle')
        if with_key:
            plots.append(f'NaN {style} title {quoted(peer.title())}')
    if len(sizes) < 2:
        return ''
    title = f'{growth.what}, {next(results.units[key] for _, key in keys if key in results.units)}'
    return blocks + PANEL.format(title=quoted(title), size=quoted(growth.size), plots=', '.join(plots))


def draw_growth(results, peers, output):
    """Draws a panel for each figure of GROWTH. Returns False, and draws nothing, if no figure has results for two
    sizes."""
    panels = []
    for growth in GROWTH:
        drawn = panel(growth, results, peers, with_key=not panels)
        if drawn:
            panels.append(drawn)
    rows = (len(panels) + 1) // 2
    height = 80 + 260 * rows
    if panels:
        gnuplot(PANELS.format(height=height, output=escaped(output), rows=rows, bottom=50 / height, top=1 - 80 / height,
                              gap=70 / height) + ''.join(panels))
    return bool(panels)


def draw(results, peers, directory):
    """Draws the charts into the directory, and returns the names of their files."""
    charts = {'performance.svg': draw_ratios, 'growth.svg': draw_growth}
    if shutil.which('gnuplot') is None:
        return []
    return [name for name, draw_one in charts.items() if draw_one(results, peers, directory / name)]
