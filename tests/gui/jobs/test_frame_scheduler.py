"""Frames: who draws when, and axes that stand still."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from gui.jobs.frame_scheduler import FrameScheduler
from gui.plots.stable_range import rounded
from gui.shell.window import Window

numbers = st.floats(-1e12, 1e12, allow_subnormal=False)


def test_a_plot_has_a_frame_of_its_own_while_the_canvas_moves() -> None:
    frames, drawn = FrameScheduler(), list[str]()

    def loss() -> None:
        drawn.append("loss")

    def depth() -> None:
        drawn.append("depth")

    frames.draw(loss)
    assert drawn == ["loss"]
    frames.animating = True
    for plot in (loss, depth, loss):
        frames.draw(plot)
    assert drawn == ["loss"]
    turns = [frames.run_next() for _ in range(6)]
    assert turns == [True, False, False, True, False, False]
    assert drawn == ["loss", "loss", "depth"]


def test_plots_that_wait_are_drawn_when_the_canvas_comes_to_rest() -> None:
    frames, drawn = FrameScheduler(), list[str]()
    frames.animating = True
    frames.draw(lambda: drawn.append("loss"))
    frames.draw(lambda: drawn.append("depth"))
    frames.animating = False
    assert drawn == ["loss", "depth"]
    frames.animating = True
    frames.draw(lambda: drawn.append("gone"))
    frames.clear()
    frames.animating = False
    assert drawn == ["loss", "depth"]


@given(numbers, numbers)
def test_a_rounded_range_holds_the_range_with_little_room(a: float, b: float) -> None:
    low, high = sorted((a, b))
    span = high - low
    if span < 1e-6 * max(abs(low), abs(high), 1e-6):
        return
    start, stop = rounded(low, high)
    assert start <= low + 0.05 * span
    assert stop >= high - 1e-9 * max(abs(high), span)
    assert stop - start <= 1.5 * span


def test_a_range_that_grows_changes_seldom() -> None:
    ends = {rounded(0.0, float(epoch))[1] for epoch in range(1000, 10_000)}
    assert len(ends) <= 20


def test_a_range_without_extent_stays() -> None:
    assert rounded(2.0, 2.0) == [2.0, 2.0]
    assert rounded(0.0, math.inf) == [0.0, math.inf]


def test_plots_leave_the_canvas_most_frames(
    xor_window: Window, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[bool] = []
    frames = xor_window.session.frames
    run_next = frames.run_next

    def noted() -> bool:
        taken.append(run_next())
        return taken[-1]

    monkeypatch.setattr(frames, "run_next", noted)
    xor_window.raise_dock("loss")
    xor_window.session.run.play()
    qtbot.waitUntil(lambda: sum(taken) >= 3)
    xor_window.session.run.pause()
    drawn = [number for number, plot in enumerate(taken) if plot]
    assert all(later - earlier >= 3 for earlier, later in itertools.pairwise(drawn))
