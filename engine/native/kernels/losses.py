"""Losses: what each component of prediction y and target t adds, one row of the table for each.

A row has the kind, term(y, t, p), ∂term/∂y, ∂term/∂t, and the op's parameter that becomes p.
`cross_entropy` mixes the components: see ``normalisations``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.native.runtime.kernel import Emit, Emitter, Function, Kernel, reads_both
from engine.native.simd.array_views import block, row
from engine.native.simd.jit import exact
from engine.native.simd.transcendental import exp, logistic
from engine.native.simd.vector_arithmetic import log, log1p, spread, where
from engine.native.simd.vectors import lanes, store, width
from engine.plan.steps import Step

_LOWEST_LOG = -100.0
_LEAST_VARIANCE = 1e-12


class LossKernel(NamedTuple):
    """A kind's term and its derivatives by prediction and target."""

    kind: str
    term: Function
    by_prediction: Function
    by_target: Function
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
    term: Function,
    by_prediction: Function,
    by_target: Function,
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
    _row("hinge", _hinge, lambda y, t, p: -_inside(y, t) * t, lambda y, t, p: -_inside(y, t) * y),
    _row("binary_cross_entropy", _bce_term, _bce_by_prediction, _bce_by_target),
    _row(
        "binary_cross_entropy_logits",
        _logits_term,
        lambda y, t, p: (1 - t) * logistic(y) - t * logistic(-y),
        lambda y, t, p: -y,
    ),
    _row("negative_log_likelihood", lambda y, t, p: -t * y, lambda y, t, p: -t, lambda y, t, p: -y),
    _row("kl_divergence", _kl_term, lambda y, t, p: -t, _kl_by_target),
)
"""All kinds; a kind's number is its place here."""


class LossSum(NamedTuple):
    """An instruction: row ``out`` becomes factor·Σ term(a, b, q) over the rows."""

    out: int
    rows: int
    a: int
    a_rows: int
    need_a: int
    b: int
    b_rows: int
    need_b: int
    factor: float
    q: float


def _forward(term: Function) -> Function:
    def forward(m: Any, c: Any) -> None:
        y, t = block(m.values, c.a, c.a_rows), block(m.values, c.b, c.b_rows)
        out, factor, q = row(m.values, c.out), c.factor, c.q
        for at in range(0, out.size, width(out)):
            whole = spread(out, 0)
            for i in range(y.shape[0]):
                whole += factor * term(lanes(row(y, i), at), lanes(row(t, i), at), q)
            store(out, at, whole)

    return forward


def _backward(by_prediction: Function, by_target: Function) -> Function:
    def backward(m: Any, c: Any) -> None:
        y, t = block(m.values, c.a, c.a_rows), block(m.values, c.b, c.b_rows)
        dy, dt = block(m.deltas, c.a, c.a_rows), block(m.deltas, c.b, c.b_rows)
        share, factor, q = row(m.deltas, c.out), c.factor, c.q
        need_y, need_t = c.need_a, c.need_b
        for at in range(0, share.size, width(share)):
            whole = factor * lanes(share, at)
            for i in range(y.shape[0]):
                a, b = lanes(row(y, i), at), lanes(row(t, i), at)
                if need_y:
                    to = row(dy, i)
                    store(to, at, lanes(to, at) + whole * by_prediction(a, b, q))
                if need_t:
                    to = row(dt, i)
                    store(to, at, lanes(to, at) + whole * by_target(a, b, q))

    return backward


def emit_loss(emitter: Emitter, step: Step) -> None:
    """Emit a loss."""
    kind, (prediction, target) = step.op.spec.kind, step.inputs
    read = {**emitter.input("a", prediction), **emitter.input("b", target)}
    factor = 1 / read["a_rows"] if step.params["components"] == "mean" else 1.0
    param = _PARAMS.get(kind)
    q = float(step.params[param]) if param else 0.0  # type: ignore[arg-type]  # a number
    instruction = LossSum(**emitter.output(step.output), **read, factor=factor, q=q)
    emitter.emit(kind, step.output, instruction)


_PARAMS = {row.kind: row.param for row in TABLE}
KERNELS = tuple(
    Kernel(
        row.kind,
        LossSum,
        _forward(row.term),
        _backward(row.by_prediction, row.by_target),
        reads_both,
    )
    for row in TABLE
)
OPERATIONS: dict[str, Emit] = {row.kind: emit_loss for row in TABLE}
