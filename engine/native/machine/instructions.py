"""The tape's arrays and the meaning of an instruction.

An instruction is a row of ``Program.code``; the names below are its entries. Numbers below 100
are rows of ``elementwise.TABLE``, those from 200 on (less 200) rows of ``losses.TABLE``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Integers
from engine.native.simd.array_views import folded
from engine.native.simd.jit import part

(
    OP,  # which operation
    OUT,  # first row written
    ROWS,  # rows written
    A,  # first row read, or first entry of a list
    A_ROWS,
    B,
    B_ROWS,
    THETA,  # first entry of θ
    COUNT,  # entries of a list
    STRIDE,  # distance of a matrix's rows, or a bias's entries, in θ
    KEEP,  # 1: added to the rows, 0: written over them
    LIVE,  # 1 if it has a part in the gradient
    NEED_A,  # 1 if a's δ is needed
    NEED_B,
    FIRST,  # 1 if a's δ is written over, because nothing else adds to it
    FRESH,  # 1 if the gradient is written over
    THEN,  # 1 + the function applied to the rows right away, or 0
    Z,  # first row of the function's values
    WIDTH,  # entries of an instruction
) = range(19)

(
    LOAD,  # rows ← columns of the data
    CONSTANT,  # rows ← numbers
    BIAS,  # rows (+)← θ
    TIE,  # entries of θ ← those they are copies of
    GATHER,  # rows ← listed rows
    EDGES,  # neurons of single edges, one after the other, each with its own function if THEN
    MATRIX,  # rows (+)← W·a; b and b_rows: the biases in θ, if any
    ADD,  # rows (+)← p·a
    PRODUCT,
    DIVIDE,
    DOT,
    SOFTMAX,
    LOG_SOFTMAX,
    LAYER_NORM,
    DROPOUT,
    CROSS_ENTROPY,
    PENALTY,
) = range(100, 117)
STREAM, BOUND = COUNT, STRIDE  # of a dropout: its stream of noise; it drops below bound/2⁵³
LOSSES = 200
NONE, ONE = np.int64(0), np.int64(1)
"""For calls of kernels: for a bare number they would be compiled once more."""


class Program(NamedTuple):
    """What the loop runs; shares nothing with the plan.

    Parameters
    ----------
    code : (n, WIDTH) array
        Instructions in order.
    constants : (n, 2) array
        Each instruction's p and q, in the dtype of the run.
    loads : (k, 3) array
        First row, first column of the table, how many.
    numbers : array
        Of constants.
    pointers, senders, sources, biases, functions : arrays
        Neurons of single edges: see ``edges``.
    gathered : array
        Rows that are copied side by side.
    ties : (k, 2) array
        Entry of θ, entry that is its copy; the copy's gradient is added to the original's.
    operands : (k, 2) array
        First row and rows of each factor of a product.
    covers : (k, 2) array
        First entry of θ and size of each parameter that a penalty covers.
    seeds, shares : arrays
        Rows of losses and penalties, and their importance; negative: not averaged over the batch.
    blank, blank_gradient : (k, 2) arrays
        Rows of δ, entries of the gradient, to be zero before backward adds to them.
    """

    code: Integers
    constants: Any
    loads: Integers
    numbers: Any
    pointers: Integers
    senders: Integers
    sources: NDArray[np.int32]
    biases: Integers
    functions: NDArray[np.int8]
    gathered: Integers
    ties: Integers
    operands: Integers
    covers: Integers
    seeds: Integers
    shares: NDArray[np.float64]
    blank: Integers
    blank_gradient: Integers


class Arena(NamedTuple):
    """Flat memories, and how many rows of a batch they are cut into."""

    values: Any
    deltas: Any
    rows: int


def arena(rows: int, batch: int, dtype: np.dtype[Any]) -> Arena:
    """Return an arena for batches of at most ``batch`` rows of data."""
    values, deltas = (np.zeros(rows * batch, dtype) for _ in range(2))
    return Arena(values, deltas, rows)


@part
def shaped(arena: Any, batch: Any) -> Any:
    """Return values and deltas (rows, B) for a batch of ``batch`` rows: views."""
    return folded(arena.values, arena.rows, batch), folded(arena.deltas, arena.rows, batch)
