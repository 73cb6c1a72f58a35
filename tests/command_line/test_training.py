"""`gradwire train`: its JSON, what it keeps, and how it ends."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.outcomes import Failed

from engine.training import Trainer
from tests.command_line.conftest import Run
from tests.command_line.documents import XOR, changed, write


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
    assert evaluated == pytest.approx(trained, rel=1e-12)
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


@pytest.mark.parametrize("engine", ["native", "numpy"])
def test_ctrl_c_keeps_what_was_learned(
    xor: Path, run: Run, tmp_path: Path, ctrl_c: Callable[[int], None], engine: str
) -> None:
    out = tmp_path / "stopped.gradwire"
    ctrl_c(7)
    code, text, err = run(
        "train", xor, "--json", "--engine", engine, "--epochs", 100_000, "--out", out
    )
    found = json.loads(text)
    epochs = found["epochs"]
    assert code == 1
    assert 7 <= epochs < 100_000
    assert err.splitlines()[-1] == f"Stopped after epoch {epochs}; what it learned is in {out}."
    whole = json.loads(run("train", xor, "--json", "--engine", engine, "--epochs", epochs)[1])
    assert found["final"] == whole["final"]
    error = json.loads(run("evaluate", out, "--json")[1])["error"]
    assert error == pytest.approx(found["final"]["train"]["loss"], rel=1e-12)


def test_ctrl_c_before_anything_was_learned(
    xor: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("engine.headless.experiment.make_ready", interrupted)
    out = tmp_path / "stopped.gradwire"
    assert run("train", xor, "--out", out) == (1, "", "Stopped.\n")
    assert not out.exists()


def test_data_is_found_from_the_folder_of_what_is_written(tmp_path: Path, run: Run) -> None:
    (tmp_path / "d.csv").write_text("a,b,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n")
    dataset = {"source": "csv", "path": "d.csv", "features": ["a", "b"], "targets": ["y"]}
    path = write(tmp_path, changed(lambda content: content.update(dataset=dataset)))
    out = tmp_path / "deeper" / "trained.gradwire"
    out.parent.mkdir()
    trained = json.loads(run("train", path, "--json", "--out", out)[1])["final"]["train"]["loss"]
    assert json.loads(out.read_bytes())["dataset"]["path"] == "../d.csv"
    error = json.loads(run("evaluate", out, "--json")[1])["error"]
    assert error == pytest.approx(trained, rel=1e-12)


def test_where_nothing_can_be_written_nothing_is_trained(
    xor: Path, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Trainer, "blocks", lambda _: pytest.fail("it trained"))
    with pytest.raises(Failed, match="it trained"):
        run("train", xor)  # the guard can fail
    for out in (tmp_path, tmp_path / "gone" / "net.gradwire"):
        code, text, err = run("train", xor, "--out", out)
        assert (code, text) == (2, "")
        assert err.startswith(f"{out}: ")
        assert err.count("\n") == 1


def test_the_native_engine_learns_the_same(xor: Path, run: Run) -> None:
    both = [
        json.loads(run("train", xor, "--json", "--engine", engine, "--epochs", 50)[1])
        for engine in ("numpy", "native")
    ]
    plain, native = (found["history"]["train"]["loss"] for found in both)
    assert native == pytest.approx(plain, rel=1e-10)
