"""Layers among neurons drawn one by one: those with the same sources, or nearly so."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Flags, Integers
from engine.arrays.counter_stream import STEP
from engine.native.lowering.fusion import SMALL
from engine.native.lowering.sparse_neurons import Neurons

_LEAST = 8  # sources that neurons which differ in others must have in common
_NEARLY = 0.5  # of the sources of the neuron that others are compared with
_FEW = 3  # neurons that a layer must have at least, if they differ in some sources
_TRIES = 4  # neurons of a level, compared with the others in vain


@dataclass(slots=True)
class DetectedLayers:
    """Which neurons form layers.

    Attributes
    ----------
    of : (r,) array
        Number of each neuron's layer, or −1; later levels have higher ones.
    core : (e,) array of bool
        Edges from the sources that all neurons of the layer have in common.
    count : int
        Layers there are.
    """

    of: Integers
    core: Flags
    count: int = 0

    def add(self, members: Integers, edges: Integers) -> None:
        """Make neurons a layer with these common edges."""
        self.of[members] = self.count
        self.core[edges] = True
        self.count += 1


def find_layers(neurons: Neurons, components: int) -> DetectedLayers:
    """Find neurons with common sources; ``components`` is how many numbers all values have."""
    count = len(neurons.slot)
    layers = DetectedLayers(np.full(count, -1), np.zeros(len(neurons.sources), bool))
    for members in _alike(neurons, components):
        edges = neurons.edges(members).reshape(len(members), -1)
        sources = np.sort(neurons.sources[edges], axis=1)
        if (sources == sources[0]).all() and (sources[0, 1:] > sources[0, :-1]).all():
            layers.add(members, edges.ravel())
    for members in _groups(neurons, np.flatnonzero(layers.of < 0)):
        _find_overlaps(neurons, members, layers)
    _sort(neurons, layers)
    return layers


def _alike(neurons: Neurons, components: int) -> Iterator[Integers]:
    """Yield groups of neurons that read the same, in any order, as far as sums of codes tell."""
    fan = np.diff(neurons.starts)
    codes = np.random.default_rng(0).integers(0, 1 << 63, components, np.uint64)
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(codes[neurons.sources])))
    key = (sums[neurons.starts[1:]] - sums[neurons.starts[:-1]]) * np.uint64(STEP)
    key += _state(neurons).astype(np.uint64) * codes[:1].repeat(len(key))
    _, group, size = np.unique(key, return_inverse=True, return_counts=True)
    chosen = np.flatnonzero((size[group] > 1) & (size[group] * fan > SMALL))
    yield from _split(chosen, group[chosen])


def _groups(neurons: Neurons, rest: Integers) -> Iterator[Integers]:
    """Yield neurons of one level that might form a layer with some edges more."""
    fan = np.diff(neurons.starts)
    large = rest[fan[rest] >= _LEAST]
    for members in _split(large, _state(neurons)[large]):
        if len(members) > 1 and fan[members].sum() > SMALL:
            yield members


def _state(neurons: Neurons) -> Integers:
    """Return a number for level and flags, which the neurons of a layer share."""
    state: Integers = neurons.level * 4 + neurons.live * 2 + neurons.needs
    return state


def _split(numbers: Integers, key: Integers) -> list[Integers]:
    if not len(numbers):
        return []
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    return np.split(numbers[order], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1)


def _find_overlaps(neurons: Neurons, members: Integers, layers: DetectedLayers) -> None:
    """Take layers out of neurons that have most of their sources in common."""
    count, fan = len(members), np.diff(neurons.starts)[members]
    edges = neurons.edges(members)
    _, source, readers = np.unique(neurons.sources[edges], return_inverse=True, return_counts=True)
    often = np.sort(readers[readers >= _FEW])[::-1]
    if (often * np.arange(1, len(often) + 1)).max(initial=0) <= SMALL:
        return
    owner, ends = np.repeat(np.arange(count), fan), np.cumsum(fan)
    _, pair, times = np.unique(
        owner * len(readers) + source, return_inverse=True, return_counts=True
    )
    once = times[pair] == 1  # a matrix has one weight for each source
    left, tries = np.ones(count, bool), _TRIES
    for seed in np.argsort(-fan, kind="stable"):
        if not tries:
            return
        if not left[seed]:
            continue
        wanted = np.zeros(len(readers), bool)
        wanted[source[ends[seed] - fan[seed] : ends[seed]]] = True
        near = left & (np.bincount(owner, wanted[source]) >= _NEARLY * fan[seed])
        part = near[owner] & once
        uses = np.bincount(source[part], minlength=len(readers))
        part &= uses[source] == near.sum()
        if part.sum() > max(SMALL, fan[near].sum() // 2):
            layers.add(members[near], edges[part])
            left &= ~near
        else:
            tries -= 1


def _sort(neurons: Neurons, layers: DetectedLayers) -> None:
    """Give layers numbers by level, then by first neuron."""
    if not layers.count:
        return
    inside = np.flatnonzero(layers.of >= 0)
    number, first = np.unique(layers.of[inside], return_index=True)
    first = inside[first]
    order = np.lexsort((first, neurons.level[first]))
    rank = np.empty(layers.count, np.int64)
    rank[number[order]] = np.arange(layers.count)
    layers.of[inside] = rank[layers.of[inside]]
