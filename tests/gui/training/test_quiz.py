"""The quiz hides the number of a stop everywhere until it is typed."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.inspector.explanation_panel import Explanation
from gui.session.session import Session
from gui.session.stop_text import read_number
from gui.shell.window import Window
from gui.widgets.number_text import node_numbers

KEY = Qt.Key


def to_delta(session: Session) -> float:
    """Step to δ of o, which the quiz asks for; return it."""
    numbers = node_numbers(session.readings, "o")
    assert numbers is not None
    session.stepper.next_phase()
    while session.stepper.at is None or session.stepper.at.quantity != "delta:o":
        session.stepper.quiz.reveal()
        session.stepper.forward()
    return numbers.delta


@pytest.fixture
def asked(xor_window: Window, qtbot: QtBot) -> tuple[Window, float]:
    session = xor_window.session
    xor_window.canvas.setFocus()
    qtbot.waitUntil(xor_window.actions_by_id["train.quiz"].isEnabled)
    QTest.keyClick(xor_window.canvas, KEY.Key_Q)
    assert session.stepper.quiz.on
    return xor_window, to_delta(session)


def test_a_number_is_hidden_everywhere_until_it_is_typed(
    asked: tuple[Window, float], qtbot: QtBot
) -> None:
    window, delta = asked
    session, bar = window.session, window.step_bar
    explanation = window.docks["explanation"].widget()
    assert isinstance(explanation, Explanation)
    assert session.stepper.quiz.asked == pytest.approx(delta)
    assert bar.text.text().endswith("= ?")
    qtbot.waitUntil(bar.answer.isVisible)
    hidden = node_numbers(session.readings, "o")
    assert hidden is not None
    assert math.isnan(hidden.delta)
    window.raise_dock("explanation")
    qtbot.waitUntil(lambda: "δ(o)" in explanation.text() and "…" in explanation.text())
    assert f"{abs(delta):.3g}" not in explanation.text()
    bar.answer.setText(f"{delta:.3g}".replace("-", "−").replace(".", ","))
    QTest.keyClick(bar.answer, KEY.Key_Return)
    assert session.stepper.quiz.asked is None
    shown = node_numbers(session.readings, "o")
    assert shown is not None
    assert shown.delta == delta
    assert "Right: 1 of " in bar.text.text()
    qtbot.waitUntil(bar.answer.isHidden)
    qtbot.waitUntil(lambda: "…" not in explanation.text())


def test_a_wrong_number_is_asked_for_again_and_does_not_count(asked: tuple[Window, float]) -> None:
    window, delta = asked
    quiz, bar = window.session.stepper.quiz, window.step_bar
    before = quiz.right, quiz.answered
    bar.answer.setText(str(1.02 * delta))
    QTest.keyClick(bar.answer, KEY.Key_Return)
    assert quiz.asked is not None
    assert "try again" in bar.text.text()
    bar.answer.setText("much")
    QTest.keyClick(bar.answer, KEY.Key_Return)
    assert "Type a number" in bar.text.text()
    bar.answer.setText(str(delta))
    QTest.keyClick(bar.answer, KEY.Key_Return)
    assert quiz.asked is None
    assert (quiz.right, quiz.answered) == (before[0], before[1] + 1)


def test_going_on_shows_what_was_asked_and_going_back_does_not_ask(
    asked: tuple[Window, float],
) -> None:
    window, _ = asked
    stepper = window.session.stepper
    stop = stepper.stop
    stepper.forward()
    assert (stepper.stop, stepper.quiz.asked) == (stop, None)
    stepper.forward()
    assert stepper.stop == (stop or 0) + 1
    stepper.back()
    assert (stepper.stop, stepper.quiz.asked) == (stop, None)
    window.canvas.setFocus()
    QTest.keyClick(window.canvas, KEY.Key_Q)
    stepper.forward()
    assert stepper.quiz.asked is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("0.5", 0.5), (" −1,25 ", -1.25), ("3e-4", 3e-4), ("", None), ("x", None), ("nan", None)],
)
def test_numbers_are_read_as_people_type_them(text: str, number: float | None) -> None:
    assert read_number(text) == number
