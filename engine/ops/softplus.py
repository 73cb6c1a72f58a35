"""Smooth rectifier."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op
from engine.declaration.scipy_special import expit


@op(
    group="activations",
    rank=12,
    symbol="log(1+eˣ)",
    aliases=("smooth ReLU",),
    elementwise=True,
    bounds=(0, np.inf),
)
def softplus(x: Array) -> Array:
    """Round off the corner of relu; always positive.

    Formula: f(x) = log(1 + eˣ),  f′(x) = σ(x)
    Shapes: x: (B, n) → (B, n)
    Source: Dugas, Bengio et al. 2001, Incorporating second-order functional knowledge.
    """
    smooth: Array = np.logaddexp(0, x)
    return smooth


@softplus.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    message: Array = delta * expit(x)
    return message


softplus.equations("z = log(1 + exp(x))", "∂z/∂x = σ(x)")
