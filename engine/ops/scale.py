"""Multiplication by and addition of fixed numbers."""

from __future__ import annotations

from typing import Annotated

from engine.declaration.op import Array, op


@op(
    group="arithmetic",
    rank=6,
    symbol="k·x + c",
    aliases=("affine", "gain", "shift", "offset", "negate", "rescale", "normalise"),
)
def scale(
    x: Array,
    *,
    factor: Annotated[float, "k, what the value is multiplied by"] = 1.0,
    offset: Annotated[float, "c, what is added then"] = 0.0,
) -> Array:
    """Multiply by one fixed number and add another; nothing is trained.

    Formula: z = k·x + c,  ∂z/∂x = k
    Shapes: x: (B, n) → (B, n)
    Source: linearity of the derivative.
    """
    return factor * x + offset


@scale.derivative
def _(delta: Array, output: Array, x: Array, *, factor: float, offset: float) -> Array:
    return factor * delta


scale.equations("z = k·x + c", "∂z/∂x = k", k="factor", c="offset")
