"""Target columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import numpy as np

from engine.declaration.op import Array, Columns, Context, op
from graph.model.kinds import Role


@op(
    group="sources",
    rank=2,
    symbol="t",
    aliases=("label", "desired output", "expected", "y"),
    role=Role.TARGET,
    differentiable=False,
)
def target(
    *,
    columns: Annotated[Columns, "names of columns, or of components: image[3]"] = (),
    context: Context,
) -> Array:
    """Columns of the dataset that the network should produce; wire it to a loss.

    Formula: t = (column₁, column₂, …)
    Shapes: columns of widths w₁, w₂, … → (B, w₁ + w₂ + …)
    Source: the dataset; a column of categories is one-hot, one component for each category.
    """
    return read_columns(columns, context)


target.equations("z = c", c="columns")


def read_columns(columns: Sequence[str], context: Context) -> Array:
    """Put columns side by side, (B, Σ widths), in the type the run computes in."""
    if not columns:
        raise ValueError("no column is chosen; choose at least one in the inspector")
    parts = [context.columns[name] for name in columns]
    joined = parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
    return joined.astype(context.dtype, copy=False)
