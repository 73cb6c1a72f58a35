"""Jobs beside the window: the latest of each key, and none waits for a long one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from functools import partial

import pytest
from pytestqt.qtbot import QtBot

from engine.errors import DataError
from gui.jobs.job_queue import Background


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    background = Background()
    yield background
    background.close()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Return what jobs wait for; it is set in the end in any case."""
    gate = threading.Event()
    yield gate
    gate.set()


def test_the_result_comes_in_the_thread_of_the_window(background: Background, qtbot: QtBot) -> None:
    seen: list[threading.Thread] = []

    def done(worker: threading.Thread) -> None:
        seen.extend((worker, threading.current_thread()))

    background.run("key", threading.current_thread, done, pytest.fail)
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0] is not threading.main_thread()
    assert seen[1] is threading.main_thread()


def test_only_the_latest_of_a_key_is_answered(
    background: Background, qtbot: QtBot, gate: threading.Event
) -> None:
    seen: list[int] = []
    background.run("key", lambda: (gate.wait(), 1)[1], seen.append, pytest.fail)
    for number in (2, 3):
        background.run("key", partial(int, number), seen.append, pytest.fail)
    gate.set()
    qtbot.waitUntil(lambda: not background.busy)
    assert seen == [3]


def test_what_is_dropped_is_not_answered(
    background: Background, qtbot: QtBot, gate: threading.Event
) -> None:
    seen: list[str] = []
    background.run("dropped", lambda: (gate.wait(), "no")[1], seen.append, pytest.fail)
    background.drop("dropped")
    background.run("kept", lambda: "yes", seen.append, pytest.fail)
    gate.set()
    qtbot.waitUntil(lambda: bool(seen))
    assert seen == ["yes"]


def test_no_job_waits_for_a_long_one(
    background: Background, qtbot: QtBot, gate: threading.Event
) -> None:
    seen: list[str] = []
    background.run("file", lambda: (gate.wait(), "file")[1], seen.append, pytest.fail, long=True)
    background.run("explanation", lambda: "explanation", seen.append, pytest.fail)
    qtbot.waitUntil(lambda: seen == ["explanation"])
    assert background.busy == ("file",)
    gate.set()
    qtbot.waitUntil(lambda: seen == ["explanation", "file"])


def test_a_refusal_is_a_sentence(background: Background, qtbot: QtBot) -> None:
    def refuse() -> None:
        raise DataError("there is no such file")

    said: list[str] = []
    background.run("key", refuse, pytest.fail, said.append)
    qtbot.waitUntil(lambda: bool(said))
    assert said == ["there is no such file"]


def test_who_waits_for_an_answer_does_not_die_in_the_thread_of_the_job(
    background: Background, gate: threading.Event
) -> None:
    started, died = threading.Event(), list[threading.Thread]()

    class Dialog:
        def take(self, _: object) -> None:
            pytest.fail("the answer was dropped")

        def __del__(self) -> None:
            died.append(threading.current_thread())

    def work() -> None:
        started.set()
        gate.wait()

    dialog = Dialog()
    background.run("key", work, dialog.take, dialog.take)
    started.wait()
    background.drop("key")
    del dialog
    gate.set()
    background.close()
    assert died == [threading.main_thread()]
