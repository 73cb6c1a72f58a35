"""The text of four diagrams and its chains, walked stop by stop in the window."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_wine

from tests.window.derivation import Derivation, cross, reads, says, sigmoid, walk
from tests.window.numbers_of_examples import columns, parameters, standardised

if TYPE_CHECKING:
    from tests.window.derivation import Numbers
    from tests.window.reader import Page, Reader

pytestmark = pytest.mark.window
Weights: TypeAlias = Mapping[str, "Numbers"]
LENGTH = 10


def four_diagrams(w: Weights) -> dict[str, Numbers]:
    """Forward I·W = O, the cost c = (O − E)², ∂c/∂O = 2(O − E), ∂c/∂W = I·∂c/∂O."""
    a, e = columns("four_diagrams", "A", "E")
    o = w["O.weight"] * a
    slope = 2 * (o - e)
    return {
        "value:A": a, "value:O": o, "value:E": e,
        "loss:c": (o - e) ** 2, "E": (o - e) ** 2,
        "gradient:c": np.ones_like(o),
        "message:O-c": slope, "gradient:O": slope,
        "gradient:O.weight": slope * a,
    }  # fmt: skip


def chain(name: str, w: Weights) -> dict[str, Numbers]:
    """Ten sigmoid units in a row: δ of each is σ′·w times that of the next."""
    z, y = columns(name, "x", "y")
    found, outputs, order = {"value:x": z}, {"x": z}, ["x"]
    for n in range(1, LENGTH + 1):
        s = w[f"{order[-1]}-h{n}.weight"] * z + w.get(f"h{n}.bias", 0.0)
        z = sigmoid(s)
        order.append(f"h{n}")
        outputs[f"h{n}"] = z
        found |= {f"s:h{n}": s, f"value:h{n}": z}
    error = z - y
    found |= {"value:y": y, "loss:E": error**2 / 2, "E": error**2 / 2}
    found |= {"gradient:E": np.ones_like(y)}
    edge, back, deltas = f"h{LENGTH}-E", error, {}
    for n in range(LENGTH, 0, -1):
        z = outputs[f"h{n}"]
        deltas[n] = z * (1 - z) * back
        found |= {f"message:{edge}": back, f"gradient:h{n}": back, f"delta:h{n}": deltas[n]}
        edge = f"{order[n - 1]}-h{n}"
        back = w[f"{edge}.weight"] * deltas[n]
    for n in range(LENGTH, 0, -1):
        edge = f"{order[n - 1]}-h{n}"
        found[f"gradient:{edge}.weight"] = deltas[n] * outputs[order[n - 1]]
        if f"h{n}.bias" in w:
            found[f"gradient:h{n}.bias"] = deltas[n]
    return found


def test_the_four_diagrams_are_four_moments(reader: Reader) -> None:
    name = "four_diagrams"
    reader.open(name)
    weights = parameters(name)
    now = Derivation(four_diagrams(weights), weights, rate=0.05)
    pages = walk(reader, now)
    cross(reader, pages, Derivation(four_diagrams(now.updated), now.updated, rate=0.05))
    assert {"O = W · A", "= 0.4 · 1.5", "= 0.6"} <= set(pages["value:O"].lines)
    assert {"c = (O − E)²", "= 1.96"} <= set(pages["loss:c"].lines)
    assert any("2·(0.6 − 2) = −2.8" in line for line in pages["gradient:O"].lines)
    shown = pages["gradient:O.weight"]
    assert {"∂E/∂W = ∂E/∂O · A", "= (−2.8) · 1.5", "= −4.2"} <= set(shown.lines)
    assert reads(shown.under["O"]["∂E/∂W"], -4.2)
    shown = pages["update:O.weight"]
    assert {"W⁺ = W − η · ∂E/∂W", "= 0.4 − 0.05 · (−4.2)", "= 0.61"} <= set(shown.lines)


@pytest.mark.parametrize(
    ("name", "rate"), [("vanishing_sigmoid_chain", 1.0), ("exploding_chain", 1e-5)]
)
def test_delta_is_multiplied_by_the_same_two_factors_at_each_unit(
    reader: Reader, name: str, rate: float
) -> None:
    reader.open(name)
    weights = parameters(name)
    now = Derivation(chain(name, weights), weights, rate)
    pages = walk(reader, now)
    cross(reader, pages, Derivation(chain(name, now.updated), now.updated, rate))
    known = now.numbers
    product = known[f"delta:h{LENGTH}"]
    for n in range(LENGTH - 1, 0, -1):
        z, w = known[f"value:h{n}"], weights[f"h{n}-h{n + 1}.weight"]
        product = product * (z * (1 - z) * w)  # Π σ′·w
        np.testing.assert_allclose(pages[f"delta:h{n}"].nodes[f"h{n}"]["δ"], product, rtol=1e-9)
        factors = z * (1 - z), w, known[f"delta:h{n + 1}"]
        assert says(pages[f"delta:h{n}"].lines, "= # · # · #", *factors)


def wines(rows: NDArray[np.int64]) -> tuple[Numbers, Numbers]:
    """Return the wines of these rows, standardised over them, (B, 13), and their sorts, (B, 3)."""
    data, sort = load_wine(return_X_y=True)
    return standardised(data[rows]), np.eye(3)[sort[rows]]


def cure(w: Weights, rows: NDArray[np.int64]) -> dict[str, Numbers]:
    """Return the same tanh network twice: u with uniform weights in ±0.1, v with Xavier's."""
    x, t = wines(rows)
    outputs: dict[str, Numbers] = {"x": x}
    found = {"value:x": x}
    chains = {net: ["x", *(f"{net}{n}" for n in range(1, 7)), f"{net}o"] for net in "uv"}
    for units in chains.values():
        for before, unit in itertools.pairwise(units):
            s = outputs[before] @ w[f"{before}-{unit}.weight"].T + w[f"{unit}.bias"]
            outputs[unit] = s if unit.endswith("o") else np.tanh(s)
            found |= {f"s:{unit}": s, f"value:{unit}": outputs[unit]}
    found["value:t"] = t
    shares = {net: np.exp(outputs[f"{net}o"]) for net in "uv"}
    shares = {net: e / e.sum(axis=1, keepdims=True) for net, e in shares.items()}
    losses = {net: -np.sum(t * np.log(p), axis=1) for net, p in shares.items()}
    found |= {f"loss:E{net}": loss for net, loss in losses.items()}
    found["E"] = losses["u"] + losses["v"]
    deltas = {}
    for net in "vu":
        units = [*chains[net], f"E{net}"]
        back = shares[net] - t
        found[f"gradient:E{net}"] = np.ones(len(x))
        for after, unit in itertools.pairwise(reversed(units[1:])):
            slope = 1 - outputs[unit] ** 2 if not unit.endswith("o") else 1.0
            deltas[unit] = slope * back
            found |= {f"message:{unit}-{after}": back, f"gradient:{unit}": back}
            found[f"delta:{unit}"] = deltas[unit]
            before = units[units.index(unit) - 1]
            back = deltas[unit] @ w[f"{before}-{unit}.weight"]
    for net in "vu":
        for unit, before in itertools.pairwise(reversed(chains[net])):
            share = deltas[unit][:, :, None] * outputs[before][:, None, :]
            found |= {f"gradient:{before}-{unit}.weight": share}
            found[f"gradient:{unit}.bias"] = deltas[unit]
    return found


def test_xaviers_weights_keep_delta_alive_where_small_ones_let_it_vanish(reader: Reader) -> None:
    reader.open("xavier_cure", is_explained=False)  # hundreds of symbols take long to typeset
    weights, rows = reader.parameters(), reader.training_rows()
    now = Derivation(cure(weights, rows), weights, rate=0.05)
    pages = walk(reader, now)
    cross(reader, pages, Derivation(cure(now.updated, rows), now.updated, 0.05))
    page = pages["delta:u1"]
    ratio = {net: _norm(page, f"{net}1") / _norm(page, f"{net}6") for net in "uv"}
    assert ratio["u"] < 0.05
    assert ratio["v"] > 0.3


def _norm(page: Page, unit: str) -> float:
    return float(np.linalg.norm(page.nodes[unit]["δ"]))
