"""Huber loss."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.declaration.loss import loss
from engine.declaration.op import Array, Range


@loss(rank=5, symbol="Huber", aliases=("smooth L1", "robust regression"), components="mean")
def huber(
    prediction: Array,
    target: Array,
    *,
    delta: Annotated[float, Range(low=0), "error from which on it grows only linearly"] = 1.0,
) -> Array:
    """Squared for small errors, absolute for large ones: smooth and robust.

    Formula: E = 1/n Σᵢ ½rᵢ², or δ·(|rᵢ| − δ/2) where |rᵢ| > δ;  ∂E/∂ŷᵢ = clip(rᵢ, ±δ)/n, r = ŷ − t
    Shapes: prediction, target: (B, n) → (B, 1), one value a row; E averages the rows
    Source: Huber 1964, Robust estimation of a location parameter; torch.nn.HuberLoss.
    """
    residual = np.abs(prediction - target)
    near = np.minimum(residual, delta)
    return near * (residual - near / 2)


@huber.derivative
def _(back: Array, prediction: Array, target: Array, /, *, delta: float) -> list[Array]:
    message = back * np.clip(prediction - target, -delta, delta)
    return [message, -message]


huber.equations(
    "E = Σ(j, ½·r[j]² if abs(r[j]) ≤ h else h·(abs(r[j]) − ½·h))",
    "∂E/∂ŷ[j] = max(−h, min(h, r[j]))",
    "∂E/∂t[j] = −max(−h, min(h, r[j]))",
    "r[j] = ŷ[j] − t[j]",
    h="delta",
)
