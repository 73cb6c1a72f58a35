"""Raschka's answer on backpropagation, both of its figures walked stop by stop in the window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest
from sklearn.datasets import load_iris

from tests.window.derivation import Derivation, cross, says, sigmoid, walk
from tests.window.numbers_of_examples import standardised

if TYPE_CHECKING:
    from tests.window.derivation import Numbers
    from tests.window.reader import Reader

pytestmark = pytest.mark.window
Weights: TypeAlias = Mapping[str, "Numbers"]
RATE = 2.0


def flowers() -> tuple[Numbers, Numbers]:
    """Return petal length and width, standardised, (150, 2), and whether it is a virginica."""
    data, species = load_iris(return_X_y=True)
    return standardised(data[:, 2:4]), np.asarray(species == 2, float)


def one_unit(w: Weights) -> dict[str, Numbers]:
    """∂E/∂wᵢ = ∂E/∂o · ∂o/∂net · ∂net/∂wᵢ = (o − t) · o(1 − o) · xᵢ in each row."""
    x, t = flowers()
    net = w["x1-o.weight"] * x[:, 0] + w["x2-o.weight"] * x[:, 1] + w["o.bias"]
    o = sigmoid(net)
    error, delta = (t - o) ** 2 / 2, (o - t) * o * (1 - o)
    return {
        "value:x1": x[:, 0], "value:x2": x[:, 1], "s:o": net, "value:o": o, "value:t": t,
        "loss:E": error, "E": error, "gradient:E": np.ones_like(o),
        "message:o-E": o - t, "gradient:o": o - t, "delta:o": delta,
        "gradient:x2-o.weight": delta * x[:, 1], "gradient:x1-o.weight": delta * x[:, 0],
        "gradient:o.bias": delta,
    }  # fmt: skip


def two_layers(w: Weights) -> dict[str, Numbers]:
    """The chain through both layers; its first two factors are reused for the first layer."""
    x, t = flowers()
    w1, w2, b1, b2 = w["W1.weight"], w["W2.weight"], w["b1.bias"], w["b2.bias"]
    first = x @ w1.T
    s1 = first + b1
    h = sigmoid(s1)
    second = h @ w2.T
    s2 = second + b2
    o = sigmoid(s2)
    out = o - t[:, None]
    error = out[:, 0] ** 2 / 2
    back_2 = out * o * (1 - o)
    back_h = back_2 @ w2
    back_1 = back_h * h * (1 - h)
    return {
        "value:x": x, "value:W1": first, "value:b1": np.tile(b1, (len(x), 1)),
        "value:s1": s1, "value:h": h, "value:W2": second, "value:b2": np.tile(b2, len(x)),
        "value:s2": s2, "value:o": o, "value:t": t,
        "loss:E": error, "E": error, "gradient:E": np.ones_like(t),
        "message:o-E": out, "gradient:o": out,
        "message:s2-o": back_2, "gradient:s2": back_2,
        "message:b2-s2": back_2, "gradient:b2": back_2,
        "message:W2-s2": back_2, "gradient:W2": back_2,
        "message:h-W2": back_h, "gradient:h": back_h,
        "message:s1-h": back_1, "gradient:s1": back_1,
        "message:b1-s1": back_1, "gradient:b1": back_1,
        "message:W1-s1": back_1, "gradient:W1": back_1,
        "gradient:W2.weight": back_2[:, :, None] * h[:, None, :],
        "gradient:b2.bias": back_2,
        "gradient:W1.weight": back_1[:, :, None] * x[:, None, :],
        "gradient:b1.bias": back_1,
    }  # fmt: skip


def test_one_unit_has_three_factors(reader: Reader) -> None:
    reader.open("raschka_logistic")
    reader.choose_row(141)
    weights = reader.parameters()
    now = Derivation(one_unit(weights), weights, RATE, row=140)
    pages = walk(reader, now)
    after = Derivation(one_unit(now.updated), now.updated, RATE, row=140)
    cross(reader, pages, after)
    known = now.numbers
    x1, x2, o = (known[f"value:{node}"].item() for node in ("x1", "x2", "o"))
    w1, w2 = (weights[f"{x}-o.weight"] for x in ("x1", "x2"))
    bias = weights["o.bias"]
    assert says(pages["s:o"].lines, "= # · # + # · # + #", w1, x1, w2, x2, bias)
    lines = pages["delta:o"].lines
    assert says(lines, "σ(s)·(1 − σ(s)) = #·(1 − #) = #", o, o, o * (1 - o))
    assert says(lines, "# − 1 = #", o, o - 1)
    assert says(pages["gradient:x1-o.weight"].lines, "= # · #", known["delta:o"], x1)


def test_the_update_is_made_with_the_mean_over_all_flowers(reader: Reader) -> None:
    reader.open("raschka_logistic")
    weights = reader.parameters()
    now = Derivation(one_unit(weights), weights, RATE)
    pages = walk(reader, now)
    slope = now.numbers["gradient:x1-o.weight"]
    w = weights["x1-o.weight"]
    assert says(pages["update:x1-o.weight"].lines, "= # − 2 · #", w, slope)
    reader.press("Escape")


@pytest.mark.parametrize("row", [None, 60])
def test_two_layers_have_five(reader: Reader, row: int | None) -> None:
    reader.open("raschka_two_layers")
    if row is not None:
        reader.choose_row(row + 1)
    weights = reader.parameters()
    now = Derivation(two_layers(weights), weights, RATE, row=row)
    pages = walk(reader, now)
    cross(reader, pages, Derivation(two_layers(now.updated), now.updated, RATE, row=row))
    if row is not None:
        o, back = now.numbers["value:o"].item(), now.numbers["gradient:o"].item()
        assert says(pages["gradient:s2"].lines, "= # · #", o * (1 - o), back)
