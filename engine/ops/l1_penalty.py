"""Penalty on magnitudes."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.declaration.op import Array, Context, Parameters, Range, op
from graph.model.kinds import Role


@op(
    group="losses",
    rank=21,
    symbol="λ·Σ|w|",
    aliases=("lasso", "L1", "sparsity", "regularisation"),
    role=Role.PENALTY,
)
def l1_penalty(
    *,
    parameters: Annotated[Parameters, "names of parameters, or all weights"] = "weights",
    coefficient: Annotated[float, Range(low=0), "λ, how strongly it counts in E"] = 0.01,
    context: Context,
) -> Array:
    """Drive weights to exactly 0 by adding their magnitudes to E; it covers parameters by name.

    Formula: E += λ · Σ |w|,  ∂E/∂w = λ·sign(w), 0 at 0
    Shapes: parameters of any shape → (1, 1), added to E once (not averaged over rows)
    Source: Tibshirani 1996, Regression shrinkage and selection via the lasso.
    """
    total = sum(float(np.sum(np.abs(w))) for w in context.parameters)
    return np.full((1, 1), coefficient * total, context.dtype)


@l1_penalty.derivative
def _(
    delta: Array,
    output: Array,
    *,
    parameters: tuple[str, ...] | str,
    coefficient: float,
    context: Context,
) -> list[Array]:
    strength = coefficient * delta[0, 0]
    return [strength * np.sign(w) for w in context.parameters]


l1_penalty.equations(
    "E = λ·Σ(j, abs(w[j]))", "∂E/∂w[j] = λ·sign(w[j])", w="parameters", λ="coefficient"
)
