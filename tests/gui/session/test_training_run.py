"""Training from the editor: thread, undo, edits meanwhile."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from engine.library import library
from engine.native import prepare
from engine.training import Trainer
from engine.training.breakpoints import GradientNorm
from graph.model.dataset import Inline
from graph.model.edits import (
    AddNode,
    Batch,
    Move,
    Node,
    SetDataset,
    SetParameterValues,
    SetTraining,
)
from graph.model.tensor import Tensor
from graph.model.training import Training
from gui.commands.network_builder import Blueprint, network
from gui.session.session import Session
from gui.session.training_host import RunClock
from gui.session.training_run import TEACHING, TrainingRun

XOR = Inline(
    columns={"x1": [0, 0, 1, 1], "x2": [0, 1, 0, 1], "y": [0, 1, 1, 0]},
    features=("x1", "x2"),
    targets=("y",),
)


@pytest.fixture
def session(qtbot: QtBot) -> Iterator[Session]:
    session = Session(library())
    session.new()
    batch, _ = network(session.document, Blueprint((2, 2, 1)), ("x1", "x2"), ("y",))
    settings = SetTraining(Training(learning_rate=0.5, epochs=1_000_000))
    session.push(Batch((SetDataset(XOR), batch, settings)), "Build")
    yield session
    session.close()


def wait_beyond(session: Session, qtbot: QtBot, epoch: int) -> None:
    qtbot.waitUntil(lambda: session.run.epoch > epoch, timeout=60_000)


def theta(session: Session) -> list[float]:
    assert session.theta is not None
    return [float(x) for x in session.theta]


def test_play_and_pause_is_one_undo_entry(session: Session, qtbot: QtBot) -> None:
    before, entries = theta(session), session.undo_stack.count()
    session.run.play()
    assert session.run.state == "running"
    qtbot.waitUntil(lambda: session.run.epoch > 20)
    session.run.pause()
    assert session.run.state == "paused"
    after = theta(session)
    assert after != before
    assert session.undo_stack.count() == entries + 1
    assert session.undo_stack.undoText() == f"Train {session.run.epoch} epochs"
    assert session.readings is not None
    assert session.run.error == pytest.approx(session.readings.error, rel=1e-9)
    session.undo()
    assert theta(session) == before
    assert session.run.epoch == 0
    session.redo()
    assert theta(session) == after
    assert session.run.epoch > 20


def test_going_on_gives_the_same_as_going_through(session: Session, qtbot: QtBot) -> None:
    for _ in range(10):
        session.run.step()
    stepped = theta(session)
    assert session.run.updates == 10
    session.run.reset()
    assert session.run.epoch == 0
    session.push(SetTraining(Training(learning_rate=0.5, epochs=10)), "Ten epochs")
    with qtbot.waitSignal(session.news, check_params_cb=lambda text: "finished" in text):
        session.run.play()
    assert session.run.state == "finished"
    assert theta(session) == stepped


def test_play_goes_on_after_the_last_epoch(session: Session, qtbot: QtBot) -> None:
    session.push(SetTraining(Training(learning_rate=0.5, epochs=10)), "Ten epochs")
    for epochs in (10, 20):
        with qtbot.waitSignal(session.news, check_params_cb=lambda text: "finished" in text):
            session.run.play()
        assert session.run.epoch == epochs
    assert session.run.history is not None
    assert list(session.run.history.snapshot().epochs) == list(range(21))


def test_a_weight_set_by_hand_is_trained_on(session: Session, qtbot: QtBot) -> None:
    session.run.play()
    qtbot.waitUntil(lambda: session.run.epoch > 5)
    session.push(SetParameterValues({"x1-h1.weight": Tensor.of([[50.0]])}), "Set weight")
    assert session.run.state == "running"
    qtbot.waitUntil(lambda: theta(session) != [] and abs(theta(session)[0]) > 0)
    start = session.run.epoch
    qtbot.waitUntil(lambda: session.run.epoch > start + 20)
    session.run.pause()
    value = session.value("x1-h1.weight")
    assert value is not None
    assert 45 < value.item() < 55


def test_the_learning_rate_applies_live(session: Session, qtbot: QtBot) -> None:
    session.run.play()
    qtbot.waitUntil(lambda: session.run.epoch > 5)
    epoch = session.run.epoch
    session.push(SetTraining(Training(learning_rate=0.25, epochs=1_000_000)), "Rate")
    assert session.run.state == "running"
    qtbot.waitUntil(lambda: session.run.last is not None and session.run.last.rate == 0.25)
    assert session.run.epoch >= epoch


def test_settings_that_do_not_go_together_pause(session: Session, qtbot: QtBot) -> None:
    session.run.play()
    qtbot.waitUntil(lambda: session.run.epoch > 5)
    with qtbot.waitSignal(session.notice) as notice:
        session.push(SetTraining(Training(optimizer="lbfgs", batch_size=1)), "L-BFGS")
    assert "L-BFGS" in notice.args[0]
    assert session.run.state == "paused"


def test_a_changed_network_stops_the_run_with_a_notice(session: Session, qtbot: QtBot) -> None:
    session.run.play()
    qtbot.waitUntil(lambda: session.run.epoch > 5)
    with qtbot.waitSignal(session.news) as notice:
        session.push(AddNode(Node("extra", "constant")), "Add")
    assert "stopped" in notice.args[0]
    assert session.run.state == "paused"
    session.undo()
    assert session.undo_stack.undoText().startswith("Train")


def test_moving_a_node_does_not_disturb(session: Session, qtbot: QtBot) -> None:
    session.run.play()
    session.push(Move({"h1": (5.0, 5.0)}), "Move")
    assert session.run.state == "running"


def test_undo_while_training_undoes_the_training(session: Session, qtbot: QtBot) -> None:
    before = theta(session)
    session.run.play()
    qtbot.waitUntil(lambda: session.run.epoch > 5)
    session.undo()
    assert session.run.state == "paused"
    assert theta(session) == before


def test_divergence_is_told_and_ends_the_run(session: Session, qtbot: QtBot) -> None:
    output = next(n.id for n in session.document.nodes.values() if n.id == "o")
    from graph.model.edits import SetParam

    edits = (
        SetParam(output, "activation", "identity"),
        SetParam("h1", "activation", "identity"),
        SetParam("h2", "activation", "identity"),
        SetTraining(Training(learning_rate=1000.0, epochs=100_000)),
    )
    session.push(Batch(edits), "Too fast")
    with qtbot.waitSignal(session.notice, check_params_cb=lambda text: "no longer finite" in text):
        session.run.play()
    assert session.run.state == "failed"
    assert session.run.failure
    assert np.isfinite(theta(session)).all()


def test_randomise_draws_other_weights(session: Session) -> None:
    before = theta(session)
    session.run.randomise()
    assert theta(session) != before
    assert session.document.training.seed == 1
    session.undo()
    assert theta(session) == before


def test_reset_returns_to_before_the_run(session: Session, qtbot: QtBot) -> None:
    before = theta(session)
    for _ in range(3):
        session.run.play()
        start = session.run.epoch
        wait_beyond(session, qtbot, start + 3)
        session.run.pause()
    session.run.reset()
    assert theta(session) == before
    assert session.run.state == "idle"
    assert session.run.history is None


class SimulatedTime(RunClock):
    """A clock on which only waiting takes time."""

    def __init__(self) -> None:
        self.time = 0.0

    def now(self) -> float:
        return self.time

    def wait(self, stop: threading.Event, seconds: float) -> None:
        self.time += seconds


@pytest.mark.parametrize(("speed", "seconds"), [(50.0, 2.0), (5.0, 20.0)])
def test_speed_is_kept(session: Session, qtbot: QtBot, speed: float, seconds: float) -> None:
    settings = Training(learning_rate=0.5, epochs=100)
    session.push(SetTraining(settings), "A hundred epochs")
    clock = SimulatedTime()
    run = session.run = TrainingRun(session, session, clock)
    run.speed = speed
    run.play()
    qtbot.waitUntil(lambda: run.state == "finished", timeout=60_000)
    assert run.epoch == 100
    assert clock.time == pytest.approx(seconds, rel=0.05)  # one epoch more or less, and epoch 0


@pytest.mark.parametrize(("epochs", "seconds"), [(5_000, 20.5), (120, 20.0), (60, 12.0)])
def test_without_a_speed_a_run_is_not_over_in_some_seconds(
    session: Session, qtbot: QtBot, epochs: int, seconds: float
) -> None:
    session.push(SetTraining(Training(learning_rate=0.5, epochs=epochs)), "Epochs")
    clock = SimulatedTime()
    run = session.run = TrainingRun(session, session, clock)
    run.play()
    qtbot.waitUntil(lambda: run.state == "finished", timeout=60_000)
    assert clock.time == pytest.approx(seconds, abs=0.3)


@pytest.mark.parametrize("batch_size", [None, 1])
def test_at_the_teaching_pace_an_update_takes_seconds(
    session: Session, qtbot: QtBot, batch_size: int | None
) -> None:
    settings = Training(learning_rate=0.5, epochs=2, batch_size=batch_size)
    session.push(SetTraining(settings), "Two epochs")
    clock = SimulatedTime()
    run = session.run = TrainingRun(session, session, clock)
    run.speed = TEACHING
    run.play()
    qtbot.waitUntil(lambda: run.state == "finished", timeout=60_000)
    assert run.updates == (2 if batch_size is None else 8)
    assert clock.time == pytest.approx(4.0 * run.updates, rel=0.03)


def test_an_edit_is_shown_at_once_and_stays_however_slow_the_run(
    session: Session, qtbot: QtBot
) -> None:
    """Before, the value before the edit came back until the next update was due."""
    run, seen = session.run, list[tuple[float, float | None]]()
    run.speed = TEACHING
    run.play()
    session.push(SetParameterValues({"x1-h1.weight": Tensor.of([[50.0]])}), "Set weight")

    def look() -> None:
        value = session.value("x1-h1.weight")
        assert value is not None
        seen.append((value.item(), session.error))

    session.readings_changed.connect(look)
    look()
    qtbot.waitUntil(lambda: len(seen) > 1)
    session.set_row(2)
    session.set_row(None)
    session.readings_changed.disconnect(look)
    assert run.running
    assert {value for value, _ in seen} == {50.0}
    assert len({error for _, error in seen[:2]}) == 1


def test_a_run_begins_so_that_it_can_be_watched(session: Session, qtbot: QtBot) -> None:
    seen: set[int] = set()
    session.readings_changed.connect(lambda: seen.add(session.run.epoch))
    session.run.play()
    qtbot.waitUntil(lambda: session.run.epoch > 20)
    session.run.pause()
    assert len(seen) > 5
    session.run.speed = math.inf
    session.run.play()
    start = session.run.epoch
    qtbot.waitUntil(lambda: session.run.epoch > start + 200)
    session.run.pause()


def test_readings_follow_while_it_runs(session: Session, qtbot: QtBot) -> None:
    seen: list[float] = []
    session.readings_changed.connect(
        lambda: seen.append(session.readings.error) if session.readings else None
    )
    session.run.play()
    qtbot.waitUntil(lambda: len(set(seen)) > 5)
    session.run.pause()


def test_closing_ends_the_thread(session: Session, qtbot: QtBot) -> None:
    session.run.play()
    qtbot.waitUntil(lambda: session.run.epoch > 1)
    session.close()
    assert not any(thread.name == "training" for thread in threading.enumerate())


def test_without_data_play_says_what_to_do(session: Session, qtbot: QtBot) -> None:
    session.push(SetDataset(None), "No data")
    with qtbot.waitSignal(session.notice) as notice:
        session.run.play()
    assert session.run.state == "idle"
    assert notice.args[0]


def test_other_data_begin_a_new_run(session: Session, qtbot: QtBot) -> None:
    session.run.step()
    other = Inline(
        columns={"x1": [0, 1], "x2": [0, 1], "y": [0, 1]}, features=("x1", "x2"), targets=("y",)
    )
    session.push(SetDataset(other), "Other data")
    session.run.step()
    assert session.run.updates == 1
    assert session.rows == 2


def finish(session: Session, qtbot: QtBot) -> None:
    """Train to the last epoch, flat out, however long it takes."""
    session.run.speed = math.inf
    session.run.play()
    qtbot.waitUntil(lambda: session.run.state == "finished", timeout=60_000)


def adam(session: Session, epochs: int, batch_size: int | None = 3) -> None:
    settings = Training(
        learning_rate=0.05, epochs=epochs, batch_size=batch_size, optimizer="adam", seed=4
    )
    session.push(SetTraining(settings), "Settings")


@pytest.mark.parametrize("optimizer", ["adam", "momentum", "rprop"])
def test_going_on_from_a_frame_gives_the_bits_of_never_having_stopped(
    session: Session, qtbot: QtBot, optimizer: Any
) -> None:
    settings = Training(learning_rate=0.05, epochs=40, batch_size=3, optimizer=optimizer)
    session.push(SetTraining(settings), "Settings")
    finish(session, qtbot)
    expected, curve = theta(session), errors(session)
    for epoch in (0, 17, 39):
        session.run.show_frame(epoch)
        assert session.run.epoch == epoch
        finish(session, qtbot)
        assert theta(session) == expected
        assert errors(session) == curve


def errors(session: Session) -> list[float]:
    assert session.run.history is not None
    return [float(x) for x in session.run.history.snapshot().errors]


def test_going_on_after_an_undo_gives_the_bits_of_never_having_stopped(
    session: Session, qtbot: QtBot
) -> None:
    adam(session, 30)
    finish(session, qtbot)
    expected = theta(session)
    session.run.reset()
    for _ in range(7):  # into the middle of an epoch
        session.run.step()
    at_seven = theta(session)
    for _ in range(5):
        session.run.step()
    for _ in range(5):
        session.undo()
    assert theta(session) == at_seven
    assert session.run.updates == 7
    finish(session, qtbot)
    assert theta(session) == expected


def test_undo_finds_every_one_of_many_steps(session: Session) -> None:
    for _ in range(120):
        session.run.step()
    for updates in range(119, -1, -1):
        session.undo()
        assert session.run.updates == updates


def test_undo_and_redo_bring_back_the_curve(session: Session, qtbot: QtBot) -> None:
    adam(session, 30)
    finish(session, qtbot)
    curve = errors(session)
    session.undo()
    assert session.run.epoch == 0
    assert len(errors(session)) == 1
    session.redo()
    assert session.run.epoch == 30
    assert errors(session) == curve


def test_undoing_a_reset_brings_the_run_back(session: Session, qtbot: QtBot) -> None:
    adam(session, 30)
    finish(session, qtbot)
    trained, curve = theta(session), errors(session)
    session.run.reset()
    assert session.run.history is None
    session.undo()
    assert theta(session) == trained
    assert (session.run.state, session.run.epoch) == ("paused", 30)
    assert errors(session) == curve
    assert len(session.run.film_epochs) == 30


def test_states_with_the_same_numbers_are_told_apart(session: Session, qtbot: QtBot) -> None:
    session.push(SetTraining(Training(learning_rate=1e-300, epochs=1000)), "Standing still")
    assert session.plan is not None
    ones = {p.name: Tensor.of(np.ones(p.shape).tolist()) for p in session.plan.parameters}
    session.push(SetParameterValues(ones), "Values that so small a rate leaves as they are")
    before = theta(session)
    for _ in range(3):
        session.run.step()
    assert theta(session) == before
    session.push(SetParameterValues({"x1-h1.weight": Tensor.of([[50.0]])}), "Set weight")
    session.run.step()
    assert session.run.updates == 4
    session.undo()
    session.undo()
    assert session.run.updates == 3


def test_a_breakpoint_pauses_the_run_and_says_where(session: Session, qtbot: QtBot) -> None:
    adam(session, 1000)
    session.run.speed = math.inf
    session.run.breakpoints = [GradientNorm(above=0.0)]
    with qtbot.waitSignal(session.notice, timeout=60_000) as notice:
        session.run.play()
    assert session.run.state == "paused"
    assert session.run.updates == 1
    hit = session.run.hit
    assert hit is not None
    assert notice.args == [hit.sentence]
    session.run.breakpoints = []
    session.run.step()
    assert (session.run.updates, session.run.hit) == (2, None)


def test_breakpoints_leave_the_first_epoch_in_the_curve(session: Session) -> None:
    """A run with breakpoints is made of another trainer, which must not count as begun."""
    session.run.step()
    curve = errors(session)
    session.run.reset()
    session.run.breakpoints = [GradientNorm(above=1e9)]
    session.run.step()
    assert errors(session) == curve
    session.undo()
    session.run.breakpoints = [GradientNorm(above=1e8)]
    session.run.step()
    assert errors(session) == curve
    assert len(curve) == 2


@pytest.mark.parametrize("engine", ["numpy", "native"])
def test_a_run_with_pauses_has_the_bits_of_one_without_a_window(
    session: Session, qtbot: QtBot, engine: Any
) -> None:
    settings = Training(learning_rate=0.5, epochs=2_000, batch_size=3, optimizer="adam", seed=4)
    session.push(SetTraining(settings), "Settings")
    if engine == "native":
        prepare("float64")
        session.kernels.start("float64")
        qtbot.waitUntil(lambda: session.kernels.ready("float64"))
    assert session.plan is not None
    assert session.prepared is not None
    assert session.theta is not None
    alone = Trainer(session.plan, session.prepared, settings, session.theta, engine=engine)
    session.run.speed = math.inf
    session.run.play()
    for epoch in (20, 200):
        wait_beyond(session, qtbot, epoch)
        session.run.pause()
        session.run.step()
        session.run.play()
    qtbot.waitUntil(lambda: session.run.state == "finished", timeout=60_000)
    records = list(alone.run())
    assert alone.engine == engine
    assert session.run.epoch == 2_000
    assert session.theta.tobytes() == alone.theta.tobytes()
    assert session.run.error == records[-1].error


@pytest.mark.parametrize("batch_size", [None, 1])
def test_what_is_shown_while_it_trains_is_of_one_moment(
    session: Session, qtbot: QtBot, batch_size: int | None
) -> None:
    """Epoch, update, parameters and E on screen are those of a run that nobody looks at."""
    settings = Training(learning_rate=0.5, epochs=1_000_000, batch_size=batch_size)
    session.push(SetTraining(settings), "Settings")
    run, before = session.run, session.theta
    assert session.plan is not None
    assert session.prepared is not None
    assert before is not None
    alone = Trainer(session.plan, session.prepared, settings, before, engine="numpy")
    seen: dict[int, tuple[float, list[float]]] = {}

    def look() -> None:
        if run.running and session.error is not None and run.updates:
            share = run.batch[0] * alone.batches
            assert run.updates == run.epoch * alone.batches + share
            seen[run.updates] = session.error, theta(session)

    session.readings_changed.connect(look)
    run.speed = 50.0
    run.play()
    qtbot.waitUntil(lambda: len(seen) > 5 or not run.running, timeout=60_000)
    session.readings_changed.disconnect(look)
    run.pause()
    while seen:
        alone.step()
        if alone.updates in seen:
            error, parameters = seen.pop(alone.updates)
            assert parameters == pytest.approx(alone.theta.tolist(), rel=1e-9)
            measured = alone.measure("train")
            assert measured is not None
            assert error == pytest.approx(measured.loss, rel=1e-9)
