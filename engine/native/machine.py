"""The machine: instructions forward, and the same backward.

Values v and deltas d are (rows, batch); rows of the table are gathered through an index.
"""

from __future__ import annotations

from typing import Any

from engine.native.edges import learn, send_back, weigh
from engine.native.elementwise import apply_slopes, apply_values
from engine.native.jit import kernel, part
from engine.native.joints import (
    add,
    cross_entropy,
    cross_entropy_back,
    divide,
    divide_back,
    layer_norm,
    layer_norm_back,
    log_softmax,
    log_softmax_back,
    multiply_rows,
    multiply_rows_back,
    scalar_product,
    scale_rows,
    softmax,
    softmax_back,
)
from engine.native.losses import loss_by_prediction, loss_by_target, loss_value
from engine.native.products import multiply, multiply_back, multiply_out
from engine.native.program import (
    A_ROWS,
    ADD,
    B_ROWS,
    BIAS,
    CONSTANT,
    COUNT,
    CROSS_ENTROPY,
    DIVIDE,
    DOT,
    EDGES,
    FIRST,
    FRESH,
    GATHER,
    KEEP,
    LAYER_NORM,
    LIVE,
    LOAD,
    LOG_SOFTMAX,
    LOSSES,
    MATRIX,
    NEED_A,
    NEED_B,
    OP,
    OUT,
    PENALTY,
    PRODUCT,
    ROWS,
    SOFTMAX,
    STRIDE,
    THEN,
    THETA,
    TIE,
    A,
    B,
    Z,
)


@kernel
def _load(loads: Any, table: Any, rows: Any, v: Any) -> None:
    for k in range(loads.shape[0]):
        row, column, count = loads[k]
        for c in range(count):
            for j in range(rows.size):
                v[row + c, j] = table[rows[j], column + c]


@kernel
def _penalty(covers: Any, power: Any, strength: Any, theta: Any) -> Any:
    total = strength * 0
    for k in range(covers.shape[0]):
        for i in range(covers[k, 0], covers[k, 0] + covers[k, 1]):
            total += abs(theta[i]) if power == 1 else theta[i] * theta[i]
    return total * strength / type(strength)(power)


@kernel
def _penalty_back(covers: Any, power: Any, strength: Any, theta: Any, gradient: Any) -> None:
    zero = type(strength)(0)
    for k in range(covers.shape[0]):
        for i in range(covers[k, 0], covers[k, 0] + covers[k, 1]):
            w = theta[i]
            if power == 1:
                gradient[i] += strength if w > zero else (-strength if w < zero else zero)
            else:
                gradient[i] += strength * w


@part
def _source(c: Any, z: Any, program: Any, theta: Any, table: Any, rows: Any, v: Any) -> None:
    op = c[OP]
    if op == LOAD:
        _load(program.loads[c[A] : c[A] + c[COUNT]], table, rows, v)
    elif op == CONSTANT:
        for i in range(c[ROWS]):
            z[i, :] = program.numbers[c[A] + i]
    elif op == BIAS:
        for i in range(c[ROWS]):
            z[i, :] = theta[c[THETA] + i]
    elif op == TIE:
        for k in range(program.ties.shape[0]):
            theta[program.ties[k, 1]] = theta[program.ties[k, 0]]
    else:
        for i in range(c[ROWS]):
            v[c[OUT] + i] = v[program.gathered[c[A] + i]]


@kernel
def _source_back(c: Any, program: Any, gradient: Any, d: Any) -> None:
    op = c[OP]
    if op == BIAS:
        _bias_back(c[OUT], c[ROWS], d, gradient[c[THETA] :], True)
    elif op == TIE:
        for k in range(program.ties.shape[0]):
            gradient[program.ties[k, 0]] += gradient[program.ties[k, 1]]
    elif op == GATHER:
        for i in range(c[ROWS]):
            to = d[program.gathered[c[A] + i]]
            for j in range(to.size):
                to[j] += d[c[OUT] + i, j]


@kernel
def _neurons(c: Any, p: Any, q: Any, program: Any, theta: Any, v: Any) -> None:
    """Compute neurons one after the other, with their functions: each may read the one before."""
    graph = (program.pointers, program.senders, program.sources, program.biases)
    for i in range(c[ROWS]):
        weigh(c[A] + i, 1, c[OUT] + i, graph, theta, v)
        apply_values(program.functions[c[A] + i], v[c[OUT] + i], v[c[Z] + i], p, q)


@kernel
def _neurons_back(
    c: Any, p: Any, q: Any, program: Any, theta: Any, gradient: Any, v: Any, d: Any
) -> None:
    graph = (program.pointers, program.senders, program.sources, program.biases)
    for i in range(c[ROWS] - 1, -1, -1):
        out, z = c[OUT] + i, c[Z] + i
        apply_slopes(program.functions[c[A] + i], v[out], v[z], d[z], d[out], p, q)
        learn(c[A] + i, 1, out, graph, v, d, gradient)
        send_back(c[A] + i, 1, out, graph, theta, v, d)


