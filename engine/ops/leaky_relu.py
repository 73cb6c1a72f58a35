"""Rectifier with a leak."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.declaration.op import Array, Range, op


@op(
    group="activations",
    rank=6,
    symbol="LReLU",
    aliases=("leaky rectifier", "LeakyReLU"),
    elementwise=True,
)
def leaky_relu(
    x: Array, *, slope: Annotated[float, Range(low=0), "steepness left of 0"] = 0.01
) -> Array:
    """Keep what is positive, shrink what is negative, so that no unit dies.

    Formula: f(x) = x for x > 0, else slope·x;  f′(x) = 1 or slope
    Shapes: x: (B, n) → (B, n)
    Source: Maas, Hannun, Ng 2013, Rectifier nonlinearities improve neural network acoustic models.
    """
    return np.where(x > 0, x, slope * x)


@leaky_relu.derivative
def _(delta: Array, output: Array, x: Array, *, slope: float) -> Array:
    return np.where(x > 0, delta, slope * delta)


leaky_relu.equations("z = x if x > 0 else slope·x", "∂z/∂x = 1 if x > 0 else slope")
