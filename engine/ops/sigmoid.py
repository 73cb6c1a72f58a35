"""Logistic function."""

from __future__ import annotations

from engine.declaration.op import Array, op
from engine.declaration.scipy_special import expit


@op(
    group="activations",
    rank=2,
    symbol="σ",
    aliases=("logistic", "sigma", "expit"),
    elementwise=True,
    bounds=(0, 1),
)
def sigmoid(x: Array) -> Array:
    """Squash to between 0 and 1; reads as a probability.

    Formula: σ(x) = 1 / (1 + e⁻ˣ),  σ′(x) = σ(x)·σ(−x) = σ(x)·(1 − σ(x))
    Shapes: x: (B, n) → (B, n)
    Source: Rumelhart, Hinton, Williams 1986, Learning representations by back-propagating errors.
    σ′ is at most ¼, so a chain of many sigmoids lets gradients vanish. The derivative is computed
    as σ(x)·σ(−x), which keeps its digits where σ(x) is rounded to 1.
    """
    probability: Array = expit(x)
    return probability


@sigmoid.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    message: Array = delta * output * expit(-x)
    return message


sigmoid.equations("z = σ(x)", "∂z/∂x = σ(x)·(1 − σ(x))")
