"""What looks at all components of a value: softmax, its logarithm, cross-entropy, layer norm."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.native.kernels.losses import LossSum, emit_loss
from engine.native.runtime.kernel import Emit, Emitter, Kernel, reads_a, reads_both
from engine.native.simd.array_views import block, row, span
from engine.native.simd.jit import kernel
from engine.native.simd.transcendental import exp
from engine.native.simd.vector_arithmetic import log1p, spread, sqrt, total, where
from engine.native.simd.vectors import inside, lanes, store, width
from engine.plan.steps import Step


class OneValue(NamedTuple):
    """An instruction that reads one value."""

    out: int
    rows: int
    a: int
    a_rows: int
    need_a: int


class LayerNormalised(NamedTuple):
    """An instruction: rows ← gain·(a − μ)/√(v + ε) + shift; gain and shift begin there in θ."""

    out: int
    rows: int
    a: int
    a_rows: int
    need_a: int
    gain: int
    shift: int
    epsilon: float


@kernel
def _add_to(to: Any, at: Any, message: Any) -> None:
    store(to, at, lanes(to, at) + message)


@kernel
def _peak(x: Any, at: Any) -> Any:
    """Return a block of the largest of each column, and its row."""
    top = lanes(row(x, 0), at)
    argmax = top * 0
    for i in range(1, x.shape[0]):
        one = lanes(row(x, i), at)
        argmax = where(one <= top, argmax, i)
        top = where(one <= top, top, one)
    return top, argmax


@kernel
def _rest(x: Any, at: Any, top: Any, argmax: Any) -> Any:
    """Return a block of Σ exp(xᵢ − top) over all rows but the largest."""
    rest = top * 0
    for i in range(x.shape[0]):
        rest += where(argmax == i, 0, exp(lanes(row(x, i), at) - top))
    return rest


def _softmax(m: Any, c: Any) -> None:
    """Set z ← softmax(x)."""
    x, z = block(m.values, c.a, c.a_rows), block(m.values, c.out, c.rows)
    for at in range(0, z.shape[1], width(z)):
        top, _argmax = _peak(x, at)
        whole = top * 0
        for i in range(x.shape[0]):
            power = exp(lanes(row(x, i), at) - top)
            store(row(z, i), at, power)
            whole += power
        for i in range(x.shape[0]):
            store(row(z, i), at, lanes(row(z, i), at) / whole)


def _softmax_back(m: Any, c: Any) -> None:
    """Add z·(δ − Σ δ·z) to x's δ."""
    z, dz = block(m.values, c.out, c.rows), block(m.deltas, c.out, c.rows)
    dx = block(m.deltas, c.a, c.a_rows)
    for at in range(0, z.shape[1], width(z)):
        whole = lanes(row(z, 0), at) * lanes(row(dz, 0), at)
        for i in range(1, z.shape[0]):
            whole += lanes(row(z, i), at) * lanes(row(dz, i), at)
        for i in range(z.shape[0]):
            _add_to(row(dx, i), at, lanes(row(z, i), at) * (lanes(row(dz, i), at) - whole))


def _log_softmax(m: Any, c: Any) -> None:
    """Set z ← x − max − log(1 + Σ of the other exponentials)."""
    x, z = block(m.values, c.a, c.a_rows), block(m.values, c.out, c.rows)
    for at in range(0, z.shape[1], width(z)):
        top, argmax = _peak(x, at)
        more = log1p(_rest(x, at, top, argmax))
        for i in range(x.shape[0]):
            store(row(z, i), at, (lanes(row(x, i), at) - top) - more)


def _log_softmax_back(m: Any, c: Any) -> None:
    """Add δ − eᶻ·Σ δ to x's δ."""
    z, dz = block(m.values, c.out, c.rows), block(m.deltas, c.out, c.rows)
    dx = block(m.deltas, c.a, c.a_rows)
    for at in range(0, z.shape[1], width(z)):
        whole = lanes(row(dz, 0), at)
        for i in range(1, z.shape[0]):
            whole += lanes(row(dz, i), at)
        for i in range(z.shape[0]):
            _add_to(row(dx, i), at, lanes(row(dz, i), at) - exp(lanes(row(z, i), at)) * whole)


def _cross_entropy(m: Any, c: Any) -> None:
    """Set out (B,) ← −factor·Σ t·log softmax(x)."""
    x, t = block(m.values, c.a, c.a_rows), block(m.values, c.b, c.b_rows)
    out, factor = row(m.values, c.out), c.factor
    for at in range(0, out.size, width(out)):
        top, argmax = _peak(x, at)
        more = log1p(_rest(x, at, top, argmax))
        loss = top * 0
        for i in range(x.shape[0]):
            loss += lanes(row(t, i), at) * (more - (lanes(row(x, i), at) - top))
        store(out, at, factor * loss)


