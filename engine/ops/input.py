"""Input columns."""

from __future__ import annotations

from typing import Annotated

from engine.declaration.op import Array, Columns, Context, op
from engine.ops.target import read_columns
from graph.model.kinds import Role


@op(
    group="sources",
    rank=1,
    symbol="x",
    aliases=("feature", "data", "column"),
    role=Role.INPUT,
    differentiable=False,
)
def input_(
    *,
    columns: Annotated[Columns, "names of columns, or of components: image[3]"] = (),
    context: Context,
) -> Array:
    """Columns of the dataset, side by side, as the network sees them.

    Formula: z = (column₁, column₂, …)
    Shapes: columns of widths w₁, w₂, … → (B, w₁ + w₂ + …)
    Source: the dataset; ``image[3]`` refers to one component of a wide column.
    It has no inputs, so no message leaves it; its gradient still tells how E changes with x.
    """
    return read_columns(columns, context)


input_.equations("z = c", c="columns")
