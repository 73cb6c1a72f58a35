"""What a run may use: the session it belongs to, and a clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, SignalInstance

if TYPE_CHECKING:
    from graph.model.document import Document
    from graph.model.edits import Edit
    from gui.jobs.kernel_loader import Kernels
    from gui.jobs.publication import Publication
    from gui.session.derived_state import Calculation


class TrainingHost(Protocol):
    """What a run may use of its session: what is trained, what follows from it, and messages."""

    document: Document
    calculation: Calculation
    kernels: Kernels
    publication: Publication

    @property
    def notice(self) -> SignalInstance:
        """One sentence on what went wrong."""

    @property
    def news(self) -> SignalInstance:
        """One sentence that is good to know."""

    def push(
        self,
        edit: Edit,
        text: str,
        merge: str | None = None,
        *,
        redraws: bool = False,
        always: bool = False,
    ) -> bool:
        """Apply an edit as one undo entry: see `Session.push`."""


class RunClock:
    """Tells a run the time, and wakes it: the machine's own clock, and Qt's timers."""

    def now(self) -> float:
        """Return seconds since some moment; called in any thread."""
        return time.perf_counter()

    def wait(self, stop: threading.Event, seconds: float) -> None:
        """Wait until so many seconds have passed or ``stop`` is set; called in the run's thread."""
        stop.wait(seconds)

    def every(self, milliseconds: int, call: Callable[[], object], owner: QObject) -> QTimer:
        """Return a timer of ``owner`` that calls again and again once it is started."""
        timer = QTimer(owner, interval=milliseconds)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(call)
        return timer
