"""The watchdog barks at work in the window's thread, and at nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from tests.gui import watchdog

LONG, SHORT = 1.5 * watchdog.LIMIT, 0.6 * watchdog.LIMIT


@pytest.fixture(autouse=True)
def undisturbed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "slowdown", lambda: 1.0)


def work(seconds: float) -> None:
    """Use the processor for so long."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def in_a_loop(action: Callable[[], object]) -> None:
    """Have an event loop within do something."""
    loop = QEventLoop()
    QTimer.singleShot(0, action)
    QTimer.singleShot(0, loop.quit)
    loop.exec()


def elsewhere(seconds: float) -> None:
    """Wait for another thread to work."""
    thread = threading.Thread(target=work, args=(seconds,))
    thread.start()
    thread.join()


def stalls_of(qtbot: QtBot, *actions: Callable[[], object]) -> list[watchdog.Stall]:
    """Press a button for each action, which then is done; return what was noted."""
    buttons = [QPushButton() for _ in actions]
    with watchdog.application().watched() as stalls:
        for button, action in zip(buttons, actions, strict=True):
            qtbot.addWidget(button)
            button.pressed.connect(action)
            QTest.keyPress(button, Qt.Key.Key_Space)
    return stalls


def test_work_in_one_event_is_noted(qtbot: QtBot) -> None:
    (stall,) = stalls_of(qtbot, lambda: work(LONG))
    assert stall.seconds >= LONG
    assert "KeyPress for QPushButton" in str(stall)


def test_a_slow_processor_is_allowed_for(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "slowdown", lambda: 2.0)
    (stall,) = stalls_of(qtbot, lambda: work(LONG), lambda: work(2 * LONG))
    assert LONG <= stall.seconds < 2 * LONG


def test_an_event_that_another_one_sends_is_part_of_it(qtbot: QtBot) -> None:
    inner = QPushButton()
    qtbot.addWidget(inner)
    inner.pressed.connect(lambda: work(SHORT))

    def both() -> None:
        work(SHORT)
        QTest.keyPress(inner, Qt.Key.Key_Space)

    assert len(stalls_of(qtbot, both)) == 1


@pytest.mark.parametrize("wait", [time.sleep, elsewhere])
def test_waiting_is_no_work(qtbot: QtBot, wait: Callable[[float], object]) -> None:
    assert not stalls_of(qtbot, lambda: wait(LONG))


def test_several_events_are_several(qtbot: QtBot) -> None:
    assert not stalls_of(qtbot, *[lambda: work(SHORT)] * 3)


def test_an_event_loop_within_is_watched_by_itself(qtbot: QtBot) -> None:
    def dialog() -> None:
        work(SHORT)
        in_a_loop(lambda: work(SHORT))

    assert not stalls_of(qtbot, dialog)
    assert len(stalls_of(qtbot, lambda: in_a_loop(lambda: work(LONG)))) == 1
