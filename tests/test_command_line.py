"""The command line: every command, its exit codes, and what it says of bad input."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest

import gradwire
from engine import experiment

ROOT = Path(gradwire.__file__).parent
XOR: dict[str, Any] = {
    "format": "gradwire",
    "version": 1,
    "title": "XOR",
    "nodes": [
        {"id": "x", "kind": "input", "params": {"columns": ["a", "b"]}},
        {"id": "h", "kind": "neuron", "params": {"units": 4, "activation": "tanh"}},
        {"id": "o", "kind": "neuron"},
        {"id": "t", "kind": "target", "params": {"columns": ["y"]}},
        {"id": "E", "kind": "binary_cross_entropy"},
    ],
    "edges": [
        {"id": "x-h", "source": "x", "target": "h", "port": "inputs"},
        {"id": "h-o", "source": "h", "target": "o", "port": "inputs"},
        {"id": "o-E", "source": "o", "target": "E", "port": "prediction"},
        {"id": "t-E", "source": "t", "target": "E", "port": "target"},
    ],
    "dataset": {
        "source": "inline",
        "columns": {"a": [0, 0, 1, 1], "b": [0, 1, 0, 1], "y": [0, 1, 1, 0]},
        "features": ["a", "b"],
        "targets": ["y"],
    },
    "training": {"learning_rate": 0.5, "epochs": 300},
}
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def xor(tmp_path: Path) -> Path:
    return write(tmp_path, XOR)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process; give exit code, stdout and stderr."""

    def command(*arguments: object) -> tuple[int, str, str]:
        code = gradwire.main([str(argument) for argument in arguments])
        return code, *capsys.readouterr()

    return command


def write(folder: Path, content: object, name: str = "net.gradwire") -> Path:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def changed(edit: Callable[[dict[str, Any]], object]) -> str:
    content = copy.deepcopy(XOR)
    edit(content)
    return json.dumps(content)


