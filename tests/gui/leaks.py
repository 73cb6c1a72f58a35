"""What a test of the editor may leave behind: nothing that lives on."""

from __future__ import annotations

import gc
import threading
import time

from PySide6.QtCore import QCoreApplication, QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

_PATIENCE = 30.0  # seconds a thread may take to end
_SHARED = {"QTipLabel"}  # Qt's one tooltip, which hides by itself


class Leftovers:
    """What begins to live from now on: threads, running timers, windows shown or hidden.

    What lives already is frozen, so that only what is new has to be looked through for timers.
    """

    def __init__(self) -> None:
        gc.collect()
        gc.freeze()
        self._threads = set(threading.enumerate())
        self._windows = {id(window) for window in _windows()}

    def left(self) -> list[str]:
        """Describe what is left, and end the timers and windows of it."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        timers = [thing for thing in gc.get_objects() if type(thing) is QTimer]
        running = [timer for timer in timers if isValid(timer) and timer.isActive()]
        windows = [window for window in _windows() if id(window) not in self._windows]
        found = [*map(_timer_text, running), *map(_window_text, windows), *self._threads_left()]
        for timer in running:
            timer.stop()
        for window in windows:
            window.close()
            window.deleteLater()
        return found

    def _threads_left(self) -> list[str]:
        end = time.monotonic() + _PATIENCE
        threads = set(threading.enumerate()) - self._threads
        for thread in threads:
            thread.join(max(end - time.monotonic(), 0.01))
        return [f"thread {thread.name}" for thread in threads if thread.is_alive()]


def _windows() -> list[QWidget]:
    widgets = QApplication.topLevelWidgets() if QApplication.instance() else []
    return [widget for widget in widgets if type(widget).__name__ not in _SHARED]


def _timer_text(timer: QTimer) -> str:
    return f"timer of {timer.interval()} ms of {timer.parent()}"


def _window_text(window: QWidget) -> str:
    state = "open" if window.isVisible() else "hidden"
    return f"{state} {window} {window.objectName()} {window.windowTitle()}"
