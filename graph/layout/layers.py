"""Layers of a layout: which column each node stands in, and the stand-ins of long edges.

Source: Sugiyama, Tagawa and Toda, Methods for Visual Understanding of Hierarchical System
Structures (1981), with long edges cut into unit steps as in Gansner et al. (1993).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from graph.model.traversal import topological_order

Arc: TypeAlias = tuple[int, int]

_STAND_INS = 12_000
_COMPACTION_PASSES = 4


@dataclass(slots=True)
class Layered:
    """Nodes 0 … n-1 and, behind them, stand-ins, in layers from left to right.

    ``before[v]`` and ``after[v]`` are neighbours one layer to the left and right.
    """

    count: int
    layers: list[list[int]]
    before: list[list[int]]
    after: list[list[int]]


def layered(count: int, arcs: Sequence[Arc]) -> Layered:
    """Put nodes 0 … count − 1 of an acyclic graph into layers; ``arcs`` are (source, target).

    Arcs over several layers pass through a stand-in in each. If there would be too many, the
    longest arcs get none and have no say in the picture.
    """
    ranks = _ranks(count, arcs)
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    layers: list[list[int]] = [[] for _ in range(max(ranks, default=-1) + 1)]
    for node in range(count):
        layers[ranks[node]].append(node)
    longest = _longest_span([ranks[target] - ranks[source] for source, target in arcs])
    for source, target in arcs:
        if ranks[target] - ranks[source] > longest:
            continue
        chain = [source]
        for rank in range(ranks[source] + 1, ranks[target]):
            layers[rank].append(len(before))
            chain.append(len(before))
            before.append([])
            after.append([])
        chain.append(target)
        for left, right in pairwise(chain):
            after[left].append(right)
            before[right].append(left)
    return Layered(count, layers, before, after)


def _ranks(count: int, arcs: Sequence[Arc]) -> list[int]:
    """Return each node's layer: longest path from the left, then pulled to where most edges go.

    A node is free if all that leads to it leads nowhere else, so that all of it can follow.
    """
    sources: list[list[int]] = [[] for _ in range(count)]
    targets: list[list[int]] = [[] for _ in range(count)]
    for source, target in arcs:
        sources[target].append(source)
        targets[source].append(target)
    order = topological_order(dict(enumerate(targets)))
    ranks = [0] * count
    for node in order:
        ranks[node] = max((ranks[source] + 1 for source in sources[node]), default=0)
    free = [False] * count
    for node in order:
        free[node] = all(free[source] and len(targets[source]) == 1 for source in sources[node])
    for _ in range(_COMPACTION_PASSES):
        for node in reversed(order):
            if targets[node] and (free[node] or len(targets[node]) > len(sources[node])):
                ranks[node] = min(ranks[target] for target in targets[node]) - 1
        for node in order:
            if len(sources[node]) > len(targets[node]):
                ranks[node] = max(ranks[source] for source in sources[node]) + 1
    used = {rank: index for index, rank in enumerate(sorted(set(ranks)))}
    return [used[rank] for rank in ranks]


def _longest_span(spans: list[int]) -> int:
    """Return up to which span arcs can have stand-ins without being too many."""
    total = 0
    for span in sorted(spans):
        total += span - 1
        if total > _STAND_INS:
            return max(span - 1, 1)
    return max(spans, default=1)
