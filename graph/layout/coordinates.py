"""Coordinates of a layout: columns by layer, heights near the median of the neighbours.

A layer's heights are the least-squares solution that keeps order and distances, found by pooling
adjacent violators.
Source: Gansner et al. (1993), section 4 (median passes); Barlow et al., Statistical Inference under
Order Restrictions (1972) (pooling).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

from graph.layout.layers import Layered

Size: TypeAlias = tuple[float, float]

COLUMN_GAP = 80.0
ROW_GAP = 30.0
_STAND_IN_HEIGHT = 4.0
_STAND_IN_GAP = 14.0
_STAND_IN_WEIGHT = 4.0
_LOOSE_WEIGHT = 1e-3
_PASSES = 6


def place(
    graph: Layered, sizes: Sequence[Size], cancelled: Callable[[], bool]
) -> list[tuple[float, float]]:
    """Return the centre of each node (stand-ins are left out), scene units."""
    heights = [height for _, height in sizes]
    heights += [_STAND_IN_HEIGHT] * (len(graph.after) - graph.count)
    distances = [_distances(graph, layer, heights) for layer in graph.layers]
    y = [0.0] * len(heights)
    for layer, below in zip(graph.layers, distances, strict=True):
        for node, height in zip(layer, _stacked(below), strict=True):
            y[node] = height
    for number in range(2 * _PASSES + 1):
        if cancelled():
            break
        rightward = number % 2 == 0
        near, far = (graph.before, graph.after) if rightward else (graph.after, graph.before)
        indices = range(len(graph.layers))
        for index in indices if rightward else reversed(indices):
            _settle(graph, graph.layers[index], distances[index], near, far, y)
    return list(zip(_columns(graph, sizes), y, strict=False))


def _columns(graph: Layered, sizes: Sequence[Size]) -> list[float]:
    x = [0.0] * graph.count
    edge = 0.0
    for layer in graph.layers:
        nodes = [node for node in layer if node < graph.count]
        width = max((sizes[node][0] for node in nodes), default=0.0)
        for node in nodes:
            x[node] = edge + width / 2
        edge += width + COLUMN_GAP
    return x


def _distances(graph: Layered, layer: Sequence[int], heights: Sequence[float]) -> list[float]:
    """Return the least distance of each node's centre from the one above; 0 for the first."""
    result = [0.0]
    for upper, lower in pairwise(layer):
        real = upper < graph.count and lower < graph.count
        gap = ROW_GAP if real else _STAND_IN_GAP
        result.append((heights[upper] + heights[lower]) / 2 + gap)
    return result


def _stacked(distances: Sequence[float]) -> list[float]:
    heights = []
    total = 0.0
    for distance in distances:
        total += distance
        heights.append(total)
    return [height - total / 2 for height in heights]


def _settle(
    graph: Layered,
    layer: Sequence[int],
    distances: Sequence[float],
    near: Sequence[Sequence[int]],
    far: Sequence[Sequence[int]],
    y: list[float],
) -> None:
    """Move a layer's nodes to the medians of their neighbours, as far as distances allow."""
    blocks: list[tuple[float, float, int]] = []
    offset = 0.0
    for node, distance in zip(layer, distances, strict=True):
        offset += distance
        around = near[node] or far[node]
        wish = (_median([y[n] for n in around]) if around else y[node]) - offset
        weight = 1.0 if node < graph.count else _STAND_IN_WEIGHT
        if not near[node]:
            weight *= _LOOSE_WEIGHT
        count = 1
        while blocks and blocks[-1][0] >= wish:
            other, other_weight, other_count = blocks.pop()
            wish = (wish * weight + other * other_weight) / (weight + other_weight)
            weight, count = weight + other_weight, count + other_count
        blocks.append((wish, weight, count))
    position = 0
    offset = 0.0
    for height, _, count in blocks:
        for _ in range(count):
            offset += distances[position]
            y[layer[position]] = height + offset
            position += 1


def _median(numbers: list[float]) -> float:
    numbers.sort()
    middle = len(numbers) // 2
    if len(numbers) % 2:
        return numbers[middle]
    return (numbers[middle - 1] + numbers[middle]) / 2
