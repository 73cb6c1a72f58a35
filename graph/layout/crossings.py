"""Order within the layers of a layout, so that few edges cross.

Source: barycentre sweeps, Sugiyama, Tagawa and Toda (1981); adjacent exchanges, Gansner et al.,
A Technique for Drawing Directed Graphs (1993), section 3.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Callable, Sequence
from itertools import pairwise

from graph.layout.layers import Layered

_MOST_SWEEPS = 24
_FEWEST_SWEEPS = 6
_STEPS = 300_000
_PATIENCE = 4
_EXCHANGE_LIMIT = 800


def order_layers(graph: Layered, cancelled: Callable[[], bool]) -> None:
    """Reorder each layer so that few edges cross; deterministic, with a bounded effort."""
    graph.layers[:] = _by_depth_first(graph)
    steps = sum(map(len, graph.after)) + len(graph.after)
    sweeps = max(_FEWEST_SWEEPS, min(_MOST_SWEEPS, _STEPS // max(steps, 1)))
    best, fewest = [list(layer) for layer in graph.layers], crossings(graph)
    idle = 0
    for sweep in range(sweeps):
        if not fewest or idle == _PATIENCE or cancelled():
            break
        _sweep(graph, leftward=bool(sweep % 2))
        if len(graph.after) <= _EXCHANGE_LIMIT:
            _exchange_adjacent(graph)
        count = crossings(graph)
        idle += 1
        if count < fewest:
            best, fewest, idle = [list(layer) for layer in graph.layers], count, 0
    graph.layers[:] = best


def crossings(graph: Layered) -> int:
    """Return how many pairs of edges between neighbouring layers cross."""
    return sum(_between(left, graph.after, right) for left, right in pairwise(graph.layers))


def _between(left: Sequence[int], after: Sequence[Sequence[int]], right: Sequence[int]) -> int:
    place = {node: index for index, node in enumerate(right)}
    seen: list[int] = []
    count = 0
    for node in left:
        ends = sorted(place[target] for target in after[node])
        for end in ends:
            count += len(seen) - bisect_right(seen, end)
        for end in ends:
            insort(seen, end)
    return count


def _by_depth_first(graph: Layered) -> list[list[int]]:
    """Return the layers in the order of a walk along the edges, which keeps branches together."""
    found: dict[int, None] = {}
    for layer in graph.layers:
        for start in layer:
            waiting = [start]
            while waiting:
                node = waiting.pop()
                if node not in found:
                    found[node] = None
                    waiting += [n for n in reversed(graph.after[node]) if n not in found]
    place = {node: index for index, node in enumerate(found)}
    return [sorted(layer, key=place.__getitem__) for layer in graph.layers]


def _sweep(graph: Layered, *, leftward: bool) -> None:
    layers = graph.layers
    indices = range(len(layers) - 2, -1, -1) if leftward else range(1, len(layers))
    neighbours = graph.after if leftward else graph.before
    for index in indices:
        fixed = layers[index + 1 if leftward else index - 1]
        place = {node: position for position, node in enumerate(fixed)}
        layer = layers[index]
        scale = len(fixed) / len(layer)
        keys: dict[int, float] = {}
        for position, node in enumerate(layer):
            around = neighbours[node]
            if around:
                keys[node] = sum([place[n] for n in around]) / len(around)
            else:
                keys[node] = position * scale
        layer.sort(key=keys.__getitem__)


def _exchange_adjacent(graph: Layered) -> None:
    """Exchange neighbours in a layer wherever that removes crossings."""
    place = {node: index for layer in graph.layers for index, node in enumerate(layer)}
    for layer in graph.layers:
        ends = {
            node: (
                sorted(place[n] for n in graph.before[node]),
                sorted(place[n] for n in graph.after[node]),
            )
            for node in layer
        }
        for index in range(len(layer) - 1):
            upper, lower = layer[index], layer[index + 1]
            now = sum(_pair(a, b) for a, b in zip(ends[upper], ends[lower], strict=True))
            then = sum(_pair(b, a) for a, b in zip(ends[upper], ends[lower], strict=True))
            if then < now:
                layer[index], layer[index + 1] = lower, upper
                place[upper], place[lower] = index + 1, index


def _pair(upper: Sequence[int], lower: Sequence[int]) -> int:
    """Return the crossings of the edges of two nodes, ends sorted, the first being above."""
    count = position = 0
    for end in upper:
        while position < len(lower) and lower[position] < end:
            position += 1
        count += position
    return count
