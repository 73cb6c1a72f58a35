"""Mean of the components."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op, row_sum


@op(group="arithmetic", rank=7, symbol="μ", aliases=("average", "pool", "expectation"))
def mean(x: Array) -> Array:
    """Average the components of each row (not the rows of the batch).

    Formula: z = 1/n · Σᵢ xᵢ,  ∂z/∂xᵢ = 1/n
    Shapes: x: (B, n) → (B, 1)
    Source: linearity of the derivative.
    """
    average: Array = row_sum(x) / x.shape[1]
    return average


@mean.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return np.broadcast_to(delta / x.shape[1], x.shape)


mean.equations("z = 1/n·Σ(j, x[j])", "∂z/∂x[j] = 1/n")
