"""Dropout: the noise of ``engine.arrays.counter_stream``, computed again going backward."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from engine.arrays.counter_stream import FACTORS, SHIFTS, STEP
from engine.native.runtime.kernel import Emit, Emitter, Kernel, reads_a
from engine.native.simd.array_views import block
from engine.native.simd.jit import exact
from engine.plan.steps import Step

_STEP, _FIRST, _SECOND = (np.uint64(number) for number in (STEP, *FACTORS))
_A, _B, _C, _UNUSED = (np.uint64(shift) for shift in (*SHIFTS, 11))


class Dropped(NamedTuple):
    """An instruction: a is dropped where noise of a stream is below bound/2⁵³, else × factor."""

    out: int
    rows: int
    a: int
    a_rows: int
    need_a: int
    stream: int
    bound: int
    factor: float


@exact
def fork(key: Any, number: Any) -> Any:
    """Return the key of the stream with a number below this one."""
    z = np.uint64(key) + (np.uint64(number) + np.uint64(1)) * _STEP
    z = (z ^ (z >> _A)) * _FIRST
    z = (z ^ (z >> _B)) * _SECOND
    return z ^ (z >> _C)


def _drop(m: Any, c: Any) -> None:
    x, z = block(m.values, c.a, c.a_rows), block(m.values, c.out, c.rows)
    n, noise, factor = x.shape[0], m.noise, c.factor
    key, least, dropped = fork(noise, c.stream), np.uint64(c.bound), factor * 0
    for i in range(n):
        for j in range(x.shape[1]):
            if noise:
                kept = fork(key, j * n + i) >> _UNUSED >= least
                z[i, j] = x[i, j] * (factor if kept else dropped)
            else:
                z[i, j] = x[i, j]


def _drop_back(m: Any, c: Any) -> None:
    """Add δ·m to a's δ, m being what it was multiplied by."""
    dz, dx = block(m.deltas, c.out, c.rows), block(m.deltas, c.a, c.a_rows)
    n, noise, factor = dz.shape[0], m.noise, c.factor
    key, least, dropped = fork(noise, c.stream), np.uint64(c.bound), factor * 0
    for i in range(n):
        for j in range(dz.shape[1]):
            if noise:
                kept = fork(key, j * n + i) >> _UNUSED >= least
                dx[i, j] += dz[i, j] * (factor if kept else dropped)
            else:
                dx[i, j] += dz[i, j]


def _emit(emitter: Emitter, step: Step) -> None:
    rate = float(step.params["rate"])  # type: ignore[arg-type]  # declared float
    place = {**emitter.output(step.output), **emitter.input("a", step.inputs[0])}
    place |= {"stream": step.output, "bound": math.ceil(rate * (1 << 53))}
    factor = 1 / (1 - rate) if rate < 1 else 0.0
    emitter.emit("dropout", step.output, Dropped(**place, factor=factor))


KERNELS = (Kernel("dropout", Dropped, _drop, _drop_back, reads_a),)
OPERATIONS: dict[str, Emit] = {"dropout": _emit}
