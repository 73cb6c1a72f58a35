"""Power with a fixed exponent."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.declaration.op import Array, op


@op(group="arithmetic", rank=5, symbol="xᵖ", aliases=("exponent", "pow", "cube", "**", "^"))
def power(x: Array, *, exponent: Annotated[float, "p, any number"] = 2.0) -> Array:
    """Raise to a fixed power, component by component.

    Formula: z = xᵖ,  ∂z/∂x = p·xᵖ⁻¹
    Shapes: x: (B, n) → (B, n)
    Source: power rule.
    A negative x needs a whole p; 0 needs p ≥ 0. Otherwise the result is infinite or no number.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        raised: Array = x**exponent
        return raised


@power.derivative
def _(delta: Array, output: Array, x: Array, *, exponent: float) -> Array:
    if exponent == 0:
        return np.zeros_like(x)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        message: Array = delta * exponent * x ** (exponent - 1)
        return message


power.equations("z = x^p", "∂z/∂x = p·x^(p − 1)", p="exponent")
