"""Dropout: the noise of ``engine.arrays.counter_stream``, computed again going backward."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays.counter_stream import FACTORS, SHIFTS, STEP
from engine.native.simd.jit import exact, kernel

_STEP, _FIRST, _SECOND = (np.uint64(number) for number in (STEP, *FACTORS))
_A, _B, _C, _UNUSED = (np.uint64(shift) for shift in (*SHIFTS, 11))


@exact
def fork(key: Any, number: Any) -> Any:
    """Return the key of the stream with a number below this one."""
    z = np.uint64(key) + (np.uint64(number) + np.uint64(1)) * _STEP
    z = (z ^ (z >> _A)) * _FIRST
    z = (z ^ (z >> _B)) * _SECOND
    return z ^ (z >> _C)


@kernel
def drop(key: Any, bound: Any, factor: Any, x: Any, z: Any) -> None:
    """Set z ← x·m, m being ``factor`` where the noise reaches ``bound``/2⁵³, else 0; (n, B)."""
    n, dropped = x.shape[0], factor * 0
    least = np.uint64(bound)
    for i in range(n):
        for j in range(x.shape[1]):
            z[i, j] = x[i, j] * (factor if fork(key, j * n + i) >> _UNUSED >= least else dropped)


@kernel
def drop_back(key: Any, bound: Any, factor: Any, dz: Any, dx: Any) -> None:
    """Add δ·m to dx."""
    n, dropped = dz.shape[0], factor * 0
    least = np.uint64(bound)
    for i in range(n):
        for j in range(dz.shape[1]):
            kept = fork(key, j * n + i) >> _UNUSED >= least
            dx[i, j] += dz[i, j] * (factor if kept else dropped)
