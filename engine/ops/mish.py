"""Mish."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op
from engine.declaration.scipy_special import expit
from engine.ops.tanh import sech_squared


@op(
    group="activations",
    rank=11,
    symbol="mish",
    aliases=("self regularised",),
    elementwise=True,
)
def mish(x: Array) -> Array:
    """Weigh each value by the tanh of its softplus; a smoother relative of SiLU.

    Formula: f(x) = x·tanh(p),  f′(x) = tanh(p) + x·σ(x)/cosh²(p),  p = log(1 + eˣ)
    Shapes: x: (B, n) → (B, n)
    Source: Misra 2019, Mish: a self regularized non-monotonic activation function.
    """
    return x * np.tanh(np.logaddexp(0, x))


@mish.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    plus = np.logaddexp(0, x)
    message: Array = delta * (np.tanh(plus) + x * expit(x) * sech_squared(plus))
    return message


mish.equations("z = x·tanh(p)", "∂z/∂x = tanh(p) + x·σ(x)/cosh(p)²", "p = log(1 + exp(x))")
