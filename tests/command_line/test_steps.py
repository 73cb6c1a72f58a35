"""``gradwire steps``: one update stop by stop, with published numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gradwire import main

EXAMPLES = Path(__file__).parents[2] / "examples"


def steps(capsys: pytest.CaptureFixture[str], name: str, *options: str) -> list[dict[str, Any]]:
    assert main(["steps", str(EXAMPLES / f"{name}.gradwire"), "--json", *options]) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def known(found: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: number for stop in found for name, number in stop["known"].items()}


def test_the_stops_have_the_numbers_of_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    """M. Mazur, A step by step backpropagation example: values, δ, new weights."""
    numbers = known(steps(capsys, "mazur"))
    for name, published in (
        ("s:h1", 0.3775),
        ("value:h1", 0.593269992),
        ("E", 0.298371109),
        ("delta:o1", 0.138498562),
        ("gradient:h1", 0.036350306),
        ("update:h1-o1.weight", 0.35891648),
        ("update:i1-h1.weight", 0.149780716),
    ):
        assert numbers[name] == pytest.approx(published, abs=2e-9)


def test_a_penalty_is_a_share_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    """Ng's network with λ = 4, m = 3: λ/m times the weight."""
    found = steps(capsys, "ng_test_network_regularised")
    assert main(["evaluate", str(EXAMPLES / "ng_test_network_regularised.gradwire"), "--json"]) == 0
    evaluated = json.loads(capsys.readouterr().out)
    numbers = known(found)
    assert numbers["E"] == pytest.approx(19.473636522732416, rel=1e-12)
    for name, parameter in evaluated["parameters"].items():
        share = numbers.get(f"penalty:{name}", 0.0)
        whole = numbers[f"gradient:{name}"] + share
        expected = parameter["gradient"]
        while isinstance(expected, list):
            (expected,) = expected
        assert whole == pytest.approx(expected, rel=1e-12)
    assert {stop["phase"] for stop in found} >= {"penalty"}


def test_a_row_is_gone_through_alone(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = known(steps(capsys, "exam", "--row", "2"))
    path = EXAMPLES / "exam.gradwire"
    assert main(["evaluate", str(path), "--json", "--rows", "2"]) == 0
    evaluated = json.loads(capsys.readouterr().out)
    assert numbers["E"] == pytest.approx(evaluated["error"], rel=1e-12)
    for node, found in evaluated["nodes"].items():
        if f"delta:{node}" in numbers:
            assert numbers[f"delta:{node}"] == pytest.approx(found["delta"][0][0], rel=1e-12)


def test_the_table_says_whose_numbers_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["steps", str(EXAMPLES / "xor.gradwire")]) == 0
    out = capsys.readouterr().out
    assert "One update, mean over all 4 training rows:" in out
    assert "backward" in out
    assert main(["steps", str(EXAMPLES / "xor.gradwire"), "--row", "99"]) == 2
    assert "there are no rows '99'" in capsys.readouterr().err
