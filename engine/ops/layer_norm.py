"""Layer normalisation."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from engine.declaration.op import Array, Range, Slot, op, row_sum
from graph.model.kinds import Params, PortWidths, Shape


def _shape(_params: Params, widths: PortWidths) -> Shape:
    return widths["x"]


@op(
    group="regularising",
    rank=2,
    symbol="LN",
    aliases=("normalise", "LayerNorm", "standardise", "transformer"),
    saves=True,
)
def layer_norm(
    x: Array,
    *,
    gain: Annotated[Array, Slot(_shape, initial="ones")],
    shift: Annotated[Array, Slot(_shape, initial="zeros")],
    epsilon: Annotated[float, Range(low=0), "keeps the denominator from being 0"] = 1e-5,
) -> tuple[Array, tuple[Array, Array]]:
    """Give the components of each row mean 0 and variance 1, then a trainable gain and shift.

    Formula: z = gain·(x − μ)/√(v + ε) + shift,  μ = 1/n Σ xᵢ, v = 1/n Σ (xᵢ − μ)²
    Shapes: x: (B, n), gain, shift: (n,) → (B, n)
    Source: Ba, Kiros, Hinton 2016, Layer normalization; the same as torch.nn.LayerNorm(n).
    """
    centred = x - row_sum(x) / x.shape[1]
    spread = np.sqrt(row_sum(centred * centred) / x.shape[1] + epsilon)
    normal = centred / spread
    return gain * normal + shift, (normal, spread)


@layer_norm.derivative
def _(
    delta: Array,
    output: Array,
    x: Array,
    *,
    gain: Array,
    shift: Array,
    epsilon: float,
    saved: tuple[Array, Array],
) -> list[Array]:
    normal, spread = saved
    inner = delta * gain
    along = row_sum(inner * normal) / x.shape[1]
    message = (inner - row_sum(inner) / x.shape[1] - normal * along) / spread
    return [message, (delta * normal).sum(axis=0), delta.sum(axis=0)]


layer_norm.equations(
    "z = g·y + c",
    "∂z[i]/∂x[j] = g[i]·(δ[i, j] − 1/n − y[i]·y[j]/n)/√(v + ε)",
    "∂z/∂g = y",
    "∂z/∂c = 1",
    "y[i] = (x[i] − μ)/√(v + ε)",
    "μ = 1/n·Σ(j, x[j])",
    "v = 1/n·Σ(j, (x[j] − μ)²)",
    g="gain",
    c="shift",
    ε="epsilon",
)
