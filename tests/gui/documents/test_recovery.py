"""The recovery file: written after edits, gone after saving, offered after a crash."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from graph.files.storage import load
from graph.model.edits import AddNode, Node
from gui.documents.recovery import Recovery
from gui.session.session import Session

CRASH = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication
app = QApplication([])
from engine.library import library
from graph.model.edits import AddNode, Node
from gui.documents.recovery import Recovery
from gui.session.session import Session
session = Session(library())
session.new()
recovery = Recovery(session, Path(sys.argv[1]))
session.push(AddNode(Node("lost", "constant")), "Add")
recovery.write()
os._exit(1)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "recovery"


@pytest.fixture
def recovery(xor: Session, folder: Path) -> Iterator[Recovery]:
    recovery = Recovery(xor, folder)
    yield recovery
    recovery.end()


def test_an_edit_is_on_disk_a_moment_later(recovery: Recovery, xor: Session, qtbot: QtBot) -> None:
    xor.push(AddNode(Node("extra", "constant")), "Add")
    qtbot.waitUntil(recovery.path.exists)
    assert "extra" in load(recovery.path, xor.library).nodes


def test_saving_removes_it(recovery: Recovery, xor: Session, tmp_path: Path) -> None:
    xor.push(AddNode(Node("extra", "constant")), "Add")
    recovery.write()
    assert recovery.path.exists()
    xor.save(tmp_path / "saved.gradwire")
    assert not recovery.path.exists()


def test_ones_own_file_is_not_offered(recovery: Recovery, xor: Session) -> None:
    xor.push(AddNode(Node("extra", "constant")), "Add")
    recovery.write()
    assert recovery.lost() == []


def test_work_of_a_running_program_is_not_offered(
    recovery: Recovery, xor: Session, folder: Path
) -> None:
    xor.push(AddNode(Node("extra", "constant")), "Add")
    recovery.write()
    other = Recovery(xor, folder)
    assert other.lost() == []


def test_a_crash_loses_nothing(recovery: Recovery, xor: Session, folder: Path) -> None:
    subprocess.run([sys.executable, "-c", CRASH, str(folder)], check=False, timeout=60)
    (lost,) = recovery.lost()
    assert lost.title == "Untitled"
    assert xor.restore(lost.path, lost.original)
    assert "lost" in xor.document.nodes
    assert not xor.undo_stack.isClean()
    recovery.discard(lost)
    assert recovery.lost() == []


def test_a_damaged_recovery_file_is_refused_with_a_sentence(
    recovery: Recovery, xor: Session, folder: Path, qtbot: QtBot
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "broken.gradwire").write_text("{", "utf-8")
    (folder / "broken.json").write_text("[]", "utf-8")
    (lost,) = recovery.lost()
    with qtbot.waitSignal(xor.notice):
        assert not xor.restore(lost.path, lost.original)
