"""Which δ and gradients are written once, and so need no zeros first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Integers
from engine.arrays.columnar import ragged, stretches
from engine.native.machine.instructions import (
    A_ROWS,
    B_ROWS,
    BIAS,
    CONSTANT,
    COUNT,
    EDGES,
    FIRST,
    FRESH,
    GATHER,
    LAYER_NORM,
    LIVE,
    LOAD,
    MATRIX,
    NEED_A,
    OP,
    OUT,
    PENALTY,
    PRODUCT,
    ROWS,
    STRIDE,
    THEN,
    THETA,
    TIE,
    A,
    B,
    Program,
)

_MANY = 2
_READ_NOTHING = [LOAD, CONSTANT, BIAS, TIE, PENALTY]  # of the arena
_READ_LISTS = [GATHER, EDGES, PRODUCT]


class _Tally:
    """Counts uses of stretches of n places."""

    def __init__(self, size: int) -> None:
        self._changes = np.zeros(size + 1, np.int64)
        self._single = np.zeros(size, np.int64)

    def add(self, first: Integers, count: Integers, uses: Integers | int) -> None:
        """Count stretches."""
        np.add.at(self._changes, first, uses)
        np.add.at(self._changes, first + count, -uses)

    def add_places(self, places: NDArray[np.signedinteger[Any]], uses: int) -> None:
        """Count single places."""
        self._single += uses * np.bincount(places, minlength=len(self._single))

    def total(self) -> Integers:
        """Return the uses of each place."""
        counted: Integers = np.cumsum(self._changes[:-1]) + self._single
        return counted


def mark_blanks(program: Program, rows: int, size: int, *, every: bool) -> Program:
    """Set FIRST and FRESH in the code, and list what must be zeroed before each backward run.

    Parameters
    ----------
    program : Program
        Complete but for this.
    rows, size : int
        Rows of the arena, entries of θ inside.
    every : bool
        Whether rows that nothing adds to must be zero too.
    """
    live = program.code[:, LIVE] == 1
    code = program.code[live]
    added, once = _mark_first(program, code, rows)
    fresh = _mark_fresh(program, code, size)
    program.code[live] = code
    blank = stretches((added | every) & ~once)
    return program._replace(blank=blank, blank_gradient=stretches(~fresh))


def _mark_first(
    program: Program, code: Integers, rows: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Mark what alone writes some rows of δ; return which rows are added to, which written once."""
    writes = _writes(program, code, rows)
    several = np.concatenate(([0], np.cumsum(writes != 1)))
    plain = code[:, OP] < LOAD
    reads = (plain | (code[:, OP] == MATRIX)) & (code[:, NEED_A] == 1)
    count = np.where(plain, code[:, ROWS], code[:, A_ROWS])
    first = code[:, A]
    stop = np.minimum(first + count, rows)  # other instructions' entries mean something else
    first = np.minimum(first, rows)
    alone = reads & (several[stop] == several[first])
    code[alone, FIRST] = 1
    once = _Tally(rows)
    once.add(first[alone], count[alone], 1)
    then = code[:, THEN] > 0
    once.add(code[then, OUT], code[then, ROWS], 1)  # each δ of a sum from its function alone
    return writes > 0, once.total() > 0


def _writes(program: Program, code: Integers, rows: int) -> Integers:
    """Return how often each row of δ is written; adding counts as many."""
    writes = _Tally(rows)
    writes.add_places(program.seeds, _MANY)
    op = code[:, OP]
    matrix, plain = op == MATRIX, op < LOAD
    writes.add(code[matrix, A], code[matrix, A_ROWS], code[matrix, NEED_A])
    writes.add(code[plain, A], code[plain, ROWS], code[plain, NEED_A])
    edges = _listed(code[op == EDGES], program.senders, program.pointers)
    writes.add_places(program.sources[edges], _MANY)
    gathers = code[op == GATHER]
    writes.add_places(program.gathered[ragged(gathers[:, A], gathers[:, ROWS])], _MANY)
    products = code[op == PRODUCT]
    first, count = program.operands[ragged(products[:, A], products[:, COUNT])].T
    writes.add(first, count, _MANY)
    others = code[~(matrix | plain | np.isin(op, [*_READ_NOTHING, *_READ_LISTS]))]
    writes.add(others[:, A], others[:, A_ROWS], _MANY)
    two = others[others[:, OP] != LAYER_NORM]  # there b is in θ
    writes.add(two[:, B], two[:, B_ROWS], _MANY)
    return writes.total()


def _mark_fresh(program: Program, code: Integers, size: int) -> NDArray[np.bool_]:
    """Return which entries of the gradient are written once, and mark those matrices.

    Edges have entries of their own, as have all biases that are part of another instruction;
    penalties come first in the code, so last backward.
    """
    fresh = np.zeros(size, bool)
    edges = code[code[:, OP] == EDGES]
    fresh[_listed(edges, program.pointers, program.pointers)] = True
    biases = program.biases[ragged(edges[:, A], edges[:, ROWS])]
    fresh[biases[biases >= 0]] = True
    matrices = np.flatnonzero(code[:, OP] == MATRIX)
    uses = np.zeros(size, np.int8)
    for c in code[matrices]:
        _entries(uses, c)[:] += 1
        fresh[c[B] : c[B] + c[B_ROWS]] = True
    for k in matrices:
        if (_entries(uses, code[k]) == 1).all():
            _entries(fresh, code[k])[:] = True
            code[k, FRESH] = 1
    return fresh


def _listed(code: Integers, begin: Integers, pointers: Integers) -> Integers:
    """Return the edges of some instructions, those of each neuron from its ``begin`` on."""
    neurons = ragged(code[:, A], code[:, ROWS])
    return ragged(begin[neurons], pointers[neurons + 1] - begin[neurons])


def _entries(vector: NDArray[Any], c: Integers) -> NDArray[Any]:
    """Return a matrix's entries of a vector like θ, a view."""
    rows, size = int(c[ROWS]), vector.itemsize
    return np.lib.stride_tricks.as_strided(
        vector[c[THETA] :], (rows, int(c[A_ROWS])), (int(c[STRIDE]) * size, size)
    )
