"""The clock: it ticks while something moves, and only then."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

_INTERVAL = 16  # ms
_LONGEST = 0.1  # seconds one tick may move the pulses, after a pause of the program


class AnimationClock(QObject):
    """One precise timer for all that moves."""

    ticked = Signal(float)  # seconds since the last tick

    def __init__(
        self, parent: QObject | None = None, now: Callable[[], float] = time.perf_counter
    ) -> None:
        super().__init__(parent)
        self._now = now
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(_INTERVAL)
        self._timer.timeout.connect(self._tick)
        self._last = 0.0

    @property
    def running(self) -> bool:
        """Whether it ticks."""
        return self._timer.isActive()

    def run(self, *, on: bool) -> None:
        """Start or stop ticking."""
        if on and not self.running:
            self._last = self._now()
            self._timer.start()
        elif not on:
            self._timer.stop()

    def _tick(self) -> None:
        now = self._now()
        seconds, self._last = now - self._last, now
        self.ticked.emit(min(seconds, _LONGEST))
