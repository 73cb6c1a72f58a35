"""The breakpoints panel: conditions stop the run, places stop the cursor, and both say why."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from graph.model.edits import SetTraining
from graph.model.training import Training
from gui.session.session import Session
from gui.shell.window import Window
from gui.training.breakpoints_panel import BreakpointsPanel


@pytest.fixture
def panel(xor: Session, qtbot: QtBot) -> BreakpointsPanel:
    panel = BreakpointsPanel(xor)
    qtbot.addWidget(panel)
    return panel


def choose(panel: BreakpointsPanel, key: str, number: float | None = None) -> None:
    panel.sort.setCurrentIndex(panel.sort.findData(key))
    if number is not None:
        panel.number.setValue(number)
    panel.add.click()


def test_a_condition_stops_the_run_and_says_why(
    panel: BreakpointsPanel, xor: Session, qtbot: QtBot
) -> None:
    xor.push(SetTraining(Training(epochs=100_000, learning_rate=0.5)), "Settings")
    choose(panel, "large", 1e-9)
    assert panel.list.item(0).text() == "|gradient| > 1e-09"
    xor.run.play()
    qtbot.waitUntil(lambda: xor.run.hit is not None)
    assert not xor.run.running
    assert xor.run.updates == 1
    assert "is above 1e-09" in panel.why.text()
    assert "update 1 (epoch 1)" in panel.why.text()
    assert len(xor.selection.edges) + len(xor.selection.nodes) == 1


def test_a_condition_can_be_of_one_weight(panel: BreakpointsPanel, xor: Session) -> None:
    xor.select((), ["h1-o"])
    choose(panel, "large", 0.0)
    assert panel.list.item(0).text() == "|gradient| > 0 of h1-o.weight"
    xor.run.step()
    assert xor.run.hit is not None
    assert xor.run.hit.place == "h1-o.weight"


def test_what_is_not_ticked_does_not_stop(panel: BreakpointsPanel, xor: Session) -> None:
    choose(panel, "large", 0.0)
    panel.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert xor.run.breakpoints == ()
    xor.run.step()
    assert xor.run.hit is None
    panel.list.item(0).setCheckState(Qt.CheckState.Checked)
    xor.run.step()
    assert xor.run.hit is not None
    panel.list.setCurrentRow(0)
    panel.remove.click()
    assert panel.list.count() == 0
    assert xor.run.breakpoints == ()


def test_a_hit_is_of_its_moment_alone(panel: BreakpointsPanel, xor: Session, qtbot: QtBot) -> None:
    choose(panel, "large", 0.0)
    xor.stepper.pace = 0.001
    xor.stepper.play()
    qtbot.waitUntil(lambda: not xor.stepper.playing)
    assert xor.run.hit is not None
    assert xor.run.updates == 1
    xor.select(["h1"])
    xor.undo()
    assert xor.run.hit is None
    assert panel.why.text() == ""
    assert xor.selection.nodes == {"h1"}


def test_playing_slowly_stands_still_at_a_place(
    panel: BreakpointsPanel, xor: Session, qtbot: QtBot
) -> None:
    xor.stepper.break_at("h1", on=True)
    assert panel.list.item(0).text() == "stepping comes to h1"
    xor.stepper.pace = 0.001
    xor.stepper.play()
    qtbot.waitUntil(lambda: not xor.stepper.playing)
    assert xor.stepper.at is not None
    assert "h1" in {xor.stepper.at.node, xor.stepper.lit_node}
    xor.stepper.break_at("h1", on=False)
    assert panel.list.item(0).checkState() == Qt.CheckState.Unchecked


def test_break_here_is_a_command(xor_window: Window) -> None:
    session = xor_window.session
    session.select(["h1"])
    xor_window.actions_by_id.update_now()
    xor_window.actions_by_id["train.break"].trigger()
    assert session.stepper.breaks == {"h1"}
    assert xor_window.breakpoints.list.count() == 1
    session.new()
    assert not session.stepper.breaks
    assert xor_window.breakpoints.list.count() == 0
