"""Rectified linear unit."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=5,
    symbol="ReLU",
    aliases=("rectifier", "ramp", "ReLU"),
    elementwise=True,
    bounds=(0, np.inf),
)
def relu(x: Array) -> Array:
    """Keep what is positive, cut what is negative.

    Formula: relu(x) = max(0, x),  relu′(x) = 1 for x > 0, else 0 (also at 0)
    Shapes: x: (B, n) → (B, n)
    Source: Nair, Hinton 2010, Rectified linear units improve restricted Boltzmann machines.
    Its gradient does not shrink along depth, but a unit that is negative for all rows learns no
    more (it is dead).
    """
    return np.maximum(x, 0)


@relu.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return delta * (x > 0)


relu.equations("z = max(0, x)", "∂z/∂x = 1 if x > 0 else 0")
