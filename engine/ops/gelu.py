"""Gaussian error linear unit."""

from __future__ import annotations

from math import pi, sqrt
from typing import Annotated, Literal

import numpy as np

from engine.declaration.op import Array, op
from engine.declaration.scipy_special import expit, ndtr


@op(
    group="activations",
    rank=9,
    symbol="GELU",
    aliases=("Gaussian error linear", "GELU", "transformer"),
    elementwise=True,
)
def gelu(
    x: Array,
    *,
    approximate: Annotated[Literal["none", "tanh"], "the exact form, or the one by tanh"] = "none",
) -> Array:
    """Weigh each value by the probability that a standard normal number is smaller.

    Formula: f(x) = x·Φ(x) ≈ ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³))),  f′(x) = Φ(x) + x·φ(x)
    Shapes: x: (B, n) → (B, n)
    Source: Hendrycks, Gimpel 2016, Gaussian error linear units.
    Φ is taken from its tail where x is negative, and ½·(1 + tanh u) as σ(2u), so that f(−20) keeps
    its digits.
    """
    if approximate == "tanh":
        return x * _gate(x)[0]
    smooth: Array = x * ndtr(x)
    return smooth


@gelu.derivative
def _(delta: Array, output: Array, x: Array, *, approximate: str) -> Array:
    if approximate == "tanh":
        gate, slope = _gate(x)
        return delta * (gate + x * slope)
    density = np.exp(-x * x / 2) / sqrt(2 * pi)
    message: Array = delta * (ndtr(x) + x * density)
    return message


gelu.equations("z = x·Φ(x)", "∂z/∂x = Φ(x) + x·φ(x)", when={"approximate": "none"})
gelu.equations(
    "z = ½·x·(1 + tanh(u))",
    "∂z/∂x = ½·(1 + tanh(u)) + ½·x·(1 − tanh(u)²)·√(2/π)·(1 + 0.134145·x²)",
    "u = √(2/π)·(x + 0.044715·x³)",
    when={"approximate": "tanh"},
)


def _gate(x: Array) -> tuple[Array, Array]:
    """Return ½·(1 + tanh u) and its derivative by x, u being √(2/π)·(x + 0.044715·x³)."""
    twice = 2 * sqrt(2 / pi) * (x + 0.044715 * x * x * x)
    gate = expit(twice)
    inner = 2 * sqrt(2 / pi) * (1 + 3 * 0.044715 * x * x)
    return gate, gate * expit(-twice) * inner
