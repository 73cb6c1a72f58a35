"""A watchdog over the event loop: it measures what each event costs the window's thread."""

from __future__ import annotations

import gc
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QThread
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QWidget

LIMIT = 0.100
"""Seconds of processor time that one event may take: twice the 50 ms that it may on processors that
nobody else uses, because work on shared caches takes longer than `slowdown` can tell."""


@dataclass(slots=True)
class _Frame:
    """An event that is being delivered: the depth of its event loop, and what it used so far."""

    level: int
    started: float
    elsewhere: float = 0.0  # in event loops within, and in collecting garbage


@dataclass(frozen=True, slots=True)
class Stall:
    """An event that took too long."""

    seconds: float
    what: str

    def __str__(self) -> str:
        return f"{1000 * self.seconds:.0f} ms of processor time in one event: {self.what}"


@dataclass(slots=True)
class _Watch:
    stalls: list[Stall] = field(default_factory=list)
    frames: list[_Frame] = field(default_factory=list)
    collecting: float = 0.0


class Meter:
    """Counts the processor time that some functions, and the events of a widget, take each time.

    One that is called by another is a part of that one. Collecting garbage is left out.
    """

    def __init__(self) -> None:
        self.longest, self.where = 0.0, ""
        self._frame: _Frame | None = None
        self._collecting = 0.0

    def __enter__(self) -> Meter:
        """Begin to leave out what collecting garbage takes."""
        gc.callbacks.append(self._on_garbage)
        return self

    def __exit__(self, *_: object) -> None:
        """End it."""
        gc.callbacks.remove(self._on_garbage)

    def counting(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that is counted."""

        @wraps(function)
        def counted(*args: Any) -> Any:
            with self.running(function.__qualname__):
                return function(*args)

        return counted

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Count what is done within, in the window's thread."""
        if self._frame is not None or threading.current_thread() is not threading.main_thread():
            yield
            return
        frame = self._frame = _Frame(0, time.thread_time())
        try:
            yield
        finally:
            self._frame = None
            used = time.thread_time() - frame.started - frame.elsewhere
            if used > self.longest:
                self.longest, self.where = used, name

    def _on_garbage(self, phase: str, _info: dict[str, Any]) -> None:
        if self._frame is None or threading.current_thread() is not threading.main_thread():
            return
        if phase == "start":
            self._collecting = time.thread_time()
        else:
            self._frame.elsewhere += time.thread_time() - self._collecting


class WatchedApplication(QApplication):
    """Delivers events as any application, and notes those that take long.

    It is the processor time of the window's thread that counts, so that other threads and other
    programs do not matter. An event that another one sends is a part of that one; one that an
    event loop within delivers (a dialog, a wait) is not. Collecting garbage is left out: how long
    it takes depends on all the tests that ran before. A processor whose caches and pipelines others
    share needs more time for the same work, so what seems long is divided by `slowdown`.
    """

    def __init__(self) -> None:
        super().__init__(["gradwire"])
        self._watch: _Watch | None = None
        self._metered: tuple[Meter, QWidget] | None = None
        self._thread, self._ident = QThread.currentThread(), threading.get_ident()
        gc.callbacks.append(self._on_garbage)

    def notify(self, receiver: QObject, event: QEvent) -> bool:
        """Deliver an event."""
        if self._metered is not None and isinstance(receiver, QWidget):
            meter, widget = self._metered
            if receiver is widget or widget.isAncestorOf(receiver):
                with meter.running(f"{event.type().name} for {type(receiver).__name__}"):
                    return self._deliver(receiver, event)
        return self._deliver(receiver, event)

    def _deliver(self, receiver: QObject, event: QEvent) -> bool:
        watch = self._watch
        if watch is None or threading.get_ident() != self._ident:
            return super().notify(receiver, event)
        level = self._thread.loopLevel()
        if watch.frames and watch.frames[-1].level == level:
            return super().notify(receiver, event)
        what = f"{event.type().name} for {type(receiver).__name__} {receiver.objectName()}".strip()
        frame = _Frame(level, time.thread_time())
        watch.frames.append(frame)
        try:
            return super().notify(receiver, event)
        finally:
            watch.frames.pop()
            used = time.thread_time() - frame.started
            if watch.frames:
                watch.frames[-1].elsewhere += used
            own = used - frame.elsewhere
            if own > LIMIT and (own := own / slowdown()) > LIMIT:
                watch.stalls.append(Stall(own, what))

    def _on_garbage(self, phase: str, _info: dict[str, Any]) -> None:
        watch = self._watch
        if watch is None or not watch.frames or threading.get_ident() != self._ident:
            return
        if phase == "start":
            watch.collecting = time.thread_time()
        else:
            watch.frames[-1].elsewhere += time.thread_time() - watch.collecting

    @contextmanager
    def metered(self, meter: Meter, widget: QWidget) -> Iterator[None]:
        """Count the events of a widget and of those in it, too."""
        self._metered = meter, widget
        try:
            with meter:
                yield
        finally:
            self._metered = None

    @contextmanager
    def watched(self) -> Iterator[list[Stall]]:
        """Watch what is done within; the list fills with what took too long."""
        before, self._watch = self._watch, _Watch()
        try:
            yield self._watch.stalls
        finally:
            self._watch = before


def slowdown() -> float:
    """Return how many times longer work takes now than it took at best."""
    now = sorted(_fixed_work() for _ in range(7))
    _best[0] = min(_best[0], now[0])
    return now[3] / _best[0]


def _fixed_work() -> float:
    """Return the processor time that always the same work takes."""
    started = time.thread_time()
    sum(number * number for number in range(10_000))
    return time.thread_time() - started


_best = [math.inf]


def application() -> WatchedApplication:
    """Return the application of this process; it is watched if it was made here."""
    found = QCoreApplication.instance()
    if found is None:
        found = WatchedApplication()
    assert isinstance(found, WatchedApplication), "something else made the application before"
    return found


def warm_up() -> None:
    """Do what the first window of each process does, so that no test is charged for it.

    That is importing pyqtgraph (0.4 s), its first chart, and loading the font of the icons.
    """
    from gui.look.theme import icon
    from gui.plots.chart import Chart

    icon("mdi6.play", "black").pixmap(16, 16)
    chart = Chart()
    chart.add_panel("x", "y").draw("curve", np.arange(2.0), np.arange(2.0), QColor("black"))
    chart.grab()
    chart.deleteLater()
    slowdown()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
