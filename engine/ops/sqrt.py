"""Square root."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=22,
    symbol="√",
    aliases=("root", "square root"),
    elementwise=True,
    bounds=(0, np.inf),
)
def sqrt(x: Array) -> Array:
    """Take the square root; the value must not be negative.

    Formula: f(x) = √x,  f′(x) = 1 / (2√x)
    Shapes: x: (B, n) → (B, n)
    Source: calculus; the derivative is infinite at 0.
    """
    with np.errstate(invalid="ignore"):
        return np.sqrt(x)


@sqrt.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return delta / (2 * output)


sqrt.equations("z = √(x)", "∂z/∂x = 1/(2·√(x))")
