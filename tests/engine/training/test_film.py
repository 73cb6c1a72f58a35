"""The film has the states of the epochs it says, whichever engine runs; runs go on from each."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.training import Film, Trainer
from engine.training.runners.records import Progress
from graph.model.training import EarlyStopping, Schedule, Training

Build = Callable[..., Any]


@pytest.mark.parametrize(("engine", "ahead"), [("numpy", False), ("native", True)])
@pytest.mark.parametrize("options", [{}, {"batch_size": 7, "optimizer": "adam"}])
def test_frames_are_the_parameters_of_their_epochs(
    build: Build, engine: Any, ahead: bool, options: dict[str, Any]
) -> None:
    problem = build(frozen=("h.bias",))
    training = Training(learning_rate=0.02, epochs=90, **options)
    made = problem.plan, problem.data, training, problem.theta
    film = Film(frames=10)
    filmed, plain = Trainer(*made, engine=engine, callbacks=[film]), Trainer(*made, engine=engine)
    filmed.block_mode = ahead
    list(filmed.run())
    assert film.epochs.tolist() == list(range(0, 91, 16))
    at = 0
    for place, epoch in enumerate(film.epochs):
        list(islice(plain.run(), int(epoch) - at + (place == 0)))
        at = int(epoch)
        assert film.frame(at).theta.tobytes() == plain.theta.tobytes()


@pytest.mark.parametrize("engine", ["numpy", "native"])
@pytest.mark.parametrize("optimizer", ["adam", "momentum", "lbfgs"])
def test_going_on_from_any_frame_gives_the_bits_of_the_run(
    build: Build, engine: Any, optimizer: str
) -> None:
    problem = build(validation=0.2)
    training = Training(
        optimizer=optimizer,  # type: ignore[arg-type]  # one of its literals
        learning_rate=0.02,
        epochs=40,
        batch_size=None if optimizer == "lbfgs" else 7,
        schedule=Schedule(name="plateau", patience=2),
        early_stopping=EarlyStopping(patience=30),
    )
    made = problem.plan, problem.data, training, problem.theta
    film = Film(frames=12)
    whole = Trainer(*made, engine=engine, callbacks=[film])
    whole.block_mode = True
    records = list(whole.run())
    for epoch in film.epochs.tolist():
        again = Trainer(*made, engine=engine, start=film.frame(epoch))
        assert list(again.run()) == records[epoch + 1 :]
        assert again.theta.tobytes() == whole.theta.tobytes()


@given(counts=st.lists(st.integers(1, 30), max_size=30), capacity=st.integers(2, 12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])  # it only builds
def test_frames_are_evenly_spread_and_bounded(
    build: Build, counts: list[int], capacity: int
) -> None:
    film, state = Film(frames=capacity), build(rows=4).trainer()
    due = film.observe(state, Progress())
    for count in counts:
        for _ in range(count):
            state.epoch += 1
            due -= 1
            if not due:  # only then is it asked
                due = film.observe(state, Progress())
        assert film.epochs.tolist() == list(range(0, state.epoch + 1, film.every))
        assert len(film.epochs) <= capacity
    film.cut(state.epoch // 2)
    assert film.epochs.tolist() == list(range(0, state.epoch // 2 + 1, film.every))


def test_large_networks_have_fewer_frames(build: Build) -> None:
    trainer = build().trainer(optimizer="adam")
    size = trainer.checkpoint().nbytes
    assert size == 4 * 8 * len(trainer.theta)
    film = Film(nbytes=5 * size)
    for trainer.epoch in range(100):
        film.observe(trainer, Progress())
        assert sum(film.frame(epoch).nbytes for epoch in film.epochs) <= 5 * size
    assert np.diff(film.epochs).tolist() == [film.every] * (len(film.epochs) - 1)
