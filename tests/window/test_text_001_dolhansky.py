"""Dolhansky's derivation by cases (part 4), walked stop by stop in the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
RATE = 1.0


def output(target: Numbers, o: Numbers) -> dict[str, Numbers]:
    """The linear output, E = ½(ŷ − y)², and the way back to δ_o = ŷ − y."""
    error = o - target
    return {
        "s:o": o, "value:o": o, "value:y": target,
        "loss:E": error**2 / 2, "E": error**2 / 2,
        "gradient:E": np.ones_like(o),
        "message:o-E": error, "gradient:o": error, "delta:o": error,
    }  # fmt: skip


def case_1(w: Weights) -> dict[str, Numbers]:
    """One input, one hidden unit after the other."""
    x, y = columns("dolhansky_1_chain", "x", "y")
    s_j = w["i-j.weight"] * x
    z_j = sigmoid(s_j)
    s_k = w["j-k.weight"] * z_j
    z_k = sigmoid(s_k)
    way = output(y, w["k-o.weight"] * z_k)
    back_k = w["k-o.weight"] * way["delta:o"]
    delta_k = z_k * (1 - z_k) * back_k
    back_j = w["j-k.weight"] * delta_k
    delta_j = z_j * (1 - z_j) * back_j
    forward = {"value:i": x, "s:j": s_j, "value:j": z_j, "s:k": s_k, "value:k": z_k}
    return forward | way | {
        "message:k-o": back_k, "gradient:k": back_k, "delta:k": delta_k,
        "message:j-k": back_j, "gradient:j": back_j, "delta:j": delta_j,
        "gradient:k-o.weight": way["delta:o"] * z_k,
        "gradient:j-k.weight": delta_k * z_j,
        "gradient:i-j.weight": delta_j * x,
    }  # fmt: skip


def case_2(w: Weights) -> dict[str, Numbers]:
    """Several inputs; one of them, z_i, goes to both hidden units."""
    x1, x2, x3, y = columns("dolhansky_2_inputs", "x1", "x2", "x3", "y")
    s_j = w["i1-j.weight"] * x1 + w["i2-j.weight"] * x2 + w["i3-j.weight"] * x3
    z_j = sigmoid(s_j)
    s_k = w["j-k.weight"] * z_j + w["i3-k.weight"] * x3
    z_k = sigmoid(s_k)
    way = output(y, w["k-o.weight"] * z_k)
    back_k = w["k-o.weight"] * way["delta:o"]
    delta_k = z_k * (1 - z_k) * back_k
    back_j = w["j-k.weight"] * delta_k
    delta_j = z_j * (1 - z_j) * back_j
    forward = {
        "value:i1": x1, "value:i2": x2, "value:i3": x3,
        "s:j": s_j, "value:j": z_j, "s:k": s_k, "value:k": z_k,
    }  # fmt: skip
    return forward | way | {
        "message:k-o": back_k, "gradient:k": back_k, "delta:k": delta_k,
        "message:j-k": back_j, "gradient:j": back_j, "delta:j": delta_j,
        "gradient:k-o.weight": way["delta:o"] * z_k,
        "gradient:i3-k.weight": delta_k * x3,
        "gradient:j-k.weight": delta_k * z_j,
        "gradient:i3-j.weight": delta_j * x3,
        "gradient:i2-j.weight": delta_j * x2,
        "gradient:i1-j.weight": delta_j * x1,
    }  # fmt: skip


def case_3(w: Weights) -> dict[str, Numbers]:
    """One unit feeds two: its δ is a sum over both paths."""
    x, y = columns("dolhansky_3_outputs", "x", "y")
    s_i = w["in-i.weight"] * x
    z_i = sigmoid(s_i)
    s_j, s_k = w["i-j.weight"] * z_i, w["i-k.weight"] * z_i
    z_j, z_k = sigmoid(s_j), sigmoid(s_k)
    way = output(y, w["j-o.weight"] * z_j + w["k-o.weight"] * z_k)
    back_k, back_j = w["k-o.weight"] * way["delta:o"], w["j-o.weight"] * way["delta:o"]
    delta_k, delta_j = z_k * (1 - z_k) * back_k, z_j * (1 - z_j) * back_j
    over_k, over_j = w["i-k.weight"] * delta_k, w["i-j.weight"] * delta_j
    delta_i = z_i * (1 - z_i) * (over_k + over_j)
    forward = {
        "value:in": x, "s:i": s_i, "value:i": z_i,
        "s:j": s_j, "value:j": z_j, "s:k": s_k, "value:k": z_k,
    }  # fmt: skip
    return forward | way | {
        "message:k-o": back_k, "gradient:k": back_k, "delta:k": delta_k,
        "message:j-o": back_j, "gradient:j": back_j, "delta:j": delta_j,
        "message:i-k": over_k, "message:i-j": over_j,
        "gradient:i": over_k + over_j, "delta:i": delta_i,
        "gradient:k-o.weight": way["delta:o"] * z_k,
        "gradient:j-o.weight": way["delta:o"] * z_j,
        "gradient:i-k.weight": delta_k * z_i,
        "gradient:i-j.weight": delta_j * z_i,
        "gradient:in-i.weight": delta_i * x,
    }  # fmt: skip


CASES: dict[str, Callable[[Weights], dict[str, Numbers]]] = {
    "dolhansky_1_chain": case_1,
    "dolhansky_2_inputs": case_2,
    "dolhansky_3_outputs": case_3,
}


def pages_of(reader: Reader, name: str, row: int | None) -> tuple[Derivation, dict[str, Page]]:
    """Walk an example's update, over into the next, and back; return what was shown."""
    reader.open(name)
    if row is not None:
        reader.choose_row(row + 1)
    weights = parameters(name)
    now = Derivation(CASES[name](weights), weights, RATE, row=row)
    then = Derivation(CASES[name](now.updated), now.updated, RATE, row=row)
    pages = walk(reader, now)
    cross(reader, pages, then)
    return now, pages


