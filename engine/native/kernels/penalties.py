"""Penalties on weights: strength/power·Σ|θ|^power over ranges of θ."""

from __future__ import annotations

from typing import Any, NamedTuple

from engine.native.runtime.kernel import Emit, Emitter, Kernel
from engine.native.simd.array_views import row
from engine.native.simd.jit import kernel
from engine.native.simd.vector_arithmetic import spread
from engine.native.simd.vectors import store, width
from engine.plan.steps import Step


class Penalised(NamedTuple):
    """An instruction: the ``length`` ranges (start, stop) of θ listed from ``first`` on."""

    out: int
    rows: int
    first: int
    length: int
    power: int
    strength: float


@kernel
def _total(covers: Any, first: Any, count: Any, power: Any, theta: Any, zero: Any) -> Any:
    total = zero
    for k in range(first, first + count):
        for i in range(covers[k, 0], covers[k, 1]):
            total += abs(theta[i]) if power == 1 else theta[i] * theta[i]
    return total


def _penalty(m: Any, c: Any) -> None:
    strength, out = c.strength, row(m.values, c.out)
    real = type(strength)
    total = _total(m.covers, c.first, c.length, c.power, m.theta, real(0))
    number = total * strength / real(c.power)
    for at in range(0, out.size, width(out)):
        store(out, at, spread(out, number))


def _penalty_back(m: Any, c: Any) -> None:
    """Add strength·sign(θ) or strength·θ to the gradient."""
    covers, theta, gradient, power = m.covers, m.theta, m.gradient, c.power
    strength = c.strength * row(m.deltas, c.out)[0]
    zero = type(strength)(0)
    for k in range(c.first, c.first + c.length):
        for i in range(covers[k, 0], covers[k, 1]):
            w = theta[i]
            if power == 1:
                gradient[i] += strength if w > zero else (-strength if w < zero else zero)
            else:
                gradient[i] += strength * w


def _emit(emitter: Emitter, step: Step) -> None:
    ranges = emitter.covered(step.covers)
    strength = float(step.params["coefficient"])  # type: ignore[arg-type]  # declared float
    power = 1 if step.op.spec.kind == "l1_penalty" else 2
    place = {"first": emitter.listed("covers", ranges.tolist()), "length": len(ranges)}
    place |= {**emitter.output(step.output), "power": power}
    emitter.emit("penalty", step.output, Penalised(**place, strength=strength))


KERNELS = (Kernel("penalty", Penalised, _penalty, _penalty_back),)
OPERATIONS: dict[str, Emit] = {"l1_penalty": _emit, "l2_penalty": _emit}
