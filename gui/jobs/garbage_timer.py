"""Garbage collection in the GUI thread only.

Python collects in whichever thread happens to allocate; a Qt object that dies in a worker thread
takes the program with it.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL = 250  # ms between two looks
_QUIET = 1_000  # ms after something large was loaded, so that it is shown first


class GarbageTimer(QObject):
    """Collects by a timer of the GUI thread for as long as it is not closed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        self._frozen = False
        gc.disable()
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
        """Leave collecting to Python again."""
        self._timer.stop()
        self._later.stop()
        if self._frozen:
            gc.unfreeze()
        if self._was_enabled:
            gc.enable()