def test_case_1_sends_delta_back_along_the_chain(reader: Reader) -> None:
    derivation, pages = pages_of(reader, "dolhansky_1_chain", None)
    known, rows = derivation.numbers, derivation.rows
    assert "E = 1/6 Σ over rows ½·(ŷ − y)²" in pages["E"].lines
    assert "δ(zⱼ) = 1/6 Σ over rows σ′(s(zⱼ)) · wⱼₖ · δ(zₖ)" in pages["delta:j"].lines
    shown = pages["gradient:i-j.weight"]
    assert "∂E/∂wᵢⱼ = 1/6 Σ over rows δ(zⱼ) · xᵢ" in shown.lines
    shares = rows["gradient:i-j.weight"] / 6
    assert says(shown.lines, "= " + " + ".join("#" * len(shares)), *shares)
    assert [name for name, _ in shown.shares] == [f"row {row}" for row in range(1, 7)]
    np.testing.assert_allclose([share for _, share in shown.shares], shares, rtol=1e-12)
    slope = known["gradient:i-j.weight"]
    assert says(pages["update:i-j.weight"].lines, "= 0.8 − 1 · #", slope)


def test_case_2_gives_each_input_its_own_weight_and_the_same_delta(reader: Reader) -> None:
    derivation, pages = pages_of(reader, "dolhansky_2_inputs", 2)
    known = derivation.numbers
    for unit, symbol in (("i1", "x₁"), ("i2", "x₂"), ("i3", "x₃")):
        lines = pages[f"gradient:{unit}-j.weight"].lines
        assert f"∂E/∂w{symbol[1]}ⱼ = δ(zⱼ) · {symbol}" in lines
        assert says(lines, "= # · #", known["delta:j"], known[f"value:{unit}"])
    z_k = known["value:k"].item()
    opened = "σ′(s(zₖ)) = σ(s)·(1 − σ(s)) = #·(1 − #) = #"
    assert says(pages["delta:k"].lines, opened, z_k, z_k, z_k * (1 - z_k))
    assert "by the mean over the 6 rows of this update" in pages["update:k-o.weight"].sentence


def test_case_3_sums_over_both_paths(reader: Reader) -> None:
    derivation, pages = pages_of(reader, "dolhansky_3_outputs", 2)
    known = derivation.numbers
    over_k, over_j = known["message:i-k"].item(), known["message:i-j"].item()
    half_grown, grown = pages["message:i-k"].sentence, pages["message:i-j"].sentence
    assert half_grown.endswith("(1 of 2)")
    assert reads(half_grown.rpartition("= ")[2].split()[0], over_k)
    assert grown.endswith("(2 of 2)")
    assert reads(grown.rpartition("= ")[2].split()[0], over_k + over_j)
    z_i = known["value:i"].item()
    delta_j, delta_k = known["delta:j"], known["delta:k"]
    lines = pages["delta:i"].lines
    assert "δ(zᵢ) = σ′(s(zᵢ)) · (wᵢⱼ · δ(zⱼ) + wᵢₖ · δ(zₖ))" in lines
    numbers = z_i * (1 - z_i), delta_j, delta_k
    assert says(lines, "= # · (1.1 · # + (−0.9) · #)", *numbers)


def test_case_3_as_the_mean_of_a_minibatch(reader: Reader) -> None:
    _, pages = pages_of(reader, "dolhansky_3_outputs", None)
    terms = "σ′(s(zᵢ)) · (wᵢⱼ · δ(zⱼ) + wᵢₖ · δ(zₖ))"
    assert f"δ(zᵢ) = 1/6 Σ over rows {terms}" in pages["delta:i"].lines
    assert pages["delta:i"].about == "Mean over the 6 rows of this update, before training."
