"""The optimisers' updates, as in ``engine.training.optimizers``, and the gradient's last touches.

θ, g and the rule's memory are vectors; ``h`` holds the constants named below.
"""

from __future__ import annotations

import math
from typing import Any

from engine.native.jit import kernel, part

RATE, MOMENTUM, BETA1, BETA2, DECAY, EPSILON, WEIGHT_DECAY = range(7)
L1, L2, CLIP_NORM, CLIP_VALUE, CONSTANTS = range(7, 12)
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
    total = 0.0
    for k in range(ranges.shape[0]):
        for i in range(ranges[k, 0], ranges[k, 1]):
            total += g[i] * g[i]
    return math.sqrt(total)


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
def _clip(h: Any, size: Any, g: Any, out: Any) -> None:
    """Set out ← g bounded by norm, then each component."""
    real = type(g[0])
    factor = real(h[CLIP_NORM] / size) if size > h[CLIP_NORM] else real(1)
    bound = real(h[CLIP_VALUE])
    for i in range(g.size):
        x = g[i] * factor
        out[i] = bound if x > bound else (-bound if x < -bound else x)


@kernel
def _descend(rule: Any, h: Any, theta: Any, g: Any, first: Any) -> None:
    """Rules with at most one memory."""
    real = type(theta[0])
    rate, mu = real(h[RATE]), real(h[MOMENTUM])
    decay, epsilon, one = real(h[DECAY]), real(h[EPSILON]), real(1)
    if rule == 0:
        for i in range(g.size):
            theta[i] -= rate * g[i]
    elif rule == 1:
        for i in range(g.size):
            first[i] = mu * first[i] + g[i]
            theta[i] -= rate * first[i]
    elif rule == 2:
        for i in range(g.size):
            first[i] = mu * first[i] + g[i]
            theta[i] -= rate * (g[i] + mu * first[i])
    elif rule == 3:
        for i in range(g.size):
            first[i] += g[i] * g[i]
            theta[i] -= rate * g[i] / (math.sqrt(first[i]) + epsilon)
    else:
        for i in range(g.size):
            first[i] = decay * first[i] + (one - decay) * (g[i] * g[i])
            theta[i] -= rate * g[i] / (math.sqrt(first[i]) + epsilon)


@kernel
def _adam(h: Any, count: Any, theta: Any, g: Any, mean: Any, squares: Any, decay: Any) -> None:
    real = type(theta[0])
    beta1, beta2, epsilon, one = real(h[BETA1]), real(h[BETA2]), real(h[EPSILON]), real(1)
    rest1, rest2 = real(1 - h[BETA1]), real(1 - h[BETA2])
    rate = real(h[RATE] / (1 - h[BETA1] ** count))
    root = one / real(math.sqrt(1 - h[BETA2] ** count))
    keep = one - real(h[RATE] * h[WEIGHT_DECAY]) if decay else one
    for i in range(g.size):
        mean[i] = beta1 * mean[i] + rest1 * g[i]
        squares[i] = beta2 * squares[i] + rest2 * (g[i] * g[i])
        theta[i] = keep * theta[i] - rate * mean[i] / (math.sqrt(squares[i]) * root + epsilon)


@kernel
def _rprop(h: Any, count: Any, theta: Any, g: Any, before: Any, steps: Any) -> None:
    real = type(theta[0])
    zero, grow, shrink = real(0), real(1.2), real(0.5)
    smallest, largest = real(1e-6), real(50)
    for i in range(g.size):
        step = real(h[RATE]) if count == 1 else steps[i]
        agreement = g[i] * before[i]
        step *= grow if agreement > zero else (shrink if agreement < zero else real(1))
        step = smallest if step < smallest else (largest if step > largest else step)
        sign = zero if agreement < zero else g[i]
        steps[i], before[i] = step, sign
        theta[i] -= step if sign > zero else (-step if sign < zero else zero)


@part
def update(
    rule: Any, h: Any, count: Any, size: Any, ranges: Any, theta: Any, g: Any, memory: Any
) -> None:
    """Make one update of the trained ranges (start, stop); ``count`` is its number, from 1.

    ``memory``: the rule's two vectors over the trained entries, and one of scratch.
    """
    clipping = size > h[CLIP_NORM] or math.isfinite(h[CLIP_VALUE])
    at = 0
    for k in range(ranges.shape[0]):
        start, stop = ranges[k]
        end = at + stop - start
        values, slope = theta[start:stop], g[start:stop]
        first, second = memory[0][at:end], memory[1][at:end]
        if clipping:
            _clip(h, size, slope, memory[2][at:end])
            slope = memory[2][at:end]
        if rule <= 4:
            _descend(rule, h, values, slope, first)
        elif rule <= 6:
            _adam(h, count, values, slope, first, second, rule == 6)
        else:
            _rprop(h, count, values, slope, first, second)
        at = end
