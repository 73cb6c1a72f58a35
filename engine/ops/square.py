"""Square."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=23,
    symbol="x²",
    aliases=("squared", "power 2", "quadratic"),
    elementwise=True,
    bounds=(0, np.inf),
)
def square(x: Array) -> Array:
    """Multiply the value by itself.

    Formula: f(x) = x²,  f′(x) = 2x
    Shapes: x: (B, n) → (B, n)
    Source: calculus.
    """
    return x * x


@square.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return 2 * delta * x


square.equations("z = x²", "∂z/∂x = 2·x")
