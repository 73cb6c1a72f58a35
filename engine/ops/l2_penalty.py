"""Penalty on squares."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.declaration.op import Array, Context, Parameters, Range, op
from graph.model.kinds import Role


@op(
    group="losses",
    rank=20,
    symbol="λ/2·Σw²",
    aliases=("weight decay", "ridge", "L2", "Tikhonov", "regularisation"),
    role=Role.PENALTY,
)
def l2_penalty(
    *,
    parameters: Annotated[Parameters, "names of parameters, or all weights"] = "weights",
    coefficient: Annotated[float, Range(low=0), "λ, how strongly it counts in E"] = 0.01,
    context: Context,
) -> Array:
    """Keep weights small by adding their squares to E; unconnected, it covers parameters by name.

    Formula: E += λ/2 · Σ w²,  ∂E/∂w = λ·w
    Shapes: parameters of any shape → (1, 1), added to E once (not averaged over rows)
    Source: Hoerl, Kennard 1970, Ridge regression; Krogh, Hertz 1992, A simple weight decay.
    """
    total = sum(float(np.sum(w * w)) for w in context.parameters)
    return np.full((1, 1), coefficient / 2 * total, context.dtype)


@l2_penalty.derivative
def _(
    delta: Array,
    output: Array,
    *,
    parameters: tuple[str, ...] | str,
    coefficient: float,
    context: Context,
) -> list[Array]:
    strength = coefficient * delta[0, 0]
    return [strength * w for w in context.parameters]


l2_penalty.equations("E = λ/2·Σ(j, w[j]²)", "∂E/∂w[j] = λ·w[j]", w="parameters", λ="coefficient")
