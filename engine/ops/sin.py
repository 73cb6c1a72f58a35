"""Sine."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=25,
    symbol="sin",
    aliases=("sine", "periodic", "wave"),
    elementwise=True,
)
def sin(x: Array) -> Array:
    """Take the sine; a periodic activation for waves and pictures.

    Formula: f(x) = sin x,  f′(x) = cos x
    Shapes: x: (B, n) → (B, n)
    Source: Sitzmann et al. 2020, Implicit neural representations with periodic activations.
    """
    return np.sin(x)


@sin.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return delta * np.cos(x)


sin.equations("z = sin(x)", "∂z/∂x = cos(x)")
