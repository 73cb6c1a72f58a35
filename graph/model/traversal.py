"""Walking through a graph of ids or numbers: in order, to all that is reached, part by part.

Loops over plain mappings, which are ten times as fast as asking a graph object node by node.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from heapq import heapify, heappop, heappush
from typing import Any, TypeAlias, TypeVar

Vertex = TypeVar("Vertex", bound=Any)
Neighbours: TypeAlias = Callable[[Vertex], Iterable[Vertex]]


def topological_order(
    after: Mapping[Vertex, Iterable[Vertex]], *, ties_by_id: bool = False
) -> list[Vertex]:
    """Return the vertices so that each comes before those after it.

    Parameters
    ----------
    after : mapping
        Vertex → those that its edges lead to.
    ties_by_id : bool
        Whether of those that could come next the least does, so that equal graphs have one order.
    """
    waiting = dict.fromkeys(after, 0)
    for vertices in after.values():
        for vertex in vertices:
            waiting[vertex] += 1
    ready = [vertex for vertex, count in waiting.items() if not count]
    put, take = (heappush, heappop) if ties_by_id else (list.append, list.pop)
    heapify(ready)
    order: list[Vertex] = []
    while ready:
        vertex = take(ready)
        order.append(vertex)
        for follower in after[vertex]:
            waiting[follower] -= 1
            if not waiting[follower]:
                put(ready, follower)
    return order


def reachable(starts: Iterable[Vertex], neighbours: Neighbours[Vertex]) -> dict[Vertex, None]:
    """Return the starts and all vertices that are reached from them, as they are found."""
    found = dict.fromkeys(starts)
    waiting = list(found)
    while waiting:
        for vertex in neighbours(waiting.pop()):
            if vertex not in found:
                found[vertex] = None
                waiting.append(vertex)
    return found


def shortest_path(
    start: Vertex, end: Vertex, neighbours: Neighbours[Vertex]
) -> list[Vertex] | None:
    """Return the vertices of a path with the fewest edges, both ends included; None if none is."""
    came = {start: start}
    waiting = [start]
    for vertex in waiting:
        if vertex == end:
            break
        for follower in neighbours(vertex):
            if follower not in came:
                came[follower] = vertex
                waiting.append(follower)
    if end not in came:
        return None
    found = [end]
    while found[-1] != start:
        found.append(came[found[-1]])
    return found[::-1]


def components(
    vertices: Iterable[Vertex], neighbours: Neighbours[Vertex]
) -> list[dict[Vertex, None]]:
    """Return the parts of an undirected graph that are not connected, each by its first vertex."""
    parts: list[dict[Vertex, None]] = []
    seen: set[Vertex] = set()
    for vertex in vertices:
        if vertex not in seen:
            parts.append(reachable([vertex], neighbours))
            seen.update(parts[-1])
    return parts
