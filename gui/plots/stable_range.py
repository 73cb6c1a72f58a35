"""The room of a chart's curves: while they grow, its ends are round numbers that seldom change."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import pyqtgraph as pg
from PySide6.QtCore import Qt

from gui.widgets.number_text import number_text

AxisRange: TypeAlias = list[float]
_STEPS = 10  # round numbers over a range, at most
_NEAR = 0.05  # share of a range that the distance from 0 is nothing to


class SteadyBox(pg.ViewBox):
    """Follows its curves, in steps while it is ``steady``.

    Axes are drawn anew only when a range changes, and that is most of the work of drawing a chart.
    """

    steady = False
    scrub: Callable[[float], object] | None = None  # gets x under the mouse that is dragged

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Go through time with the left button if there is a ``scrub``; else move or zoom."""
        left = event.button() == Qt.MouseButton.LeftButton
        if self.scrub is None or not left or event.modifiers() or axis is not None:
            super().mouseDragEvent(event, axis)
            return
        event.accept()
        self.scrub(float(self.mapSceneToView(event.scenePos()).x()))

    def childrenBounds(self, *args: Any, **keywords: Any) -> list[AxisRange | None]:
        """Return the ranges that show everything, x and y; None where there is nothing."""
        found: list[AxisRange | None] = super().childrenBounds(*args, **keywords)
        return [rounded(*part) if part and self.steady else part for part in found]


def rounded(low: float, high: float) -> AxisRange:
    """Return a range around another one whose ends are round numbers."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        return [low, high]
    power = 10.0 ** math.floor(math.log10(span / _STEPS))
    step = next(power * part for part in (1, 2, 5, 10) if power * part * _STEPS >= span)
    start = 0.0 if abs(low) < _NEAR * span else math.floor(low / step) * step
    return [start, math.ceil(high / step) * step]


_POWERS = 2.5  # decades from which only powers of ten are written
_SHORT = 0.6  # decades below which numbers stand at equal steps
_MOST = 8
_FEW = 5


class LogAxis(pg.AxisItem):
    """An axis that writes few numbers when it is logarithmic: 1, 2, 5, 10, or powers of ten."""

    def logTickValues(
        self, low: float, high: float, _size: float, _levels: object
    ) -> list[tuple[float | None, list[float]]]:
        """Return the places of the numbers, as logarithms."""
        return [(None, log_ticks(low, high))]

    def logTickStrings(self, values: list[float], _scale: float, _spacing: object) -> list[str]:
        """Write the numbers."""
        return [number_text(10.0**value, 3) for value in values]


def log_ticks(low: float, high: float) -> list[float]:
    """Return the logarithms of a few round numbers between 10^low and 10^high."""
    decades = range(math.ceil(low), math.floor(high) + 1)
    if high - low > _POWERS:
        step = math.ceil(len(decades) / _MOST)
        return [float(place) for place in decades if place % step == 0]
    if high - low > _SHORT:
        around = range(math.floor(low), math.floor(high) + 1)
        places = [place + math.log10(part) for place in around for part in (1.0, 2.0, 5.0)]
        return [place for place in places if low <= place <= high]
    first, last = 10.0**low, 10.0**high
    wanted = (last - first) / _FEW
    power = 10.0 ** math.floor(math.log10(wanted))
    size = next(power * part for part in (1, 2, 5, 10) if power * part >= wanted)
    numbers = range(max(math.ceil(first / size), 1), math.floor(last / size) + 1)
    return [math.log10(number * size) for number in numbers]
