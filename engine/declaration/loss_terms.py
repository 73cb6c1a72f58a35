"""What all losses have in common: their share in E, and how components are put together."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from engine.declaration.op import Array, Range, row_sum

Importance: TypeAlias = Annotated[
    float, Range(low=0), "factor of this loss in the total error E (applied when E is summed)"
]
Components: TypeAlias = Annotated[
    Literal["sum", "mean"], "whether the components of a row are added up or averaged"
]


def over_components(terms: Array, components: str) -> Array:
    """Add up or average the terms of each row: (B, n) → (B, 1)."""
    total = row_sum(terms)
    return total / terms.shape[1] if components == "mean" else total


def each_component(delta: Array, width: int, components: str) -> Array:
    """Undo `over_components` in the backward direction: what each term receives, (B, 1)."""
    return delta / width if components == "mean" else delta
