"""What a run may use: the session it belongs to, and a clock."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Qt, QTimer, SignalInstance

if TYPE_CHECKING:
    from engine.arrays.aliases import Array
    from engine.data import Prepared
    from engine.interpreter.probe import Probe
    from engine.plan.plan import Parameter, Plan
    from engine.training import Engine
    from graph.model.document import Document
    from graph.model.edits import Edit
    from gui.jobs.gil_yield import GilYield


class TrainingHost(Protocol):
    """What a run may use of its session."""

    @property
    def notice(self) -> SignalInstance:
        """One sentence on what went wrong."""

    @property
    def news(self) -> SignalInstance:
        """One sentence that is good to know."""

    @property
    def document(self) -> Document:
        """What is trained; changed by `push` only."""

    @property
    def plan(self) -> Plan | None:
        """Its graph, compiled; None if it cannot be trained."""

    @property
    def prepared(self) -> Prepared | None:
        """Its data, once read."""

    @property
    def theta(self) -> Array | None:
        """All present parameters, flat."""

    @property
    def shows_older_draws(self) -> bool:
        """Whether a parameter would be drawn as another number than the one that is shown."""

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

    def parameter(self, name: str) -> Parameter | None:
        """Return what the plan says of a parameter."""

    def value(self, name: str) -> Array | None:
        """Return a parameter's present value."""

    def engine_for(self, dtype: str) -> Engine:
        """Return what a run that begins now uses."""

    def why_not_runnable(self) -> str:
        """Return one sentence on what keeps the network from being trained."""

    def read_probe(self, theta: Array, rest: GilYield) -> tuple[Probe, float]:
        """Probe at some parameters, in any thread; return also the seconds it took."""

    def show_training(self, theta: Array, probe: Probe | None) -> None:
        """Show parameters, and a probe of them if there is one."""


class RunClock(Protocol):
    """Tells a run the time, and wakes it."""

    def now(self) -> float:
        """Return seconds since some moment; called in any thread."""

    def wait(self, stop: threading.Event, seconds: float) -> None:
        """Wait until so many seconds have passed or ``stop`` is set; called in the run's thread."""

    def every(self, milliseconds: int, call: Callable[[], object], owner: QObject) -> QTimer:
        """Return a timer of ``owner`` that calls again and again once it is started."""


class SystemClock:
    """The machine's own clock, and Qt's timers."""

    def now(self) -> float:
        """Return seconds since some moment."""
        return time.perf_counter()

    def wait(self, stop: threading.Event, seconds: float) -> None:
        """Wait."""
        stop.wait(seconds)

    def every(self, milliseconds: int, call: Callable[[], object], owner: QObject) -> QTimer:
        """Return a timer, not yet started."""
        timer = QTimer(owner, interval=milliseconds)
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(call)
        return timer
