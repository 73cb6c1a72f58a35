"""Why σ goes with cross-entropy, and softmax with the logarithm, walked in the window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest
from sklearn.datasets import load_iris

from tests.window.derivation import Derivation, cross, says, sigmoid, walk
from tests.window.numbers_of_examples import columns, parameters, standardised

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tests.window.derivation import Numbers
    from tests.window.reader import Reader

pytestmark = pytest.mark.window
Weights: TypeAlias = Mapping[str, "Numbers"]


def two_losses(w: Weights) -> dict[str, Numbers]:
    """Return an update of two equal units: o₁ with cross-entropy, o₂ with the squared error."""
    x, t = columns("sigmoid_cross_entropy", "x", "t")
    s = {unit: w[f"x-{unit}.weight"] * x + w[f"{unit}.bias"] for unit in ("ce", "sq")}
    o = {unit: sigmoid(net) for unit, net in s.items()}
    slope = {unit: z * (1 - z) for unit, z in o.items()}
    error = {
        "ce": -(t * np.log(o["ce"]) + (1 - t) * np.log(1 - o["ce"])),
        "sq": (o["sq"] - t) ** 2 / 2,
    }
    back = {"ce": (o["ce"] - t) / slope["ce"], "sq": o["sq"] - t}
    delta = {unit: back[unit] * slope[unit] for unit in back}
    found = {"value:x": x}
    for unit in ("ce", "sq"):
        found |= {f"s:{unit}": s[unit], f"value:{unit}": o[unit]}
    found |= {"value:t": t, "loss:E1": error["ce"], "loss:E2": error["sq"]}
    found["E"] = error["ce"] + error["sq"]
    for unit, loss in (("sq", "E2"), ("ce", "E1")):
        found |= {
            f"gradient:{loss}": np.ones_like(t), f"message:{unit}-{loss}": back[unit],
            f"gradient:{unit}": back[unit], f"delta:{unit}": delta[unit],
        }  # fmt: skip
    for unit in ("sq", "ce"):
        found |= {
            f"gradient:x-{unit}.weight": delta[unit] * x,
            f"gradient:{unit}.bias": delta[unit],
        }
    return found


def test_the_slope_of_sigmoid_is_divided_out_by_cross_entropy(reader: Reader) -> None:
    """δ is o − t with cross-entropy, and (o − t)·o·(1 − o) with the squared error."""
    reader.open("sigmoid_cross_entropy")
    weights = parameters("sigmoid_cross_entropy")
    now = Derivation(two_losses(weights), weights, rate=0.15)
    pages = walk(reader, now)
    cross(reader, pages, Derivation(two_losses(now.updated), now.updated, rate=0.15))
    (t,) = columns("sigmoid_cross_entropy", "t")
    o = now.numbers["value:ce"]
    np.testing.assert_allclose(pages["delta:ce"].nodes["ce"]["δ"], o - t, rtol=1e-9)
    o = now.numbers["value:sq"]
    slow = (o - t) * o * (1 - o)
    np.testing.assert_allclose(pages["delta:sq"].nodes["sq"]["δ"], slow, rtol=1e-9)
    assert says(pages["delta:sq"].lines, "σ(s)·(1 − σ(s)) = #·(1 − #) = #", o, o, o * (1 - o))


def likelihood(w: Weights, rows: NDArray[np.int64]) -> dict[str, Numbers]:
    """Return an update of softmax in two nodes: log p = s − log Σ exp(s), and E = −Σ t·log p."""
    data, species = load_iris(return_X_y=True)
    x, t = standardised(data[rows]), np.eye(3)[species[rows]]
    s = x @ w["x-s.weight"].T + w["s.bias"]
    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    error = -(t * log_p).sum(axis=1)
    delta = np.exp(log_p) - t
    return {
        "value:x": x, "s:s": s, "value:s": s, "value:p": log_p, "value:t": t,
        "loss:E": error, "E": error, "gradient:E": np.ones_like(error),
        "message:p-E": -t, "gradient:p": -t,
        "message:s-p": delta, "gradient:s": delta, "delta:s": delta,
        "gradient:x-s.weight": delta[:, :, None] * x[:, None, :], "gradient:s.bias": delta,
    }  # fmt: skip


def test_softmax_and_the_logarithm_leave_p_minus_t(reader: Reader) -> None:
    """−t goes into log p, p − t comes out of it."""
    reader.open("softmax_nll")
    weights, rows = reader.parameters(), reader.training_rows()
    now = Derivation(likelihood(weights, rows), weights, rate=0.5)
    pages = walk(reader, now)
    cross(reader, pages, Derivation(likelihood(now.updated, rows), now.updated, rate=0.5))
    p = np.exp(now.rows["value:p"])
    shown = pages["delta:s"].nodes["s"]["δ"]
    np.testing.assert_allclose(shown, (p - now.rows["value:t"]).mean(axis=0), rtol=1e-9)
