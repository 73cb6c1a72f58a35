"""Ng's notes: the test network with and without penalty, and symmetry, walked in the window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from tests.window.derivation import Derivation, cross, reads, says, sigmoid, walk
from tests.window.numbers_of_examples import columns, parameters

if TYPE_CHECKING:
    from tests.window.derivation import Numbers
    from tests.window.reader import Page, Reader

pytestmark = pytest.mark.window
Weights: TypeAlias = Mapping[str, "Numbers"]
LAMBDA, M = 4.0, 3
HIDDEN, OUTPUTS = ("h1", "h2"), ("o1", "o2", "o3", "o4")


def theta(w: Weights, sources: tuple[str, ...], targets: tuple[str, ...]) -> Numbers:
    """Return Θ of a layer, a row for each of its units, the bias first."""
    rows = [[w[f"{t}.bias"], *(w[f"{s}-{t}.weight"] for s in sources)] for t in targets]
    return np.array(rows).reshape(len(targets), len(sources) + 1)


def layer(found: dict[str, Numbers], units: tuple[str, ...], s: Numbers) -> Numbers:
    """Note s and a = g(s) of a layer's units, (B, units) each."""
    a = sigmoid(s)
    for k, unit in enumerate(units):
        found |= {f"s:{unit}": s[:, k], f"value:{unit}": a[:, k]}
    return a


def with_one(a: Numbers) -> Numbers:
    """Put the bias unit before a layer's units."""
    return np.column_stack([np.ones(len(a)), a])


def ng_network(w: Weights) -> dict[str, Numbers]:
    """a⁽¹⁾ … a⁽³⁾, J, δ⁽³⁾ = a⁽³⁾ − y, δ⁽²⁾ = Θᵀδ⁽³⁾ ∘ g′, Δ = δaᵀ, all in matrices."""
    x = np.column_stack(columns("ng_test_network", "x1", "x2"))
    y = np.column_stack(columns("ng_test_network", "y1", "y2", "y3", "y4"))
    theta_1, theta_2 = theta(w, ("x1", "x2"), HIDDEN), theta(w, HIDDEN, OUTPUTS)
    found = {"value:x1": x[:, 0], "value:x2": x[:, 1]}
    a_2 = layer(found, HIDDEN, with_one(x) @ theta_1.T)
    a_3 = layer(found, OUTPUTS, with_one(a_2) @ theta_2.T)
    cost = -np.sum(y * np.log(a_3) + (1 - y) * np.log(1 - a_3), axis=1)
    slope = (a_3 - y) / (a_3 * (1 - a_3))
    delta_3 = a_3 - y
    found |= {
        "value:a": a_3, "value:y": y, "loss:J": cost, "E": cost, "gradient:J": np.ones(len(x)),
        "message:a-J": slope, "gradient:a": slope,
    }  # fmt: skip
    for k in range(3, -1, -1):
        unit = OUTPUTS[k]
        found |= {f"message:{unit}-a": slope[:, k], f"gradient:{unit}": slope[:, k]}
        found[f"delta:{unit}"] = delta_3[:, k]
    back = delta_3 @ theta_2[:, 1:]
    delta_2 = back * a_2 * (1 - a_2)
    for i in (1, 0):
        unit = HIDDEN[i]
        for k in range(3, -1, -1):
            found[f"message:{unit}-{OUTPUTS[k]}"] = theta_2[k, 1 + i] * delta_3[:, k]
        found |= {f"gradient:{unit}": back[:, i], f"delta:{unit}": delta_2[:, i]}
    for sources, a, targets, delta in (
        (HIDDEN, a_2, OUTPUTS, delta_3),
        (("x1", "x2"), x, HIDDEN, delta_2),
    ):
        for k in range(len(targets) - 1, -1, -1):
            for j in (1, 0):
                found[f"gradient:{sources[j]}-{targets[k]}.weight"] = delta[:, k] * a[:, j]
            found[f"gradient:{targets[k]}.bias"] = delta[:, k]
    return found


def derivation_of(w: Weights, penalised: bool, row: int | None) -> Derivation:
    """Return the derivation of an update; λ/m·Θ is a term of its own, of no bias."""
    rows, names = ng_network(w), [name for name in w if name.endswith(".weight")]
    if not penalised:
        return Derivation(rows, w, 1.0, row=row)
    order = [name.partition(":")[2] for name in rows if name.endswith(".weight")]
    shares = {name: LAMBDA / M * w[name] for name in order}
    whole = LAMBDA / (2 * M) * sum(float(np.sum(w[name] ** 2)) for name in names)
    return Derivation(rows, w, 1.0, shares, whole, row)


