"""Product of values."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op, repeat_to, sum_to


@op(group="arithmetic", rank=2, symbol="Π", aliases=("multiply", "times", "*", "gate"))
def product(*inputs: Array) -> Array:
    """Product of all inputs, component by component.

    Formula: z = x₁ · x₂ · …
    Shapes: inputs: (B, n) or (B, 1), repeated to n → (B, n)
    Source: product rule, ∂z/∂xᵢ = Π of the others (computed without dividing, so zeros are safe).
    """
    width = max(x.shape[1] for x in inputs)
    result = np.ones((inputs[0].shape[0], width), inputs[0].dtype)
    for x in inputs:
        result = result * repeat_to(x, width, "inputs")
    return result


@product.derivative
def _(delta: Array, output: Array, *inputs: Array) -> list[Array]:
    before = [np.ones_like(output)]
    for x in inputs[:-1]:
        before.append(before[-1] * x)
    after = np.ones_like(output)
    messages: list[Array] = []
    for x, left in zip(reversed(inputs), reversed(before), strict=True):
        messages.append(sum_to(delta * left * after, x.shape[1]))
        after = after * x
    return messages[::-1]


product.equations("z = Π(k, x[k])", "∂z/∂x[k] = Π(l ≠ k, x[l])")
