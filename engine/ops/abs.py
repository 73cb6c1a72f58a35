"""Absolute value."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=24,
    symbol="|x|",
    aliases=("absolute", "magnitude", "modulus"),
    elementwise=True,
    bounds=(0, np.inf),
)
def abs_(x: Array) -> Array:
    """Drop the sign.

    Formula: f(x) = |x|,  f′(x) = −1, 0 or 1
    Shapes: x: (B, n) → (B, n)
    Source: calculus; at 0, where it has a corner, 0 is taken.
    """
    return np.abs(x)


@abs_.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return delta * np.sign(x)


abs_.equations("z = abs(x)", "∂z/∂x = 1 if x > 0 else −1 if x < 0 else 0")
