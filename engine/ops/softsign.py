"""Softsign."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=13,
    symbol="softsign",
    aliases=("rational sigmoid",),
    elementwise=True,
    bounds=(-1, 1),
)
def softsign(x: Array) -> Array:
    """Squash to between −1 and 1 like tanh, but approach the ends slowly.

    Formula: f(x) = x / (1 + |x|),  f′(x) = 1 / (1 + |x|)²
    Shapes: x: (B, n) → (B, n)
    Source: Glorot, Bengio 2010, Understanding the difficulty of training deep feedforward networks.
    """
    squashed: Array = x / (1 + np.abs(x))
    return squashed


@softsign.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    message: Array = delta / (1 + np.abs(x)) ** 2
    return message


softsign.equations("z = x/(1 + abs(x))", "∂z/∂x = 1/(1 + abs(x))²")
