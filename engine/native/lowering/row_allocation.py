"""Which rows of the arena each value gets: what is read together lies side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Flags, Integers
from engine.arrays.columnar import ragged_positions
from engine.native.kernels.table import FUNCTIONS
from engine.native.lowering.fusion import Units
from engine.native.lowering.layer_detection import DetectedLayers
from engine.native.lowering.sparse_neurons import Neurons

_LAYER, _NEURON, _FUNCTION, _OTHER = range(4)


@dataclass(slots=True)
class RowAllocation:
    """Rows of values, (n,) arrays by slot.

    Attributes
    ----------
    first : array
        First row, −1 of what another has absorbed.
    count : int
        Rows allocated.
    order : array
        The slots that have rows of their own, one after the other, without those in ``nets``.
    net : array
        The weighted sum a fused function is computed with; −1 of other slots.
    """

    first: Integers
    count: int
    order: Integers
    net: Integers


def allocate_rows(units: Units, neurons: Neurons, layers: DetectedLayers) -> RowAllocation:
    """Allocate rows, level by level; the nets of fused functions come last, in the same order."""
    slots = np.arange(len(units.kind))
    net = np.full(len(slots), -1)
    fused = np.flatnonzero(units.fused)
    net[fused] = units.same[units.inputs[units.starts[fused]]]
    own = (units.same == slots) & ~units.absorbed
    own[net[fused]] = False
    keys = _keys(units, neurons, layers, net)
    items = np.flatnonzero(own)
    order = items[np.lexsort([key[items] for key in keys])]
    placed = np.concatenate((order, net[order][net[order] >= 0]))
    ends = np.cumsum(units.width[placed])
    first = np.full(len(slots), -1)
    first[placed] = ends - units.width[placed]
    first[~units.absorbed] = first[units.same[~units.absorbed]]
    return RowAllocation(first, int(ends[-1]) if len(ends) else 0, order, net)


def _keys(
    units: Units, neurons: Neurons, layers: DetectedLayers, net: Integers
) -> list[NDArray[Any]]:
    """Return what rows are sorted by, the least important first."""
    slots = np.arange(len(units.kind))
    owner = np.where(net >= 0, net, slots)
    layer = np.full(len(slots), -1)
    layer[neurons.slot] = layers.of
    needs = np.zeros(len(slots), bool)
    needs[neurons.slot] = neurons.needs & (layers.of >= 0)
    sort = np.full(len(slots), _OTHER)
    sort[(units.kind < FUNCTIONS) & (net < 0)] = _FUNCTION
    sort[units.single[owner]] = _NEURON
    sort[layer[owner] >= 0] = _LAYER
    number = np.where(units.kind < FUNCTIONS, units.kind, -1)
    own = sort != _NEURON  # each neuron of a run may have its own function
    reader, position = _preference(units)
    signature = _signatures(units, neurons, layers)
    live = units.live & units.needed
    return [
        position, reader, np.where(own, number, 0), *signature, *units.constants.T,
        net >= 0, np.where(sort == _FUNCTION, number, 0), needs[owner], live, layer[owner], sort,
        units.level,
    ]  # fmt: skip


def _preference(units: Units) -> tuple[Integers, Integers]:
    """Return the first reader and the position there, so that it finds its sources in order."""
    count = len(units.kind)
    transparent = units.absorbed | (units.kind < FUNCTIONS)
    reader, position = np.full(count, count), np.arange(count)
    steps = np.repeat(np.arange(count), np.diff(units.starts))[::-1]
    reader[units.inputs[::-1]] = steps  # the first one is written last
    places = ragged_positions(units.starts)[::-1]
    position[units.inputs[::-1]] = places
    while True:
        known = np.flatnonzero(reader < count)
        further = known[transparent[reader[known]] & (reader[reader[known]] < count)]
        if not len(further):
            return reader, position
        position[further] = position[reader[further]]
        reader[further] = reader[reader[further]]


def _signatures(units: Units, neurons: Neurons, layers: DetectedLayers) -> tuple[Integers, ...]:
    """Return numbers by slot that are equal if the same layers read it: a sum, last, first."""
    count = len(units.kind)
    first, last = np.full(count, layers.count), np.full(count, -1)
    total = np.zeros(count, np.int64)
    inside = np.flatnonzero(layers.of >= 0)
    number, one = np.unique(layers.of[inside], return_index=True)
    members = inside[one]
    edges = neurons.edges(members)
    number = np.repeat(number, np.diff(neurons.starts)[members])[layers.core[edges]]
    edges = edges[layers.core[edges]]
    slot = np.searchsorted(units.components, neurons.sources[edges], side="right") - 1
    codes = np.random.default_rng(0).integers(0, 1 << 40, layers.count)
    np.minimum.at(first, slot, number)
    np.maximum.at(last, slot, number)
    np.add.at(total, slot, codes[number])
    first[last < 0] = -1  # what no layer reads does not come between what some do
    return total, last, first


def breaks(*conditions: Flags) -> Integers:
    """Return where a sequence of n begins anew, given n − 1 answers each, and its end."""
    size = len(conditions[0]) + 1
    anew = np.flatnonzero(np.any(conditions, axis=0)) + 1
    return np.concatenate(([0], anew, [size]))
