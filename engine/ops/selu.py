"""Self-normalising exponential linear unit."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op

_SCALE = 1.0507009873554804934193349852946
_ALPHA = 1.6732632423543772848170429916717


@op(
    group="activations",
    rank=8,
    symbol="SELU",
    aliases=("self normalising", "scaled ELU", "SELU"),
    elementwise=True,
)
def selu(x: Array) -> Array:
    """Scale an ELU so that mean 0 and variance 1 reproduce themselves from layer to layer.

    Formula: f(x) = λ·x for x > 0, else λα·(eˣ − 1);  λ = 1.0507…, α = 1.6733…
    Shapes: x: (B, n) → (B, n)
    Source: Klambauer et al. 2017, Self-normalizing neural networks (both constants from there).
    Draw the weights with `lecun_normal`.
    """
    return _SCALE * np.where(x > 0, x, _ALPHA * np.expm1(np.minimum(x, 0)))


@selu.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return delta * _SCALE * np.where(x > 0, 1, _ALPHA * np.exp(np.minimum(x, 0)))


selu.equations(
    "z = λ·x if x > 0 else λ·α·(exp(x) − 1)",
    "∂z/∂x = λ if x > 0 else λ·α·exp(x)",
    "λ = 1.0507009873554805",
    "α = 1.6732632423543772",
)
