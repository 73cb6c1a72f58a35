"""Functions of one value, component by component: one row of the table for each.

A row has the kind, f(x, p, q), f′(x, z, p, q) with z = f(x), and the op's parameters that become
p and q; all are of lanes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from engine.native.simd.jit import exact, kernel, part
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

ScalarFunction: TypeAlias = Callable[..., Any]
_SELU = (1.0507009873554804934193349852946, 1.6732632423543772848170429916717)


class Elementwise(NamedTuple):
    """A kind's function and derivative."""

    kind: str
    value: ScalarFunction
    slope: ScalarFunction
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


def _row(kind: str, value: ScalarFunction, slope: ScalarFunction, *params: str) -> Elementwise:
    value, slope = (f if hasattr(f, "py_func") else exact(f) for f in (value, slope))
    return Elementwise(kind, value, slope, params)


TABLE: tuple[Elementwise, ...] = (
    _row("identity", lambda x, p, q: x, lambda x, z, p, q: one(x)),
    _row("sigmoid", lambda x, p, q: logistic(x), lambda x, z, p, q: logistic_slope(x)),
    _row("tanh", lambda x, p, q: tanh(x), lambda x, z, p, q: tanh_slope(x)),
    _row(
        "relu",
        lambda x, p, q: where(x < 0, 0, x),
        lambda x, z, p, q: where(x > 0, 1, 0),
    ),
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


_GROUP = 4  # functions in one kernel: nesting deeper or wider compiles for longer


def _group(first: int) -> list[Elementwise]:
    rows = TABLE[first : first + _GROUP]
    return [*rows, *[TABLE[0]] * (_GROUP - len(rows))]


def _values(first: int) -> ScalarFunction:
    """Return a kernel z ← f(x) for a few rows of the table."""
    f0, f1, f2, f3 = (entry.value for entry in _group(first))

    @kernel
    def values(number: Any, x: Any, z: Any, p: Any, q: Any) -> None:
        for at in range(0, z.size, width(z)):
            y = lanes(x, at)
            if number == first:
                y = f0(y, p, q)
            elif number == first + 1:
                y = f1(y, p, q)
            elif number == first + 2:
                y = f2(y, p, q)
            else:
                y = f3(y, p, q)
            store(z, at, y)

    return values


def _slopes(first: int) -> ScalarFunction:
    """Return a kernel dx ← dz·f′(x) + keep·dx for a few rows of the table."""
    f0, f1, f2, f3 = (entry.slope for entry in _group(first))

    @kernel
    def slopes(number: Any, x: Any, z: Any, dz: Any, dx: Any, p: Any, q: Any, keep: Any) -> None:
        for at in range(0, dx.size, width(dx)):
            a, b = lanes(x, at), lanes(z, at)
            slope = b
            if number == first:
                slope = f0(a, b, p, q)
            elif number == first + 1:
                slope = f1(a, b, p, q)
            elif number == first + 2:
                slope = f2(a, b, p, q)
            else:
                slope = f3(a, b, p, q)
            message = lanes(dz, at) * slope
            if keep:
                message = message + lanes(dx, at)
            store(dx, at, message)

    return slopes


def _values_from(first: int) -> ScalarFunction:
    """Return what chooses among the kernels of the table's rows from ``first`` on."""
    values = _values(first)
    if first + _GROUP >= len(TABLE):
        return values
    others = _values_from(first + _GROUP)

    @part
    def choose(number: Any, x: Any, z: Any, p: Any, q: Any) -> None:
        if number < first + _GROUP:
            values(number, x, z, p, q)
        else:
            others(number, x, z, p, q)

    return choose


def _slopes_from(first: int) -> ScalarFunction:
    """Return what chooses among the backward kernels of the table's rows from ``first`` on."""
    slopes = _slopes(first)
    if first + _GROUP >= len(TABLE):
        return slopes
    others = _slopes_from(first + _GROUP)

    @part
    def choose(number: Any, x: Any, z: Any, dz: Any, dx: Any, p: Any, q: Any, keep: Any) -> None:
        if number < first + _GROUP:
            slopes(number, x, z, dz, dx, p, q, keep)
        else:
            others(number, x, z, dz, dx, p, q, keep)

    return choose


apply_values = _values_from(0)
"""Set z ← f(x) by the row ``number`` of the table: (number, x, z, p, q)."""
apply_slopes = _slopes_from(0)
"""Set dx ← dz·f′(x) + keep·dx, keep being 0 or 1: (number, x, z, dz, dx, p, q, keep)."""
