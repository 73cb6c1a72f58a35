"""Values side by side."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op


@op(
    group="arithmetic",
    rank=9,
    symbol="[ , ]",
    aliases=("concatenate", "join", "stack", "merge", "side by side"),
)
def concat(*inputs: Array) -> Array:
    """Put values side by side, in the order of the wires.

    Formula: z = (x₁, x₂, …)
    Shapes: inputs: (B, n₁), (B, n₂), … → (B, n₁ + n₂ + …)
    Source: every input receives its own part of δ.
    """
    return np.concatenate(inputs, axis=1)


@concat.derivative
def _(delta: Array, output: Array, *inputs: Array) -> list[Array]:
    ends = np.cumsum([x.shape[1] for x in inputs])
    return np.split(delta, ends[:-1], axis=1)


concat.equations("z[s[k] + j] = x[k, j]", "∂z[s[k] + j]/∂x[k, j] = 1", "s[k] = Σ(l < k, n[l])")
