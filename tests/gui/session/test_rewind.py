"""Undo, redo and the film carry everything of a run with them, for every optimiser and engine."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from engine.native import prepare
from graph.model.edits import SetTraining
from graph.model.training import OPTIMIZERS, Training
from gui.session.session import Session

EPOCHS = 12


@dataclass(frozen=True)
class State:
    """Everything that a moment of a run is told by."""

    epoch: int
    update: int
    theta: bytes
    error: float | None
    curve: tuple[float, ...]
    place: int | None
    count: int
    memory: tuple[bytes, ...]


def state(session: Session) -> State:
    run, theta = session.run, session.theta
    assert theta is not None
    assert run.history is not None
    rule = run.rule_state
    assert rule is not None
    return State(
        epoch=run.epoch,
        update=run.shown_update,
        theta=theta.tobytes(),
        error=session.error,
        curve=tuple(run.history.snapshot().errors.tolist()),
        place=run.film_place,
        count=rule.count,
        memory=tuple(array.tobytes() for array in rule.memory),
    )


def finish(session: Session, qtbot: QtBot) -> None:
    session.run.speed = math.inf
    session.run.play()
    qtbot.waitUntil(lambda: session.run.state == "finished", timeout=60_000)


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_moment_comes_back_whole(xor: Session, qtbot: QtBot, optimizer: Any, engine: str) -> None:
    if engine == "native":
        prepare("float64")
        xor.kernels.start("float64")
        qtbot.waitUntil(lambda: xor.kernels.ready("float64"), timeout=60_000)
    batch_size = None if optimizer == "lbfgs" else 3
    settings = Training(
        learning_rate=0.05, epochs=EPOCHS, batch_size=batch_size, optimizer=optimizer
    )
    xor.push(SetTraining(settings), "Settings")
    finish(xor, qtbot)
    assert xor.run.engine == engine
    states = [state(xor)]
    xor.run.show_frame(5)
    states.append(state(xor))
    assert (states[1].epoch, states[1].place) == (5, 5)
    finish(xor, qtbot)
    states.append(state(xor))
    assert states[2] == states[0]  # as if it had never been stopped
    for go, expected in ((xor.undo, 1), (xor.undo, 0), (xor.redo, 1), (xor.redo, 2)):
        go()
        assert state(xor) == states[expected]
    xor.run.show_frame(8)
    xor.run.step()
    branch = state(xor)
    for _ in range(2):  # the step, the frame
        xor.undo()
    before = state(xor)
    assert replace(before, curve=()) == replace(states[2], curve=())
    assert states[2].curve[: len(before.curve)] == before.curve  # none of the other branch
    for _ in range(2):
        xor.redo()
    assert state(xor) == branch
    for _ in range(5):
        xor.undo()
    assert (xor.run.epoch, xor.run.shown_update, state(xor).count) == (0, 0, 0)
    finish(xor, qtbot)
    assert state(xor) == states[0]
