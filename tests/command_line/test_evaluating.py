"""`gradwire evaluate` and `gradwire check`: their numbers and their refusals."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from tests.command_line.conftest import Run
from tests.command_line.documents import XOR, changed, write


def test_evaluate_json_is_the_contract(xor: Path, run: Run) -> None:
    code, out, _ = run("evaluate", xor, "--json")
    found = json.loads(out)
    assert code == 0
    assert list(found) == ["error", "losses", "nodes", "edges", "parameters"]
    assert found["losses"] == {"E": found["error"]}
    assert list(found["nodes"]) == ["x", "h", "o", "t", "E"]
    assert set(found["nodes"]["o"]) == {"value", "gradient", "delta", "net"}
    assert set(found["nodes"]["x"]) == {"value", "gradient", "delta"}
    assert found["nodes"]["x"]["value"] == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert np.shape(found["edges"]["h-o"]["message"]) == (4, 4)
    assert set(found["parameters"]) == {"x-h.weight", "h.bias", "h-o.weight", "o.bias"}


def test_evaluate_takes_rows_of_a_split(tmp_path: Path, run: Run) -> None:
    content = copy.deepcopy(XOR)
    content["dataset"]["split"] = {"validation": 0.5}
    path = write(tmp_path, content)

    def rows(*options: str) -> list[list[float]]:
        found = json.loads(run("evaluate", path, "--json", *options)[1])
        values: list[list[float]] = found["nodes"]["x"]["value"]
        return values

    assert rows("--rows", "4,1-2") == [[1, 1], [0, 0], [0, 1]]
    train, validation = rows("--split", "train"), rows("--split", "validation")
    assert sorted(train + validation) == [[0, 0], [0, 1], [1, 0], [1, 1]]
    numbers = [["0,0", "0,1", "1,0", "1,1"].index(f"{a:g},{b:g}") + 1 for a, b in validation]
    assert rows("--split", "validation", "--rows", str(numbers[1])) == validation[1:]
    code, _, err = run("evaluate", path, "--split", "train", "--rows", str(numbers[1]))
    assert code == 2
    assert f"row {numbers[1]} is not of the split 'train'" in err


@pytest.mark.parametrize(
    "options",
    [("--rows", "9"), ("--rows", "0"), ("--rows", "0-2"), ("--rows", "a"), ("--split", "test")],
)
def test_rows_that_are_not_there(xor: Path, run: Run, options: tuple[str, str]) -> None:
    code, out, err = run("evaluate", xor, "--json", *options)
    assert (code, out) == (2, "")
    assert err.startswith(f"{xor}: ")


def test_evaluate_in_words(xor: Path, run: Run) -> None:
    code, out, _ = run("evaluate", xor)
    assert code == 0
    assert out.startswith("E = ")
    assert "x-h.weight" in out


def test_check_agrees(xor: Path, run: Run) -> None:
    code, out, _ = run("check", xor)
    assert code == 0
    assert "All 17 derivatives agree" in out


def test_check_says_how_many_of_many_it_checked(tmp_path: Path, run: Run) -> None:
    path = write(tmp_path, changed(lambda content: content["nodes"][1]["params"].update(units=20)))
    code, out, _ = run("check", path)
    assert code == 0
    assert "25 of 81 derivatives, drawn at random, were checked." in out


def test_check_fails_for_a_wrong_derivative(
    xor: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.library import ops

    monkeypatch.setattr(ops()["tanh"], "backward", lambda delta, output, x: delta)
    code, _, err = run("check", xor)
    assert code == 1
    assert "derivatives differ" in err
    assert "'x-h.weight'" in err or "'h.bias'" in err


def test_json_has_no_infinity(tmp_path: Path, run: Run) -> None:
    power = {"id": "c", "kind": "constant", "params": {"value": [1000]}}
    path = write(
        tmp_path,
        changed(
            lambda content: (
                content["nodes"].extend([power, {"id": "big", "kind": "exp"}]),
                content["edges"].append({"id": "w", "source": "c", "target": "big", "port": "x"}),
            )
        ),
    )
    code, out, err = run("evaluate", path, "--json")
    assert (code, out) == (1, "")
    assert err.startswith(f"{path}: the value of 'big' is not finite")
    assert err.count("\n") == 1
    code, out, err = run("evaluate", path)
    assert (code, err) == (0, "")
    assert "inf" in out


@pytest.mark.parametrize("command", ["train", "check"])
def test_without_a_loss_there_is_nothing_to_improve_or_check(
    command: str, tmp_path: Path, run: Run
) -> None:
    def cut(content: dict[str, list[object]]) -> None:
        del content["nodes"][-1], content["edges"][-2:]

    path = write(tmp_path, changed(cut))
    code, out, err = run(command, path)
    assert (code, out) == (2, "")
    assert err.startswith(f"{path}: nothing is trained without a loss")
    assert err.count("\n") == 1


def test_evaluate_is_bounded_and_says_so(tmp_path: Path, run: Run) -> None:
    rows = [[float(number), 0.0, 1.0] for number in range(1500)]
    names = list(XOR["dataset"]["columns"])
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    path = write(tmp_path, {**XOR, "dataset": {**XOR["dataset"], "columns": columns}})
    code, out, err = run("evaluate", path, "--json")
    assert code == 0
    assert "first 1,000 of 1,500 rows" in err
    node = next(iter(json.loads(out)["nodes"].values()))
    assert len(node["value"]) == 1000
    code, out, err = run("evaluate", path, "--json", "--rows", "all")
    assert (code, err) == (0, "")
    node = next(iter(json.loads(out)["nodes"].values()))
    assert len(node["value"]) == 1500
