"""`gradwire train --checkpoint` and `--resume`: two parts of a run are the whole run."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.training import Trainer
from engine.training.checkpoint_file import read_checkpoint
from tests.command_line.conftest import Run
from tests.command_line.documents import XOR, write

ADAM = {"optimizer": "adam", "batch_size": 3, "learning_rate": 0.1}


def document(folder: Path, name: str = "net.gradwire", **training: Any) -> Path:
    content = copy.deepcopy(XOR)
    content["training"] = {**ADAM, "epochs": 10, **training}
    return write(folder, content, name)


def trained(run: Run, *arguments: object) -> dict[str, Any]:
    code, text, err = run("train", *arguments, "--json")
    assert code == 0, err
    found: dict[str, Any] = json.loads(text)
    del found["seconds"]
    return found


@pytest.mark.parametrize("engine", ["native", "numpy"])
@pytest.mark.parametrize(
    "settings",
    [{}, {"optimizer": "lbfgs", "batch_size": None}, {"early_stopping": {"patience": 4}}],
)
def test_five_epochs_and_five_more_are_ten(
    tmp_path: Path, run: Run, engine: str, settings: dict[str, Any]
) -> None:
    path, kept = document(tmp_path, **settings), tmp_path / "kept"
    common = ("--engine", engine)
    whole = trained(run, path, *common)
    five = trained(run, path, *common, "--epochs", 5, "--checkpoint", kept)
    assert five["epochs"] == 5
    assert trained(run, path, *common, "--resume", kept) == whole
    seven = trained(run, path, *common, "--resume", kept, "--checkpoint", kept, "--epochs", 7)
    assert seven["epochs"] == 7
    assert trained(run, path, *common, "--resume", kept, "--checkpoint", kept) == whole
    assert trained(run, path, *common, "--resume", kept) == whole  # nothing is left to do


def test_every_few_epochs_one_is_written(
    tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, kept = document(tmp_path), tmp_path / "kept"
    whole = trained(run, path)
    step = Trainer.blocks

    def killed(trainer: Trainer) -> Any:
        for block in step(trainer):
            yield block
            if trainer.epoch >= 8:
                raise RuntimeError

    monkeypatch.setattr(Trainer, "blocks", killed)
    assert run("train", path, "--engine", "numpy", "--checkpoint", kept, "--every", 3)[0] == 1
    monkeypatch.undo()
    assert read_checkpoint(kept).checkpoint.epoch == 6
    numpy = trained(run, path, "--engine", "numpy")
    assert trained(run, path, "--engine", "numpy", "--resume", kept) == numpy
    assert numpy["epochs"] == whole["epochs"]


def test_ctrl_c_writes_one_too(tmp_path: Path, run: Run, ctrl_c: Callable[[int], None]) -> None:
    path, kept = document(tmp_path, epochs=100_000), tmp_path / "kept"
    ctrl_c(20)
    code, text, err = run("train", path, "--json", "--checkpoint", kept)
    epochs = json.loads(text)["epochs"]
    assert code == 1
    assert err.splitlines()[-1] == f"Stopped after epoch {epochs}; what it learned is in {kept}."
    ctrl_c(-1)
    more = epochs + 10
    resumed = trained(run, path, "--resume", kept, "--epochs", more)
    assert resumed == trained(run, path, "--epochs", more)


def rename(content: Any) -> None:
    content["nodes"][1]["id"] = "g"
    for edge in content["edges"]:
        for end in ("source", "target"):
            edge[end] = {"h": "g"}.get(edge[end], edge[end])


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda c: c["training"].update(optimizer="sgd"), "the optimizer is"),
        (lambda c: c["training"].update(batch_size=2), "the batch size is"),
        (lambda c: c["training"].update(seed=3), "the seed is"),
        (lambda c: c["training"].update(dtype="float32"), "the dtype is"),
        (lambda c: c["nodes"][1]["params"].update(units=5), "the shape of 'x-h.weight' is"),
        (rename, "has a parameter"),
        (lambda c: c["nodes"][1]["params"].update(activation="relu"), "the graph is another"),
        (lambda c: c["dataset"]["columns"].update(y=[0, 1, 1, 1]), "the data are others"),
        (lambda c: c.update(frozen=["h.bias"]), "'h.bias' is frozen"),
    ],
)
def test_a_checkpoint_of_another_network_is_refused_by_name(
    tmp_path: Path, run: Run, change: Callable[[Any], object], named: str
) -> None:
    kept, numpy = tmp_path / "kept", ("--engine", "numpy")
    trained(run, document(tmp_path), "--checkpoint", kept, *numpy)
    content = json.loads(document(tmp_path).read_text(encoding="utf-8"))
    change(content)
    other = write(tmp_path, content, "other.gradwire")
    code, text, err = run("train", other, "--resume", kept, *numpy)
    assert (code, text) == (2, "")
    assert err.startswith(f"{kept}: does not belong to this document: ")
    assert named in err
    assert err.count("\n") == 1


def test_where_nodes_stand_and_what_they_are_called_makes_no_difference(
    tmp_path: Path, run: Run
) -> None:
    kept = tmp_path / "kept"
    trained(run, document(tmp_path), "--epochs", 5, "--checkpoint", kept)
    content = json.loads(document(tmp_path).read_text(encoding="utf-8"))
    content["nodes"][1]["label"] = "hidden"
    content["nodes"].reverse()
    other = write(tmp_path, content, "other.gradwire")
    assert trained(run, other, "--resume", kept) == trained(run, document(tmp_path))


@pytest.mark.parametrize(
    ("arguments", "settings", "said"),
    [
        (("--engine", "numpy"), {}, "of the native engine"),
        ((), {"learning_rate": 0.05}, "The learning rate is 0.05 from now on"),
        ((), {"schedule": {"name": "cosine"}}, "The schedule cosine spans all epochs"),
    ],
)
def test_what_may_differ_is_said(
    tmp_path: Path, run: Run, arguments: tuple[str, ...], settings: dict[str, Any], said: str
) -> None:
    kept = tmp_path / "kept"
    before = {name: value for name, value in settings.items() if name == "schedule"}
    trained(run, document(tmp_path, **before), "--epochs", 5, "--checkpoint", kept)
    path = document(tmp_path, "after.gradwire", **settings)
    code, text, err = run("train", path, "--json", "--resume", kept, *arguments)
    assert code == 0
    assert said in err
    assert json.loads(text)["epochs"] == 10


def test_what_cannot_be_used_is_one_sentence(tmp_path: Path, run: Run) -> None:
    path, kept = document(tmp_path), tmp_path / "kept"
    trained(run, path, "--checkpoint", kept)
    broken = tmp_path / "broken"
    broken.write_bytes(kept.read_bytes()[:-1])
    for arguments in (
        ("--resume", broken),
        ("--resume", tmp_path),
        ("--resume", tmp_path / "nowhere"),
        ("--resume", path),
        ("--resume", kept, "--epochs", 4),
        ("--checkpoint", tmp_path / "nowhere" / "kept"),
        ("--every", 3),
    ):
        code, text, err = run("train", path, *arguments)
        assert (code, text) == (2, "")
        assert err.count("\n") == 1
