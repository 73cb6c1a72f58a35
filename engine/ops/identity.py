"""The linear activation."""

from __future__ import annotations

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=1,
    symbol="id",
    aliases=("linear", "none", "pass"),
    elementwise=True,
)
def identity(x: Array) -> Array:
    """Pass the value on unchanged; the output layer's activation in regression.

    Formula: z = x
    Shapes: x: (B, n) → (B, n)
    Source: f′ = 1, so δ passes unchanged.
    """
    return x


@identity.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return delta


identity.equations("z = x", "∂z/∂x = 1")