def pages_of(
    reader: Reader, name: str, *, penalised: bool, row: int | None
) -> tuple[Derivation, dict[str, Page]]:
    """Walk an example's update, over into the next, and back; return what was shown."""
    reader.open(name)
    if row is not None:
        reader.choose_row(row + 1)
    weights = parameters(name)
    now = derivation_of(weights, penalised, row)
    pages = walk(reader, now)
    cross(reader, pages, derivation_of(now.updated, penalised, row))
    return now, pages


def test_the_cost_of_the_notes_over_three_examples(reader: Reader) -> None:
    derivation, pages = pages_of(reader, "ng_test_network", penalised=False, row=None)
    np.testing.assert_allclose(derivation.numbers["E"], 7.40696985606575)  # of the exercise
    assert reads(pages["E"].error, 7.40696985606575)
    for k, unit in enumerate(OUTPUTS):
        a = derivation.rows["value:a"][:, k]
        y = derivation.rows["value:y"][:, k]
        np.testing.assert_allclose(pages[f"delta:{unit}"].nodes[unit]["δ"], (a - y).mean())


def test_with_a_penalty_for_the_first_example(reader: Reader) -> None:
    derivation, pages = pages_of(reader, "ng_test_network_regularised", penalised=True, row=0)
    known, weights = derivation.numbers, derivation.weights
    assert says(pages["E"].lines, "= # + #", known["loss:J"], derivation.penalty)
    name = "x1-h1.weight"
    data, share = known[f"gradient:{name}"].item(), known[f"penalty:{name}"].item()
    np.testing.assert_allclose(share, 0.4)
    first, second = pages[f"gradient:{name}"].sentence, pages[f"penalty:{name}"].sentence
    assert first.endswith("(1 of 2)")
    assert second.endswith("(2 of 2)")
    assert reads(first.rpartition("= ")[2].split()[0], data)
    assert reads(second.rpartition("= ")[2].split()[0], data + share)
    assert says(pages[f"penalty:{name}"].lines, "= # · 0.3", LAMBDA / M)
    numbers = known["delta:h1"], known["value:x1"], LAMBDA / M
    assert says(pages[f"gradient:{name}"].lines, "= # · # + # · 0.3", *numbers)
    terms = [n for o in OUTPUTS for n in (weights[f"h1-{o}.weight"], known[f"delta:{o}"])]
    assert says(pages["delta:h1"].lines, f"({' + '.join(['# · #'] * len(OUTPUTS))})", *terms)
    after = pages["update:h1.bias"]
    slope = derivation.rows["gradient:h1.bias"].mean()
    assert says(after.lines, "= 0.1 − 1 · #", slope)
    assert after.about == "Mean over the 3 rows of this update, before training."


def symmetric(w: Weights) -> dict[str, Numbers]:
    """Two hidden units that began alike."""
    x1, x2, y = columns("ng_symmetry", "x1", "x2", "y")
    s = w["x1-h1.weight"] * x1 + w["x2-h1.weight"] * x2 + w["h1.bias"]
    z = sigmoid(s)
    o = w["h1-o.weight"] * z + w["h2-o.weight"] * z + w["o.bias"]
    out = sigmoid(o)
    delta_o = (out - y) * out * (1 - out)
    found = {
        "value:x1": x1, "value:x2": x2, "s:h1": s, "value:h1": z, "s:h2": s, "value:h2": z,
        "s:o": o, "value:o": out, "value:y": y,
        "loss:E": (out - y) ** 2 / 2, "E": (out - y) ** 2 / 2, "gradient:E": np.ones_like(y),
        "message:o-E": out - y, "gradient:o": out - y, "delta:o": delta_o,
    }  # fmt: skip
    delta = {}
    for h in ("h2", "h1"):
        arrived = w[f"{h}-o.weight"] * delta_o
        delta[h] = arrived * z * (1 - z)
        found |= {f"message:{h}-o": arrived, f"gradient:{h}": arrived, f"delta:{h}": delta[h]}
    found |= {"gradient:h2-o.weight": delta_o * z, "gradient:h1-o.weight": delta_o * z}
    found["gradient:o.bias"] = delta_o
    for h in ("h2", "h1"):
        found |= {f"gradient:x2-{h}.weight": delta[h] * x2}
        found |= {f"gradient:x1-{h}.weight": delta[h] * x1, f"gradient:{h}.bias": delta[h]}
    return found


def test_units_that_begin_alike_stay_alike(reader: Reader) -> None:
    reader.open("ng_symmetry")
    weights = parameters("ng_symmetry")
    now = Derivation(symmetric(weights), weights, 2.0)
    pages = walk(reader, now)
    cross(reader, pages, Derivation(symmetric(now.updated), now.updated, 2.0))
    last = pages["update:h1.bias"]
    for one, other in (("x1-h1", "x1-h2"), ("x2-h1", "x2-h2"), ("h1-o", "h2-o")):
        assert last.labels[one] == last.labels[other]
