"""Sizes of nodes, places of ports and the shape of wires, in scene units."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Floats
from graph.model.kinds import NodeSpec, Role

RowIndices: TypeAlias = NDArray[np.intp]

WIDTH, HEIGHT = 140.0, 78.0
HEADER = 24.0
RADIUS = 9.0
PORT_RADIUS = 5.0
GRID = 20.0  # snapping
FRAME_MARGIN = 26.0
_PORT_SPAN = HEIGHT - HEADER  # ports share the part of the side below the header
_REACH = 0.5  # share of the distance by which a wire leaves its port horizontally
_LEAST_REACH, _MOST_REACH = 24.0, 260.0
_BACK_REACH = 0.35  # how much further a wire reaches whose target lies to the left
_ROW, _ROW_REACH = 1.2 * HEIGHT, 210.0  # from where on a wire leads back to another row; its reach
_BEND, _MOST_BEND = 44.0, 140.0  # between the inner points of parallel wires, and of all


def port_offsets(spec: NodeSpec | None) -> dict[str, float]:
    """Return each port's height relative to its node's centre."""
    if spec is None or not spec.ports:
        return {}
    if len(spec.ports) == 1:
        return {spec.ports[0].name: 0.0}
    step = _PORT_SPAN / len(spec.ports)
    top = HEIGHT / 2 - _PORT_SPAN
    return {port.name: top + step * (i + 0.5) for i, port in enumerate(spec.ports)}


def title_height(scale: float) -> float:
    """Return how high a group's title bar is, scene units: readable, and clear of the nodes."""
    return min(max(1.2 * HEADER, 17.0 / scale), HEADER + FRAME_MARGIN - 6.0)


def has_output(spec: NodeSpec | None) -> bool:
    """Tell whether wires can leave such nodes; losses and penalties only add to E."""
    return spec is None or spec.role not in (Role.LOSS, Role.PENALTY)


def wires(start: Floats, end: Floats, bend: Floats) -> Floats:
    """Return the control points (m, 4, 2) of wires from ``start`` to ``end`` (m, 2).

    ``bend`` (m,) moves the inner control points up or down, which parts parallel wires.
    """
    dx = end[:, 0] - start[:, 0]
    dy = np.abs(end[:, 1] - start[:, 1])
    reach = np.clip(np.abs(dx) * _REACH, _LEAST_REACH, _MOST_REACH)
    reach += np.where(dx < 0, np.minimum(-dx * _BACK_REACH + 0.2 * dy, _MOST_REACH), 0.0)
    next_row = (dx < 0) & (dy > _ROW)
    reach[next_row] = np.minimum(reach[next_row], _ROW_REACH)
    result = np.empty((len(start), 4, 2))
    result[:, 0], result[:, 3] = start, end
    result[:, 1, 0], result[:, 1, 1] = start[:, 0] + reach, start[:, 1] + bend
    result[:, 2, 0], result[:, 2, 1] = end[:, 0] - reach, end[:, 1] + bend
    return result


def segments(control: Floats, pieces: int) -> Floats:
    """Return cubics (m, 4, 2) as straight pieces (m, pieces, 4): x₁, y₁, x₂, y₂."""
    points = along(control, np.linspace(0.0, 1.0, pieces + 1)[None, :])
    result = np.empty((len(control), pieces, 4))
    result[:, :, :2], result[:, :, 2:] = points[:, :-1], points[:, 1:]
    return result


def along(control: Floats, t: NDArray[np.floating[Any]]) -> Floats:
    """Return the points (m, k, 2) of cubics (m, 4, 2) at ``t`` (m or 1, k) in 0…1."""
    t = np.asarray(t)
    u = 1.0 - t
    basis = np.stack([u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t], axis=-1)
    return np.asarray(basis @ control)


def distance(pieces: Floats, x: float, y: float) -> Floats:
    """Return the distance (m,) of a point to the nearest of each wire's pieces (m, k, 4)."""
    start = pieces[..., :2]
    step = pieces[..., 2:] - start
    offset = np.array([x, y]) - start
    length = np.maximum((step * step).sum(-1), 1e-12)
    t = np.clip((offset * step).sum(-1) / length, 0.0, 1.0)
    gap = offset - t[..., None] * step
    return np.asarray(np.sqrt((gap * gap).sum(-1)).min(-1))


def ranks(numbers: RowIndices) -> RowIndices:
    """Return for each number how many equal ones come before it."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    first = np.searchsorted(ordered, ordered, side="left")
    result = np.empty(len(numbers), dtype=np.intp)
    result[order] = np.arange(len(numbers)) - first
    return result


def parallel_ranks(pairs: RowIndices) -> Floats:
    """Return for each wire its place among those with the same ends: 0 alone, else −½, ½, ….

    Parameters
    ----------
    pairs : (m,) int
        A number for each (source, target, port); equal ones are parallel.
    """
    result = np.zeros(len(pairs))
    _, inverse, counts = np.unique(pairs, return_inverse=True, return_counts=True)
    if len(counts) == len(pairs):
        return result
    order = np.argsort(inverse, kind="stable")
    starts = np.concatenate(([0], np.cumsum(counts)[:-1]))
    rank = np.empty(len(pairs))
    rank[order] = np.arange(len(pairs)) - np.repeat(starts, counts)
    many = counts[inverse] - 1
    step = np.minimum(_BEND, _MOST_BEND / np.maximum(many, 1))
    return np.asarray((rank - many / 2) * step)
