"""Overlapping calls agree on how many threads BLAS has."""

from __future__ import annotations

import pytest
import scipy.linalg.cython_blas  # noqa: F401  (loads the library)
from threadpoolctl import threadpool_info

from engine.native.api.blas_threads import threads


def count() -> int:
    return max(int(one["num_threads"]) for one in threadpool_info() if one["user_api"] == "blas")


def test_several_threads_win_and_the_old_number_comes_back() -> None:
    before = count()
    if before == 1:
        pytest.skip("this machine has one thread")
    with threads(several=False):
        assert count() == 1
        with threads(several=True):
            assert count() == before
        assert count() == 1
    assert count() == before


def test_calls_need_not_end_in_the_order_they_began() -> None:
    before = count()
    first, second = threads(several=False), threads(several=False)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert count() == 1
    second.__exit__(None, None, None)
    assert count() == before
