"""A published snapshot stays until those that keep pace have drawn it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from gui.jobs.follower import Follower
from gui.jobs.frame_scheduler import FrameScheduler
from gui.jobs.job_queue import Background
from gui.jobs.publication import Publication


@pytest.fixture
def background(qtbot: QtBot) -> Iterator[Background]:
    background = Background()
    yield background
    background.close()


def test_the_next_snapshot_waits_for_views_but_not_for_ever() -> None:
    publication = Publication()
    assert publication.may_go_on(0.0)
    publication.begin(10.0)
    assert publication.may_go_on(10.0)  # nobody looks
    publication.expect("loss")
    publication.expect("depth")
    publication.drawn("loss")
    assert not publication.may_go_on(10.4)
    publication.drawn("depth")
    assert not publication.may_go_on(10.01)  # so fast nobody reads
    assert publication.may_go_on(10.1)
    publication.begin(11.0)
    publication.expect("loss")
    assert publication.may_go_on(11.0 + publication.most)


def test_a_view_that_computes_is_waited_for_until_its_answer_is_there(
    background: Background, qtbot: QtBot
) -> None:
    publication, answers = Publication(), list[int]()

    def draw() -> None:
        background.run("depth", lambda: 7, answers.append, pytest.fail)

    follower = Follower("depth", draw, background, FrameScheduler(), publication, "depth")
    follower.clock = lambda: 0.0
    publication.begin(0.0)
    follower.follow()
    assert not publication.may_go_on(0.1)
    qtbot.waitUntil(lambda: bool(answers))
    assert publication.may_go_on(0.1)


def test_a_slow_view_holds_up_nobody_and_leaves_time_to_others(
    background: Background, qtbot: QtBot
) -> None:
    publication, times, drawn = Publication(), [0.0, 2.0], list[float]()
    follower = Follower("view", lambda: drawn.append(0), background, FrameScheduler(), publication)
    follower.clock = lambda: times.pop(0) if len(times) > 1 else times[0]
    assert follower.is_quick
    follower.follow()  # its drawing took two seconds
    assert not follower.is_quick
    publication.begin(2.0)
    follower.follow()
    assert publication.may_go_on(2.0)
    assert len(drawn) == 1
    times[0] = 60.0
    follower.follow()
    assert len(drawn) == 2
    assert follower.is_quick
