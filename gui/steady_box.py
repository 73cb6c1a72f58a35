"""The room of a chart's curves: while they grow, its ends are round numbers that seldom change."""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import pyqtgraph as pg

Range: TypeAlias = list[float]
_STEPS = 10  # round numbers over a range, at most
_NEAR = 0.05  # share of a range that the distance from 0 is nothing to


class SteadyBox(pg.ViewBox):
    """Follows its curves, in steps while it is ``steady``.

    Axes are drawn anew only when a range changes, and that is most of the work of drawing a chart.
    """

    steady = False

    def childrenBounds(self, *args: Any, **keywords: Any) -> list[Range | None]:
        """Return the ranges that show everything, x and y; None where there is nothing."""
        found: list[Range | None] = super().childrenBounds(*args, **keywords)
        return [rounded(*part) if part and self.steady else part for part in found]


def rounded(low: float, high: float) -> Range:
    """Return a range around another one whose ends are round numbers."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low, high]
    power = 10.0 ** math.floor(math.log10(span / _STEPS))
    step = next(power * part for part in (1, 2, 5, 10) if power * part * _STEPS >= span)
    start = 0.0 if abs(low) < _NEAR * span else math.floor(low / step) * step
    return [start, math.ceil(high / step) * step]
