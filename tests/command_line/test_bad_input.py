"""What cannot be used is refused in one sentence with its place, exit code 2."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from tests.command_line.conftest import Run
from tests.command_line.documents import XOR, changed, write


def add_layers(content: dict[str, Any]) -> None:
    """Put a layer of a million units between two more."""
    content["nodes"][1]["params"]["units"] = 10**6
    content["nodes"].append({"id": "k", "kind": "neuron", "params": {"units": 10**6}})
    content["edges"][1].update(id="h-k", target="k")
    content["edges"].append({"id": "k-o", "source": "k", "target": "o", "port": "inputs"})


BAD: dict[str, tuple[str, str]] = {
    "unknown kind": (changed(lambda c: c["nodes"][1].update(kind="teleport")), "$.nodes[1].kind"),
    "cycle": (
        changed(
            lambda c: c["edges"].append(
                {"id": "o-h", "source": "o", "target": "h", "port": "inputs"}
            )
        ),
        "$.edges",
    ),
    "dangling edge": (changed(lambda c: c["edges"][0].update(source="ghost")), "$.edges[0]"),
    "NaN": (json.dumps(XOR).replace("0.5", "NaN"), "net.gradwire"),
    "NaN value": (changed(lambda c: c.update(parameters={"o.bias": [float("nan")]})), "net"),
    "truncated": (json.dumps(XOR)[:200], "net.gradwire"),
    "empty": ("", "net.gradwire"),
    "wrong type": (changed(lambda c: c["training"].update(epochs="many")), "$.training.epochs"),
    "wrong top": ("[1, 2]", "net.gradwire"),
    "deep nesting": ("[" * 1_000_000, "net.gradwire"),
    "deep value": (
        json.dumps(XOR)[:-1]
        + ', "parameters": {"o.bias": '
        + "[" * 50_000
        + "1"
        + "]" * 50_000
        + "}}",
        "net.gradwire",
    ),
    "far too wide": (
        changed(lambda c: c["nodes"][1]["params"].update(units=10**12)),
        "$.nodes[1].params.units",
    ),
    "too many parameters": (changed(add_layers), "'h-k.weight'"),
    "newer": (changed(lambda c: c.update(version=999)), "$.version"),
    "wrong shape": (changed(lambda c: c.update(parameters={"o.bias": [1, 2]})), "o.bias"),
    "unconnected": (changed(lambda c: c["edges"].pop()), "target"),
    "missing column": (changed(lambda c: c["dataset"]["columns"].pop("a")), "'a'"),
    "text in numbers": (
        changed(lambda c: c["dataset"]["columns"].update(a=[0, "oops", 1, 1])),
        "row 2, column 'a'",
    ),
    "no data file": (
        changed(lambda c: c.update(dataset={"source": "csv", "path": "gone.csv"})),
        "gone.csv",
    ),
}


@pytest.mark.parametrize("command", ["train", "evaluate", "check", "validate", "export"])
@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_one_sentence(name: str, command: str, tmp_path: Path, run: Run) -> None:
    content, place = BAD[name]
    path = write(tmp_path, content)
    code, out, err = run(command, path, *(("--to", "numpy") if command == "export" else ()))
    assert code == 2, err
    assert out == ""
    sentence = err.strip()
    assert "\n" not in sentence or command == "validate"
    assert sentence.startswith(f"{path}: ")
    assert place in sentence
    assert "Traceback" not in sentence
    assert len(sentence) < 700


def test_text_in_a_number_column_of_a_csv(tmp_path: Path, run: Run) -> None:
    (tmp_path / "d.csv").write_text("a,b,y\n0,0,0\n0,1,1\n1,none,1\n1,1,0\n")
    content = copy.deepcopy(XOR)
    content["dataset"] = {**content["dataset"], "source": "csv", "path": "d.csv"}
    del content["dataset"]["columns"]
    path = write(tmp_path, content)
    code, out, err = run("train", path)
    assert (code, out) == (2, "")
    assert err.startswith(f"{path}: d.csv: row 3 (line 4 of the file), column 'b': found 'none'")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("train",),
        ("train", "gone.gradwire"),
        ("gone.gradwire",),
        ("frobnicate",),
        ("--frobnicate",),
        ("train", "gone.gradwire", "--engine", "abacus"),
        ("train", "gone.gradwire", "--epochs", "0"),
        ("export", "gone.gradwire"),
        ("export", "gone.gradwire", "--to", "clay"),
        ("examples", "gone"),
        ("evaluate", "gone.gradwire", "--split", "half"),
    ],
)
def test_wrong_use_is_one_sentence(arguments: tuple[str, ...], run: Run) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


def test_a_folder_is_no_document(tmp_path: Path, run: Run) -> None:
    code, out, err = run("train", tmp_path)
    assert (code, out) == (2, "")
    assert err.startswith(f"{tmp_path}: ")
