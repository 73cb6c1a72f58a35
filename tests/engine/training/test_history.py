"""The bounded history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.training import Epoch, History, parameter_means
from engine.training.history import Series


def record(epoch: int) -> Epoch:
    return Epoch(
        epoch=epoch,
        step=epoch,
        loss={"train": 1 / (1 + epoch), "validation": 2.0},
        penalty=0.5,
        metrics={"train": {"accuracy": 0.75}},
        rate=0.1,
        gradient_norm=3.0,
    )


@pytest.mark.parametrize("count", [1, 7, 8, 9, 100, 1000])
def test_series_stays_bounded_even_and_has_the_latest(count: int) -> None:
    series = Series(1, 8, np.float64)
    for position in range(count):
        series.append(position, [float(position)])
        positions, rows = series.snapshot()
        assert len(positions) <= 8
        assert positions[0] == 0
        assert positions[-1] == position
        assert np.array_equal(positions, rows[:, 0])
        assert len(set(np.diff(positions[:-1]).tolist())) <= 1
    assert len(positions) >= min(count, 4)


def test_earlier_snapshots_survive_thinning() -> None:
    series = Series(2, 8, np.float32)
    for position in range(8):
        series.append(position, [1.0, 2.0])
    positions, rows = series.snapshot()
    for position in range(8, 50):
        series.append(position, [5.0, 5.0])
    assert positions.tolist() == list(range(8))
    assert (rows == [1.0, 2.0]).all()


def test_history_gives_curves_by_split() -> None:
    history = History(["a"], capacity=50, gradient_capacity=10)
    for epoch in range(40):
        history.append(record(epoch), np.array([float(epoch)]))
    curves = history.snapshot()
    assert curves.epochs.tolist() == list(range(40))
    assert curves.loss("train")[-1] == 1 / 40
    assert np.isnan(curves.loss("test")).all()
    assert set(curves.metrics("train")) == {"accuracy"}
    assert curves.errors == pytest.approx(curves.loss("train") + 0.5)
    assert (curves.rates == 0.1).all()
    assert (curves.gradient_norms == 3.0).all()
    epochs, gradients = history.gradients()
    assert len(epochs) <= 10
    assert gradients[:, 0].tolist() == epochs.tolist()


def test_empty_history_has_empty_curves() -> None:
    curves = History().snapshot()
    assert len(curves.epochs) == 0
    assert len(curves.loss("train")) == 0


def test_parameter_means(build: Callable[..., Any]) -> None:
    problem = build()
    means = parameter_means(problem.plan, problem.theta)
    for parameter, mean in zip(problem.plan.parameters, means, strict=True):
        part = problem.theta[parameter.offset : parameter.offset + parameter.size]
        assert mean == pytest.approx(part.mean())
