"""The machine backward: the same instructions from the last to the first.

Deltas d are (rows, batch) like the values v; what is added to is zeroed first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.native.kernels.dropout import drop_back, fork
from engine.native.kernels.elementwise import apply_slopes
from engine.native.kernels.losses import loss_by_prediction, loss_by_target
from engine.native.kernels.matmul import multiply_back, multiply_out
from engine.native.kernels.multi_input import (
    add,
    cross_entropy_back,
    divide_back,
    layer_norm_back,
    log_softmax_back,
    multiply_rows_back,
    penalty_back,
    scale_rows,
    softmax_back,
)
from engine.native.kernels.row_loading import learn
from engine.native.machine.instructions import (
    A_ROWS,
    ADD,
    B_ROWS,
    BIAS,
    BOUND,
    COUNT,
    CROSS_ENTROPY,
    DIVIDE,
    DOT,
    DROPOUT,
    EDGES,
    FIRST,
    FRESH,
    GATHER,
    LAYER_NORM,
    LIVE,
    LOAD,
    LOG_SOFTMAX,
    LOSSES,
    MATRIX,
    NEED_A,
    NEED_B,
    NONE,
    ONE,
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
from engine.native.simd.vector_arithmetic import spread, total
from engine.native.simd.vectors import lanes, store, width


@kernel
def _fill(vector: Any, number: Any) -> None:
    for at in range(0, vector.size, width(vector)):
        store(vector, at, spread(vector, number))


@exact
def _blank(program: Any, d: Any, gradient: Any) -> None:
    """Zero what is added to, and give losses and penalties their δ."""
    zero = type(d[0, 0])(0)
    for k in range(program.blank.shape[0]):
        start, stop = program.blank[k, 0], program.blank[k, 1]
        _fill(flat(d, start, stop - start), zero)
    for k in range(program.blank_gradient.shape[0]):
        start, stop = program.blank_gradient[k, 0], program.blank_gradient[k, 1]
        _fill(span(gradient, start, stop - start), zero)
    for k in range(program.seeds.size):
        seed, share = row(d, program.seeds[k]), program.shares[k]
        each = type(zero)(1 if share < 0 else share / d.shape[1])
        for at in range(0, seed.size, width(seed)):
            store(seed, at, lanes(seed, at) + each)


@kernel
def _drop_back(c: Any, p: Any, noise: Any, dz: Any, da: Any) -> None:
    if noise:
        drop_back(fork(noise, c[STREAM]), c[BOUND], p, dz, da)
    else:
        add(dz, type(p)(1), da, ONE)


@exact
def _join_back(
    c: Any, p: Any, program: Any, theta: Any, gradient: Any, noise: Any, v: Any, d: Any
) -> None:
    op = c[OP]
    if not (c[NEED_A] or c[NEED_B] or op == LAYER_NORM):
        return
    z, dz = block(v, c[OUT], c[ROWS]), block(d, c[OUT], c[ROWS])
    a, b = block(v, c[A], c[A_ROWS]), block(v, c[B], c[B_ROWS])
    da, db = block(d, c[A], c[A_ROWS]), block(d, c[B], c[B_ROWS])
    if op == ADD:
        add(dz, p, da, ONE)
    elif op == PRODUCT:
        multiply_rows_back(block(program.operands, c[A], c[COUNT]), v, dz, d)
    elif op == DIVIDE:
        divide_back(b, z, dz, da, db)
    elif op == DOT:
        scale_rows(b, row(dz, 0), da)
        scale_rows(a, row(dz, 0), db)
    elif op == SOFTMAX:
        softmax_back(z, dz, da)
    elif op == LOG_SOFTMAX:
        log_softmax_back(z, dz, da)
    elif op == DROPOUT:
        _drop_back(c, p, noise, dz, da)
    else:
        n = c[A_ROWS]
        by_gain, by_shift = span(gradient, c[THETA], n), span(gradient, c[B], n)
        gain = span(theta, c[THETA], n)
        layer_norm_back(a, gain, p, dz, da, by_gain, by_shift, c[NEED_A] == 1)


@exact
def _judge_back(
    c: Any, p: Any, q: Any, program: Any, theta: Any, gradient: Any, v: Any, d: Any
) -> None:
    op, share = c[OP], row(d, c[OUT])
    a, b = block(v, c[A], c[A_ROWS]), block(v, c[B], c[B_ROWS])
    da, db = block(d, c[A], c[A_ROWS]), block(d, c[B], c[B_ROWS])
    if op >= LOSSES:
        if c[NEED_A]:
            loss_by_prediction(op - LOSSES, a, b, q, share, p, da)
        if c[NEED_B]:
            loss_by_target(op - LOSSES, a, b, q, share, p, db)
    elif op == CROSS_ENTROPY:
        cross_entropy_back(a, b, share, p, da, db, c[NEED_A] == 1, c[NEED_B] == 1)
    else:
        covers = block(program.covers, c[A], c[COUNT])
        penalty_back(covers, c[STRIDE], p * share[0], theta, gradient)


@kernel
def _bias_back(out: Any, count: Any, d: Any, gradient: Any, first: Any, keep: Any) -> None:
    """Set the gradient's entries from ``first`` on to Σ δ of rows, or add it."""
    for i in range(count):
        deltas, place = row(d, out + i), first + i
        for at in range(0, deltas.size, width(deltas)):
            whole = total(lanes(deltas, at))
            gradient[place] = gradient[place] + whole if keep or at else whole


