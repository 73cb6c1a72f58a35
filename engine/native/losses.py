"""Losses: what each component of prediction y and target t adds, one row of the table for each.

A row has the kind, term(y, t, p), ∂term/∂y, ∂term/∂t, and the op's parameter that becomes p.
`cross_entropy` mixes the components and is in ``joints``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from engine.native.jit import exact, kernel, part
from engine.native.scalars import exp, logistic

Scalar: TypeAlias = Callable[..., Any]
_LOWEST_LOG = -100.0
_LEAST_VARIANCE = 1e-12


class Loss(NamedTuple):
    """A kind's term and its derivatives by prediction and target."""

    kind: str
    term: Scalar
    by_prediction: Scalar
    by_target: Scalar
    param: str = ""


@exact
def _sign(x: Any) -> Any:
    c = type(x)
    return c(1) if x > c(0) else (c(-1) if x < c(0) else x * c(0))


@exact
def _clip(x: Any, p: Any) -> Any:
    return p if x > p else (-p if x < -p else x)


@exact
def _huber(y: Any, t: Any, p: Any) -> Any:
    size = abs(y - t)
    near = p if size > p else size
    return near * (size - type(y)(0.5) * near)


@exact
def _hinge(y: Any, t: Any, p: Any) -> Any:
    c = type(y)
    rest = c(1) - t * y
    return c(0) if rest < c(0) else rest


@exact
def _inside(y: Any, t: Any) -> Any:
    return type(y)(1 if t * y < type(y)(1) else 0)


@exact
def _yes(y: Any) -> Any:
    low, z = type(y)(_LOWEST_LOG), math.log(y)
    return low if z < low else z


@exact
def _no(y: Any) -> Any:
    low, z = type(y)(_LOWEST_LOG), math.log1p(-y)
    return low if z < low else z


@exact
def _bce_by_prediction(y: Any, t: Any, p: Any) -> Any:
    least, variance = type(y)(_LEAST_VARIANCE), y * (type(y)(1) - y)
    return (y - t) / (least if variance < least else variance)


@exact
def _logits_term(y: Any, t: Any, p: Any) -> Any:
    c = type(y)
    return ((c(0) if y < c(0) else y) - t * y) + math.log1p(exp(-abs(y)))


@exact
def _kl_term(y: Any, t: Any, p: Any) -> Any:
    c = type(y)
    surprise = t * math.log(t) if t != c(0) else c(0)
    return surprise - t * y


@exact
def _kl_by_target(y: Any, t: Any, p: Any) -> Any:
    c = type(y)
    return (math.log(t) + c(1) if t > c(0) else c(0)) - y


def _row(
    kind: str, term: Scalar, by_prediction: Scalar, by_target: Scalar, param: str = ""
) -> Loss:
    functions = (term, by_prediction, by_target)
    a, b, c = (f if hasattr(f, "py_func") else exact(f) for f in functions)
    return Loss(kind, a, b, c, param)


def _squared(kind: str) -> Loss:
    return _row(
        kind,
        lambda y, t, p: (y - t) * (y - t),
        lambda y, t, p: type(y)(2) * (y - t),
        lambda y, t, p: type(y)(2) * (t - y),
    )


TABLE: tuple[Loss, ...] = (
    _row(
        "half_squared_error",
        lambda y, t, p: type(y)(0.5) * (y - t) * (y - t),
        lambda y, t, p: y - t,
        lambda y, t, p: t - y,
    ),
    _squared("squared_error"),
    _squared("mean_squared_error"),
    _row(
        "mean_absolute_error",
        lambda y, t, p: abs(y - t),
        lambda y, t, p: _sign(y - t),
        lambda y, t, p: -_sign(y - t),
    ),
    _row(
        "huber",
        _huber,
        lambda y, t, p: _clip(y - t, p),
        lambda y, t, p: -_clip(y - t, p),
        "delta",
    ),
    _row(
        "hinge",
        _hinge,
        lambda y, t, p: -_inside(y, t) * t,
        lambda y, t, p: -_inside(y, t) * y,
    ),
    _row(
        "binary_cross_entropy",
        lambda y, t, p: (t - type(y)(1)) * _no(y) - t * _yes(y),
        _bce_by_prediction,
        lambda y, t, p: _no(y) - _yes(y),
    ),
    _row(
        "binary_cross_entropy_logits",
        _logits_term,
        lambda y, t, p: (type(y)(1) - t) * logistic(y) - t * logistic(-y),
        lambda y, t, p: -y,
    ),
    _row(
        "negative_log_likelihood",
        lambda y, t, p: -t * y,
        lambda y, t, p: -t,
        lambda y, t, p: -y,
    ),
    _row("kl_divergence", _kl_term, lambda y, t, p: -t, _kl_by_target),
)
"""All kinds; a kind's number is its place here."""

