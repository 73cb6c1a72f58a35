"""Functions of one value, component by component: one row of the table for each.

A row has the kind, f(x, p, q), f′(x, z, p, q) with z = f(x), and the op's parameters that become
p and q. Constants take x's type: see ``scalars``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from engine.native.jit import exact, kernel, part
from engine.native.scalars import (
    exp,
    expm1,
    logistic,
    logistic_slope,
    normal_below,
    softplus,
    tanh,
    tanh_slope,
)

Scalar: TypeAlias = Callable[..., Any]
_SELU = (1.0507009873554804934193349852946, 1.6732632423543772848170429916717)


class Elementwise(NamedTuple):
    """A kind's function and derivative."""

    kind: str
    value: Scalar
    slope: Scalar
    params: tuple[str, ...] = ()


@exact
def _selu(x: Any, p: Any, q: Any) -> Any:
    c = type(x)
    return c(_SELU[0]) * (x if x > c(0) else c(_SELU[1]) * expm1(min(x, c(0))))


@exact
def _selu_slope(x: Any, z: Any, p: Any, q: Any) -> Any:
    c = type(x)
    return c(_SELU[0]) * (c(1) if x > c(0) else c(_SELU[1]) * exp(min(x, c(0))))


@exact
def _gelu_slope(x: Any, z: Any, p: Any, q: Any) -> Any:
    c = type(x)
    return normal_below(x) + x * exp(x * x * c(-0.5)) * c(1 / math.sqrt(2 * math.pi))


@exact
def _twice(x: Any) -> Any:
    """Return 2u of ½·(1 + tanh u) = σ(2u), u = √(2/π)·(x + 0.044715·x³)."""
    c = type(x)
    return c(2 * math.sqrt(2 / math.pi)) * (x + c(0.044715) * x * x * x)


@exact
def _gelu_tanh_slope(x: Any, z: Any, p: Any, q: Any) -> Any:
    c, twice = type(x), _twice(x)
    inner = c(2 * math.sqrt(2 / math.pi)) * (c(1) + c(3 * 0.044715) * x * x)
    return logistic(twice) + x * logistic_slope(twice) * inner


@exact
def _mish_slope(x: Any, z: Any, p: Any, q: Any) -> Any:
    plus = softplus(x)
    return tanh(plus) + x * logistic(x) * tanh_slope(plus)


@exact
def _sign(x: Any) -> Any:
    c = type(x)
    return c(1) if x > c(0) else (c(-1) if x < c(0) else x * c(0))


@exact
def _hard(x: Any, p: Any, q: Any) -> Any:
    c = type(x)
    z = x / c(6) + c(0.5)
    return c(0) if z < c(0) else (c(1) if z > c(1) else z)


def _row(kind: str, value: Scalar, slope: Scalar, *params: str) -> Elementwise:
    value, slope = (f if hasattr(f, "py_func") else exact(f) for f in (value, slope))
    return Elementwise(kind, value, slope, params)


TABLE: tuple[Elementwise, ...] = (
    _row("identity", lambda x, p, q: x, lambda x, z, p, q: type(x)(1)),
    _row("sigmoid", lambda x, p, q: logistic(x), lambda x, z, p, q: logistic_slope(x)),
    _row("tanh", lambda x, p, q: tanh(x), lambda x, z, p, q: tanh_slope(x)),
    _row(
        "relu",
        lambda x, p, q: type(x)(0) if x < type(x)(0) else x,
        lambda x, z, p, q: type(x)(1 if x > type(x)(0) else 0),
    ),
    _row(
        "leaky_relu",
        lambda x, p, q: x if x > type(x)(0) else p * x,
        lambda x, z, p, q: type(x)(1) if x > type(x)(0) else p,
        "slope",
    ),
    _row(
        "elu",
        lambda x, p, q: x if x > type(x)(0) else p * expm1(min(x, type(x)(0))),
        lambda x, z, p, q: type(x)(1) if x > type(x)(0) else p * exp(min(x, type(x)(0))),
        "alpha",
    ),
    Elementwise("selu", _selu, _selu_slope),
    _row("gelu", lambda x, p, q: x * normal_below(x), _gelu_slope),
    _row("gelu.tanh", lambda x, p, q: x * logistic(_twice(x)), _gelu_tanh_slope),
    _row(
        "silu",
        lambda x, p, q: x * logistic(x),
        lambda x, z, p, q: logistic(x) * (type(x)(1) + x * logistic(-x)),
    ),
    _row("mish", lambda x, p, q: x * tanh(softplus(x)), _mish_slope),
    _row("softplus", lambda x, p, q: softplus(x), lambda x, z, p, q: logistic(x)),
    _row(
        "softsign",
        lambda x, p, q: x / (type(x)(1) + abs(x)),
        lambda x, z, p, q: type(x)(1) / ((type(x)(1) + abs(x)) * (type(x)(1) + abs(x))),
    ),
    _row(
        "hard_sigmoid",
        _hard,
        lambda x, z, p, q: type(x)(1 / 6) if abs(x) < type(x)(3) else type(x)(0),
    ),
    _row(
        "step",
        lambda x, p, q: type(x)(1 if x > type(x)(0) else 0),
        lambda x, z, p, q: type(x)(0),
    ),
    _row("exp", lambda x, p, q: exp(x), lambda x, z, p, q: z),
    _row("log", lambda x, p, q: math.log(x), lambda x, z, p, q: type(x)(1) / x),
    _row("sqrt", lambda x, p, q: math.sqrt(x), lambda x, z, p, q: type(x)(0.5) / z),
    _row("square", lambda x, p, q: x * x, lambda x, z, p, q: x + x),
    _row("abs", lambda x, p, q: abs(x), lambda x, z, p, q: _sign(x)),
    _row("sin", lambda x, p, q: math.sin(x), lambda x, z, p, q: math.cos(x)),
    _row("scale", lambda x, p, q: p * x + q, lambda x, z, p, q: p, "factor", "offset"),
    _row(
        "power",
        lambda x, p, q: x**p,
        lambda x, z, p, q: p * x ** (p - type(x)(1)) if p != type(x)(0) else type(x)(0),
        "exponent",
    ),
)
"""All kinds; a kind's number is its place here."""


