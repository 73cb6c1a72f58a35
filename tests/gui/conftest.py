"""Sessions and settings for tests of the editor; the user's own settings are never touched."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.library import library
from graph.model.dataset import Inline
from graph.model.edits import Batch, SetDataset, SetTraining
from graph.model.training import Training
from gui.commands.network_builder import Blueprint, network
from gui.documents.document_files import Prompts
from gui.session.session import Session
from gui.settings import Settings
from gui.shell.window import Window
from tests.gui import watchdog
from tests.gui.patient_bot import PatientBot
from tests.gui.watchdog import WatchedApplication

XOR = Inline(
    columns={"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "y": [0, 1, 1, 0]},
    features=("x1", "x2"),
    targets=("y",),
)


_application: list[WatchedApplication] = []


def pytest_configure(config: pytest.Config) -> None:
    pytest.register_assert_rewrite("tests.gui.shell.screen")
    config.addinivalue_line("markers", "heavy(reason): one event may take more than 100 ms here")


def pytest_collection_finish() -> None:
    """Make the application before a test makes another; do what each process does once."""
    _application.append(watchdog.application())
    watchdog.warm_up()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test in which one event keeps the window's thread busy for too long."""
    with _application[0].watched() as stalls:
        result = yield
    if item.get_closest_marker("heavy") is None:
        assert not stalls, "; ".join(map(str, stalls))
    return result


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """Return a bot that waits for as long as it takes."""
    return PatientBot(request)


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where all start pages keep what they draw."""
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture
def settings(tmp_path: Path, pictures: Path) -> Settings:
    store = QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat)
    settings = Settings(store, tmp_path / "data")
    settings.pictures = pictures
    return settings


def no_time() -> float:
    """Stand still, so that what is quick enough to be done at once is so on every machine."""
    return 0.0


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(library())
    session.calculation.probing.clock = no_time
    session.new()
    yield session
    session.close()


@pytest.fixture
def xor(session: Session) -> Session:
    """Return a session with x1, x2 → h1, h2 → o and a loss, and the table of exclusive or."""
    batch, _ = network(session.document, Blueprint((2, 2, 1)), ("x1", "x2"), ("y",))
    settings = SetTraining(Training(learning_rate=0.5, epochs=1_000_000))
    session.push(Batch((SetDataset(XOR), batch, settings)), "Build")
    session.undo_stack.setClean()
    return session


@pytest.fixture
def window(qtbot: QtBot, settings: Settings) -> Iterator[Window]:
    """Return a window that discards unsaved work when it is closed."""
    prompts = Prompts(lambda _: None, lambda _: None, lambda _: "discard")
    window = Window(library(), settings, prompts)
    window.session.calculation.probing.clock = no_time
    window.resize(1280, 800)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.close()
    window.deleteLater()


@pytest.fixture
def xor_window(window: Window) -> Window:
    """Return a window with the network of `xor`."""
    session = window.session
    session.new()
    batch, _ = network(session.document, Blueprint((2, 2, 1)), ("x1", "x2"), ("y",))
    settings = SetTraining(Training(learning_rate=0.5, epochs=1_000_000))
    session.push(Batch((SetDataset(XOR), batch, settings)), "Build")
    session.undo_stack.setClean()
    return window
