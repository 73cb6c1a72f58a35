"""Sum of values."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op, repeat_to, sum_to


@op(
    group="arithmetic",
    rank=1,
    symbol="Σ",
    aliases=("add", "plus", "+", "residual", "skip"),
    bounds=(-np.inf, np.inf),
)
def sum_(*inputs: Array) -> Array:
    """Sum of all inputs, component by component.

    Formula: z = x₁ + x₂ + …
    Shapes: inputs: (B, n) or (B, 1), repeated to n → (B, n)
    Source: sum rule, ∂z/∂xᵢ = 1: every input receives the same δ.
    """
    widths = [x.shape[1] for x in inputs]
    if min(widths) < max(widths):
        inputs = tuple(repeat_to(x, max(widths), "inputs") for x in inputs)
    return sum(inputs[1:], start=inputs[0])


@sum_.derivative
def _(delta: Array, output: Array, *inputs: Array) -> list[Array]:
    return [sum_to(delta, x.shape[1]) for x in inputs]


sum_.equations("z = Σ(k, x[k])", "∂z/∂x[k] = 1")
