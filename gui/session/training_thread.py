"""The thread that trains: whole epochs, resting so often that the window never waits."""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from engine.arrays.aliases import Array
from engine.interpreter.probe import Probe
from graph.errors import GradwireError
from gui.jobs.gil_yield import GilYield
from gui.session.run_lineage import RunLineage
from gui.session.snapshot import Snapshot
from gui.session.training_host import RunClock

ProbeReader: TypeAlias = Callable[[Array, GilYield], tuple[Probe, float]]
ValuePatch: TypeAlias = tuple[int, Array]  # offset in θ, numbers from there on

_log = logging.getLogger(__name__)
_FRAME = 1 / 60  # seconds between two published probes, at least
_FIRST, _DOUBLING = 60.0, 0.5  # epochs a second with which a run begins, seconds to twice that
_DOUBLINGS = 40.0  # beyond which no machine gets
_LEAST, _SECONDS = 5.0, 20.0  # epochs a second at least; all epochs asked for take so many seconds
_BY_UPDATES = 1.0  # a second; slower ones count updates, so that each can be seen
_LOOK = 0.05  # seconds between two looks at the chosen speed, at most
_SHARE = 2.0  # times its own duration between two probes, so that training goes on


@dataclass(frozen=True, slots=True)
class Ended:
    """Why the thread ended by itself: ``stopped`` as in `TrainingState`, or an error."""

    worker: TrainingThread
    stopped: str = ""
    error: str = ""


class TrainingThread:
    """Trains a lineage in a thread until it is asked to stop or is done.

    Nobody else changes the lineage meanwhile. ``ended`` is called in the thread when it ends by
    itself, ``speed`` returns the most epochs a second: see `TrainingRun.speed`; ``epochs`` are
    asked for in all.
    """

    def __init__(
        self,
        lineage: RunLineage,
        read: ProbeReader,
        ended: Callable[[Ended], object],
        speed: Callable[[], float | None],
        clock: RunClock,
        epochs: int,
    ) -> None:
        self._lineage, self._trainer = lineage, lineage.trainer
        self._read, self._ended, self._speed, self._clock = read, ended, speed, clock
        self._normal = max(_LEAST, epochs / _SECONDS)
        self._applied = 0  # patches
        self._asked = False
        self._drawn = -1, -1  # updates and changes by hand of the latest snapshot with readings
        self.latest = self._snapshot()
        self._patches: deque[ValuePatch] = deque()
        self._stop = threading.Event()
        self._rest = GilYield()
        self._started = self._published = clock.now()
        self._pause = _FRAME
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the present update, and wait for it."""
        self._stop.set()
        self._trainer.interrupt()
        self._thread.join()

    def patch(self, offset: int, numbers: Array) -> None:
        """Overwrite a part of θ between two updates."""
        self._patches.append((offset, numbers))
        self._trainer.interrupt()

    def ask(self) -> None:
        """Publish again, though nothing has changed: other rows are shown."""
        self._asked = True

    def yield_gil(self) -> None:
        """Rest if it is time, and publish if it is time; called every few operations.

        The fast engine lets others run all the time, so it needs no rest.
        """
        if self._trainer.engine == "numpy":
            self._rest()
        self._publish_if_due()

    # -- in the thread ------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while not (self._stop.is_set() or self._trainer.stopped):
                self._apply_patches()
                self._train()
        except GradwireError as error:
            self._ended(Ended(self, error=str(error)))
        except Exception:  # noqa: BLE001  (the thread's border: shown and logged)
            _log.exception("training failed")
            self._ended(Ended(self, error="Training failed; details are in the log."))
        else:
            if not self._stop.is_set():
                self._ended(Ended(self, stopped=self._trainer.stopped))

    def _train(self) -> None:
        if self._limit() < _BY_UPDATES:
            self._train_slowly()
            return
        started = self._clock.now()
        self._trainer.block_mode = self._limit() == math.inf
        for block in self._trainer.blocks():
            self._lineage.take(block)
            self._trainer.block_mode = self._limit() == math.inf
            self.yield_gil()
            started = self._wait(started)
            if self._stop.is_set():
                return
            self._apply_patches()
            if self._limit() < _BY_UPDATES:
                return

    def _train_slowly(self) -> None:
        """Show the state for as long as an update shall take, then make that update."""
        self._wait(self._clock.now())
        if self._stop.is_set():
            return
        self._trainer.interrupt()
        for block in self._trainer.blocks():
            self._lineage.take(block)
        self._publish_if_due()

    def _limit(self) -> float:
        """Return how many epochs a second may pass at this moment; below 1 how many updates.

        Small networks would be done before anybody has seen anything, so a run that has no other
        speed begins slowly and gets faster, but never so fast that all is over in some seconds.
        """
        speed = self._speed()
        if speed is not None:
            return speed
        doublings = min(_DOUBLINGS, (self._clock.now() - self._started) / _DOUBLING)
        return min(self._normal, float(_FIRST * 2.0**doublings))

    def _wait(self, started: float) -> float:
        """Wait until the next epoch is due at the chosen speed; return when it begins."""
        while not self._stop.is_set():
            rest = started + 1 / self._limit() - self._clock.now()
            if rest <= 0:
                break
            self._apply_patches()
            self._publish_if_due()
            self._clock.wait(self._stop, min(rest, self._pause, _LOOK))
        return self._clock.now()

    def _apply_patches(self) -> None:
        if not self._patches:
            return
        theta = self._trainer.theta.copy()
        while self._patches:
            offset, numbers = self._patches.popleft()
            theta[offset : offset + len(numbers)] = numbers
            self._applied += 1
        self._lineage.set_parameters(theta)

    def _snapshot(self) -> Snapshot:
        """Return where the run is, without readings."""
        theta = self._trainer.theta.astype(np.float64)
        return Snapshot.of(self._trainer, theta, self._applied)

    def _publish_if_due(self) -> None:
        at = self._trainer.updates, self._trainer.changes
        is_new = self._asked or at != self._drawn
        if not is_new or self._clock.now() - self._published <= self._pause:
            return
        self._asked, self._drawn = False, at
        snapshot, seconds = self._snapshot(), 0.0
        with suppress(GradwireError):
            probe, seconds = self._read(snapshot.theta, self._rest)
            snapshot = replace(snapshot, probe=probe)
        self.latest = snapshot
        self._published = self._clock.now()
        self._pause = max(_FRAME, _SHARE * seconds)
        self._lineage.changes += 1
