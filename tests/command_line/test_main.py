"""The program as a whole: validating, examples, schema, help, and what goes wrong inside."""

from __future__ import annotations

import copy
import io
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import gradwire
from engine.headless import experiment
from engine.headless.plain_text import spell_out
from tests.command_line.conftest import Run
from tests.command_line.documents import XOR, write

ROOT = Path(gradwire.__file__).parent
EXAMPLES = ROOT / "examples"


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


def test_too_little_memory_is_told(xor: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(experiment, "make_ready", fail)
    code, out, err = run("train", xor)
    assert (code, out) == (1, "")
    assert "not enough memory" in err


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


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys, gradwire\n"
        "assert gradwire.main(['--help']) == 0\n"
        "heavy = {'numpy', 'pandas', 'sklearn', 'PySide6', 'numba', 'networkx', 'scipy'}\n"
        "sys.exit(len(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "cp437", "utf-16", "shift_jis"])
@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("explain", "--help"),
        ("schema",),
        ("validate", EXAMPLES / "xor.gradwire"),
        ("check", EXAMPLES / "xor.gradwire"),
        ("steps", EXAMPLES / "dolhansky_3_outputs.gradwire"),
        ("explain", EXAMPLES / "ng_test_network.gradwire", "delta:h1"),
        ("explain", EXAMPLES / "ng_test_network.gradwire", "delta:h1", "--json"),
    ],
)
def test_every_console_can_be_written_to(
    encoding: str, arguments: tuple[object, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Consoles of Windows and of bare machines know few characters; the rest is spelt out."""
    told = {}
    for name in (encoding, "utf-8"):
        console = io.TextIOWrapper(io.BytesIO(), name, write_through=True)
        monkeypatch.setattr(sys, "stdout", console)
        assert gradwire.main([str(argument) for argument in arguments]) == 0
        told[name] = console.buffer.getvalue().decode(name)
    assert len(told[encoding]) > 10
    if "--json" in arguments or arguments == ("schema",):
        json.loads(told[encoding])


def test_symbols_are_spelt_out(monkeypatch: pytest.MonkeyPatch) -> None:
    console = io.TextIOWrapper(io.BytesIO(), "ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", console)
    spell_out()
    print("δ(h₁) = σ′(s)·∂E/∂ŷ − Σ ½x² … ∞")  # noqa: T201
    text = console.buffer.getvalue().decode("ascii")
    assert text.strip() == "delta(h1) = sigma'(s)*dE/dy^ - Sigma 1/2x^2 ... inf"
