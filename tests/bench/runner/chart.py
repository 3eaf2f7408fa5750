"""The chart: for each line of the table how many times better naio is than each peer, as an SVG, by gnuplot."""

import shutil
import subprocess

from .scenarios import ROWS

SCRIPT = r'''
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
'''


def quoted(text):
    return '"' + text.replace('"', "'") + '"'


def points_of(peer, rows, results, first):
    points = []
    for y, row in enumerate(rows):
        better = results.times_better((row.scenario, row.metric), first.name, peer.name)
        if better is not None:
            points.append(f'{better} {y}')
    return points


def draw(results, peers, output):
    """False: there is no gnuplot, or nothing to compare."""
    if shutil.which('gnuplot') is None:
        return False
    rows = [row for row in ROWS if any(points_of(peer, [row], results, peers[0]) for peer in peers[1:])]
    blocks, plots = '', []
    for i, peer in enumerate(peers[1:]):
        points = points_of(peer, rows, results, peers[0])
        if points:
            blocks += f'$peer{i} << END\n' + '\n'.join(points) + '\nEND\n'
            plots.append(f'$peer{i} using 1:2 with points pt {[7, 5, 9, 13, 11, 15][i % 6]} ps 0.9 title '
                         f'{quoted(peer.title())}')
    if not plots:
        return False
    script = blocks + SCRIPT.format(
        height=120 + 22 * len(rows),
        output=str(output).replace("'", "''"),
        bottom=len(rows) - 0.5,
        tics=', '.join(f'{quoted(row.what)} {y}' for y, row in enumerate(rows)),
        plots=', '.join(plots))
    subprocess.run(['gnuplot'], input=script, text=True, check=True)
    return True
