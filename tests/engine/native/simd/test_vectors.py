"""Lanes read, compute and write like NumPy, up to the last cut block."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.arrays.aliases import Array
from engine.native.simd.vector_arithmetic import spread, total, where
from engine.native.simd.vectors import inside, lanes, store, width
from tests.engine.native.simd.callable_kernels import compiled

SIZES = (1, 3, 15, 16, 17, 31, 32, 33, 100)


@compiled
def combine(x: Any, y: Any, z: Any) -> None:
    for at in range(0, z.size, width(z)):
        a, b = lanes(x, at), lanes(y, at)
        store(z, at, where(a < b, a * 2 - b, (a + b) / 4))


@compiled
def added(x: Any) -> float:
    whole = 0.0
    for at in range(0, x.size, width(x)):
        whole += total(lanes(x, at))
    return whole


@compiled
def counted(x: Any) -> float:
    whole = 0.0
    for at in range(0, x.size, width(x)):
        whole += total(where(inside(x, at), spread(x, 1), 0))
    return whole


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("size", SIZES)
def test_a_loop_of_blocks_needs_no_remainder(size: int, real: type) -> None:
    x, y = np.random.default_rng(size).integers(-9, 9, (2, size)).astype(real)
    room: Array = np.full(size + 2, 7, real)
    combine(x, y, room[1:-1])
    np.testing.assert_array_equal(room[1:-1], np.where(x < y, x * 2 - y, (x + y) / 4))
    assert room[0] == room[-1] == 7
    assert added(x) == x.sum()
    assert counted(x) == size


@pytest.mark.parametrize("real", [np.float32, np.float64])
def test_not_a_number_and_infinity_pass_as_in_numpy(real: type) -> None:
    odd: Array = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 1.0], real)
    x, y = (part.ravel() for part in np.meshgrid(odd, odd))
    found = np.empty_like(x)
    combine(x, y, found)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(found, np.where(x < y, x * 2 - y, (x + y) / 4))
