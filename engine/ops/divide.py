"""Quotient of two values."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op, repeat_to, sum_to


@op(group="arithmetic", rank=4, symbol="÷", aliases=("quotient", "ratio", "over", "/"))
def divide(a: Array, b: Array) -> Array:
    """Divide a by b, component by component; b must not be 0.

    Formula: z = a / b,  ∂z/∂a = 1/b, ∂z/∂b = −a/b² = −z/b
    Shapes: a, b: (B, n) or (B, 1), repeated to n → (B, n)
    Source: quotient rule.
    Where b is 0 the result is infinite or no number; training then stops and says where.
    """
    width = max(a.shape[1], b.shape[1])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return repeat_to(a, width, "a") / repeat_to(b, width, "b")


@divide.derivative
def _(delta: Array, output: Array, a: Array, b: Array) -> list[Array]:
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = delta / b
        return [sum_to(share, a.shape[1]), sum_to(-share * output, b.shape[1])]


divide.equations("z = a/b", "∂z/∂a = 1/b", "∂z/∂b = −a/b²")
