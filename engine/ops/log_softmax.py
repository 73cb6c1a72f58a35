"""Logarithm of softmax."""

from __future__ import annotations

import numpy as np

from engine.declaration.op import Array, op, row_sum


@op(
    group="activations",
    rank=51,
    symbol="log softmax",
    aliases=("log probabilities",),
    bounds=(-np.inf, 0),
)
def log_softmax(x: Array) -> Array:
    """Turn scores into logarithms of probabilities; wire it to `negative_log_likelihood`.

    Formula: zᵢ = xᵢ − log Σⱼ e^xⱼ,  ∂zᵢ/∂xⱼ = 1[i=j] − e^zⱼ
    Shapes: x: (B, n) → (B, n)
    Source: log-sum-exp with the largest term taken out (Blanchard, Higham, Higham 2021).
    The sum of all but the largest term goes through log1p, so that a probability close to 1 keeps
    the digits of its logarithm.
    """
    shifted, others = without_largest(x)
    return shifted - np.log1p(row_sum(others))


@log_softmax.derivative
def _(delta: Array, output: Array, x: Array) -> Array:
    return delta - np.exp(output) * row_sum(delta)


log_softmax.equations("z[i] = x[i] − log(Σ(k, exp(x[k])))", "∂z[i]/∂x[j] = δ[i, j] − exp(z[j])")


def without_largest(x: Array) -> tuple[Array, Array]:
    """Return x − max x, and its exponentials with the (first) largest one, which is 1, set to 0."""
    top = x.argmax(axis=1)[:, np.newaxis]
    shifted = x - np.take_along_axis(x, top, axis=1)
    others = np.exp(shifted)
    np.put_along_axis(others, top, 0, axis=1)
    return shifted, others