def _cross_entropy_back(m: Any, c: Any) -> None:
    """Add share·factor·(p·(Σt − t) − t·(1 − p)) to dx, −share·factor·log p to dt, as needed."""
    x, t = block(m.values, c.a, c.a_rows), block(m.values, c.b, c.b_rows)
    dx, dt = block(m.deltas, c.a, c.a_rows), block(m.deltas, c.b, c.b_rows)
    share, factor, need_x, need_t = row(m.deltas, c.out), c.factor, c.need_a, c.need_b
    for at in range(0, share.size, width(share)):
        top, argmax = _peak(x, at)
        rest = _rest(x, at, top, argmax)
        weight, more = factor * lanes(share, at), log1p(rest)
        whole = lanes(row(t, 0), at)
        for i in range(1, x.shape[0]):
            whole += lanes(row(t, i), at)
        for i in range(x.shape[0]):
            logarithm, target = (lanes(row(x, i), at) - top) - more, lanes(row(t, i), at)
            if need_t:
                _add_to(row(dt, i), at, -weight * logarithm)
            if need_x:
                likely = exp(logarithm)
                unlikely = where(argmax == i, rest / (1 + rest), 1 - likely)
                slope = likely * (whole - target) - target * unlikely
                _add_to(row(dx, i), at, weight * slope)


@kernel
def _moments(x: Any, at: Any, epsilon: Any) -> Any:
    """Return a block of the mean μ of each column and of √(v + ε)."""
    n = x.shape[0]
    mean = lanes(row(x, 0), at) / n
    for i in range(1, n):
        mean += lanes(row(x, i), at) / n
    rest = mean * 0
    for i in range(n):  # where numbers are nearly equal, what the sum lost is what is looked at
        rest += (lanes(row(x, i), at) - mean) / n
    mean = mean + rest
    variance = spread(row(x, 0), epsilon)
    for i in range(n):
        away = lanes(row(x, i), at) - mean
        variance += away * away / n
    return mean, sqrt(variance)


def _layer_norm(m: Any, c: Any) -> None:
    """Set z ← gain·(x − μ)/√(v + ε) + shift."""
    x, z = block(m.values, c.a, c.a_rows), block(m.values, c.out, c.rows)
    gain, shift = span(m.theta, c.gain, c.a_rows), span(m.theta, c.shift, c.a_rows)
    epsilon = c.epsilon
    for at in range(0, z.shape[1], width(z)):
        mean, deviation = _moments(x, at, epsilon)
        for i in range(x.shape[0]):
            normal = (lanes(row(x, i), at) - mean) / deviation
            store(row(z, i), at, gain[i] * normal + shift[i])


def _layer_norm_back(m: Any, c: Any) -> None:
    """Add to dx (if needed), ∂E/∂gain and ∂E/∂shift."""
    x, gain = block(m.values, c.a, c.a_rows), span(m.theta, c.gain, c.a_rows)
    dz, dx = block(m.deltas, c.out, c.rows), block(m.deltas, c.a, c.a_rows)
    d_gain, d_shift = span(m.gradient, c.gain, c.a_rows), span(m.gradient, c.shift, c.a_rows)
    epsilon, needed = c.epsilon, c.need_a
    n = x.shape[0]
    for at in range(0, dz.shape[1], width(dz)):
        mean, deviation = _moments(x, at, epsilon)
        whole = along = mean * 0
        for i in range(n):
            normal, delta = (lanes(row(x, i), at) - mean) / deviation, lanes(row(dz, i), at)
            d_gain[i] += total(where(inside(row(dz, i), at), delta * normal, 0))
            d_shift[i] += total(delta)
            whole += gain[i] * delta
            along += gain[i] * delta * normal
        for i in range(n if needed else 0):
            normal, delta = (lanes(row(x, i), at) - mean) / deviation, lanes(row(dz, i), at)
            inner = gain[i] * delta - whole / n - normal * (along / n)
            _add_to(row(dx, i), at, inner / deviation)


def _emit_one(emitter: Emitter, step: Step) -> None:
    place = {**emitter.output(step.output), **emitter.input("a", step.inputs[0])}
    emitter.emit(step.op.spec.kind, step.output, OneValue(**place))


def _emit_layer_norm(emitter: Emitter, step: Step) -> None:
    place = {**emitter.output(step.output), **emitter.input("a", step.inputs[0])}
    place |= {name: emitter.place(step.slots[name]) for name in ("gain", "shift")}
    epsilon = float(step.params["epsilon"])  # type: ignore[arg-type]  # declared float
    emitter.emit("layer_norm", step.output, LayerNormalised(**place, epsilon=epsilon))


KERNELS = (
    Kernel("softmax", OneValue, _softmax, _softmax_back, reads_a),
    Kernel("log_softmax", OneValue, _log_softmax, _log_softmax_back, reads_a),
    Kernel("layer_norm", LayerNormalised, _layer_norm, _layer_norm_back, reads_a),
    Kernel("cross_entropy", LossSum, _cross_entropy, _cross_entropy_back, reads_both),
)
OPERATIONS: dict[str, Emit] = {
    "softmax": _emit_one,
    "log_softmax": _emit_one,
    "layer_norm": _emit_layer_norm,
    "cross_entropy": emit_loss,
}
