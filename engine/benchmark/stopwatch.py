"""How long something takes: turns of about equal length, and their median."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from statistics import median

_JUMP = 1000.0
_MOST = 1e9  # times: what takes no time at all is done no oftener


def fitting(run: Callable[[int], float], seconds: float) -> int:
    """Return how many times something must be done to take about ``seconds``."""
    times, spent = 1, 0.0
    while spent < seconds / 4:
        spent = run(times)
        wanted = min(times * min(seconds / max(spent, 1e-9), _JUMP), _MOST)
        if wanted <= times:
            break
        times = math.ceil(wanted)
    return times


def seconds_each(
    work: Callable[[int], object],
    *,
    turns: int,
    seconds: float,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return what doing it once takes: the median over turns of about so many seconds."""

    def run(times: int) -> float:
        start = clock()
        work(times)
        return clock() - start

    times = fitting(run, seconds)
    return median(run(times) for _ in range(turns)) / times
