"""Heaviside step."""

from __future__ import annotations

from engine.declaration.op import Array, op


@op(
    group="activations",
    rank=14,
    symbol="H(x)",
    aliases=("Heaviside", "threshold", "perceptron", "binary", "sign"),
    differentiable=False,
    elementwise=True,
)
def step(x: Array) -> Array:
    """Fire (1) when positive, stay silent (0) otherwise; passes no gradient.

    Formula: f(x) = 1 for x > 0, else 0;  f′ = 0 wherever it exists
    Shapes: x: (B, n) → (B, n)
    Source: McCulloch, Pitts 1943; the reason why backpropagation needs smooth activations.
    Everything before it stops learning: no message leaves it.
    """
    return (x > 0).astype(x.dtype)


step.equations("z = 1 if x > 0 else 0")
