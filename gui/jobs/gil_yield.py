"""Resting in a worker thread, so that the GUI thread gets the interpreter when it needs it."""

from __future__ import annotations

import time

_WORK, _REST = 0.0008, 0.001  # seconds of work between two rests; longer starves painting


class GilYield:
    """Sleeps for a millisecond if called after a longer spell of work; else does nothing."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    def __call__(self) -> None:
        """Rest if it is time."""
        if time.perf_counter() - self._since > _WORK:
            time.sleep(_REST)
            self._since = time.perf_counter()
