"""Part of a value."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.declaration.op import Array, Range, op


@op(
    group="arithmetic",
    rank=10,
    symbol="x[i:j]",
    aliases=("part", "component", "select", "split", "crop", "index"),
)
def slice_(
    x: Array,
    *,
    start: Annotated[int, Range(low=0), "first component taken, counted from 0"] = 0,
    stop: Annotated[int, Range(low=1), "first component no longer taken"] = 1,
) -> Array:
    """Take some neighbouring components of a value.

    Formula: z = (x_start, …, x_{stop−1})
    Shapes: x: (B, n) → (B, stop − start)
    Source: the components left out receive the message 0.
    """
    if not start < stop <= x.shape[1]:
        raise ValueError(
            f"the slice from {start} up to {stop} does not fit a value of width {x.shape[1]}; "
            "start must be less than stop, and stop at most the width"
        )
    return x[:, start:stop]


@slice_.derivative
def _(delta: Array, output: Array, x: Array, *, start: int, stop: int) -> Array:
    message = np.zeros_like(x)
    message[:, start:stop] = delta
    return message


slice_.equations("z[i] = x[i + start]", "∂z[i]/∂x[i + start] = 1")
