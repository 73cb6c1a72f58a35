"""Which δ and gradients are written once, and so need no zeros first."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.native.program import (
    A_ROWS,
    B_ROWS,
    BIAS,
    COUNT,
    EDGES,
    FIRST,
    FRESH,
    LIVE,
    LOAD,
    MATRIX,
    NEED_A,
    OP,
    PENALTY,
    PRODUCT,
    ROWS,
    STRIDE,
    THETA,
    A,
    B,
    Integers,
    Program,
)

_MANY = 2


def mark_blanks(program: Program, rows: int, size: int, *, every: bool) -> Program:
    """Set FIRST and FRESH in the code, and list what must be zeroed before each backward run.

    Parameters
    ----------
    program : Program
        Complete but for this.
    rows, size : int
        Rows of the arena, length of θ.
    every : bool
        Whether rows that nothing adds to must be zero too.
    """
    code = program.code[program.code[:, LIVE] == 1]
    writes = _writes(program, code, rows)
    once = np.zeros(rows, bool)
    for c in code:
        if (c[OP] < LOAD or c[OP] == MATRIX) and c[NEED_A]:
            count = c[ROWS] if c[OP] < LOAD else c[A_ROWS]
            if (writes[c[A] : c[A] + count] == 1).all():
                once[c[A] : c[A] + count] = True
                c[FIRST] = 1
    fresh = _fresh(program, code, size)
    program.code[program.code[:, LIVE] == 1] = code
    added = np.ones(rows, bool) if every else writes > 0
    blank = stretches(added & ~once)
    return program._replace(blank=blank, blank_gradient=stretches(~fresh))


def _writes(program: Program, code: Integers, rows: int) -> Integers:
    """Return how often each row of δ is written; adding counts as many."""
    writes = np.zeros(rows, np.int64)
    writes[program.seeds] += _MANY
    for c in code:
        if c[OP] < LOAD or c[OP] == MATRIX:
            count = c[ROWS] if c[OP] < LOAD else c[A_ROWS]
            writes[c[A] : c[A] + count] += c[NEED_A]
        elif c[OP] == EDGES:
            start, stop = program.pointers[c[A]], program.pointers[c[A] + c[ROWS]]
            writes[program.sources[start:stop]] += _MANY
        elif c[OP] == PRODUCT:
            for row, count in program.operands[c[A] : c[A] + c[COUNT]]:
                writes[row : row + count] += _MANY
        elif c[OP] not in (LOAD, BIAS, PENALTY):
            writes[c[A] : c[A] + c[A_ROWS]] += _MANY
            writes[c[B] : c[B] + c[B_ROWS]] += _MANY
    return writes


def _fresh(program: Program, code: Integers, size: int) -> NDArray[np.bool_]:
    """Return which entries of the gradient a single matrix writes, and mark the matrices."""
    uses = np.zeros(size, np.int64)
    matrices = [c for c in code if c[OP] == MATRIX]
    entries: list[Any] = []
    for c in matrices:
        starts = c[THETA] + c[STRIDE] * np.arange(c[ROWS])
        entries.append((starts[:, None] + np.arange(c[A_ROWS])).ravel())
        uses[entries[-1]] += 1
    for c in code:
        if c[OP] == EDGES:
            start, stop = program.pointers[c[A]], program.pointers[c[A] + c[ROWS]]
            uses[program.weights[start:stop]] += _MANY
        elif c[OP] == PENALTY:  # after the matrices' turn in the plan, so before it backward
            for offset, count in program.covers[c[A] : c[A] + c[COUNT]]:
                uses[offset : offset + count] += _MANY
    fresh = np.zeros(size, bool)
    for c, part in zip(matrices, entries, strict=True):
        if (uses[part] == 1).all():
            fresh[part] = True
            c[FRESH] = 1
    return fresh


def stretches(mask: NDArray[np.bool_]) -> Integers:
    """Return (start, stop) of the stretches of True, (k, 2)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return np.ascontiguousarray(edges.reshape(-1, 2), np.int64)
