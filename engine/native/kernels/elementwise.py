"""Functions of one value, component by component: one row of the table for each.

A row has the kind, f(x, p, q), f′(x, z, p, q) with z = f(x), and the op's parameters that become
p and q; all are of lanes.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from engine.native.runtime.kernel import ONCE, Fields, Function, Kernel, RowsRead
from engine.native.simd.array_views import flat
from engine.native.simd.jit import exact
from engine.native.simd.transcendental import (
    exp,
    expm1,
    logistic,
    logistic_slope,
    normal_below,
    one,
    softplus,
    tanh,
    tanh_slope,
)
from engine.native.simd.vector_arithmetic import cos, log, power, sin, sqrt, where
from engine.native.simd.vectors import lanes, store, width

_SELU = (1.0507009873554804934193349852946, 1.6732632423543772848170429916717)


class Elementwise(NamedTuple):
    """A kind's function and derivative."""

    kind: str
    value: Function
    slope: Function
    params: tuple[str, ...] = ()


@exact
def _selu(x: Any, p: Any, q: Any) -> Any:
    return _SELU[0] * where(x > 0, x, _SELU[1] * expm1(where(x > 0, 0, x)))


@exact
def _selu_slope(x: Any, z: Any, p: Any, q: Any) -> Any:
    return _SELU[0] * where(x > 0, 1, _SELU[1] * exp(where(x > 0, 0, x)))


@exact
def _gelu_slope(x: Any, z: Any, p: Any, q: Any) -> Any:
    return normal_below(x) + x * exp(x * x * -0.5) * (1 / math.sqrt(2 * math.pi))


@exact
def _twice(x: Any) -> Any:
    """Return 2u of ½·(1 + tanh u) = σ(2u), u = √(2/π)·(x + 0.044715·x³)."""
    return 2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)


@exact
def _gelu_tanh_slope(x: Any, z: Any, p: Any, q: Any) -> Any:
    twice = _twice(x)
    inner = 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * x * x)
    return logistic(twice) + x * logistic_slope(twice) * inner


@exact
def _mish_slope(x: Any, z: Any, p: Any, q: Any) -> Any:
    plus = softplus(x)
    return tanh(plus) + x * logistic(x) * tanh_slope(plus)


@exact
def _sign(x: Any) -> Any:
    return where(x > 0, 1, where(x < 0, -1, x * 0))


@exact
def _hard(x: Any, p: Any, q: Any) -> Any:
    z = x / 6 + 0.5
    return where(z < 0, 0, where(z > 1, 1, z))


@exact
def _power_slope(x: Any, z: Any, p: Any, q: Any) -> Any:
    return p * power(x, p - 1) if p != 0 else x * 0


def _row(kind: str, value: Function, slope: Function, *params: str) -> Elementwise:
    value, slope = (f if hasattr(f, "py_func") else exact(f) for f in (value, slope))
    return Elementwise(kind, value, slope, params)


TABLE: tuple[Elementwise, ...] = (
    _row("identity", lambda x, p, q: x, lambda x, z, p, q: one(x)),
    _row("sigmoid", lambda x, p, q: logistic(x), lambda x, z, p, q: logistic_slope(x)),
    _row("tanh", lambda x, p, q: tanh(x), lambda x, z, p, q: tanh_slope(x)),
    _row("relu", lambda x, p, q: where(x < 0, 0, x), lambda x, z, p, q: where(x > 0, 1, 0)),
    _row(
        "leaky_relu",
        lambda x, p, q: where(x > 0, x, p * x),
        lambda x, z, p, q: where(x > 0, 1, p),
        "slope",
    ),
    _row(
        "elu",
        lambda x, p, q: where(x > 0, x, p * expm1(where(x > 0, 0, x))),
        lambda x, z, p, q: where(x > 0, 1, p * exp(where(x > 0, 0, x))),
        "alpha",
    ),
    Elementwise("selu", _selu, _selu_slope),
    _row("gelu", lambda x, p, q: x * normal_below(x), _gelu_slope),
    _row("gelu.tanh", lambda x, p, q: x * logistic(_twice(x)), _gelu_tanh_slope),
    _row(
        "silu",
        lambda x, p, q: x * logistic(x),
        lambda x, z, p, q: logistic(x) * (1 + x * logistic(-x)),
    ),
    _row("mish", lambda x, p, q: x * tanh(softplus(x)), _mish_slope),
    _row("softplus", lambda x, p, q: softplus(x), lambda x, z, p, q: logistic(x)),
    _row(
        "softsign",
        lambda x, p, q: x / (1 + abs(x)),
        lambda x, z, p, q: 1 / ((1 + abs(x)) * (1 + abs(x))),
    ),
    _row("hard_sigmoid", _hard, lambda x, z, p, q: where(abs(x) < 3, 1 / 6, 0)),
    _row("step", lambda x, p, q: where(x > 0, 1, 0), lambda x, z, p, q: 0 * one(x)),
    _row("exp", lambda x, p, q: exp(x), lambda x, z, p, q: z),
    _row("log", lambda x, p, q: log(x), lambda x, z, p, q: 1 / x),
    _row("sqrt", lambda x, p, q: sqrt(x), lambda x, z, p, q: 0.5 / z),
    _row("square", lambda x, p, q: x * x, lambda x, z, p, q: x + x),
    _row("abs", lambda x, p, q: abs(x), lambda x, z, p, q: _sign(x)),
    _row("sin", lambda x, p, q: sin(x), lambda x, z, p, q: cos(x)),
    _row("scale", lambda x, p, q: p * x + q, lambda x, z, p, q: p * one(x), "factor", "offset"),
    _row("power", lambda x, p, q: power(x, p), _power_slope, "exponent"),
)
"""All kinds; a kind's number is its place here."""


class FunctionCall(NamedTuple):
    """An instruction: rows from ``out`` on become f of those from ``a`` on."""

    out: int
    a: int
    rows: int
    need_a: int
    overwrites: int
    p: float
    q: float


def _forward(f: Function) -> Function:
    def forward(m: Any, c: Any) -> None:
        x, z = flat(m.values, c.a, c.rows), flat(m.values, c.out, c.rows)
        p, q = c.p, c.q
        for at in range(0, z.size, width(z)):
            store(z, at, f(lanes(x, at), p, q))

    return forward


def _backward(slope: Function) -> Function:
    def backward(m: Any, c: Any) -> None:
        x, z = flat(m.values, c.a, c.rows), flat(m.values, c.out, c.rows)
        dz, dx = flat(m.deltas, c.out, c.rows), flat(m.deltas, c.a, c.rows)
        p, q, keep = c.p, c.q, not c.overwrites
        for at in range(0, dx.size, width(dx)):
            message = lanes(dz, at) * slope(lanes(x, at), lanes(z, at), p, q)
            if keep:
                message = message + lanes(dx, at)
            store(dx, at, message)

    return backward


def _reads(c: Fields, _program: Any) -> list[RowsRead]:
    return [RowsRead(c["a"], c["rows"], c["need_a"] * ONCE)]


KERNELS = tuple(
    Kernel(row.kind, FunctionCall, _forward(row.value), _backward(row.slope), _reads)
    for row in TABLE
)
