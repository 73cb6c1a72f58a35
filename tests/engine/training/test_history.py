"""The bounded history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training import History, parameter_norms
from engine.training.history import Series
from engine.training.runners.records import Block, EpochMeasures


def block(first: int, count: int) -> Block:
    epochs = first + np.arange(count)
    figures = EpochMeasures(
        {"train": 1 / (1 + epochs), "validation": np.full(count, 2.0)},
        {"train": {"accuracy": np.full(count, 0.75)}},
        np.full(count, 0.5),
    )
    return Block(first, first * 3, 3, figures, np.full(count, 0.1), np.full(count, 3.0))


def test_a_block_has_its_epochs() -> None:
    records = block(5, 4).records()
    assert [record.epoch for record in records] == [5, 6, 7, 8]
    assert [record.step for record in records] == [15, 18, 21, 24]
    assert records[2].loss == {"train": 1 / 8, "validation": 2.0}
    assert records[2].metrics == {"train": {"accuracy": 0.75}}
    assert block(5, 4).last == records[-1]
    assert block(5, 4).until(2).records() == records[:2]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=40))
def test_series_stays_bounded_even_and_has_the_latest(counts: list[int]) -> None:
    series, one_by_one = Series(1, 8, np.float64), Series(1, 8, np.float64)
    first = 0
    for count in counts:
        block = np.arange(first, first + count)
        series.extend(block, block[:, None].astype(float))
        for position in block:
            one_by_one.extend(np.array([position]), np.array([[float(position)]]))
        first += count
        positions, rows = series.snapshot()
        assert np.array_equal(positions, one_by_one.snapshot()[0])
        assert len(positions) <= 8
        assert positions[0] == 0
        assert positions[-1] == first - 1
        assert np.array_equal(positions, rows[:, 0])
        assert len(set(np.diff(positions[:-1]).tolist())) <= 1
        assert len(positions) >= min(first, 4)


def test_a_copy_until_some_position_goes_on_from_there() -> None:
    series = Series(1, 8, np.float64)
    positions = np.arange(30)
    series.extend(positions, positions[:, None].astype(float))
    copy = series.until(17)
    assert copy.snapshot()[0].tolist() == [0, 8, 16]
    copy.extend(np.array([18]), np.array([[18.0]]))
    assert copy.snapshot()[0][-1] == 18
    assert series.snapshot()[0][-1] == 29


def test_earlier_snapshots_survive_thinning() -> None:
    series = Series(2, 8, np.float32)
    series.extend(np.arange(8), np.tile([1.0, 2.0], (8, 1)))
    positions, rows = series.snapshot()
    series.extend(np.arange(8, 50), np.full((42, 2), 5.0))
    assert positions.tolist() == list(range(8))
    assert (rows == [1.0, 2.0]).all()


def test_history_gives_curves_by_split() -> None:
    history = History(["a"], capacity=50, gradient_capacity=10)
    for epoch in range(0, 40, 4):
        history.extend(block(epoch, 4), np.array([float(epoch + 3)]))
    curves = history.snapshot()
    assert curves.epochs.tolist() == list(range(40))
    assert curves.loss("train")[-1] == 1 / 40
    assert np.isnan(curves.loss("test")).all()
    assert set(curves.metrics("train")) == {"accuracy"}
    assert curves.errors == pytest.approx(curves.loss("train") + 0.5)
    assert (curves.rates == 0.1).all()
    assert (curves.curve("gradient_norm") == 3.0).all()
    epochs, gradients = history.gradients()
    assert 5 <= len(epochs) <= 10
    assert gradients[:, 0].tolist() == epochs.tolist()


def test_empty_history_has_empty_curves() -> None:
    curves = History().snapshot()
    assert len(curves.epochs) == 0
    assert len(curves.loss("train")) == 0


def test_a_number_keeps_its_sign_and_a_matrix_is_its_norm(build: Callable[..., Any]) -> None:
    problem = build()
    norms = parameter_norms(problem.plan, problem.theta)
    for parameter, norm in zip(problem.plan.parameters, norms, strict=True):
        part = problem.theta[parameter.offset : parameter.offset + parameter.size]
        expected = part[0] if parameter.size == 1 else np.linalg.norm(part)
        assert norm == pytest.approx(expected)
