"""``gradwire steps``: one update stop by stop, with published numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from gradwire import main
from tests.command_line.documents import changed, write

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
    numbers = known(steps(capsys, "exam", "--row", "3"))
    path = EXAMPLES / "exam.gradwire"
    assert main(["evaluate", str(path), "--json", "--rows", "3"]) == 0
    evaluated = json.loads(capsys.readouterr().out)
    assert numbers["E"] == pytest.approx(evaluated["error"], rel=1e-12)
    for node, found in evaluated["nodes"].items():
        if f"delta:{node}" in numbers:
            assert numbers[f"delta:{node}"] == pytest.approx(found["delta"][0][0], rel=1e-12)


def flat(numbers: Any) -> list[float]:
    if isinstance(numbers, list):
        return [x for part in numbers for x in flat(part)]
    return [float(numbers)]


OF_TEXTS = (
    "raschka_logistic", "raschka_two_layers", "dolhansky_1_chain", "dolhansky_2_inputs",
    "dolhansky_3_outputs", "ng_test_network", "ng_test_network_regularised", "exam",
    "four_diagrams", "mazur", "xor", "rnn_unrolled", "gated",
)  # fmt: skip


@pytest.mark.parametrize("name", OF_TEXTS)
def test_what_evaluate_knows_becomes_known_once(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    """With its number; ∂E/∂ of inputs and targets, which pass nothing on, is no part of it."""
    found = steps(capsys, name, "--row", "1")
    numbers = known(found)
    assert len(numbers) == len(found)
    path = EXAMPLES / f"{name}.gradwire"
    assert main(["evaluate", str(path), "--json", "--rows", "1"]) == 0
    evaluated = json.loads(capsys.readouterr().out)
    expected = {"E": evaluated["error"]}
    for node, values in evaluated["nodes"].items():
        expected[f"{'loss' if node in evaluated['losses'] else 'value'}:{node}"] = values["value"]
        if "net" in values:
            expected |= {f"s:{node}": values["net"], f"delta:{node}": values["delta"]}
        if f"gradient:{node}" in numbers:
            expected[f"gradient:{node}"] = values["gradient"]
    for edge, values in evaluated["edges"].items():
        if f"message:{edge}" in numbers:
            expected[f"message:{edge}"] = values["message"]
    for parameter, values in evaluated["parameters"].items():
        expected[f"gradient:{parameter}"] = values["gradient"]
        if f"penalty:{parameter}" in numbers:
            numbers[f"gradient:{parameter}"] += numbers.pop(f"penalty:{parameter}")
    updates = {quantity for quantity in numbers if quantity.startswith("update:")}
    assert numbers.keys() - updates == expected.keys()
    for quantity, number in expected.items():
        assert flat(numbers[quantity]) == pytest.approx(flat(number), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("row", [(), ("--row", "1")])
def test_an_update_is_made_with_the_gradients_that_are_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, row: tuple[str, ...]
) -> None:
    """Dropout included: the stops are those of the update, not of an evaluation without noise."""

    def with_dropout(content: dict[str, Any]) -> None:
        content["nodes"].append({"id": "d", "kind": "dropout", "params": {"rate": 0.5}})
        content["edges"][1:2] = [
            {"id": "h-d", "source": "h", "target": "d", "port": "x"},
            {"id": "d-o", "source": "d", "target": "o", "port": "inputs"},
        ]
        content["training"]["l2"] = 0.1

    path = write(tmp_path, changed(with_dropout))
    assert main(["steps", str(path), "--json", *row]) == 0
    numbers = known(json.loads(capsys.readouterr().out))
    assert main(["evaluate", str(path), "--json"]) == 0
    parameters = json.loads(capsys.readouterr().out)["parameters"]
    for name, parameter in parameters.items():
        nothing = [0.0] * len(flat(parameter["value"]))
        gradient = flat(numbers[f"gradient:{name}"])
        penalty = flat(numbers.get(f"penalty:{name}", nothing))
        expected = [
            w - 0.5 * (g + p)
            for w, g, p in zip(flat(parameter["value"]), gradient, penalty, strict=True)
        ]
        assert flat(numbers[f"update:{name}"]) == pytest.approx(expected, rel=1e-12, abs=1e-15)


def test_the_table_says_whose_numbers_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["steps", str(EXAMPLES / "xor.gradwire")]) == 0
    out = capsys.readouterr().out
    assert "One update, mean over all 4 training rows:" in out
    assert "backward" in out
    assert main(["steps", str(EXAMPLES / "xor.gradwire"), "--row", "99"]) == 2
    assert "there are no rows '99'" in capsys.readouterr().err
