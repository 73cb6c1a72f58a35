"""A context for commands that is no window."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.documents.document_files import Documents, Prompts
from gui.documents.recovery import Recovery
from gui.session.session import Session
from gui.settings import Settings
from tests.gui.commands.fake_context import FakeCanvas, FakeContext


@pytest.fixture
def context(
    xor: Session, settings: Settings, qtbot: QtBot, tmp_path: Path
) -> Iterator[FakeContext]:
    """Return a context around the network of exclusive or; unsaved work may be discarded."""
    prompts = Prompts(lambda _: None, lambda _: tmp_path / "saved.gradwire", lambda _: "discard")
    recovery = Recovery(xor, settings.folder / "recovery")
    parent = QWidget()
    qtbot.addWidget(parent)
    documents = Documents(xor, settings, recovery, prompts)
    yield FakeContext(xor, documents, settings, parent, FakeCanvas(xor))
    recovery.end()
