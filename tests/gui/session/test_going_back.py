"""Going back to an update is exact, whatever was changed between the updates, on any branch."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import ClassVar, TypeAlias

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.arrays.aliases import Array
from engine.library import library
from engine.training import Film
from engine.training.runners.records import Progress
from engine.training.runners.state import TrainingState
from graph.model.edits import Batch, SetDataset, SetParameterValues, SetTraining
from graph.model.tensor import Tensor
from graph.model.training import Schedule, Training
from gui.commands.network_builder import Blueprint, network
from gui.session.session import Session
from tests.gui.conftest import XOR

Change: TypeAlias = Callable[[Session], None]
UPDATES = 12  # six epochs of two batches


@pytest.fixture
def sessions(qtbot: QtBot) -> Iterator[list[Session]]:
    """Return two sessions with the same network, trained six epochs at a time."""
    made = [Session(library()) for _ in range(2)]
    for session in made:
        session.new()
        batch, _ = network(session.document, Blueprint((2, 2, 1)), ("x1", "x2"), ("y",))
        training = Training(
            learning_rate=0.5, epochs=6, batch_size=2, optimizer="momentum",
            schedule=Schedule(name="cosine"),
        )  # fmt: skip
        session.push(Batch((SetDataset(XOR), batch, SetTraining(training))), "Build")
    yield made
    for session in made:
        session.close()


def theta(session: Session) -> Array:
    assert session.theta is not None
    return session.theta.copy()


def settings(**changes: object) -> Change:
    def change(session: Session) -> None:
        training = msgspec.structs.replace(session.document.training, **changes)
        session.push(SetTraining(training), "Settings")

    return change


def by_hand(session: Session) -> None:
    assert session.plan is not None
    name = session.plan.parameters[0].name
    session.push(SetParameterValues({name: Tensor.of([[1.5]])}), "By hand")


def nothing(_session: Session) -> None:
    """Change nothing."""


def step(session: Session, updates: int) -> dict[int, Array]:
    """Make updates one by one; return the parameters after each."""
    found = {session.run.shown_update: theta(session)}
    for _ in range(updates):
        session.run.step()
        found[session.run.shown_update] = theta(session)
    return found


def play(session: Session, qtbot: QtBot) -> None:
    """Train six epochs at once: of these only the film and the end are held."""
    session.run.speed = math.inf
    session.run.play()
    qtbot.waitUntil(lambda: session.run.state == "finished", timeout=60_000)


def wait_beyond(session: Session, qtbot: QtBot, epoch: int) -> None:
    qtbot.waitUntil(lambda: session.run.epoch > epoch, timeout=60_000)


def errors(session: Session) -> list[float]:
    assert session.run.history is not None
    return [float(x) for x in session.run.history.snapshot().errors]


def go_back(session: Session, states: dict[int, Array]) -> None:
    for number in sorted(states, reverse=True):
        assert session.run.show_update(number)
        assert session.run.shown_update == number
        assert np.array_equal(theta(session), states[number]), number


@pytest.mark.parametrize(
    "change",
    [nothing, by_hand, settings(learning_rate=0.1), settings(seed=9), settings(optimizer="adam")],
    ids=["nothing", "by hand", "rate", "seed", "optimizer"],
)
def test_updates_before_a_change_are_those_made_before_it(
    sessions: list[Session], qtbot: QtBot, change: Change
) -> None:
    stepped, played = sessions
    states = step(stepped, UPDATES)
    change(stepped)
    states |= step(stepped, UPDATES)
    play(played, qtbot)
    change(played)
    play(played, qtbot)
    assert np.array_equal(theta(played), states[2 * UPDATES])
    go_back(played, states)


@pytest.mark.parametrize("change", [by_hand, settings(learning_rate=0.1)], ids=["by hand", "rate"])
def test_updates_of_another_branch_are_not_shown(sessions: list[Session], change: Change) -> None:
    """After an undo and a change the states made before are those of another run."""
    session, _ = sessions
    step(session, 8)
    for _ in range(5):
        session.undo()
    assert session.run.shown_update == 3
    change(session)
    states = step(session, 9)
    go_back(session, states)


def test_a_branch_that_was_left_is_found_again_with_its_own_past(
    sessions: list[Session], qtbot: QtBot
) -> None:
    """The film and the curve then end where the branches part: the rest is of the other one."""
    stepped, session = sessions
    states = step(stepped, UPDATES)
    play(session, qtbot)
    curve = errors(session)[:4]
    session.run.show_frame(3)
    settings(learning_rate=0.01)(session)
    play(session, qtbot)
    for _ in range(3):  # the training, the settings, the frame
        session.undo()
    assert session.run.shown_update == UPDATES
    assert np.array_equal(theta(session), states[UPDATES])
    assert errors(session) == curve
    assert session.run.film_epochs.tolist() == [0, 1, 2, 3]
    go_back(session, states)


def test_a_run_that_begins_anew_reports_its_own_first_epoch(sessions: list[Session]) -> None:
    session, other = sessions
    step(session, 4)
    for _ in range(4):
        session.undo()
    for one in sessions:
        by_hand(one)
        step(one, 4)
    assert errors(session) == errors(other)


def test_settings_changed_before_the_first_update_leave_the_first_epoch_in_the_curve(
    sessions: list[Session],
) -> None:
    session, other = sessions
    session.stepper.forward()
    for one in sessions:
        settings(learning_rate=0.1)(one)
        step(one, 4)
    assert len(errors(session)) == 3
    assert errors(session) == errors(other)


class Witness(Film):
    """A film of four frames that also knows where every update it saw began."""

    before: ClassVar[dict[int, Array]] = {}

    def __init__(self) -> None:
        super().__init__(frames=4)
        self.before.clear()

    def observe(self, state: TrainingState, progress: Progress) -> int:
        if state.updates:
            self.before[state.updates - 1] = state.previous.copy()
        return super().observe(state, progress)


def test_what_is_changed_while_it_trains_is_gone_back_across(
    sessions: list[Session], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.session.run_lineage.Film", Witness)
    session, _ = sessions
    settings(epochs=1_000_000)(session)
    session.run.speed = 500.0
    session.run.play()
    for change in (by_hand, settings(learning_rate=0.1), by_hand, nothing):
        wait_beyond(session, qtbot, session.run.epoch + 5)
        change(session)
    session.run.pause()
    assert len(Witness.before) > 20
    go_back(session, dict(Witness.before))
