"""The noise of dropout: SplitMix64's numbers, spread evenly, the same wherever they are drawn."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engine.arrays.counter_stream import Stream


def test_the_numbers_are_those_of_splitmix64() -> None:
    """Against the first outputs for seed 1234567, as published with the reference code."""
    known = (6457827717110365317, 3203168211198807973, 9817491932198370423)
    drawn = [Stream(1234567).fork(number).key for number in range(3)]
    assert tuple(drawn) == known
    expected = np.array([number >> 11 for number in known]) * 2.0**-53
    assert np.array_equal(Stream(1234567).random((3,)), expected)


@given(st.integers(0, 2**64 - 1), st.integers(0, 10**6))
def test_numbers_are_even_and_streams_unlike(key: int, number: int) -> None:
    mine, other = Stream(key).fork(number), Stream(key).fork(number + 1)
    a, b = mine.random((50, 40)), other.random((50, 40))
    assert np.array_equal(a, mine.random((50, 40)))
    assert stats.kstest(a.ravel(), "uniform").pvalue > 1e-9
    assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.15  # 6 standard deviations
