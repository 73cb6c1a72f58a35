"""The run bar: its buttons train, its fields change the document, its numbers follow."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMainWindow, QWidget
from pytestqt.qtbot import QtBot

from engine.library import library
from graph.model.dataset import Inline
from graph.model.edits import Batch, SetDataset, SetTraining
from graph.model.training import Training
from gui.commands.network_builder import Blueprint, network
from gui.session.session import Session
from gui.session.training_run import TEACHING
from gui.training.run_bar import RunBar
from gui.widgets.number_field import RateField
from gui.widgets.number_text import number_text

XOR = Inline(
    columns={"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "y": [0, 1, 1, 0]},
    features=("x1", "x2"),
    targets=("y",),
)
LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(library())
    session.new()
    batch, _ = network(session.document, Blueprint((2, 2, 1)), ("x1", "x2"), ("y",))
    settings = SetTraining(Training(learning_rate=0.5, epochs=1_000_000))
    session.push(Batch((SetDataset(XOR), batch, settings)), "Build")
    yield session
    session.close()


@pytest.fixture
def bar(session: Session, qtbot: QtBot) -> RunBar:
    bar = RunBar(session)
    qtbot.addWidget(bar)
    bar.resize(1280, 52)
    bar.show()
    qtbot.waitExposed(bar)
    return bar


def test_play_trains_and_pause_stops(bar: RunBar, session: Session, qtbot: QtBot) -> None:
    assert bar.epoch.text() == "0"
    QTest.mouseClick(bar.play, LEFT)
    assert session.run.state == "running"
    assert bar.play.accessibleName() == "Pause"
    qtbot.waitUntil(lambda: int(bar.epoch.text().replace(" ", "")) > 20)
    QTest.mouseClick(bar.play, LEFT)
    assert session.run.state == "paused"
    assert bar.state.text() == "Paused"
    assert bar.play.accessibleName() == "Play"
    assert int(bar.epoch.text().replace(" ", "")) == session.run.epoch


def test_step_makes_one_update_and_reset_undoes_it(
    bar: RunBar, session: Session, qtbot: QtBot
) -> None:
    before = bar.error.text()
    QTest.mouseClick(bar.step, LEFT)
    assert bar.epoch.text() == "1"
    assert bar.error.text() != before
    QTest.mouseClick(bar.reset, LEFT)
    assert bar.epoch.text() == "0"
    assert bar.error.text() == before


def test_learning_rate_is_one_undo_entry_and_follows_undo(
    bar: RunBar, session: Session, qtbot: QtBot
) -> None:
    entries = session.undo_stack.count()
    bar.rate.setFocus()
    QTest.keyClick(bar.rate, Qt.Key.Key_Up)
    QTest.keyClick(bar.rate, Qt.Key.Key_Up)
    assert session.document.training.learning_rate == 2.0
    assert session.undo_stack.count() == entries + 1
    session.undo()
    assert session.document.training.learning_rate == 0.5
    assert bar.rate.value() == 0.5


def test_learning_rate_applies_while_training(bar: RunBar, session: Session, qtbot: QtBot) -> None:
    QTest.mouseClick(bar.play, LEFT)
    bar.rate.setValue(0.01)
    assert session.run.running
    qtbot.waitUntil(lambda: session.run.last is not None and session.run.last.rate == 0.01)


def test_optimizer_and_batch_size(bar: RunBar, session: Session, qtbot: QtBot) -> None:
    bar.optimizer.setCurrentIndex(bar.optimizer.findData("adam"))
    bar.optimizer.activated.emit(bar.optimizer.currentIndex())
    bar.batch.setValue(2)
    assert session.document.training.optimizer == "adam"
    assert session.document.training.batch_size == 2
    bar.batch.setValue(0)
    assert session.document.training.batch_size is None
    assert bar.batch.text() == "all rows"


def test_row_changes_the_readings(bar: RunBar, session: Session) -> None:
    assert bar.row.text() == "batch mean"
    assert bar.row.maximum() == 4
    assert session.readings is not None
    mean = session.readings.error
    bar.row.setValue(3)
    assert session.row == 2
    assert session.readings.row == 2
    assert session.readings.error != mean
    bar.row.setValue(0)
    assert session.row is None
    assert session.readings.error == mean


def test_shown_and_speed(bar: RunBar, session: Session) -> None:
    bar.shown.setCurrentIndex(bar.shown.findData("gradient"))
    bar.shown.activated.emit(bar.shown.currentIndex())
    assert session.shown == "gradient"
    session.show_on_edges("value")
    assert bar.shown.currentData() == "value"
    bar.speed.setValue(0)
    assert session.run.speed == TEACHING
    bar.speed.setValue(2)
    assert session.run.speed == 1.0
    bar.speed.setValue(bar.speed.maximum())
    assert session.run.speed == math.inf
    bar.speed.setValue(bar.speed.maximum() - 1)
    assert session.run.speed is None


def test_everything_fits_a_small_window(bar: RunBar) -> None:
    assert bar.sizeHint().width() <= 1280
    for field in (bar.play, bar.speed, bar.rate, bar.optimizer, bar.batch, bar.shown, bar.row):
        assert field.isVisible()
        assert field.toolTip()
        assert field.accessibleName()


@pytest.mark.parametrize(
    ("start", "up", "down"), [(0.1, 0.2, 0.05), (0.3, 0.5, 0.2), (1e-05, 2e-05, 5e-06), (5, 10, 2)]
)
def test_rate_goes_in_sensible_steps(qtbot: QtBot, start: float, up: float, down: float) -> None:
    field = RateField()
    qtbot.addWidget(field)
    field.setValue(start)
    field.stepBy(1)
    assert field.value() == pytest.approx(up)
    field.setValue(start)
    field.stepBy(-1)
    assert field.value() == pytest.approx(down)
    field.selectAll()
    QTest.keyClicks(field, "3e-4")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == pytest.approx(3e-4)


def test_space_plays_but_presses_the_button_that_has_the_focus(
    session: Session, qtbot: QtBot
) -> None:
    window = QMainWindow()
    qtbot.addWidget(window)
    bar = RunBar(session)
    window.addToolBar(bar)
    canvas = QWidget()
    canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    window.setCentralWidget(canvas)
    play = QAction(window, shortcut=QKeySequence("Space"))
    play.triggered.connect(session.run.toggle)
    window.addAction(play)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    canvas.setFocus()
    QTest.mouseClick(bar.step, LEFT)
    assert session.run.epoch == 1
    assert canvas.hasFocus()
    bar.step.setFocus()
    QTest.keyClick(bar.step, Qt.Key.Key_Space)
    assert session.run.epoch == 2
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert session.run.running


def test_choosing_a_row_with_the_arrows_leaves_the_keys_to_the_canvas(
    bar: RunBar, session: Session, qtbot: QtBot
) -> None:
    bar.activateWindow()
    bar.row.setFocus()
    qtbot.waitUntil(bar.row.hasFocus)
    bar.row.stepUp()
    assert session.row == 0
    assert not bar.row.hasFocus()


@pytest.mark.parametrize("text", ["3", "1"])  # another row, and the same again
def test_a_row_that_was_typed_leaves_the_keys_to_the_canvas(
    bar: RunBar, session: Session, qtbot: QtBot, text: str
) -> None:
    session.set_row(0)
    bar.activateWindow()
    bar.row.setFocus()
    qtbot.waitUntil(bar.row.hasFocus)
    bar.row.selectAll()
    QTest.keyClicks(bar.row, text)
    QTest.keyClick(bar.row, Qt.Key.Key_Return)
    assert session.row == int(text) - 1
    assert not bar.row.hasFocus()
    assert bar.row.text() == f"row {text}"


def test_e_is_that_of_what_is_shown(bar: RunBar, session: Session) -> None:
    assert bar.error.text() == number_text(session.error)
    session.run.step()
    for row in (None, 2):
        session.set_row(row)
        assert bar.error.text() == number_text(session.error)
        assert session.rows_text in bar.error.toolTip()
