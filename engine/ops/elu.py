"""Exponential linear unit."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.declaration.op import Array, Range, op


@op(
    group="activations",
    rank=7,
    symbol="ELU",
    aliases=("exponential linear", "ELU"),
    elementwise=True,
)
def elu(
    x: Array, *, alpha: Annotated[float, Range(low=0), "how far below 0 it saturates"] = 1.0
) -> Array:
    """Keep what is positive, let what is negative saturate smoothly at −α.

    Formula: f(x) = x for x > 0, else α·(eˣ − 1);  f′(x) = 1 or α·eˣ
    Shapes: x: (B, n) → (B, n)
    Source: Clevert, Unterthiner, Hochreiter 2016, Fast and accurate deep network learning by ELUs.
    """
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


@elu.derivative
def _(delta: Array, output: Array, x: Array, *, alpha: float) -> Array:
    return delta * np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0)))


elu.equations("z = x if x > 0 else α·(exp(x) − 1)", "∂z/∂x = 1 if x > 0 else α·exp(x)", α="alpha")
