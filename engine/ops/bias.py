"""A trainable value."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.declaration.op import WIDEST, Array, Context, Range, Slot, op
from graph.model.kinds import Params, PortWidths, Role, Shape


def _shape(params: Params, _widths: PortWidths) -> Shape:
    return (int(params["width"]),)  # type: ignore[arg-type]  # declared int below


@op(
    group="sources",
    rank=4,
    symbol="b",
    aliases=("offset", "intercept", "threshold", "trainable value"),
    role=Role.SOURCE,
)
def bias(
    *,
    bias: Annotated[Array, Slot(_shape, initial="zeros")],
    width: Annotated[int, Range(1, WIDEST), "how many components it has"] = 1,
    context: Context,
) -> Array:
    """Give a trainable value, the same for every row: what is added before the activation.

    Formula: z = b
    Shapes: b: (n,) → (B, n)
    Source: ∂E/∂b = Σ over rows of δ, because b enters every row with factor 1.
    """
    return bias[np.newaxis].repeat(context.rows, axis=0)


@bias.derivative
def _(delta: Array, output: Array, *, bias: Array, width: int, context: Context) -> Array:
    gradient: Array = np.add.reduce(delta, axis=0)
    return gradient


bias.equations("z = b", "∂z/∂b = 1", b="bias")
