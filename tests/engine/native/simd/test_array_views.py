"""Views show the rows and entries that NumPy's slices show."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.arrays.aliases import Array
from engine.native.simd.array_views import block, flat, folded, prefetch, row, span
from tests.engine.native.simd.callable_kernels import compiled


@compiled
def write(array: Any, vector: Any) -> None:
    row(array, 1)[2] = 10
    block(array, 2, 2)[1, 0] = 20
    flat(array, 4, 2)[3] = 30
    span(vector, 5, 3)[1] = 40
    folded(vector, 2, 2)[1, 1] = 50
    prefetch(array, 0)


@compiled
def shapes(array: Any, vector: Any) -> Any:
    return (
        row(array, 1).size,
        block(array, 2, 2).shape,
        flat(array, 4, 2).size,
        span(vector, 5, 3).size,
        folded(vector, 2, 2).shape,
    )


@pytest.mark.parametrize("real", [np.float32, np.float64])
def test_views_are_slices(real: type) -> None:
    array: Array
    vector: Array
    array, vector = np.zeros((6, 3), real), np.zeros(9, real)
    expected, entries = array.copy(), vector.copy()
    expected[1][2] = 10
    expected[2:4][1, 0] = 20
    expected[4:6].reshape(-1)[3] = 30
    entries[5:8][1] = 40
    entries[:4].reshape(2, 2)[1, 1] = 50
    write(array, vector)
    np.testing.assert_array_equal(array, expected)
    np.testing.assert_array_equal(vector, entries)
    assert shapes(array, vector) == (3, (2, 3), 6, 3, (2, 2))
