"""``gradwire explain``: any number as a formula, as text, LaTeX and JSON."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from engine.analysis.explanation.quantity import KINDS
from tests.command_line.conftest import Run
from tests.engine.analysis.explanation.displayed_lines import check_line

EXAMPLES = Path(__file__).parents[2] / "examples"
MAZUR = EXAMPLES / "mazur.gradwire"


def recombined(tree: dict[str, Any]) -> float:
    numbers = [term["value"] for term in tree["terms"]]
    value = float(tree["value"])
    if tree["operator"] in ("sum", "product"):
        value = math.fsum(numbers) if tree["operator"] == "sum" else math.prod(numbers)
    for term in tree["terms"]:
        assert recombined(term) == pytest.approx(term["value"], rel=1e-12)
    return value


def test_json_is_the_contract(run: Run) -> None:
    code, out, _ = run("explain", MAZUR, "delta:h1", "--json", "--depth", "all")
    found = json.loads(out)
    assert code == 0
    assert list(found) == ["quantity", "symbol", "value", "expression"]
    assert (found["quantity"], found["symbol"]) == ("delta:h1", "δ(h₁)")
    assert found["value"] == pytest.approx(0.008771354689, rel=1e-9)
    tree = found["expression"]
    assert tree["operator"] == "product"
    assert {"operator", "value", "symbol", "node", "terms"} <= set(tree)
    assert recombined(tree) == pytest.approx(tree["value"], rel=1e-12)


def test_text_says_whose_number_it_is_and_opens_the_derivative(run: Run) -> None:
    code, out, _ = run("explain", MAZUR, "delta:h1")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "delta:h1, row 1:"
    assert lines[1] == "δ(h₁) = σ′(s(h₁))·(w₅·δ(o₁) + w₇·δ(o₂))"
    assert lines[4] == "σ′(s(h₁)) = σ(s)·(1 − σ(s)) = 0.5933·(1 − 0.5933) = 0.2413"


def test_the_derivative_of_an_output(run: Run) -> None:
    _, out, _ = run("explain", MAZUR, "derivative:s:h1|o1")
    assert out.splitlines()[:2] == [
        "derivative:s:h1|o1, row 1:",
        "∂o₁/∂s(h₁) = σ′(s(h₁))·w₅·∂o₁/∂s(o₁)",
    ]


def test_latex_has_no_letters_that_it_cannot_set(run: Run) -> None:
    _, out, _ = run("explain", MAZUR, "update:h1-o1.weight", "--latex")
    assert out.isascii()
    assert r"\delta" in out


def test_a_mean_lists_its_rows(run: Run) -> None:
    _, out, _ = run("explain", EXAMPLES / "xor.gradwire", "delta:h1", "--json")
    tree = json.loads(out)["expression"]
    assert [term["terms"][0]["symbol"] for term in tree["terms"]] == ["1/4"] * 4
    assert "of row 3" in tree["terms"][2]["symbol"]


def test_a_mean_is_a_sum_over_rows_of_what_a_row_gives(run: Run) -> None:
    _, out, _ = run("explain", EXAMPLES / "raschka_logistic.gradwire", "delta:o")
    assert out.splitlines()[:4] == [
        "delta:o, mean over all 150 training rows:",
        "δ(o) = 1/150·Σ over rows σ′(s(o))·∂E/∂o",
        "σ′(s(o)) = σ(s)·(1 − σ(s)) in each row",
        "∂E/∂o = o − t in each row",
    ]
    numbers, result = out.splitlines()[4:]
    assert numbers.count("+") == 6
    assert "(144 other rows)" in numbers
    check_line(numbers.removeprefix("  = "), result)


def test_the_mean_of_a_loss_and_a_penalty_are_told_apart(run: Run) -> None:
    """J of Ng's test network is 7.4070 without, 19.4736 with the penalty."""
    _, out, _ = run("explain", EXAMPLES / "ng_test_network_regularised.gradwire", "E")
    *_, both, whole = out.splitlines()
    assert out.splitlines()[1].endswith(" + λ/2m·Σw²")
    assert both.startswith("  = 7.40697 + ")
    check_line(both.removeprefix("  = "), whole)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("delta:nobody",), "there is no node 'nobody'"),
        (("delta:h1", "--row", "7"), "there are no rows '7'"),
        (("delta:h1", "--depth", "deep"), "the depth 'deep' is not understood"),
    ],
)
def test_refusals_are_one_sentence(run: Run, options: tuple[str, ...], sentence: str) -> None:
    code, out, err = run("explain", MAZUR, *options)
    assert (code, out) == (2, "")
    assert sentence in err
    assert len(err.splitlines()) == 1


def test_what_goes_into_a_loss_is_opened_with_depth(run: Run) -> None:
    """Dolhansky's chain: ŷ = w·z of the unit before it, each link in its own numbers."""
    chain = EXAMPLES / "dolhansky_1_chain.gradwire"
    _, closed, _ = run("explain", chain, "E", "--row", 1)
    _, out, _ = run("explain", chain, "E", "--row", 1, "--depth", 2)
    *before, opened = out.splitlines()
    assert before == closed.splitlines()
    name, symbols, numbers, result = opened.split(" = ")
    assert (name, symbols) == ("ŷ", "id(wₖₒ·zₖ)")
    one, other = map(float, numbers.removeprefix("id(").removesuffix(")").split("·"))
    assert float(result) == pytest.approx(one * other, rel=1e-4)


@pytest.mark.parametrize("asked", ["", "paths:h1", "nothing:h1"])
def test_a_refusal_and_the_help_list_every_quantity(run: Run, asked: str) -> None:
    code, _, sentence = run("explain", MAZUR, asked)
    _, shown, _ = run("explain", "--help")
    assert code == 2
    assert "derivative:s:" in sentence
    for kind in KINDS:
        assert re.search(rf"\b{kind}\b", sentence)
        assert f"{kind}:" in shown
    assert "[i,j]" in shown
