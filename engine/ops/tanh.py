"""Hyperbolic tangent."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=4,
    symbol="tanh",
    aliases=("hyperbolic tangent",),
    elementwise=True,
    bounds=(-1, 1),
)
def tanh(x: Array) -> Array:
    """Squash to between −1 and 1, centred at 0.

    Formula: tanh(x) = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ),  tanh′(x) = 1 − tanh²(x) = 1 / cosh²(x)
    Shapes: x: (B, n) → (B, n)
    Source: LeCun, Bottou, Orr, Müller 1998, Efficient BackProp, section 4.4.
    The derivative is computed as 1/cosh², which keeps its digits where tanh(x) is rounded to 1.
    """
    return np.tanh(x)


@tanh.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return delta * sech_squared(x)


tanh.equations("z = tanh(x)", "∂z/∂x = 1 − tanh(x)²")


def sech_squared(x: Array) -> Array:
    """Return 1/cosh²(x), (B, n), exact far out and without overflow."""
    decay = np.exp(-2 * np.abs(x))
    slope: Array = 4 * decay / (1 + decay) ** 2
    return slope