_GROUP = 4  # functions in one kernel: nesting deeper or wider compiles for longer
_NUMBERS = range(0, len(TABLE), _GROUP)


def _group(first: int) -> list[Elementwise]:
    rows = TABLE[first : first + _GROUP]
    return [*rows, *[TABLE[0]] * (_GROUP - len(rows))]


def _values(first: int) -> Scalar:
    """Return a kernel z ← f(x) for a few rows of the table."""
    f0, f1, f2, f3 = (row.value for row in _group(first))

    @kernel
    def values(number: Any, x: Any, z: Any, p: Any, q: Any) -> None:
        if number == first:
            for i in range(x.size):
                z[i] = f0(x[i], p, q)
        elif number == first + 1:
            for i in range(x.size):
                z[i] = f1(x[i], p, q)
        elif number == first + 2:
            for i in range(x.size):
                z[i] = f2(x[i], p, q)
        elif number == first + 3:
            for i in range(x.size):
                z[i] = f3(x[i], p, q)

    return values


def _slopes(first: int) -> Scalar:
    """Return a kernel dx ← dz·f′(x) for a few rows of the table."""
    f0, f1, f2, f3 = (row.slope for row in _group(first))

    @kernel
    def slopes(number: Any, x: Any, z: Any, dz: Any, dx: Any, p: Any, q: Any) -> None:
        if number == first:
            for i in range(x.size):
                dx[i] = dz[i] * f0(x[i], z[i], p, q)
        elif number == first + 1:
            for i in range(x.size):
                dx[i] = dz[i] * f1(x[i], z[i], p, q)
        elif number == first + 2:
            for i in range(x.size):
                dx[i] = dz[i] * f2(x[i], z[i], p, q)
        elif number == first + 3:
            for i in range(x.size):
                dx[i] = dz[i] * f3(x[i], z[i], p, q)

    return slopes


_values0, _values1, _values2, _values3, _values4, _values5 = (_values(k) for k in _NUMBERS)
_slopes0, _slopes1, _slopes2, _slopes3, _slopes4, _slopes5 = (_slopes(k) for k in _NUMBERS)


@part
def apply_values(number: Any, x: Any, z: Any, p: Any, q: Any) -> None:
    """Set z ← f(x) by the row ``number`` of the table."""
    _values0(number, x, z, p, q)
    _values1(number, x, z, p, q)
    _values2(number, x, z, p, q)
    _values3(number, x, z, p, q)
    _values4(number, x, z, p, q)
    _values5(number, x, z, p, q)


@part
def apply_slopes(number: Any, x: Any, z: Any, dz: Any, dx: Any, p: Any, q: Any) -> None:
    """Set dx ← dz·f′(x)."""
    _slopes0(number, x, z, dz, dx, p, q)
    _slopes1(number, x, z, dz, dx, p, q)
    _slopes2(number, x, z, dz, dx, p, q)
    _slopes3(number, x, z, dz, dx, p, q)
    _slopes4(number, x, z, dz, dx, p, q)
    _slopes5(number, x, z, dz, dx, p, q)
