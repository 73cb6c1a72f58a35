"""The updates of ``engine.training.rules.optimizers``, and the gradient's last touches.

θ, g and the rule's memory are vectors; ``h`` holds the constants named below.
"""

from __future__ import annotations

import math
from typing import Any

from engine.native.runtime.kernel import Function
from engine.native.simd.array_views import span
from engine.native.simd.jit import exact, kernel
from engine.native.simd.vector_arithmetic import spread, sqrt, total, where
from engine.native.simd.vectors import lanes, store, width

RATE, MOMENTUM, BETA1, BETA2, DECAY, EPSILON, WEIGHT_DECAY = range(7)
L1, L2, CLIP_NORM, CLIP_VALUE, CONSTANTS = range(7, 12)
_STRETCH = 4096  # entries added up in their own precision


def penalise(m: Any, _c: Any) -> None:
    """Set ``m.penalty`` to training's own penalties: λ₁/m·Σ|w| + λ₂/(2m)·Σ w²."""
    h, weights, theta = m.constants, m.weights, m.theta
    size, square = 0.0, 0.0
    for k in range(weights.shape[0]):
        for i in range(weights[k, 0], weights[k, 1]):
            size += abs(theta[i])
            square += theta[i] * theta[i]
    m.penalty = h[L1] * size + h[L2] * square / 2


def penalise_back(m: Any, _c: Any) -> None:
    """Add λ₁·sign(w) + λ₂·w of the weights, ranges of θ, to the gradient."""
    h, weights, theta, g = m.constants, m.weights, m.theta, m.gradient
    real = type(theta[0])
    zero, l1, l2 = real(0), real(h[L1]), real(h[L2])
    for k in range(weights.shape[0]):
        for i in range(weights[k, 0], weights[k, 1]):
            w = theta[i]
            g[i] += l2 * w + (l1 if w > zero else (-l1 if w < zero else zero))


@kernel
def norm(ranges: Any, g: Any) -> Any:
    """Return the Euclidean norm of the trained entries."""
    whole = 0.0
    for k in range(ranges.shape[0]):
        trained = span(g, ranges[k, 0], ranges[k, 1] - ranges[k, 0])
        for start in range(0, trained.size, _STRETCH):
            part = span(trained, start, min(_STRETCH, trained.size - start))
            squares = lanes(part, 0) * lanes(part, 0)
            for at in range(width(part), part.size, width(part)):
                squares += lanes(part, at) * lanes(part, at)
            whole += total(squares)
    return math.sqrt(whole)


@kernel
def _finite(ranges: Any, g: Any) -> Any:
    for k in range(ranges.shape[0]):
        for i in range(ranges[k, 0], ranges[k, 1]):
            if not math.isfinite(g[i]):
                return False
    return True


@kernel
def usable(size: Any, ranges: Any, g: Any) -> Any:
    """Tell whether the trained entries, of norm ``size``, are all finite."""
    return math.isfinite(size) or _finite(ranges, g)


@kernel
def _clipped(g: Any, factor: Any, bound: Any) -> Any:
    g = g * factor
    return where(g > bound, bound, where(g < -bound, -bound, g))


# -- rules: each makes the step of one block of θ -----------------------------------------------


@exact
def _sgd(h: Any, count: Any, theta: Any, g: Any, first: Any, second: Any, at: Any) -> None:
    store(theta, at, lanes(theta, at) - h[RATE] * g)


@exact
def _momentum(h: Any, count: Any, theta: Any, g: Any, first: Any, second: Any, at: Any) -> None:
    before = h[MOMENTUM] * lanes(first, at) + g
    store(first, at, before)
    store(theta, at, lanes(theta, at) - h[RATE] * before)


@exact
def _nesterov(h: Any, count: Any, theta: Any, g: Any, first: Any, second: Any, at: Any) -> None:
    before = h[MOMENTUM] * lanes(first, at) + g
    store(first, at, before)
    store(theta, at, lanes(theta, at) - h[RATE] * (g + h[MOMENTUM] * before))


@exact
def _scaled(h: Any, theta: Any, g: Any, first: Any, squares: Any, at: Any) -> None:
    store(first, at, squares)
    step = g / (sqrt(squares) + h[EPSILON])
    store(theta, at, lanes(theta, at) - h[RATE] * step)


