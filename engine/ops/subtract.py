"""Difference of two values."""

from __future__ import annotations

from engine.declaration.op import Array, op, repeat_to, sum_to


@op(group="arithmetic", rank=3, symbol="−", aliases=("minus", "difference", "error", "-"))
def subtract(a: Array, b: Array) -> Array:
    """Take b away from a, component by component.

    Formula: z = a − b,  ∂z/∂a = 1, ∂z/∂b = −1
    Shapes: a, b: (B, n) or (B, 1), repeated to n → (B, n)
    Source: sum rule.
    """
    width = max(a.shape[1], b.shape[1])
    return repeat_to(a, width, "a") - repeat_to(b, width, "b")


@subtract.derivative
def _(delta: Array, output: Array, a: Array, b: Array) -> list[Array]:
    return [sum_to(delta, a.shape[1]), -sum_to(delta, b.shape[1])]


subtract.equations("z = a − b", "∂z/∂a = 1", "∂z/∂b = −1")
