"""Natural logarithm."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=21,
    symbol="log",
    aliases=("ln", "natural logarithm"),
    elementwise=True,
)
def log(x: Array) -> Array:
    """Take the natural logarithm; the value must be positive.

    Formula: f(x) = log x,  f′(x) = 1/x
    Shapes: x: (B, n) → (B, n)
    Source: calculus.
    At 0 the result is −∞ and below it is no number; training then stops and says where.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(x)


@log.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return delta / x


log.equations("z = log(x)", "∂z/∂x = 1/x")
