"""The film has the parameters of the epochs it says, whichever engine runs."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training import Film, Trainer
from graph.model.training import Training

Build = Callable[..., Any]


@pytest.mark.parametrize(("engine", "ahead"), [("numpy", False), ("native", True)])
@pytest.mark.parametrize("options", [{}, {"batch_size": 7, "optimizer": "adam"}])
def test_frames_are_the_parameters_of_their_epochs(
    build: Build, engine: Any, ahead: bool, options: dict[str, Any]
) -> None:
    problem = build(frozen=("h.bias",))
    settings = Training(learning_rate=0.02, epochs=90, **options)
    made = problem.plan, problem.data, settings, problem.theta
    filmed, plain = (Trainer(*made, engine=engine) for _ in range(2))
    filmed.film = Film(problem.plan.size, problem.theta.dtype, frames=10)
    filmed.ahead = ahead
    list(filmed.run())
    assert filmed.film.epochs.tolist() == list(range(0, 91, 16))
    at = 0
    for place, epoch in enumerate(filmed.film.epochs):
        list(islice(plain.run(), int(epoch) - at + (place == 0)))
        at = int(epoch)
        assert filmed.film.frame(place).tobytes() == plain.theta.tobytes()


@given(st.lists(st.integers(1, 30), max_size=30), st.integers(2, 12))
def test_frames_are_evenly_spread_and_bounded(counts: list[int], capacity: int) -> None:
    film = Film(1, np.dtype(float), frames=capacity)
    film.see(0, np.zeros(1))
    done = 0
    for count in counts:
        wanted = film.make_room(done + 1, count)
        due = [e for e in range(done + 1, done + count + 1) if e % film.every == 0]
        assert len(due) == wanted
        film.extend(done + 1, count, np.array(due, float).reshape(-1, 1))
        done += count
        assert film.epochs.tolist() == list(range(0, done + 1, film.every))
        assert all(film.frame(k)[0] == epoch for k, epoch in enumerate(film.epochs))
        assert len(film.epochs) <= capacity
    film.cut(done // 2)
    assert film.epochs.tolist() == list(range(0, done // 2 + 1, film.every))
