"""The optimisers' updates, as in ``engine.training.optimizers``, and the gradient's last touches.

θ, g and the rule's memory are vectors; ``h`` holds the constants named below.
"""

from __future__ import annotations

import math
from typing import Any

from engine.native.simd.array_views import span
from engine.native.simd.jit import kernel
from engine.native.simd.vector_arithmetic import spread, sqrt, total, where
from engine.native.simd.vectors import lanes, store, width

RATE, MOMENTUM, BETA1, BETA2, DECAY, EPSILON, WEIGHT_DECAY = range(7)
L1, L2, CLIP_NORM, CLIP_VALUE, CONSTANTS = range(7, 12)
_STRETCH = 4096  # entries added up in their own precision
RULES = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "rprop")
"""Names of the rules; a rule's number is its place here."""


@kernel
def add_penalties(h: Any, weights: Any, theta: Any, g: Any) -> None:
    """Add λ₁·sign(w) + λ₂·w of the weights, ranges of θ, to the gradient."""
    real = type(theta[0])
    zero, l1, l2 = real(0), real(h[L1]), real(h[L2])
    if l1 == zero and l2 == zero:
        return
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


@kernel
def _descend(rule: Any, h: Any, theta: Any, g: Any, first: Any, at: Any) -> None:
    """Rules with one memory."""
    before = lanes(first, at)
    if rule <= 2:
        before = h[MOMENTUM] * before + g
        step = before if rule == 1 else g + h[MOMENTUM] * before
    else:
        before = before + g * g if rule == 3 else h[DECAY] * before + (1 - h[DECAY]) * (g * g)
        step = g / (sqrt(before) + h[EPSILON])
    store(first, at, before)
    store(theta, at, lanes(theta, at) - h[RATE] * step)


@kernel
def _adam(
    h: Any, count: Any, decays: Any, theta: Any, g: Any, first: Any, second: Any, at: Any
) -> None:
    mean = h[BETA1] * lanes(first, at) + (1 - h[BETA1]) * g
    squares = h[BETA2] * lanes(second, at) + (1 - h[BETA2]) * (g * g)
    store(first, at, mean)
    store(second, at, squares)
    rate = h[RATE] / (1 - h[BETA1] ** count)
    root = 1 / math.sqrt(1 - h[BETA2] ** count)
    keep = 1 - h[RATE] * h[WEIGHT_DECAY] if decays else 1.0
    step = rate * mean / (sqrt(squares) * root + h[EPSILON])
    store(theta, at, keep * lanes(theta, at) - step)


@kernel
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
def _copy(x: Any, z: Any, first: Any, stop: Any) -> None:
    for i in range(first, stop):
        z[i] = x[i]


@kernel
def update(
    rule: Any, h: Any, count: Any, size: Any, ranges: Any, theta: Any, g: Any, last: Any,
    memory: Any,
) -> None:  # fmt: skip
    """Make one update of the trained ranges (start, stop); ``count`` is its number, from 1.

    ``last`` gets θ as it was. ``memory``: the rule's two vectors over the trained entries.
    """
    factor = h[CLIP_NORM] / size if size > h[CLIP_NORM] else 1.0
    clips = factor < 1 or math.isfinite(h[CLIP_VALUE])
    behind, done = 0, 0
    for k in range(ranges.shape[0]):
        start, n = ranges[k, 0], ranges[k, 1] - ranges[k, 0]
        _copy(theta, last, behind, start)
        now, old, slope = span(theta, start, n), span(last, start, n), span(g, start, n)
        first, second = span(memory[0], done, n), span(memory[1], done, n)
        for at in range(0, n, width(theta)):
            store(old, at, lanes(now, at))
            slopes = lanes(slope, at)
            if clips:
                slopes = _clipped(slopes, factor, h[CLIP_VALUE])
            if rule == 0:
                store(now, at, lanes(now, at) - h[RATE] * slopes)
            elif rule <= 4:
                _descend(rule, h, now, slopes, first, at)
            elif rule <= 6:
                _adam(h, count, rule == 6, now, slopes, first, second, at)
            else:
                _rprop(h, count, now, slopes, first, second, at)
        behind, done = start + n, done + n
    _copy(theta, last, behind, theta.size)