def process(
    *arguments: object, cwd: Path, display: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does, without a display unless asked."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    variables = {k: v for k, v in os.environ.items() if display or k not in hidden}
    command = [sys.executable, str(ROOT / "gradwire.py"), *map(str, arguments)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=cwd, env=variables
    )


# -- training ----------------------------------------------------------------------------------


def test_train_json_is_the_contract_and_repeatable(xor: Path, run: Run) -> None:
    first, again = (run("train", xor, "--json") for _ in range(2))
    assert first[0] == again[0] == 0
    one, two = json.loads(first[1]), json.loads(again[1])
    assert list(one) == ["epochs", "seconds", "history", "final"]
    assert one["epochs"] == 300
    assert len(one["history"]["train"]["loss"]) == 301
    assert set(one["final"]["train"]) == {"loss", "accuracy"}
    assert one["final"]["train"]["loss"] == one["history"]["train"]["loss"][-1]
    del one["seconds"], two["seconds"]
    assert one == two


def test_train_writes_what_it_learned(xor: Path, run: Run, tmp_path: Path) -> None:
    before = xor.read_bytes()
    out = tmp_path / "trained.gradwire"
    code, text, _ = run("train", xor, "--out", out)
    assert code == 0
    assert "accuracy" in text
    trained = json.loads(run("train", xor, "--json")[1])["final"]["train"]["loss"]
    evaluated = json.loads(run("evaluate", out, "--json")[1])["error"]
    assert evaluated == pytest.approx(trained, rel=1e-14)
    assert xor.read_bytes() == before


def test_epochs_and_seed_can_be_overridden(xor: Path, run: Run) -> None:
    results = [
        json.loads(run("train", xor, "--json", "--epochs", 5, "--seed", seed)[1]) for seed in (1, 2)
    ]
    assert [result["epochs"] for result in results] == [5, 5]
    assert results[0]["history"] != results[1]["history"]


def test_training_that_diverges_fails(tmp_path: Path, run: Run) -> None:
    content = copy.deepcopy(XOR)
    content["nodes"][2]["params"] = {"activation": "identity"}
    content["nodes"][4]["kind"] = "squared_error"
    content["training"]["learning_rate"] = 1e6
    code, out, err = run("train", write(tmp_path, content))
    assert code == 1
    assert out == ""
    assert "no longer finite" in err
    assert "Traceback" not in err


# -- evaluating and checking -------------------------------------------------------------------


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

    assert rows("--rows", "3,0:2") == [[1, 1], [0, 0], [0, 1]]
    train, validation = rows("--split", "train"), rows("--split", "validation")
    assert sorted(train + validation) == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert rows("--split", "validation", "--rows", "1") == validation[1:]


@pytest.mark.parametrize("options", [("--rows", "9"), ("--rows", "a"), ("--split", "test")])
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


def test_check_fails_for_a_wrong_derivative(
    xor: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.library import ops

    monkeypatch.setattr(ops()["tanh"], "backward", lambda delta, output, x: delta)
    code, _, err = run("check", xor)
    assert code == 1
    assert "derivatives differ" in err
    assert "'x-h.weight'" in err or "'h.bias'" in err


# -- files ---------------------------------------------------------------------------------------


def test_validate_says_what_is_there(xor: Path, run: Run) -> None:
    code, out, err = run("validate", xor)
    assert (code, err) == (0, "")
    assert "can be run: 5 nodes, 4 edges, 17 parameters" in out


def test_validate_lists_every_problem(tmp_path: Path, run: Run) -> None:
    content = copy.deepcopy(XOR)
    del content["edges"][3]
    content["nodes"][0]["params"]["columns"] = ["nowhere"]
    code, out, err = run("validate", write(tmp_path, content))
    assert (code, out) == (2, "")
    assert len(err.splitlines()) >= 2
    assert "nowhere" in err


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
    assert err.startswith(f"{path}: d.csv: row 4, column 'b': found 'none' where a number is")
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


def test_what_goes_wrong_inside_is_logged(
    xor: Path, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("inner")

    monkeypatch.setattr(experiment, "make_ready", fail)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code, out, err = run("train", xor)
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "ZeroDivisionError" not in err
    (log,) = tmp_path.glob("gradwire-*.log")
    assert str(log) in err
    assert "ZeroDivisionError: inner" in log.read_text()


def test_interrupting_stops(xor: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(experiment, "make_ready", interrupt)
    assert run("train", xor) == (1, "", "Stopped.\n")


# -- export, examples, schema ------------------------------------------------------------------


def test_export_of_text_goes_to_stdout_or_a_file(xor: Path, run: Run, tmp_path: Path) -> None:
    code, out, _ = run("export", xor, "--to", "numpy")
    assert code == 0
    compile(out, "exported", "exec")
    target = tmp_path / "net.dot"
    assert run("export", xor, "--to", "dot", "--out", target)[0] == 0
    assert target.read_text(encoding="utf-8").startswith('digraph "XOR"')
    code, _, err = run("export", xor, "--to", "dot", "--out", tmp_path / "no" / "net.dot")
    assert code == 2
    assert "cannot be written" in err


@pytest.mark.parametrize(
    ("form", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")]
)
def test_pictures_need_no_display(xor: Path, tmp_path: Path, form: str, start: bytes) -> None:
    done = process("export", xor, "--to", form, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    content = (tmp_path / f"net.{form}").read_bytes()
    assert content.startswith(start)
    assert len(content) > 2000


def test_a_document_that_cannot_run_is_drawn_without_numbers(tmp_path: Path) -> None:
    content = copy.deepcopy(XOR)
    del content["dataset"]
    done = process("export", write(tmp_path, content), "--to", "svg", cwd=tmp_path)
    assert done.returncode == 0
    assert "without numbers" in done.stderr
    assert (tmp_path / "net.svg").exists()


def test_without_a_display_it_trains_and_draws(xor: Path, tmp_path: Path) -> None:
    done = process(xor, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert str(tmp_path / "out") in done.stderr
    assert "accuracy" in done.stdout
    for name in ("canvas.png", "loss.png"):
        assert (tmp_path / "out" / name).read_bytes().startswith(b"\x89PNG")


def test_examples_are_listed_and_copied(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = run("examples")
    assert code == 0
    assert "xor_skip" in out
    assert run("examples", "xor")[0] == 0
    assert (tmp_path / "xor.gradwire").read_bytes() == (
        ROOT / "examples" / "xor.gradwire"
    ).read_bytes()
    assert run("examples", "xor")[0] == 2


def test_schema_describes_documents(run: Run) -> None:
    code, out, _ = run("schema")
    assert code == 0
    schema = json.loads(out)
    jsonschema.validate(XOR, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**XOR, "nodes": "many"}, schema)


def test_help_is_quick_and_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, gradwire\n"
        "assert gradwire.main(['--help']) == 0\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'PySide6', 'numba', 'networkx', 'scipy'}\n"
        "sys.exit(len(heavy & set(sys.modules)))"
    )
    start = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    assert time.perf_counter() - start < 10
