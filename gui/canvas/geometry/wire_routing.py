"""Leads wires around nodes: a wire that would pass behind a node is bent until it does not.

A wire stays one cubic. Candidates move its inner control points up or down by a few distances;
the one that hides least wins, of equal ones the one that is moved least, of those the upper one.
The result depends on the places of the nodes alone. Large graphs should be left as they are
(`leads`): there a wire around one node only passes behind another.
"""

from __future__ import annotations

import numpy as np

from engine.arrays.aliases import Floats
from gui.canvas.geometry.shapes import HEIGHT, WIDTH, RowIndices, along

_FARTHEST = 420.0  # a wire is moved no further, scene units
_MOST_NODES = 300  # among more something is always in the way
_MOST_WIRES = 2000
_MOST_BENT = 48  # wires that are bent at once, the shortest first: more would take too long
_STEPS = (40.0, 70.0, 105.0, 150.0, 210.0, 300.0, _FARTHEST)
_SHARES = ((1.0, 1.0), (1.0, 0.3), (0.3, 1.0))  # of both points
_HIDDEN = 170.0  # by how much a wire may be moved to be hidden by one node less
_POINTS = np.linspace(0.0, 1.0, 22)[None, 1:-1]
_ABOVE, _BELOW, _BESIDE = 8.0, 16.0, -2.0  # room around nodes; biases are written below
_HALF = np.array([WIDTH / 2 + _BESIDE, HEIGHT / 2 + (_ABOVE + _BELOW) / 2])
_MIDDLE = np.array([0.0, (_BELOW - _ABOVE) / 2])


def _bends() -> Floats:
    """Return by how much candidates (c, 2) move the two inner points; the least first."""
    found = [
        (step * side * first, step * side * second)
        for step in _STEPS
        for first, second in _SHARES
        for side in (-1.0, 1.0)
    ]
    return np.array([(0.0, 0.0), *sorted(found, key=lambda bend: abs(bend[0]) + abs(bend[1]))])


_BENDS = _bends()
_COSTS = np.abs(_BENDS).mean(axis=1)


def leads(nodes: int, wires: int) -> bool:
    """Tell whether a graph of that size has its wires led around nodes."""
    return nodes <= _MOST_NODES and wires <= _MOST_WIRES


def lead_around(control: Floats, source: RowIndices, target: RowIndices, position: Floats) -> None:
    """Bend those of the wires (m, 4, 2) that pass behind nodes, in place.

    Parameters
    ----------
    control : (m, 4, 2)
        Control points.
    source, target : (m,) int
        Rows of the nodes at their ends, which do not hide them.
    position : (n, 2)
        Centres of all nodes.
    """
    across = control[:, 3, 0] - control[:, 0, 0]
    hidden = _hidden(control, np.flatnonzero(across > 0.0), source, target, position)
    if len(hidden) > _MOST_BENT:
        hidden = hidden[np.argsort(across[hidden], kind="stable")[:_MOST_BENT]]
    for wire in hidden.tolist():
        _bend(control[wire], int(source[wire]), int(target[wire]), position)


def _hidden(
    control: Floats, wires: RowIndices, source: RowIndices, target: RowIndices, position: Floats
) -> RowIndices:
    """Return which of the wires pass behind nodes."""
    if not len(wires):
        return wires
    low = control[wires].min(axis=1) - _HALF
    high = control[wires].max(axis=1) + _HALF
    x, y = position[:, 0], position[:, 1]
    near = (x > low[:, :1]) & (x < high[:, :1]) & (y > low[:, 1:]) & (y < high[:, 1:])
    count = np.arange(len(wires))
    near[count, source[wires]] = near[count, target[wires]] = False
    place, node = np.nonzero(near)
    points = along(control[wires], _POINTS)
    gap = np.abs(points[place] - (position[node] + _MIDDLE)[:, None])
    inside = ((gap[..., 0] < _HALF[0]) & (gap[..., 1] < _HALF[1])).any(axis=1)
    return np.asarray(wires[np.unique(place[inside])])


def _bend(wire: Floats, source: int, target: int, position: Floats) -> None:
    """Move the inner points of one wire (4, 2) to the best candidate."""
    tried = np.repeat(wire[None], len(_BENDS), axis=0)
    tried[:, 1:3, 1] += _BENDS
    left, right = wire[:, 0].min() - WIDTH, wire[:, 0].max() + WIDTH
    top, bottom = wire[:, 1].min() - _FARTHEST, wire[:, 1].max() + _FARTHEST
    x, y = position[:, 0], position[:, 1]
    near = (x > left) & (x < right) & (y > top) & (y < bottom)
    near[[source, target]] = False
    boxes = position[near] + _MIDDLE
    gap = np.abs(along(tried, _POINTS)[:, :, None] - boxes)
    inside = (gap[..., 0] < _HALF[0]) & (gap[..., 1] < _HALF[1])
    hidden = inside.any(axis=1).sum(axis=1)
    # The boxes at its own ends count too once it is bent, or it would turn back behind them.
    ends = np.abs(along(tried, _POINTS[:, 2:-2])[:, :, None] - position[[source, target]])
    hidden += ((ends[..., 0] < WIDTH / 2) & (ends[..., 1] < HEIGHT / 2)).any(axis=(1, 2))
    wire[:] = tried[int(np.argmin(hidden * _HIDDEN + _COSTS))]
