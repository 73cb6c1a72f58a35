"""Exponential."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=20,
    symbol="eˣ",
    aliases=("exponential", "power of e"),
    elementwise=True,
    bounds=(0, np.inf),
)
def exp(x: Array) -> Array:
    """Raise e to the value.

    Formula: f(x) = eˣ,  f′(x) = eˣ
    Shapes: x: (B, n) → (B, n)
    Source: calculus; the derivative is the value itself.
    Beyond 709 (float32: 88) the result is infinite, and training stops and says so.
    """
    with np.errstate(over="ignore"):
        return np.exp(x)


@exp.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return delta * output


exp.equations("z = exp(x)", "∂z/∂x = exp(x)")
