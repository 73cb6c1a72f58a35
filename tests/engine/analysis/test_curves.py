"""Curves for the eye: nothing that matters is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.curves import Pooled, pool, smooth, spread, symmetric_scale, thin


def test_smoothing_is_the_corrected_moving_average() -> None:
    values = np.array([1.0, 3.0, 2.0])
    w = 0.5
    a1, a2 = 0.5 * 1.0, 0.5 * (0.5 * 1.0) + 0.5 * 3.0
    a3 = w * a2 + 0.5 * 2.0
    expected = [a1 / (1 - w), a2 / (1 - w**2), a3 / (1 - w**3)]
    assert smooth(values, w) == pytest.approx(expected, rel=1e-15)
    assert smooth(values, 0.0).tolist() == values.tolist()
    assert smooth(np.full(50, 7.0), 0.99) == pytest.approx(np.full(50, 7.0))


def test_smoothing_leaves_gaps_out() -> None:
    result = smooth(np.array([1.0, np.nan, 3.0]), 0.9)
    assert np.isnan(result[1])
    assert result[2] == pytest.approx((0.09 + 0.3) / 0.19)


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 5000), st.integers(1, 300), st.integers(0, 2**32 - 1))
def test_thinned_curves_keep_every_extreme(size: int, columns: int, seed: int) -> None:
    y = np.random.default_rng(seed).normal(size=size)
    x = np.arange(size, dtype=np.float64)
    thin_x, thin_y = thin(x, y, columns)
    assert len(thin_y) <= max(4 * columns, 3 * columns + 2)
    assert (np.diff(thin_x) >= 0).all()
    assert thin_y.min() == y.min()
    assert thin_y.max() == y.max()
    assert (y[thin_x.astype(int)] == thin_y).all()


def test_pooling_keeps_the_strongest_with_its_sign() -> None:
    matrix = np.array([[1.0, -3.0, 0.5, 0.2, -0.1]])
    assert pool(matrix, 5).tolist() == matrix.tolist()
    assert pool(matrix, 3).tolist() == [[-3.0, 0.5, -0.1]]


def test_pooling_a_growing_matrix_is_pooling_the_whole() -> None:
    rng = np.random.default_rng(1)
    matrix, positions = rng.normal(size=(40, 23)), np.arange(40.0)
    pooled = Pooled(7)
    for rows in (1, 2, 5, 5, 30, 40):
        seen = matrix[:rows].copy()
        assert pooled.update(positions[:rows], seen).tolist() == pool(seen, 7).tolist()
    matrix[39] += 1  # the latest may still change
    assert pooled.update(positions, matrix).tolist() == pool(matrix, 7).tolist()
    halved, kept = matrix[::2].copy(), positions[::2]
    assert pooled.update(kept, halved).tolist() == pool(halved, 7).tolist()


def test_scales_ignore_a_few_extremes_and_gaps() -> None:
    values = np.concatenate([np.linspace(-1, 1, 1000), [1e9, np.nan, np.inf]])
    assert symmetric_scale(values) == pytest.approx(1.0, rel=0.05)
    assert symmetric_scale(np.zeros(5)) == 1.0
    assert symmetric_scale(np.array([])) == 1.0
    assert symmetric_scale(np.array([0.0, 0.0, -4.0])) == pytest.approx(4.0, rel=0.05)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(0, 3000), min_size=1, max_size=60, unique=True),
    st.integers(1, 700),
    st.integers(0, 2**32 - 1),
)
def test_columns_show_the_samples_taken_nearest_to_them(
    epochs: list[int], columns: int, seed: int
) -> None:
    positions = np.array(sorted(epochs), np.float64)
    matrix = np.random.default_rng(seed).normal(size=(len(positions), 3))
    low, high = positions[0] - 0.5, positions[-1] + 0.5
    shown = spread(positions, matrix, (low, high), columns)
    width = (high - low) / columns
    for number, column in enumerate(shown):
        inside = low + width * (number + np.linspace(1e-6, 1 - 1e-6, 400))
        nearest = np.unique(np.argmin(np.abs(positions - inside[:, None]), axis=1))
        for series in range(3):
            assert column[series] in matrix[:, series]
            assert abs(column[series]) >= np.abs(matrix[nearest, series]).max() - 1e-15


def test_uneven_samples_are_drawn_where_they_were_taken() -> None:
    positions = np.array([0.0, 1.0, 2.0, 3.0, 100.0])
    shown = spread(positions, np.arange(5.0)[:, None], (-0.5, 100.5), 101)[:, 0]
    assert shown[:4].tolist() == [0, 1, 2, 3]
    assert set(shown[4:52]) == {3.0}, "up to halfway"
    assert set(shown[52:]) == {4.0}
