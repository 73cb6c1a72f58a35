"""Neurons of single edges, collected into arrays: what each reads, and through which weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Flags, Integers
from engine.arrays.columnar import ragged
from engine.native.lowering.fusion import KINDS, Units


@dataclass(slots=True)
class Neurons:
    """One-row net inputs: r neurons with e edges, neuron i's behind each other.

    A component is one number of a value; those of slot i are ``units.components[i]`` and on.

    Attributes
    ----------
    slot, unit : (r,) arrays
        The value slot a neuron belongs to, and which component of it.
    starts : (r + 1,) array
        Where each neuron's edges start.
    sources, weights : (e,) arrays
        Component an edge reads, place of its weight in θ.
    biases : (r,) array
        Place of the bias in θ, or −1.
    level : (r,) array
        See `Units`.
    live, needs : (r,) arrays of bool
        Whether it has a part in the gradient; whether any source's δ is needed.
    sends : (e,) array of bool
        Whether the source's δ is needed.
    """

    slot: Integers
    unit: Integers
    starts: Integers
    sources: Integers
    weights: Integers
    biases: Integers
    level: Integers
    live: Flags
    needs: Flags
    sends: Flags

    def edges(self, neurons: Integers) -> Integers:
        """Return the edges of some neurons, in their order."""
        return ragged(self.starts[neurons], np.diff(self.starts)[neurons])


def find_neurons(units: Units) -> Neurons:
    """Collect the neurons of the units that are run edge by edge."""
    slots = np.flatnonzero(units.single)
    rows = units.width[slots]
    term, owner = _terms(units, slots)
    bias = units.kind[term] == KINDS["bias"]
    first = np.cumsum(rows) - rows
    biases = np.full(int(rows.sum()), -1)
    places = units.offsets[units.parameter[term]]
    count = rows[owner[bias]]
    biases[ragged(first[owner[bias]], count)] = ragged(places[bias], count)
    term, owner, places = term[~bias], owner[~bias], places[~bias]
    source = units.same[units.inputs[units.starts[term]]]
    width, count = units.width[source], rows[owner]
    pair = np.repeat(np.arange(len(term)), count)  # one term's part in one row
    unit = ragged(np.zeros(len(term), np.int64), count)
    row = first[owner[pair]] + unit
    if (row[1:] < row[:-1]).any():
        order = np.argsort(row, kind="stable")
        pair, unit, row = pair[order], unit[order], row[order]
    wide = width[pair]
    needs = np.bincount(owner, units.needed[source], minlength=len(slots)) > 0
    slot = np.repeat(slots, rows)
    fan = np.bincount(row, wide, minlength=len(slot)).astype(np.int64)
    return Neurons(
        slot,
        ragged(np.zeros(len(slots), np.int64), rows),
        np.concatenate((np.zeros(1, np.int64), np.cumsum(fan))),
        ragged(units.components[source][pair], wide),
        ragged(places[pair] + unit * wide, wide),
        biases,
        units.level[slot],
        (units.live & units.needed)[slot],
        np.repeat(needs, rows),
        np.repeat(units.needed[source][pair], wide),
    )


def _terms(units: Units, slots: Integers) -> tuple[Integers, Integers]:
    """Return what the units add up (a lone weight: itself), and which unit each belongs to."""
    summed = units.kind[slots] == KINDS["sum"]
    count = np.where(summed, units.starts[slots + 1] - units.starts[slots], 1)
    owner = np.repeat(np.arange(len(slots)), count)
    term = units.inputs[ragged(units.starts[slots], count)]
    lone = ~summed[owner]
    term[lone] = slots[owner[lone]]
    return term, owner
