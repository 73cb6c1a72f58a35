"""Neurons as instructions: layers become matrices, what is left runs of single edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Flags, Integers
from engine.native.lowering.fusion import Units
from engine.native.lowering.layer_detection import DetectedLayers
from engine.native.lowering.row_allocation import RowAllocation, breaks
from engine.native.lowering.sparse_neurons import Neurons


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring neurons with neighbouring rows, those of the functions that follow included.

    ``first`` is the first of `Places`; ``out``, ``value`` the first row of the weighted sums and
    of the functions (−1: there are none); ``then`` is 1 + their number if it is the same.
    """

    level: int
    first: int
    count: int
    out: int
    value: int
    then: int
    p: float
    q: float
    live: bool
    needs: bool


@dataclass(slots=True)
class Places:
    """Where neurons are, (r,) arrays.

    ``neuron``: which; ``out``, ``value``: rows of weighted sum and function (−1: none); ``kind``
    of the function, (r, 2) ``constants``.
    """

    neuron: Integers
    out: Integers
    value: Integers
    kind: Integers
    constants: NDArray[np.float64]

    def take(self, order: Integers) -> Places:
        """Return some of them, in an order."""
        return Places(
            self.neuron[order],
            self.out[order],
            self.value[order],
            self.kind[order],
            self.constants[order],
        )


def find_places(units: Units, neurons: Neurons, rows: RowAllocation, chosen: Integers) -> Places:
    """Return where some neurons are, in the order of the rows that others read."""
    follower = np.full(len(units.kind), -1)
    fused = np.flatnonzero(rows.net >= 0)
    follower[rows.net[fused]] = fused
    slot = neurons.slot[chosen]
    after = follower[slot]
    has = after >= 0
    out = rows.first[slot] + neurons.unit[chosen]
    value = np.where(has, rows.first[after] + neurons.unit[chosen], -1)
    order = np.argsort(np.where(has, value, out), kind="stable")
    kind, constants = np.where(has, units.kind[after], -1), units.constants[after] * has[:, None]
    return Places(chosen, out, value, kind, constants).take(order)


def find_spans(neurons: Neurons, places: Places, barriers: Flags, *, alike: bool) -> Iterator[Span]:
    """Yield runs of neighbours; nothing comes between those of two levels if neither is a barrier.

    Parameters
    ----------
    barriers : array of bool
        By level, whether it has other instructions.
    alike : bool
        Whether functions must be the same.
    """
    if not len(places.neuron):
        return
    chosen, has = places.neuron, places.value >= 0
    level = neurons.level[chosen]
    flags = neurons.live[chosen] * 2 + has
    kind = places.kind if alike else has.astype(np.int64)
    p, q = places.constants[:, 0], places.constants[:, 1]
    barred = barriers[level] | ~has  # sums alone are computed level by level
    crossed = (level[1:] != level[:-1]) & (barred[1:] | barred[:-1])
    cuts = breaks(
        flags[1:] != flags[:-1],
        places.out[1:] != places.out[:-1] + 1,
        has[1:] & (places.value[1:] != places.value[:-1] + 1),
        kind[1:] != kind[:-1],
        p[1:] != p[:-1],
        q[1:] != q[:-1],
        crossed,
    )
    for start, stop in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        one = chosen[start]
        yield Span(
            int(level[start]),
            start,
            stop - start,
            int(places.out[start]),
            int(places.value[start]),
            int(places.kind[start]) + 1,
            float(p[start]),
            float(q[start]),
            bool(neurons.live[one]),
            bool(neurons.needs[one]),
        )


@dataclass(frozen=True, slots=True)
class Dense:
    """A layer in neighbouring rows.

    Attributes
    ----------
    members : (k,) array
        Neurons, by row.
    spans : tuple of Span
        Its rows by function; ``first`` counts from the first member.
    columns : (f,) array
        Rows of the common sources, ascending.
    weights : (k, f) array
        Places in θ.
    biases : (k,) array or None
        Places in θ; None if not all have one.
    mixed : bool
        Whether there are edges beside the common ones, or biases here and there.
    """

    members: Integers
    spans: tuple[Span, ...]
    columns: Integers
    weights: Integers
    biases: Integers | None
    mixed: bool


def find_dense(
    units: Units, neurons: Neurons, layers: DetectedLayers, rows: RowAllocation, source: Integers
) -> Iterator[Dense]:
    """Yield the layers; ``source`` is the row of each edge's source."""
    order = np.argsort(layers.of, kind="stable")
    bounds = np.searchsorted(layers.of[order], np.arange(layers.count + 1))
    for start, stop in pairwise(bounds):
        places = find_places(units, neurons, rows, order[start:stop])
        places = places.take(np.argsort(places.out, kind="stable"))
        cuts = breaks(np.diff(places.out) != 1)
        for first, last in pairwise(cuts):
            yield _dense(neurons, layers, source, places.take(np.arange(first, last)))


def _dense(neurons: Neurons, layers: DetectedLayers, source: Integers, places: Places) -> Dense:
    members = places.neuron
    edges = neurons.edges(members)
    core = edges[layers.core[edges]].reshape(len(members), -1)
    core = np.take_along_axis(core, np.argsort(source[core], axis=1), axis=1)
    biases = neurons.biases[members]
    some, every = bool((biases >= 0).any()), bool((biases >= 0).all())
    barriers = np.zeros(int(neurons.level[members[0]]) + 1, bool)
    return Dense(
        members,
        tuple(find_spans(neurons, places, barriers, alike=True)),
        source[core[0]],
        neurons.weights[core],
        biases if every else None,
        len(edges) > core.size or some is not every,
    )
