"""Dropout."""

from __future__ import annotations

from typing import Annotated

from engine.declaration.op import Array, Context, Range, op


@op(
    group="regularising",
    rank=1,
    symbol="drop",
    aliases=("noise", "mask", "regularisation"),
    saves=True,
)
def dropout(
    x: Array,
    *,
    rate: Annotated[float, Range(low=0, high=1), "probability that a component is dropped"] = 0.5,
    context: Context,
) -> tuple[Array, Array | None]:
    """Drop components at random while training, so that units do not rely on each other.

    Formula: z = x·m / (1 − rate), each m being 0 with probability rate, else 1
    Shapes: x: (B, n) → (B, n)
    Source: Srivastava et al. 2014, Dropout: a simple way to prevent overfitting.
    Dividing by 1 − rate keeps the expected value. While evaluating, x passes unchanged.
    """
    if context.rng is None or rate == 0:
        return x, None
    kept = context.rng.random(x.shape) >= rate
    mask = kept.astype(x.dtype) * (1 / (1 - rate) if rate < 1 else 0)
    return x * mask, mask


@dropout.derivative
def _(
    delta: Array,
    output: Array,
    x: Array,
    *,
    rate: float,
    context: Context,
    saved: Array | None,
) -> Array:
    return delta if saved is None else delta * saved


dropout.equations("z = m·x", "∂z/∂x = m", m="saved")
