"""Sigmoid linear unit."""

from __future__ import annotations

from engine.declaration.op import Array, op
from engine.declaration.scipy_special import expit


@op(
    group="activations",
    rank=10,
    symbol="SiLU",
    aliases=("swish", "sigmoid linear", "SiLU"),
    elementwise=True,
)
def silu(x: Array) -> Array:
    """Weigh each value by its own sigmoid: smooth, and slightly below 0 on the left.

    Formula: f(x) = x·σ(x),  f′(x) = σ(x)·(1 + x·σ(−x))
    Shapes: x: (B, n) → (B, n)
    Source: Elfwing, Uchibe, Doya 2018; as swish: Ramachandran, Zoph, Le 2017.
    """
    gated: Array = x * expit(x)
    return gated


@silu.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    message: Array = delta * expit(x) * (1 + x * expit(-x))
    return message


silu.equations("z = x·σ(x)", "∂z/∂x = σ(x)·(1 + x·(1 − σ(x)))")