@exact
def _adagrad(h: Any, count: Any, theta: Any, g: Any, first: Any, second: Any, at: Any) -> None:
    _scaled(h, theta, g, first, lanes(first, at) + g * g, at)


@exact
def _rmsprop(h: Any, count: Any, theta: Any, g: Any, first: Any, second: Any, at: Any) -> None:
    squares = h[DECAY] * lanes(first, at) + (1 - h[DECAY]) * (g * g)
    _scaled(h, theta, g, first, squares, at)


@kernel
def _moments(
    h: Any, count: Any, keep: Any, theta: Any, g: Any, first: Any, second: Any, at: Any
) -> None:
    mean = h[BETA1] * lanes(first, at) + (1 - h[BETA1]) * g
    squares = h[BETA2] * lanes(second, at) + (1 - h[BETA2]) * (g * g)
    store(first, at, mean)
    store(second, at, squares)
    rate = h[RATE] / (1 - h[BETA1] ** count)
    root = 1 / math.sqrt(1 - h[BETA2] ** count)
    step = rate * mean / (sqrt(squares) * root + h[EPSILON])
    store(theta, at, keep * lanes(theta, at) - step)


@kernel
def _adam(h: Any, count: Any, theta: Any, g: Any, first: Any, second: Any, at: Any) -> None:
    _moments(h, count, 1.0, theta, g, first, second, at)


@kernel
def _adamw(h: Any, count: Any, theta: Any, g: Any, first: Any, second: Any, at: Any) -> None:
    keep = 1 - h[RATE] * h[WEIGHT_DECAY]
    _moments(h, count, keep, theta, g, first, second, at)


@exact
def _rprop(h: Any, count: Any, theta: Any, g: Any, first: Any, second: Any, at: Any) -> None:
    agreement = g * lanes(first, at)
    step = spread(first, h[RATE]) if count == 1 else lanes(second, at)
    step = where(agreement > 0, 1.2 * step, where(agreement < 0, 0.5 * step, step))
    step = where(step < 1e-6, 1e-6, where(step > 50, 50, step))
    sign = where(agreement < 0, 0, g)
    store(first, at, sign)
    store(second, at, step)
    move = where(sign > 0, step, where(sign < 0, -step, 0))
    store(theta, at, lanes(theta, at) - move)


@kernel
def copy(x: Any, z: Any, first: Any, stop: Any) -> None:
    """Set entries of z to those of x."""
    count = stop - first
    source, target = span(x, first, count), span(z, first, count)
    for at in range(0, count, width(source)):
        store(target, at, lanes(source, at))


def _update(step: Function) -> Function:
    """Return the kernel of a rule: an update of the trained ranges (start, stop) of θ.

    ``m.last`` gets θ as it was. The rule's two vectors are over the trained entries.
    """

    def update(m: Any, _c: Any) -> None:
        h, size, count, ranges = m.constants, m.norm, m.count, m.trained
        theta, g, last = m.theta, m.gradient, m.last
        factor = h[CLIP_NORM] / size if size > h[CLIP_NORM] else 1.0
        clips = factor < 1 or math.isfinite(h[CLIP_VALUE])
        behind, done = 0, 0
        for k in range(ranges.shape[0]):
            start, n = ranges[k, 0], ranges[k, 1] - ranges[k, 0]
            copy(theta, last, behind, start)
            now, old, slope = span(theta, start, n), span(last, start, n), span(g, start, n)
            first, second = span(m.first_moment, done, n), span(m.second_moment, done, n)
            for at in range(0, n, width(theta)):
                store(old, at, lanes(now, at))
                slopes = lanes(slope, at)
                if clips:
                    slopes = _clipped(slopes, factor, h[CLIP_VALUE])
                step(h, count, now, slopes, first, second, at)
            behind, done = start + n, done + n
        copy(theta, last, behind, theta.size)

    return update


UPDATES: dict[str, Function] = {
    "sgd": _update(_sgd),
    "momentum": _update(_momentum),
    "nesterov": _update(_nesterov),
    "adagrad": _update(_adagrad),
    "rmsprop": _update(_rmsprop),
    "adam": _update(_adam),
    "adamw": _update(_adamw),
    "rprop": _update(_rprop),
}
"""The kernel of each rule."""
PENALTIES: dict[str, Function] = {"penalise": penalise, "penalise_back": penalise_back}
"""What training's own penalties are computed with."""