@part
def _join(c: Any, p: Any, z: Any, program: Any, theta: Any, v: Any, scratch: Any) -> None:
    op = c[OP]
    a, b = v[c[A] : c[A] + c[A_ROWS]], v[c[B] : c[B] + c[B_ROWS]]
    if op == ADD:
        if not c[KEEP]:
            z[:] = 0
        add(a, p, z)
    elif op == PRODUCT:
        multiply_rows(program.operands[c[A] : c[A] + c[COUNT]], v, z)
    elif op == DIVIDE:
        divide(a, b, z)
    elif op == DOT:
        scalar_product(a, b, z[0])
    elif op == SOFTMAX:
        softmax(a, z, scratch[0], scratch[1])
    elif op == LOG_SOFTMAX:
        log_softmax(a, z, scratch[0], scratch[1])
    elif op == LAYER_NORM:
        gain, shift = theta[c[THETA] :], theta[c[B] :]
        layer_norm(a, gain, shift, p, z, scratch[0], scratch[1])


@part
def _judge(c: Any, p: Any, q: Any, z: Any, program: Any, theta: Any, v: Any, scratch: Any) -> None:
    op = c[OP]
    a, b = v[c[A] : c[A] + c[A_ROWS]], v[c[B] : c[B] + c[B_ROWS]]
    if op >= LOSSES:
        loss_value(op - LOSSES, a, b, q, p, z[0])
    elif op == CROSS_ENTROPY:
        cross_entropy(a, b, p, z[0], scratch)
    elif op == PENALTY:
        z[:] = _penalty(program.covers[c[A] : c[A] + c[COUNT]], c[STRIDE], p, theta)


@part
def _matrix(c: Any, p: Any, q: Any, z: Any, theta: Any, v: Any) -> None:
    x = v[c[A] : c[A] + c[A_ROWS]]
    for i in range(c[B_ROWS]):
        z[i, :] = theta[c[B] + i]
    multiply(theta[c[THETA] :], c[STRIDE], x, z, c[KEEP] or c[B_ROWS] > 0)
    if c[THEN]:
        after = v[c[Z] : c[Z] + c[ROWS]]
        apply_values(c[THEN] - 1, z.reshape(z.size), after.reshape(z.size), p, q)


@part
def forward(program: Any, theta: Any, table: Any, rows: Any, v: Any, scratch: Any) -> Any:
    """Compute every value of a batch; return E without training's own penalties."""
    graph = (program.pointers, program.senders, program.sources, program.biases)
    for k in range(program.code.shape[0]):
        c, p, q = program.code[k], program.constants[k, 0], program.constants[k, 1]
        op, z = c[OP], v[c[OUT] : c[OUT] + c[ROWS]]
        if op < LOAD:
            x = v[c[A] : c[A] + c[ROWS]]
            apply_values(op, x.reshape(x.size), z.reshape(z.size), p, q)
        elif op == EDGES and c[THEN]:
            _neurons(c, p, q, program, theta, v)
        elif op == EDGES:
            weigh(c[A], c[ROWS], c[OUT], graph, theta, v)
        elif op == MATRIX:
            _matrix(c, p, q, z, theta, v)
        elif op < EDGES:
            _source(c, z, program, theta, table, rows, v)
        elif op <= LAYER_NORM:
            _join(c, p, z, program, theta, v, scratch)
        else:
            _judge(c, p, q, z, program, theta, v, scratch)
    return total_error(program, v)


@kernel
def total_error(program: Any, v: Any) -> Any:
    """Return Σ importance × batch mean of the losses, and the penalties."""
    total = 0.0
    for k in range(program.seeds.size):
        row, share = v[program.seeds[k]], program.shares[k]
        if share < 0:
            total += row[0]
        else:
            mean = 0.0
            for j in range(row.size):
                mean += row[j]
            total += share * (mean / row.size)
    return total


@kernel
def _blank(program: Any, d: Any, gradient: Any) -> None:
    """Zero what is added to, and give losses and penalties their δ."""
    for k in range(program.blank.shape[0]):
        d[program.blank[k, 0] : program.blank[k, 1]] = 0
    for k in range(program.blank_gradient.shape[0]):
        gradient[program.blank_gradient[k, 0] : program.blank_gradient[k, 1]] = 0
    for k in range(program.seeds.size):
        share = program.shares[k]
        d[program.seeds[k]] += type(gradient[0])(1 if share < 0 else share / d.shape[1])


@part
def _join_back(
    c: Any, p: Any, program: Any, theta: Any, gradient: Any, v: Any, d: Any, scratch: Any
) -> None:
    op = c[OP]
    z, dz = v[c[OUT] : c[OUT] + c[ROWS]], d[c[OUT] : c[OUT] + c[ROWS]]
    a, b = v[c[A] : c[A] + c[A_ROWS]], v[c[B] : c[B] + c[B_ROWS]]
    da, db = d[c[A] : c[A] + c[A_ROWS]], d[c[B] : c[B] + c[B_ROWS]]
    if op == ADD:
        if c[NEED_A]:
            add(dz, p, da)
    elif op == PRODUCT:
        multiply_rows_back(program.operands[c[A] : c[A] + c[COUNT]], v, dz, d)
    elif op == DIVIDE:
        divide_back(b, z, dz, da, db)
    elif op == DOT:
        scale_rows(b, dz[0], da)
        scale_rows(a, dz[0], db)
    elif op == SOFTMAX:
        softmax_back(z, dz, da, scratch[0])
    elif op == LOG_SOFTMAX:
        log_softmax_back(z, dz, da, scratch[0])
    elif op == LAYER_NORM:
        gain, shift = theta[c[THETA] :], theta[c[B] :]
        layer_norm(a, gain, shift, p, z, scratch[0], scratch[1])
        by_gain, by_shift = gradient[c[THETA] :], gradient[c[B] :]
        layer_norm_back(a, gain, dz, da, by_gain, by_shift, c[NEED_A], scratch)


