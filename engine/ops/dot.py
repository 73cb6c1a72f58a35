"""Scalar product."""

from __future__ import annotations

from engine.declaration.op import Array, op, row_sum, same_width


@op(
    group="arithmetic",
    rank=8,
    symbol="a·b",
    aliases=("scalar product", "inner product", "similarity", "attention score"),
)
def dot(a: Array, b: Array) -> Array:
    """Multiply component by component and add up: how far two vectors point the same way.

    Formula: z = Σᵢ aᵢ·bᵢ,  ∂z/∂a = b, ∂z/∂b = a
    Shapes: a, b: (B, n) → (B, 1)
    Source: product rule.
    """
    same_width(a=a, b=b)
    return row_sum(a * b)


@dot.derivative
def _(delta: Array, output: Array, a: Array, b: Array) -> list[Array]:
    return [delta * b, delta * a]


dot.equations("z = Σ(j, a[j]·b[j])", "∂z/∂a[j] = b[j]", "∂z/∂b[j] = a[j]")
