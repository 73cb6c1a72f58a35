"""A fixed value."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.declaration.op import Array, Context, Numbers, op
from graph.model.kinds import Role


@op(
    group="sources",
    rank=3,
    symbol="c",
    aliases=("number", "fixed", "literal"),
    role=Role.SOURCE,
    differentiable=False,
)
def constant(
    *, value: Annotated[Numbers, "one number for each component"] = (1.0,), context: Context
) -> Array:
    """Give a value that is the same for every row and is never trained.

    Formula: z = (c₁, …, cₙ)
    Shapes: → (B, n), n being how many numbers ``value`` lists
    Source: a constant has derivative 0, so nothing is learned here.
    """
    if not value:
        raise ValueError("the value is empty; give at least one number")
    row = np.asarray(value, context.dtype)
    return np.broadcast_to(row, (context.rows, len(value)))


constant.equations("z = c", c="value")