@exact
def _source_back(c: Any, program: Any, gradient: Any, d: Any) -> None:
    op = c[OP]
    if op == BIAS:
        _bias_back(c[OUT], c[ROWS], d, gradient, c[THETA], True)
    elif op == TIE:
        for i in range(program.ties.shape[0]):
            gradient[program.ties[i, 0]] += gradient[program.ties[i, 1]]
    elif op == GATHER:
        for i in range(c[ROWS]):
            message, to = row(d, c[OUT] + i), row(d, program.gathered[c[A] + i])
            for at in range(0, to.size, width(to)):
                store(to, at, lanes(to, at) + lanes(message, at))


@kernel
def _apply_back(
    number: Any, x: Any, z: Any, v: Any, d: Any, count: Any, p: Any, q: Any, keep: Any
) -> None:
    """Send δ of rows from ``z`` on back to those from ``x`` on, through a function."""
    dz, dx = flat(d, z, count), flat(d, x, count)
    apply_slopes(number, flat(v, x, count), flat(v, z, count), dz, dx, p, q, keep)


@exact
def _neurons_back(
    c: Any, p: Any, q: Any, program: Any, theta: Any, gradient: Any, v: Any, d: Any
) -> None:
    graph = (program.pointers, program.senders, program.sources, program.biases)
    for i in range(c[ROWS] - 1, -1, -1):
        out = c[OUT] + i
        if c[THEN]:
            number = np.int64(program.functions[c[A] + i])
            _apply_back(number, out, c[Z] + i, v, d, ONE, p, q, NONE)
        learn(c[A] + i, out, graph, theta, v, d, gradient)


@exact
def _matrix_back(c: Any, p: Any, q: Any, theta: Any, gradient: Any, v: Any, d: Any) -> None:
    if c[THEN]:
        _apply_back(c[THEN] - 1, c[OUT], c[Z], v, d, c[ROWS], p, q, NONE)
    x, delta = block(v, c[A], c[A_ROWS]), block(d, c[OUT], c[ROWS])
    multiply_out(delta, x, gradient, c[THETA], c[STRIDE], 1 - c[FRESH])
    _bias_back(c[OUT], c[B_ROWS], d, gradient, c[B], False)
    if c[NEED_A]:
        to = block(d, c[A], c[A_ROWS])
        multiply_back(theta, c[THETA], c[STRIDE], delta, to, 1 - c[FIRST])


@part
def backward(program: Any, theta: Any, gradient: Any, noise: Any, v: Any, d: Any) -> None:
    """Compute δ of every row, and ∂E/∂θ, of the last forward run."""
    _blank(program, d, gradient)
    for k in range(program.code.shape[0] - 1, -1, -1):
        c, p, q = row(program.code, k), program.constants[k, 0], program.constants[k, 1]
        op = c[OP]
        if not c[LIVE]:
            continue
        if op < LOAD:
            _apply_back(op, c[A], c[OUT], v, d, c[ROWS], p, q, 1 - c[FIRST])
        elif op == EDGES:
            _neurons_back(c, p, q, program, theta, gradient, v, d)
        elif op == MATRIX:
            _matrix_back(c, p, q, theta, gradient, v, d)
        elif op < EDGES:
            _source_back(c, program, gradient, d)
        elif op <= DROPOUT:
            _join_back(c, p, program, theta, gradient, noise, v, d)
        else:
            _judge_back(c, p, q, program, theta, gradient, v, d)
