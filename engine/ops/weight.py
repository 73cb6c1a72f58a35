"""A trainable linear map."""

from __future__ import annotations

from typing import Annotated

from engine.declaration.op import WIDEST, Array, Initializer, Range, Slot, op
from graph.model.kinds import Params, PortWidths, Shape


def _width(params: Params, _widths: PortWidths) -> int:
    return int(params.get("width", 1))  # type: ignore[arg-type]  # declared int below


def _shape(params: Params, widths: PortWidths) -> Shape:
    return (_width(params, widths), widths["x"][0])


@op(
    group="linear",
    symbol="W",
    aliases=("matrix", "linear", "dense", "synapse", "coefficient"),
    width=_width,
)
def weight(
    x: Array,
    *,
    weight: Annotated[Array, Slot(_shape)],
    width: Annotated[int, Range(1, WIDEST), "components of the output, m"] = 1,
    initializer: Initializer = "xavier_uniform",
) -> Array:
    """Multiply by a trainable matrix; between two plain numbers it is one weight w.

    Formula: z = W·x
    Shapes: x: (B, n), W: (m, n) → (B, m)
    Source: ∂E/∂x = Wᵀδ and ∂E/∂W = Σ over rows of δ·xᵀ (Rumelhart, Hinton, Williams 1986).
    """
    output: Array = x.dot(weight.T)  # on single numbers, dot has half the overhead of @
    return output


@weight.derivative
def _(
    delta: Array, output: Array, x: Array, *, weight: Array, width: int, initializer: str
) -> list[Array]:
    return [delta.dot(weight), delta.T.dot(x)]


weight.equations(
    "z[i] = Σ(j, W[i, j]·x[j])",
    "∂z[i]/∂x[j] = W[i, j]",
    "∂z[i]/∂W[i, j] = x[j]",
    W="weight",
)
