"""What is under a point: ports first, then nodes (the topmost), edges, groups, comments."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from graph.changes.groups import members
from graph.model.document import Document
from gui.canvas.geometry.camera import Rect
from gui.canvas.geometry.collapsed_groups import open_groups
from gui.canvas.geometry.shapes import HEIGHT, WIDTH, RowIndices, distance, segments, title_height
from gui.canvas.model.graph_arrays import Arrays

_PORT_REACH = 11.0  # pixels around a port
_EDGE_REACH = 7.0  # pixels beside a wire
_PIECES = 24
_LEAST_PORT_SCALE = 0.3  # from farther away ports cannot be aimed at: nodes are hit instead


class HitKind(StrEnum):
    """Kinds of things that can be under the mouse."""

    NOTHING = "nothing"
    OUTPUT = "output"
    INPUT = "input"
    NODE = "node"
    EDGE = "edge"
    GROUP = "group"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Hit:
    """What is under a point.

    Parameters
    ----------
    part : HitKind
        Which kind of thing.
    id : str
        Of the node (also for ports), edge, group or comment; empty for nothing.
    port : str
        The port's name, for inputs.
    """

    part: HitKind = HitKind.NOTHING
    id: str = ""
    port: str = ""


NOTHING = Hit()


def find(document: Document, arrays: Arrays, x: float, y: float, scale: float) -> Hit:
    """Return what is at a scene point, seen at this scale."""
    if not arrays.nodes:
        return _find_behind(document, arrays, x, y, scale)
    return (
        find_port(arrays, x, y, scale)
        or find_node(arrays, x, y)
        or find_box(arrays, x, y)
        or find_edge(arrays, x, y, scale)
        or _find_behind(document, arrays, x, y, scale)
    )


def find_port(arrays: Arrays, x: float, y: float, scale: float) -> Hit | None:
    """Return the nearest port within reach; of a node farther to the front first."""
    if scale < _LEAST_PORT_SCALE or not arrays.nodes:
        return None
    reach = min(_PORT_REACH / scale, HEIGHT / 4)
    gap = np.abs(arrays.position - (x, y))
    near = np.flatnonzero(
        (gap[:, 0] < WIDTH / 2 + reach) & (gap[:, 1] < HEIGHT / 2 + reach) & arrays.shown
    )
    best, found = reach, None
    for row in near[::-1].tolist():
        places = [
            (arrays.input_port(row, port), Hit(HitKind.INPUT, arrays.nodes[row], port))
            for port in arrays.ports[row]
        ]
        if arrays.output[row]:
            places.append((arrays.output_port(row), Hit(HitKind.OUTPUT, arrays.nodes[row])))
        for (px, py), hit in places:
            away = float(np.hypot(px - x, py - y))
            if away < best:
                best, found = away, hit
    return found


def find_node(arrays: Arrays, x: float, y: float) -> Hit | None:
    """Return the topmost node at a scene point."""
    gap = np.abs(arrays.position - (x, y))
    inside = np.flatnonzero((gap[:, 0] <= WIDTH / 2) & (gap[:, 1] <= HEIGHT / 2) & arrays.shown)
    return Hit(HitKind.NODE, arrays.nodes[int(inside[-1])]) if len(inside) else None


def find_box(arrays: Arrays, x: float, y: float) -> Hit | None:
    """Return the collapsed group at a scene point."""
    for box in reversed(arrays.boxes):
        across, down = np.abs(arrays.position[box.rows[0]] - (x, y))
        if across <= WIDTH / 2 and down <= HEIGHT / 2:
            return Hit(HitKind.GROUP, box.id)
    return None


def find_edge(arrays: Arrays, x: float, y: float, scale: float) -> Hit | None:
    """Return the nearest edge within reach."""
    reach = _EDGE_REACH / scale
    near = np.flatnonzero(
        (arrays.low[:, 0] - reach <= x)
        & (x <= arrays.high[:, 0] + reach)
        & (arrays.low[:, 1] - reach <= y)
        & (y <= arrays.high[:, 1] + reach)
    )
    if not len(near):
        return None
    away = distance(segments(arrays.control[near], _PIECES), x, y)
    best = int(np.argmin(away))
    return Hit(HitKind.EDGE, arrays.edges[int(near[best])]) if away[best] <= reach else None


def nodes_in(arrays: Arrays, rect: Rect) -> RowIndices:
    """Return the rows of nodes that a rectangle touches."""
    left, top, right, bottom = rect
    x, y = arrays.position[:, 0], arrays.position[:, 1]
    return np.flatnonzero(
        (x + WIDTH / 2 >= left)
        & (x - WIDTH / 2 <= right)
        & (y + HEIGHT / 2 >= top)
        & (y - HEIGHT / 2 <= bottom)
    )


def edges_in(arrays: Arrays, rect: Rect) -> RowIndices:
    """Return the rows of edges that lie within a rectangle entirely."""
    left, top, right, bottom = rect
    ends = arrays.control[:, [0, 3]]
    x, y = ends[..., 0], ends[..., 1]
    inside = (x >= left) & (x <= right) & (y >= top) & (y <= bottom)
    return np.flatnonzero(inside.all(axis=1) & (arrays.low[:, 0] <= arrays.high[:, 0]))


def edges_across(
    arrays: Arrays, start: tuple[float, float], end: tuple[float, float]
) -> RowIndices:
    """Return the rows of edges that a straight cut crosses."""
    low = np.minimum(start, end)
    high = np.maximum(start, end)
    near = np.flatnonzero(((arrays.high >= low) & (arrays.low <= high)).all(axis=1))
    if not len(near):
        return near
    pieces = segments(arrays.control[near], _PIECES)
    a, b = pieces[..., :2], pieces[..., 2:]
    cut = np.subtract(end, start)
    side_a, side_b = _cross(cut, a - start), _cross(cut, b - start)
    along = b - a
    side_start, side_end = _cross(along, start - a), _cross(along, end - a)
    crossed = (side_a * side_b <= 0) & (side_start * side_end <= 0)
    return np.asarray(near[crossed.any(axis=1)])


def _cross(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return np.asarray(first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0])


def _find_behind(document: Document, arrays: Arrays, x: float, y: float, scale: float) -> Hit:
    for comment in reversed(document.comments):
        left, top, width, height = comment.rect
        if left <= x <= left + width and top <= y <= top + height:
            return Hit(HitKind.COMMENT, comment.id)
    for group in reversed(open_groups(document)):
        frame = arrays.frame(members(document.groups, group.id))
        if frame and frame[0] <= x <= frame[2] and frame[1] <= y <= frame[1] + title_height(scale):
            return Hit(HitKind.GROUP, group.id)
    return NOTHING
