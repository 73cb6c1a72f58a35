"""A table that is chosen, used, saved and opened again is read once, and not by the window."""

from __future__ import annotations

import hashlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox
from pytestqt.qtbot import QtBot

from graph.model.dataset import Csv, Inline
from graph.model.edits import AddNode, Batch, Connect, Edge, Node, SetDataset, SetTraining
from graph.model.training import Training
from gui.data.dialog import DataDialog
from gui.session.session import Session

TICK = 40_000_000  # ns; changes of a file that are further apart differ in their times


class Watch:
    """Who reads a file: hashes and parses of any, and the threads that open this one."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.threads: list[threading.Thread] = []
        self.calls = {"hash": 0, "parse": 0}

    def hook(self, event: str, args: tuple[Any, ...]) -> None:
        if self.path is not None and event == "open" and str(args[0]) == str(self.path):
            self.threads.append(threading.current_thread())

    def counting(self, function: Callable[..., Any], what: str) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.calls[what] += 1
            return function(*args, **kwargs)

        return counted


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Watch]:
    watch = Watch()
    sys.addaudithook(watch.hook)
    monkeypatch.setattr(pd, "read_csv", watch.counting(pd.read_csv, "parse"))
    monkeypatch.setattr(hashlib, "file_digest", watch.counting(hashlib.file_digest, "hash"))
    yield watch
    watch.path = None  # such a hook cannot be removed


def written(path: Path, content: str) -> Path:
    """Write a file, and let the clock go on by a tick."""
    path.write_text(content, "utf-8")
    while time.time_ns() - path.stat().st_ctime_ns < TICK:
        time.sleep(TICK / 4e9)
    return path


def choose(session: Session, path: Path, qtbot: QtBot) -> None:
    """Choose a table in the data dialog, and accept it."""
    dialog = DataDialog(session)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.show_file(path)
    qtbot.waitUntil(lambda: not dialog.is_reading)
    with qtbot.waitSignal(dialog.accepted):
        dialog.buttons.button(QDialogButtonBox.StandardButton.Ok).click()
    qtbot.waitUntil(lambda: session.prepared is not None)


def wire(session: Session) -> None:
    """Connect x to y through one neuron, with a loss."""
    nodes = (AddNode(Node("o", "neuron")), AddNode(Node("E", "half_squared_error")))
    edges = [Edge("x-o", "x", "o"), Edge("o-E", "o", "E", "prediction")]
    edges.append(Edge("y-E", "y", "E", "target"))
    session.push(Batch((*nodes, *map(Connect, edges), SetTraining(Training(epochs=3)))), "Wire")


def test_chosen_trained_saved_and_opened_again(
    session: Session, qtbot: QtBot, tmp_path: Path, watch: Watch
) -> None:
    path = written(tmp_path / "a.csv", "x;y\n1;2\n2;3\n3;5\n")
    watch.path = path
    choose(session, path, qtbot)
    wire(session)
    qtbot.waitUntil(lambda: session.plan is not None)
    session.run.play()
    qtbot.waitUntil(lambda: not session.run.running)
    assert session.save(tmp_path / "net.gradwire")
    assert session.open(tmp_path / "net.gradwire")
    qtbot.waitUntil(lambda: session.prepared is not None)
    dataset = session.document.dataset
    assert isinstance(dataset, Csv)
    assert (dataset.path, dataset.delimiter, len(dataset.sha256)) == (str(path), ";", 64)
    assert watch.calls == {"hash": 1, "parse": 1}
    assert watch.threads
    assert threading.main_thread() not in watch.threads


def test_a_file_that_changed_is_another_version(
    session: Session, qtbot: QtBot, tmp_path: Path, watch: Watch
) -> None:
    path = written(tmp_path / "a.csv", "x,y\n1,2\n2,3\n")
    choose(session, path, qtbot)
    assert session.save(tmp_path / "net.gradwire")
    written(path, "x,y\n1,2\n2,3\n3,4\n")
    with qtbot.waitSignal(session.notice) as said:
        session.open(tmp_path / "net.gradwire")
    assert "the file has changed since the document was saved" in said.args[0]
    choose(session, path, qtbot)
    assert session.prepared is not None
    assert session.prepared.rows == 3
    assert watch.calls == {"hash": 2, "parse": 2}


def test_a_large_typed_table_is_not_prepared_by_the_window(session: Session, qtbot: QtBot) -> None:
    numbers = [float(number) for number in range(6_000)]
    large = Inline(columns={"x": [*numbers], "y": [*numbers]}, features=("x",), targets=("y",))
    session.push(SetDataset(large), "Data")
    assert session.prepared is None
    qtbot.waitUntil(lambda: session.prepared is not None)


def test_a_file_that_was_deleted_is_one_sentence(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    path = written(tmp_path / "a.csv", "x,y\n1,2\n2,3\n")
    choose(session, path, qtbot)
    assert session.save(tmp_path / "net.gradwire")
    path.unlink()
    with qtbot.waitSignal(session.notice) as said:
        session.open(tmp_path / "net.gradwire")
    assert "is not there" in said.args[0]
    assert "\n" not in said.args[0]
