"""Losses: what each component of prediction y and target t adds, one row of the table for each.

A row has the kind, term(y, t, p), ∂term/∂y, ∂term/∂t, and the op's parameter that becomes p.
`cross_entropy` mixes the components and is in ``joints``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from engine.native.simd.array_views import row
from engine.native.simd.jit import exact, kernel, part
from engine.native.simd.transcendental import exp, logistic
from engine.native.simd.vector_arithmetic import log, log1p, spread, where
from engine.native.simd.vectors import lanes, store, width

ScalarFunction: TypeAlias = Callable[..., Any]
_LOWEST_LOG = -100.0
_LEAST_VARIANCE = 1e-12


class LossKernel(NamedTuple):
    """A kind's term and its derivatives by prediction and target."""

    kind: str
    term: ScalarFunction
    by_prediction: ScalarFunction
    by_target: ScalarFunction
    param: str = ""


@exact
def _sign(x: Any) -> Any:
    return where(x > 0, 1, where(x < 0, -1, x * 0))


@exact
def _clip(x: Any, p: Any) -> Any:
    return where(x > p, p, where(x < -p, -p, x))


@exact
def _huber(y: Any, t: Any, p: Any) -> Any:
    size = abs(y - t)
    near = where(size > p, p, size)
    return near * (size - 0.5 * near)


@exact
def _hinge(y: Any, t: Any, p: Any) -> Any:
    rest = 1 - t * y
    return where(rest < 0, 0, rest)


@exact
def _inside(y: Any, t: Any) -> Any:
    return where(t * y < 1, 1, 0)


@exact
def _not_below(x: Any, least: Any) -> Any:
    return where(x < least, least, x)


@exact
def _bce_term(y: Any, t: Any, p: Any) -> Any:
    yes, no = _not_below(log(y), _LOWEST_LOG), _not_below(log1p(-y), _LOWEST_LOG)
    return (t - 1) * no - t * yes


@exact
def _bce_by_prediction(y: Any, t: Any, p: Any) -> Any:
    return (y - t) / _not_below(y * (1 - y), _LEAST_VARIANCE)


@exact
def _bce_by_target(y: Any, t: Any, p: Any) -> Any:
    return _not_below(log1p(-y), _LOWEST_LOG) - _not_below(log(y), _LOWEST_LOG)


@exact
def _logits_term(y: Any, t: Any, p: Any) -> Any:
    return (where(y < 0, 0, y) - t * y) + log1p(exp(-abs(y)))


@exact
def _kl_term(y: Any, t: Any, p: Any) -> Any:
    return where(t == 0, 0, t * log(t)) - t * y


@exact
def _kl_by_target(y: Any, t: Any, p: Any) -> Any:
    return where(t > 0, log(t) + 1, 0) - y


def _row(
    kind: str,
    term: ScalarFunction,
    by_prediction: ScalarFunction,
    by_target: ScalarFunction,
    param: str = "",
) -> LossKernel:
    functions = (term, by_prediction, by_target)
    a, b, c = (f if hasattr(f, "py_func") else exact(f) for f in functions)
    return LossKernel(kind, a, b, c, param)


def _squared(kind: str) -> LossKernel:
    return _row(
        kind,
        lambda y, t, p: (y - t) * (y - t),
        lambda y, t, p: 2 * (y - t),
        lambda y, t, p: 2 * (t - y),
    )


TABLE: tuple[LossKernel, ...] = (
    _row(
        "half_squared_error",
        lambda y, t, p: 0.5 * (y - t) * (y - t),
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
    _row("binary_cross_entropy", _bce_term, _bce_by_prediction, _bce_by_target),
    _row(
        "binary_cross_entropy_logits",
        _logits_term,
        lambda y, t, p: (1 - t) * logistic(y) - t * logistic(-y),
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


def _group(first: int) -> list[LossKernel]:
    rows = TABLE[first : first + _GROUP]
    return [*rows, *[TABLE[0]] * (_GROUP - len(rows))]


def _add_up(first: int) -> ScalarFunction:
    """Return a kernel out ← factor·Σ over components of term(y, t), for a few rows."""
    f0, f1, f2, f3, f4 = (entry.term for entry in _group(first))

    @kernel
    def add_up(number: Any, y: Any, t: Any, p: Any, factor: Any, out: Any) -> None:
        for at in range(0, out.size, width(out)):
            total = spread(out, 0)
            for i in range(y.shape[0]):
                a, b = lanes(row(y, i), at), lanes(row(t, i), at)
                term = a
                if number == first:
                    term = f0(a, b, p)
                elif number == first + 1:
                    term = f1(a, b, p)
                elif number == first + 2:
                    term = f2(a, b, p)
                elif number == first + 3:
                    term = f3(a, b, p)
                else:
                    term = f4(a, b, p)
                total += factor * term
            store(out, at, total)

    return add_up


def _slopes(first: int, side: str) -> ScalarFunction:
    """Return a kernel to ← to + dE·factor·slope(y, t), for a few rows."""
    f0, f1, f2, f3, f4 = (getattr(entry, side) for entry in _group(first))

    @kernel
    def slopes(number: Any, y: Any, t: Any, p: Any, share: Any, factor: Any, to: Any) -> None:
        for at in range(0, share.size, width(share)):
            whole = factor * lanes(share, at)
            for i in range(y.shape[0]):
                a, b = lanes(row(y, i), at), lanes(row(t, i), at)
                slope = a
                if number == first:
                    slope = f0(a, b, p)
                elif number == first + 1:
                    slope = f1(a, b, p)
                elif number == first + 2:
                    slope = f2(a, b, p)
                elif number == first + 3:
                    slope = f3(a, b, p)
                else:
                    slope = f4(a, b, p)
                store(row(to, i), at, lanes(row(to, i), at) + whole * slope)

    return slopes


def _add_up_from(first: int) -> ScalarFunction:
    """Return what chooses among the kernels of the table's rows from ``first`` on."""
    add_up = _add_up(first)
    if first + _GROUP >= len(TABLE):
        return add_up
    others = _add_up_from(first + _GROUP)

    @part
    def choose(number: Any, y: Any, t: Any, p: Any, factor: Any, out: Any) -> None:
        if number < first + _GROUP:
            add_up(number, y, t, p, factor, out)
        else:
            others(number, y, t, p, factor, out)

    return choose


def _slopes_from(first: int, side: str) -> ScalarFunction:
    """Return what chooses among the backward kernels of the table's rows from ``first`` on."""
    slopes = _slopes(first, side)
    if first + _GROUP >= len(TABLE):
        return slopes
    others = _slopes_from(first + _GROUP, side)

    @part
    def choose(number: Any, y: Any, t: Any, p: Any, share: Any, factor: Any, to: Any) -> None:
        if number < first + _GROUP:
            slopes(number, y, t, p, share, factor, to)
        else:
            others(number, y, t, p, share, factor, to)

    return choose


loss_value = _add_up_from(0)
"""Set out (B,) ← factor·Σᵢ term(yᵢ, tᵢ); y, t: (n, B): (number, y, t, p, factor, out)."""
loss_by_prediction = _slopes_from(0, "by_prediction")
"""Add share·factor·∂term/∂y to ``to`` (n, B); share: (B,): (number, y, t, p, share, factor, to)."""
loss_by_target = _slopes_from(0, "by_target")
"""Add share·factor·∂term/∂t to ``to``."""