_GROUP = 5


def _add_up(first: int) -> Scalar:
    """Return a kernel out ← factor·Σ over components of term(y, t), for a few rows."""
    f0, f1, f2, f3, f4 = (row.term for row in TABLE[first : first + _GROUP])

    @kernel
    def add_up(number: Any, y: Any, t: Any, p: Any, factor: Any, out: Any) -> None:
        for i in range(y.shape[0]):
            for j in range(y.shape[1]):
                a, b, term = y[i, j], t[i, j], factor
                if number == first:
                    term = f0(a, b, p)
                elif number == first + 1:
                    term = f1(a, b, p)
                elif number == first + 2:
                    term = f2(a, b, p)
                elif number == first + 3:
                    term = f3(a, b, p)
                elif number == first + 4:
                    term = f4(a, b, p)
                out[j] += factor * term

    return add_up


def _slopes(first: int, side: str) -> Scalar:
    """Return a kernel to ← to + dE·factor·slope(y, t), for a few rows."""
    f0, f1, f2, f3, f4 = (getattr(row, side) for row in TABLE[first : first + _GROUP])

    @kernel
    def slopes(number: Any, y: Any, t: Any, p: Any, share: Any, factor: Any, to: Any) -> None:
        for i in range(y.shape[0]):
            for j in range(y.shape[1]):
                a, b, slope = y[i, j], t[i, j], factor
                if number == first:
                    slope = f0(a, b, p)
                elif number == first + 1:
                    slope = f1(a, b, p)
                elif number == first + 2:
                    slope = f2(a, b, p)
                elif number == first + 3:
                    slope = f3(a, b, p)
                elif number == first + 4:
                    slope = f4(a, b, p)
                to[i, j] += share[j] * factor * slope

    return slopes


_add_up0, _add_up1 = _add_up(0), _add_up(_GROUP)
_prediction0, _prediction1 = _slopes(0, "by_prediction"), _slopes(_GROUP, "by_prediction")
_target0, _target1 = _slopes(0, "by_target"), _slopes(_GROUP, "by_target")


@part
def loss_value(number: Any, y: Any, t: Any, p: Any, factor: Any, out: Any) -> None:
    """Set out (B,) ← factor·Σᵢ term(yᵢ, tᵢ); y, t: (n, B)."""
    out[:] = 0
    if number < _GROUP:
        _add_up0(number, y, t, p, factor, out)
    else:
        _add_up1(number, y, t, p, factor, out)


@part
def loss_by_prediction(
    number: Any, y: Any, t: Any, p: Any, share: Any, factor: Any, to: Any
) -> None:
    """Add share·factor·∂term/∂y to ``to`` (n, B); share: (B,)."""
    if number < _GROUP:
        _prediction0(number, y, t, p, share, factor, to)
    else:
        _prediction1(number, y, t, p, share, factor, to)


@part
def loss_by_target(number: Any, y: Any, t: Any, p: Any, share: Any, factor: Any, to: Any) -> None:
    """Add share·factor·∂term/∂t to ``to`` (n, B); share: (B,)."""
    if number < _GROUP:
        _target0(number, y, t, p, share, factor, to)
    else:
        _target1(number, y, t, p, share, factor, to)
