"""Garbage collection in the GUI thread only.

Python collects in whichever thread happens to allocate; a Qt object that dies in a worker thread
takes the program with it.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QObject, QTimer

_INTERVAL = 250  # ms between two looks
_QUIET = 1_000  # ms after something large was loaded, so that it is shown first


class _Switch:
    """Python's own collecting, off for as long as anybody needs it to be.

    A thread that is the last to need that leaves it off: it would be the one that collects.
    """

    def __init__(self) -> None:
        self._lock, self._holders = threading.Lock(), 0
        self._was_on: bool | None = None  # None: it is as it was

    def hold_off(self) -> None:
        with self._lock:
            self._holders += 1
            if self._was_on is None:
                self._was_on = gc.isenabled()
                gc.disable()

    def release(self) -> None:
        with self._lock:
            self._holders -= 1
            if not self._holders and threading.current_thread() is threading.main_thread():
                was_on, self._was_on = self._was_on, None
                if was_on:
                    gc.enable()


_switch = _Switch()  # of the process, as what it switches is


@contextmanager
def nothing_collected() -> Iterator[None]:
    """Keep a thread that may outlive the window from collecting what is left of it."""
    _switch.hold_off()
    try:
        yield
    finally:
        _switch.release()


class GarbageTimer(QObject):
    """Collects by a timer of the GUI thread for as long as it is not closed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._frozen = False
        _switch.hold_off()
        self._timer = QTimer(self, interval=_INTERVAL)
        self._timer.timeout.connect(self.collect)
        self._timer.start()
        self._later = QTimer(self, singleShot=True, interval=_QUIET)
        self._later.timeout.connect(self.freeze)

    def settle(self) -> None:
        """After something large was loaded: what is alive soon will not be looked at again."""
        self._later.start()

    def collect(self) -> None:
        """Collect the oldest generation whose threshold is passed."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [i for i in range(3) if counts[i] > thresholds[i] > 0]
        if due:
            gc.collect(due[-1])

    def freeze(self) -> None:
        """Collect everything; leave out from now on what is alive."""
        gc.collect()
        gc.freeze()
        self._frozen = True

    def close(self) -> None:
        """Leave collecting to Python again, once no thread is left that must not do it."""
        self._timer.stop()
        self._later.stop()
        if self._frozen:
            gc.unfreeze()
        _switch.release()
