"""Sigmoid in three straight pieces."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=3,
    symbol="hard σ",
    aliases=("piecewise sigmoid", "hard sigmoid"),
    elementwise=True,
    bounds=(0, 1),
)
def hard_sigmoid(x: Array) -> Array:
    """Approximate the sigmoid by three straight pieces, cheap to compute.

    Formula: f(x) = min(1, max(0, x/6 + ½)),  f′(x) = 1/6 for −3 < x < 3, else 0
    Shapes: x: (B, n) → (B, n)
    Source: Courbariaux, Bengio, David 2015, BinaryConnect; slope 1/6 as in Howard et al. 2019.
    """
    return np.clip(x / 6 + 0.5, 0, 1)


@hard_sigmoid.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return delta * (np.abs(x) < 3) / 6


hard_sigmoid.equations("z = min(1, max(0, x/6 + ½))", "∂z/∂x = 1/6 if abs(x) < 3 else 0")
