"""Which δ and gradients are written once, and so need no zeros first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Flags, Integers
from engine.arrays.columnar import ragged, stretches
from engine.native.kernels.table import KERNELS, NUMBERS
from engine.native.kernels.weighted_sums import listed_edges
from engine.native.machine.program import Program
from engine.native.runtime.kernel import MANY, ONCE


class _Uses:
    """Counts uses of stretches of n places."""

    def __init__(self, size: int) -> None:
        self._changes = np.zeros(size + 1, np.int64)

    def add(self, first: Integers, count: Integers, times: Integers | int) -> None:
        """Count stretches."""
        for places, change in ((first, times), (first + count, -times)):
            if isinstance(change, int):
                self._changes += change * np.bincount(places, minlength=len(self._changes))
            else:
                np.add.at(self._changes, places, change)

    def total(self) -> Integers:
        """Return the uses of each place."""
        counted: Integers = np.cumsum(self._changes[:-1])
        return counted


def mark_zero_ranges(
    program: Program, values: tuple[Integers, Integers], rows: int, size: int, *, every: bool
) -> Program:
    """Set ``overwrites`` and ``fresh`` in the code; list what is zeroed before each backward run.

    Parameters
    ----------
    program : Program
        Complete but for this.
    values : pair of arrays
        First row (−1: none) and width of each value.
    rows, size : int
        Rows of the arena, entries of the program's θ.
    every : bool
        Whether values that nothing adds to must be zero too.
    """
    added, once = _mark_overwrites(program, rows)
    added |= _beside(added, *values)
    fresh = _mark_fresh(program, size)
    blank = stretches((added | every) & ~once)
    return program._replace(blank=blank, blank_gradient=stretches(~fresh))


def _mark_overwrites(program: Program, rows: int) -> tuple[Flags, Flags]:
    """Mark what alone writes some rows of δ; return which rows are added to, which written once."""
    uses = _Uses(rows)
    uses.add(program.seeds, np.ones_like(program.seeds), MANY)
    found = []
    for number in np.unique(program.ops[program.live]).tolist():
        kernel, chosen = KERNELS[number], np.flatnonzero((program.ops == number) & program.live)
        fields = program.fields(chosen, kernel)
        found.append((chosen, fields, kernel.reads(fields, program)))
        for read in found[-1][2]:
            uses.add(*read)
    writes = uses.total()
    several = np.concatenate(([0], np.cumsum(writes != 1)))
    once = _Uses(rows)
    for chosen, fields, reads in found:
        for first, count, times in reads:
            if isinstance(times, int):  # it always adds
                continue
            alone = (times == ONCE) & (several[first + count] == several[first])
            once.add(first[alone], count[alone], 1)
            fields["overwrites"] = alone
            program.set_fields(chosen, fields)
    return writes > 0, once.total() > 0


def _beside(added: Flags, first: Integers, widths: Integers) -> Flags:
    """Return the rows of values of which some are added to, such as by a slice: all are read.

    They do not stay zero by themselves: in a batch of another size other rows lie there.
    """
    counts = np.concatenate(([0], np.cumsum(added)))
    some = np.flatnonzero((first >= 0) & (counts[first + widths] > counts[first]))
    read = np.zeros(len(added), bool)
    read[ragged(first[some], widths[some])] = True
    return read


def _mark_fresh(program: Program, size: int) -> Flags:
    """Return which entries of the gradient are written once, and mark those matrices.

    Edges have entries of their own, as have all biases that are part of another instruction;
    penalties come first in the code, so last backward.
    """
    fresh = np.zeros(size, bool)
    edges = program.fields(program.chosen("edges", live=True), KERNELS[NUMBERS["edges"]])
    fresh[listed_edges(edges, program.pointers, program.pointers)] = True
    biases = program.biases[ragged(edges["neuron"], edges["length"])]
    fresh[biases[biases >= 0]] = True
    chosen = program.chosen("matrix", live=True)
    matrices = program.fields(chosen, KERNELS[NUMBERS["matrix"]])
    uses = np.zeros(size, np.int8)
    for c in matrices:
        _entries(uses, c)[:] += 1
        fresh[c["bias"] : c["bias"] + c["biased"]] = True
    for c in matrices:
        if (_entries(uses, c) == 1).all():
            _entries(fresh, c)[:] = True
            c["fresh"] = 1
    program.set_fields(chosen, matrices)
    return fresh


def _entries(vector: NDArray[Any], c: Any) -> NDArray[Any]:
    """Return a matrix's entries of a vector like θ, a view."""
    rows, size = int(c["rows"]), vector.itemsize
    return np.lib.stride_tricks.as_strided(
        vector[c["weights"] :], (rows, int(c["a_rows"])), (int(c["stride"]) * size, size)
    )
