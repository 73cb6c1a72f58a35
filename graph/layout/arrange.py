"""Automatic layout: layers from left to right, few crossings, straight wires.

Layers, their order, then coordinates: ``layering``, ``ordering``, ``placement``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from graph.layout.coordinates import COLUMN_GAP, ROW_GAP, Size, place
from graph.layout.crossings import order_layers
from graph.layout.layers import Arc, layered
from graph.model.document import Document
from graph.model.edits import Position
from graph.model.traversal import components

DEFAULT_SIZE: Size = (140.0, 70.0)
_PART_GAP = 60.0
_NO_SIZES: Mapping[str, Size] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Outline:
    """What a layout needs of a document, for a thread that must not read the document."""

    nodes: tuple[str, ...]
    arcs: tuple[tuple[str, str], ...]


def arrange(
    document: Document,
    ids: Iterable[str] | None = None,
    sizes: Mapping[str, Size] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Position]:
    """Return centres for nodes, all or some, in scene units: the same for the same graph.

    Parts that are not connected stand below each other, single nodes in rows at the bottom.

    Parameters
    ----------
    document : Document
        The graph.
    ids : iterable of str, optional
        Only these nodes; they are arranged among themselves around the middle of where they are.
    sizes : mapping, optional
        Widths and heights of nodes, else `DEFAULT_SIZE`.
    cancelled : callable, optional
        Asked often; once it returns True the work stops and the result is empty.
    """
    chosen = None if ids is None else set(ids)
    found = arrange_outline(outline(document, chosen), sizes or _NO_SIZES, cancelled)
    if chosen is None or not found:
        return found
    here = [document.positions[node] for node in found if node in document.positions]
    if not here:
        return found
    (x, y), (to_x, to_y) = _middle(list(found.values())), _middle(here)
    dx, dy = float(round(to_x - x)), float(round(to_y - y))
    return {node: (at_x + dx, at_y + dy) for node, (at_x, at_y) in found.items()}


def outline(document: Document, ids: Iterable[str] | None = None) -> Outline:
    """Return the nodes, all or some, and the pairs of them that edges join."""
    chosen = document.nodes.keys() if ids is None else set(ids)
    pairs = dict.fromkeys(
        (edge.source, edge.target)
        for edge in document.edges.values()
        if edge.source in chosen and edge.target in chosen
    )
    return Outline(tuple(node for node in document.nodes if node in chosen), tuple(pairs))


def arrange_outline(
    graph: Outline,
    sizes: Mapping[str, Size] = _NO_SIZES,
    cancelled: Callable[[], bool] = lambda: False,
) -> dict[str, Position]:
    """Return positions for the nodes of an outline, as `arrange` does."""
    index = {node: number for number, node in enumerate(graph.nodes)}
    arcs = [(index[source], index[target]) for source, target in graph.arcs]
    extents = [sizes.get(node, DEFAULT_SIZE) for node in graph.nodes]
    found: dict[int, Position] = {}
    top = 0.0
    single: list[int] = []
    for nodes, inner in _parts(len(index), arcs):
        if cancelled():
            return {}
        if len(nodes) == 1:
            single += nodes
            continue
        part = _part(nodes, inner, extents, cancelled)
        top = _stack(found, part, extents, top)
    _stack(found, _rows(single, extents), extents, top)
    if cancelled():
        return {}
    return {node: found[number] for node, number in index.items()}


def _parts(count: int, arcs: Sequence[Arc]) -> list[tuple[list[int], list[Arc]]]:
    """Return the connected parts with their arcs, each by its first node."""
    joined: list[list[int]] = [[] for _ in range(count)]
    for source, target in arcs:
        joined[source].append(target)
        joined[target].append(source)
    parts: list[tuple[list[int], list[Arc]]] = []
    part_of = [0] * count
    for number, part in enumerate(components(range(count), joined.__getitem__)):
        parts.append((sorted(part), []))
        for node in part:
            part_of[node] = number
    for source, target in arcs:
        parts[part_of[source]][1].append((source, target))
    return parts


def _part(
    nodes: Sequence[int],
    arcs: Sequence[Arc],
    extents: Sequence[Size],
    cancelled: Callable[[], bool],
) -> dict[int, Position]:
    local = {node: number for number, node in enumerate(nodes)}
    graph = layered(len(nodes), [(local[source], local[target]) for source, target in arcs])
    order_layers(graph, cancelled)
    centres = place(graph, [extents[node] for node in nodes], cancelled)
    return dict(zip(nodes, centres, strict=True))


def _rows(nodes: Sequence[int], extents: Sequence[Size]) -> dict[int, Position]:
    """Return single nodes side by side, in rows that make about a square."""
    columns = max(1, round(len(nodes) ** 0.5))
    width = max((extents[node][0] for node in nodes), default=0.0) + COLUMN_GAP
    height = max((extents[node][1] for node in nodes), default=0.0) + ROW_GAP
    return {
        node: ((number % columns) * width, (number // columns) * height)
        for number, node in enumerate(nodes)
    }


def _stack(
    found: dict[int, Position], part: Mapping[int, Position], extents: Sequence[Size], top: float
) -> float:
    """Put a part below ``top``, its left edge at 0; return where the next one begins."""
    if not part:
        return top
    left = min(x - extents[node][0] / 2 for node, (x, _) in part.items())
    upper = min(y - extents[node][1] / 2 for node, (_, y) in part.items())
    for node, (x, y) in part.items():
        found[node] = (float(round(x - left)), float(round(y - upper + top)))
    return max(found[node][1] + extents[node][1] / 2 for node in part) + _PART_GAP


def _middle(points: Sequence[Position]) -> Position:
    xs, ys = zip(*points, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
