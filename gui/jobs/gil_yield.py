"""Yielding the interpreter in a worker thread, so that the GUI thread has it when needed."""

from __future__ import annotations

import time

_WORK, _PAUSE = 0.0008, 0.001  # seconds of work between two pauses; longer starves painting


class GilYield:
    """Sleeps for a millisecond if called after a longer spell of work; else does nothing."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    def __call__(self) -> None:
        """Yield if it is time."""
        if time.perf_counter() - self._since > _WORK:
            time.sleep(_PAUSE)
            self._since = time.perf_counter()
