"""The text on passing an exam, walked stop by stop in the window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pytest

from tests.window.derivation import Derivation, cross, says, sigmoid, walk
from tests.window.numbers_of_examples import columns, standardised

if TYPE_CHECKING:
    from tests.window.derivation import Numbers
    from tests.window.reader import Page, Reader

pytestmark = pytest.mark.window
Weights: TypeAlias = Mapping[str, "Numbers"]
RATE = 0.3
HIDDEN = ("h1", "h2", "h3")


def update(w: Weights, loss: str) -> dict[str, Numbers]:
    """Return the text's derivation: ReLU hidden units, a sigmoid output, BCE or MSE."""
    studied, slept, y = columns("exam", "studied", "slept", "passed")
    x = {"x1": standardised(studied), "x2": standardised(slept)}
    found = {f"value:{name}": column for name, column in x.items()}
    z, slope = {}, {}
    for h in HIDDEN:
        s = w[f"x1-{h}.weight"] * x["x1"] + w[f"x2-{h}.weight"] * x["x2"] + w[f"{h}.bias"]
        z[h], slope[h] = np.maximum(0, s), np.where(s > 0, 1.0, 0.0)
        found |= {f"s:{h}": s, f"value:{h}": z[h]}
    s = np.sum([w[f"{h}-o.weight"] * z[h] for h in HIDDEN], axis=0) + w["o.bias"]
    o = sigmoid(s)
    bce = loss == "bce"
    error = -(y * np.log(o) + (1 - y) * np.log(1 - o)) if bce else (o - y) ** 2
    back = (o - y) / (o * (1 - o)) if bce else 2 * (o - y)
    out = o - y if bce else 2 * (o - y) * o * (1 - o)
    found |= {
        "s:o": s, "value:o": o, "value:y": y,
        "loss:E": error, "E": error, "gradient:E": np.ones_like(o),
        "message:o-E": back, "gradient:o": back, "delta:o": out,
    }  # fmt: skip
    deltas = {}
    for h in reversed(HIDDEN):
        arrived = w[f"{h}-o.weight"] * out
        deltas[h] = arrived * slope[h]
        found |= {f"message:{h}-o": arrived, f"gradient:{h}": arrived, f"delta:{h}": deltas[h]}
    found |= {f"gradient:{h}-o.weight": out * z[h] for h in reversed(HIDDEN)}
    found["gradient:o.bias"] = out
    for h in reversed(HIDDEN):
        found |= {f"gradient:{i}-{h}.weight": deltas[h] * x[i] for i in ("x2", "x1")}
        found[f"gradient:{h}.bias"] = deltas[h]
    return found


def pages_of(
    reader: Reader, name: str, loss: str, row: int | None
) -> tuple[Derivation, dict[str, Page]]:
    """Walk an example's update, over into the next, and back; return what was shown."""
    reader.open(name)
    if row is not None:
        reader.choose_row(row + 1)
    weights = reader.parameters()
    now = Derivation(update(weights, loss), weights, RATE, row=row)
    pages = walk(reader, now)
    cross(reader, pages, Derivation(update(now.updated, loss), now.updated, RATE, row=row))
    return now, pages


def test_of_the_first_student(reader: Reader) -> None:
    derivation, pages = pages_of(reader, "exam", "bce", 2)
    known, weights = derivation.numbers, derivation.weights
    o, out = known["value:o"].item(), known["delta:o"]
    opened = "(# − 0)/(#·(1 − #)) = #"
    assert says(pages["delta:o"].lines, opened, o, o, o, 1 / (1 - o))
    np.testing.assert_allclose(pages["delta:o"].nodes["o"]["δ"], o - 0.0)  # ŷ − y
    for h in HIDDEN:
        z, factor = known[f"value:{h}"].item(), weights[f"{h}-o.weight"]
        assert says(pages[f"gradient:{h}-o.weight"].lines, "= # · #", out, z)
        assert says(pages[f"delta:{h}"].lines, "= # · # · #", float(z > 0), factor, out)
    assert {known[f"value:{h}"].item() > 0 for h in HIDDEN} == {True, False}


def test_of_all_students_with_the_mean_squared_error(reader: Reader) -> None:
    derivation, pages = pages_of(reader, "exam_mse", "mse", None)
    shares = derivation.rows["gradient:o.bias"] / 12
    shown = pages["gradient:o.bias"].shares
    assert [name for name, _ in shown] == [f"row {row}" for row in range(1, 13)]
    np.testing.assert_allclose([share for _, share in shown], shares, rtol=1e-9)