@part
def _judge_back(
    c: Any, p: Any, q: Any, program: Any, theta: Any, gradient: Any, v: Any, d: Any, scratch: Any
) -> None:
    op, share = c[OP], d[c[OUT]]
    a, b = v[c[A] : c[A] + c[A_ROWS]], v[c[B] : c[B] + c[B_ROWS]]
    da, db = d[c[A] : c[A] + c[A_ROWS]], d[c[B] : c[B] + c[B_ROWS]]
    if op >= LOSSES:
        if c[NEED_A]:
            loss_by_prediction(op - LOSSES, a, b, q, share, p, da)
        if c[NEED_B]:
            loss_by_target(op - LOSSES, a, b, q, share, p, db)
    elif op == CROSS_ENTROPY:
        cross_entropy_back(a, b, share, p, da, db, (c[NEED_A], c[NEED_B]), scratch)
    elif op == PENALTY:
        covers = program.covers[c[A] : c[A] + c[COUNT]]
        _penalty_back(covers, c[STRIDE], p * share[0], theta, gradient)


@part
def _slopes_back(c: Any, p: Any, q: Any, v: Any, d: Any, scratch: Any) -> None:
    n = c[ROWS]
    size = n * v.shape[1]
    x, z = v[c[A] : c[A] + n].reshape(size), v[c[OUT] : c[OUT] + n].reshape(size)
    dz, dx = d[c[OUT] : c[OUT] + n].reshape(size), d[c[A] : c[A] + n].reshape(size)
    if c[FIRST]:
        apply_slopes(c[OP], x, z, dz, dx, p, q)
    else:
        message = scratch[:n].reshape(size)
        apply_slopes(c[OP], x, z, dz, message, p, q)
        for i in range(size):
            dx[i] += message[i]


@part
def _matrix_back(c: Any, p: Any, q: Any, theta: Any, gradient: Any, v: Any, d: Any) -> None:
    n = c[ROWS]
    x, delta = v[c[A] : c[A] + c[A_ROWS]], d[c[OUT] : c[OUT] + n]
    if c[THEN]:
        s, z, dz = v[c[OUT] : c[OUT] + n], v[c[Z] : c[Z] + n], d[c[Z] : c[Z] + n]
        size = s.size
        apply_slopes(
            c[THEN] - 1, s.reshape(size), z.reshape(size), dz.reshape(size), delta.reshape(size),
            p, q,
        )  # fmt: skip
    multiply_out(delta, x, gradient[c[THETA] :], c[STRIDE], 1 - c[FRESH])
    _bias_back(c[OUT], c[B_ROWS], d, gradient[c[B] :], False)
    if c[NEED_A]:
        to = d[c[A] : c[A] + c[A_ROWS]]
        multiply_back(theta[c[THETA] :], c[STRIDE], delta, to, 1 - c[FIRST])


@kernel
def _bias_back(out: Any, count: Any, d: Any, gradient: Any, keep: Any) -> None:
    for i in range(count):
        delta, total = d[out + i], gradient[i] if keep else type(gradient[0])(0)
        for j in range(delta.size):
            total += delta[j]
        gradient[i] = total


@part
def backward(program: Any, theta: Any, gradient: Any, v: Any, d: Any, scratch: Any) -> None:
    """Compute δ of every row, and ∂E/∂θ, of the last forward run."""
    graph = (program.pointers, program.senders, program.sources, program.biases)
    _blank(program, d, gradient)
    for k in range(program.code.shape[0] - 1, -1, -1):
        c, p, q = program.code[k], program.constants[k, 0], program.constants[k, 1]
        op = c[OP]
        if not c[LIVE]:
            continue
        if op < LOAD:
            _slopes_back(c, p, q, v, d, scratch)
        elif op == EDGES and c[THEN]:
            _neurons_back(c, p, q, program, theta, gradient, v, d)
        elif op == EDGES:
            learn(c[A], c[ROWS], c[OUT], graph, v, d, gradient)
            send_back(c[A], c[ROWS], c[OUT], graph, theta, v, d)
        elif op == MATRIX:
            _matrix_back(c, p, q, theta, gradient, v, d)
        elif op < EDGES:
            _source_back(c, program, gradient, d)
        elif op <= LAYER_NORM:
            _join_back(c, p, program, theta, gradient, v, d, scratch)
        else:
            _judge_back(c, p, q, program, theta, gradient, v, d, scratch)
