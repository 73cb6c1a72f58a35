"""The step bar says where the cursor is, with the number that becomes known there."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.session.session import Session
from gui.shell.window import Window
from gui.training.step_bar import StepBar
from gui.widgets.number_text import number_text


@pytest.fixture
def bar(xor: Session, qtbot: QtBot) -> StepBar:
    bar = StepBar(xor)
    qtbot.addWidget(bar)
    return bar


def test_it_is_there_inside_an_update_only(bar: StepBar, xor: Session) -> None:
    assert bar.isHidden()
    xor.stepper.forward()
    assert not bar.isHidden()
    bar.leave.click()
    assert bar.isHidden()
    assert xor.stepper.stop is None


def test_every_stop_has_its_number(bar: StepBar, xor: Session) -> None:
    whole = xor.readings
    assert whole is not None
    score = xor.stepper.score
    assert score is not None
    for stop in score:
        xor.stepper.forward()
        assert stop.title in bar.text.text()
        assert f"{stop.index + 1} of {len(score)}" in bar.text.text()
        number = xor.stepper.number
        assert number is not None
        assert number_text(number.number, 5) in bar.text.text()
        kind, _, place = stop.quantity.partition(":")
        if kind == "delta":
            assert number.number == whole.delta[whole.nodes.index(place)]
        if kind == "message":
            assert number.number == whole.message[whole.edges.index(place)]


def test_the_sum_of_the_messages_grows_to_the_gradient(bar: StepBar, xor: Session) -> None:
    xor.stepper.run_to("x1-h1")
    score, sums = xor.stepper.score, list[float]()
    assert score is not None
    xor.stepper.rest()
    for stop in score:
        xor.stepper.forward()
        number = xor.stepper.number
        assert number is not None
        if stop.edge is not None:
            assert number.sum_so_far is not None
            assert (number.arrived > 1) == (len(sums) > 0)
            sums.append(number.number)
            assert number.sum_so_far == pytest.approx(sum(sums), rel=1e-12)
        elif sums:
            assert number.number == pytest.approx(sum(sums), rel=1e-12)
            sums.clear()


def test_phases_are_named_and_the_present_one_is_marked(bar: StepBar, xor: Session) -> None:
    bar.next.click()
    assert "<b" in bar.phases.text().split(" › ")[0]
    bar.next.click()
    assert "loss</b>" in bar.phases.text()
    bar.previous.click()
    assert "forward</b>" in bar.phases.text()


def test_keys_step_in_the_window(xor_window: Window) -> None:
    session = xor_window.session
    xor_window.canvas.setFocus()
    for key, stop in ((Qt.Key.Key_Period, 0), (Qt.Key.Key_Period, 1), (Qt.Key.Key_Comma, 0)):
        QTest.keyClick(xor_window.canvas, key)
        assert session.stepper.stop == stop
    lit = session.stepper.lit_node
    assert lit is not None
    rows = xor_window.canvas.mirror.scene.highlights.marks.states["cursor"]
    assert rows.tolist() == [xor_window.canvas.mirror.scene.arrays.node_row[lit]]
    assert not xor_window.canvas.grab().isNull()
    assert not xor_window.step_bar.isHidden()
