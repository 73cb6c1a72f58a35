"""The machine forward: instruction by instruction.

Values v are (rows, batch); rows of the table are gathered through an index.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.native.kernels.dropout import drop, fork
from engine.native.kernels.elementwise import apply_values
from engine.native.kernels.losses import loss_value
from engine.native.kernels.matmul import multiply
from engine.native.kernels.multi_input import (
    add,
    cross_entropy,
    divide,
    layer_norm,
    log_softmax,
    multiply_rows,
    penalty,
    scalar_product,
    softmax,
)
from engine.native.kernels.row_loading import load, weigh
from engine.native.machine.instructions import (
    A_ROWS,
    ADD,
    B_ROWS,
    BIAS,
    BOUND,
    CONSTANT,
    COUNT,
    CROSS_ENTROPY,
    DIVIDE,
    DOT,
    DROPOUT,
    EDGES,
    KEEP,
    LOAD,
    LOG_SOFTMAX,
    LOSSES,
    MATRIX,
    NONE,
    OP,
    OUT,
    PRODUCT,
    ROWS,
    SOFTMAX,
    STREAM,
    STRIDE,
    THEN,
    THETA,
    TIE,
    A,
    B,
    Z,
)
from engine.native.simd.array_views import block, flat, row, span
from engine.native.simd.jit import exact, kernel, part
from engine.native.simd.vector_arithmetic import spread
from engine.native.simd.vectors import lanes, store, width


@kernel
def _set(vector: Any, number: Any) -> None:
    for at in range(0, vector.size, width(vector)):
        store(vector, at, spread(vector, number))


@kernel
def _copy(x: Any, z: Any) -> None:
    for at in range(0, z.size, width(z)):
        store(z, at, lanes(x, at))


@exact
def _source(c: Any, z: Any, program: Any, theta: Any, table: Any, rows: Any, v: Any) -> None:
    op = c[OP]
    if op == LOAD:
        load(block(program.loads, c[A], c[COUNT]), table, rows, v)
    elif op == CONSTANT:
        for i in range(c[ROWS]):
            _set(row(z, i), program.numbers[c[A] + i])
    elif op == BIAS:
        for i in range(c[ROWS]):
            _set(row(z, i), theta[c[THETA] + i])
    elif op == TIE:
        for i in range(program.ties.shape[0]):
            theta[program.ties[i, 1]] = theta[program.ties[i, 0]]
    else:
        for i in range(c[ROWS]):
            _copy(row(v, program.gathered[c[A] + i]), row(z, i))


@kernel
def _apply(number: Any, x: Any, z: Any, p: Any, q: Any) -> None:
    apply_values(number, x, z, p, q)


@exact
def _neurons(c: Any, p: Any, q: Any, program: Any, theta: Any, v: Any) -> None:
    """Compute neurons one after the other, each with its function if they have some."""
    graph = (program.pointers, program.senders, program.sources, program.biases)
    for i in range(c[ROWS]):  # a neuron may read the one before it
        s = row(v, c[OUT] + i)
        weigh(c[A] + i, s, graph, theta, v)
        if c[THEN]:
            _apply(np.int64(program.functions[c[A] + i]), s, row(v, c[Z] + i), p, q)


@exact
def _matrix(c: Any, p: Any, q: Any, z: Any, theta: Any, v: Any) -> None:
    for i in range(c[B_ROWS]):
        _set(row(z, i), theta[c[B] + i])
    keep = 1 if c[B_ROWS] else c[KEEP]
    multiply(theta, c[THETA], c[STRIDE], block(v, c[A], c[A_ROWS]), z, keep)
    if c[THEN]:
        _apply(c[THEN] - 1, flat(v, c[OUT], c[ROWS]), flat(v, c[Z], c[ROWS]), p, q)


@exact
def _join(c: Any, p: Any, z: Any, program: Any, theta: Any, noise: Any, v: Any) -> None:
    op = c[OP]
    a, b = block(v, c[A], c[A_ROWS]), block(v, c[B], c[B_ROWS])
    if op == ADD:
        add(a, p, z, c[KEEP])
    elif op == PRODUCT:
        multiply_rows(block(program.operands, c[A], c[COUNT]), v, z)
    elif op == DIVIDE:
        divide(a, b, z)
    elif op == DOT:
        scalar_product(a, b, row(z, 0))
    elif op == SOFTMAX:
        softmax(a, z)
    elif op == LOG_SOFTMAX:
        log_softmax(a, z)
    elif op == DROPOUT:
        if noise:
            drop(fork(noise, c[STREAM]), c[BOUND], p, a, z)
        else:
            add(a, type(p)(1), z, NONE)
    else:
        n = c[A_ROWS]
        layer_norm(a, span(theta, c[THETA], n), span(theta, c[B], n), p, z)


@exact
def _judge(c: Any, p: Any, q: Any, z: Any, program: Any, theta: Any, v: Any) -> None:
    op = c[OP]
    a, b, out = block(v, c[A], c[A_ROWS]), block(v, c[B], c[B_ROWS]), row(z, 0)
    if op >= LOSSES:
        loss_value(op - LOSSES, a, b, q, p, out)
    elif op == CROSS_ENTROPY:
        cross_entropy(a, b, p, out)
    else:
        _set(out, penalty(block(program.covers, c[A], c[COUNT]), c[STRIDE], p, theta))


@part
def forward(program: Any, theta: Any, table: Any, rows: Any, noise: Any, v: Any) -> Any:
    """Compute every value of a batch; return E without training's own penalties.

    ``noise`` is the batch's key, 0 where there is none.
    """
    for k in range(program.code.shape[0]):
        c, p, q = row(program.code, k), program.constants[k, 0], program.constants[k, 1]
        op, z = c[OP], block(v, c[OUT], c[ROWS])
        if op < LOAD:
            _apply(op, flat(v, c[A], c[ROWS]), flat(v, c[OUT], c[ROWS]), p, q)
        elif op == EDGES:
            _neurons(c, p, q, program, theta, v)
        elif op == MATRIX:
            _matrix(c, p, q, z, theta, v)
        elif op < EDGES:
            _source(c, z, program, theta, table, rows, v)
        elif op <= DROPOUT:
            _join(c, p, z, program, theta, noise, v)
        else:
            _judge(c, p, q, z, program, theta, v)
    return total_error(program.seeds, program.shares, v)


@kernel
def total_error(seeds: Any, shares: Any, v: Any) -> Any:
    """Return Σ importance × batch mean of the losses, and the penalties."""
    total = 0.0
    for k in range(seeds.size):
        losses, share = row(v, seeds[k]), shares[k]
        if share < 0:
            total += losses[0]
        else:
            mean = 0.0
            for j in range(losses.size):
                mean += losses[j]
            total += share * (mean / losses.size)
    return total
