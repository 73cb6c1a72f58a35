"""Softmax."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op, row_sum


@op(
    group="activations",
    rank=50,
    symbol="softmax",
    aliases=("normalised exponential", "probabilities", "classes"),
    bounds=(0, 1),
)
def softmax(x: Array) -> Array:
    """Turn scores into probabilities that add up to 1 in each row.

    Formula: zᵢ = e^xᵢ / Σⱼ e^xⱼ,  ∂zᵢ/∂xⱼ = zᵢ·(1[i=j] − zⱼ)
    Shapes: x: (B, n) → (B, n)
    Source: Bridle 1990, Probabilistic interpretation of feedforward classification network outputs.
    The largest score is subtracted first, so nothing overflows. For training, wire the scores
    themselves into `cross_entropy`: it is the same mathematics without the rounding.
    """
    powers: Array = np.exp(x - x.max(axis=1, keepdims=True))
    return powers / row_sum(powers)


@softmax.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return output * (delta - row_sum(delta * output))


softmax.equations("z[i] = exp(x[i])/Σ(k, exp(x[k]))", "∂z[i]/∂x[j] = z[i]·(δ[i, j] − z[j])")
