"""The thread that trains: whole epochs, resting so often that the window never waits."""

from __future__ import annotations

import logging
import math
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engine.arrays.aliases import Array
from engine.interpreter.probe import Probe
from graph.errors import GradwireError
from gui.jobs.gil_yield import GilYield
from gui.session.run_lineage import RunLineage
from gui.session.training_host import RunClock

ProbeReader: TypeAlias = Callable[[Array, GilYield], tuple[Probe, float]]
ValuePatch: TypeAlias = tuple[int, Array]  # offset in θ, numbers from there on

_log = logging.getLogger(__name__)
_FRAME = 1 / 60  # seconds between two published probes, at least
_FIRST, _DOUBLING, _DOUBLINGS = 60.0, 0.5, 4.0  # epochs a second, seconds, until nothing holds it
_LOOK = 0.05  # seconds between two looks at the chosen speed, at most
_SHARE = 2.0  # times its own duration between two probes, so that training goes on


@dataclass(frozen=True, slots=True)
class Published:
    """What the window may draw of one moment: parameters, a probe of them (None if it failed)."""

    epoch: int
    theta: Array
    probe: Probe | None


@dataclass(frozen=True, slots=True)
class Ended:
    """Why the thread ended by itself: ``stopped`` as in `TrainingState`, or an error."""

    worker: TrainingThread
    stopped: str = ""
    error: str = ""


class TrainingThread:
    """Trains a lineage in a thread until it is asked to stop or is done.

    Nobody else changes the lineage meanwhile. ``ended`` is called in the thread when it ends by
    itself, ``speed`` returns the most epochs a second: see `TrainingRun.speed`.
    """

    def __init__(
        self,
        lineage: RunLineage,
        read: ProbeReader,
        ended: Callable[[Ended], object],
        speed: Callable[[], float | None],
        clock: RunClock,
    ) -> None:
        self._lineage, self._trainer = lineage, lineage.trainer
        self._read, self._ended, self._speed, self._clock = read, ended, speed, clock
        self.latest = Published(self._trainer.epoch, self._trainer.theta.astype(np.float64), None)
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

    def _limit(self) -> float:
        """Return how many epochs a second may pass at this moment.

        Small networks are done before anybody has seen anything, so a run that has no other speed
        begins slowly and gets faster and faster, until nothing holds it.
        """
        speed = self._speed()
        if speed is not None:
            return speed
        doublings = (self._clock.now() - self._started) / _DOUBLING
        return _FIRST * 2.0**doublings if doublings < _DOUBLINGS else math.inf

    def _wait(self, started: float) -> float:
        """Wait until the next epoch is due at the chosen speed; return when it begins."""
        while not self._stop.is_set():
            rest = started + 1 / self._limit() - self._clock.now()
            if rest <= 0:
                break
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
        self._lineage.set_parameters(theta)

    def _publish_if_due(self) -> None:
        if self._clock.now() - self._published <= self._pause:
            return
        theta, epoch = self._trainer.theta.astype(np.float64), self._trainer.epoch
        try:
            reading, seconds = self._read(theta, self._rest)
        except GradwireError:
            self.latest, seconds = Published(epoch, theta, None), 0.0
        else:
            self.latest = Published(epoch, theta, reading)
        self._published = self._clock.now()
        self._pause = max(_FRAME, _SHARE * seconds)
        self._lineage.changes += 1
