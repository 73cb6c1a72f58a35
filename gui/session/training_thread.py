"""The thread that trains: whole epochs, resting so often that the window never waits."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engine.arrays.aliases import Array
from engine.interpreter.probe import Probe
from engine.training import Block, Epoch, History, Trainer, parameter_means
from graph.errors import GradwireError
from gui.jobs.gil_yield import GilYield

ProbeReader: TypeAlias = Callable[[Array, GilYield], tuple[Probe, float]]
Patch: TypeAlias = tuple[int, Array]  # offset in θ, numbers from there on

_log = logging.getLogger(__name__)
_FRAME = 1 / 60  # seconds between two published probes, at least
_FIRST, _DOUBLING, _DOUBLINGS = 60.0, 0.5, 4.0  # epochs a second, seconds, until nothing holds it
_LOOK = 0.05  # seconds between two looks at the chosen speed, at most
_SHARE = 2.0  # times its own duration between two probes, so that training goes on


@dataclass(frozen=True, slots=True)
class Published:
    """What the window may draw: parameters, a probe of them (None if it failed), and when."""

    theta: Array
    probe: Probe | None


@dataclass(frozen=True, slots=True)
class Ended:
    """Why the thread ended: ``stopped`` as in `Trainer` (empty if asked to), or an error."""

    worker: TrainingThread
    stopped: str = ""
    error: str = ""


class TrainingThread:
    """Trains in a thread until it is asked to stop or is done.

    Parameters
    ----------
    trainer : Trainer
        What to run; nobody else touches it while the thread lives.
    history : History
        Gets every epoch.
    read : callable
        Probes parameters.
    ended : callable
        Called in the thread when it ends by itself.
    """

    def __init__(
        self,
        trainer: Trainer,
        history: History,
        read: ProbeReader,
        ended: Callable[[Ended], object],
    ) -> None:
        self.trainer, self.history = trainer, history
        self.speed: float | None = None
        self._started = time.perf_counter()
        self.changes = 0
        self.latest: Published | None = None
        self.last: Epoch | None = None
        self._read, self._ended = read, ended
        self._patches: deque[Patch] = deque()
        self._stop = threading.Event()
        self._rest = GilYield()
        self._published = time.perf_counter()
        self._pause = _FRAME
        self._thread = threading.Thread(target=self._work, name="training", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the present update, and wait for it."""
        self._stop.set()
        self.trainer.interrupt()
        self._thread.join()

    def patch(self, offset: int, numbers: Array) -> None:
        """Overwrite a part of θ between two updates."""
        self._patches.append((offset, numbers))
        self.trainer.interrupt()

    def yield_gil(self) -> None:
        """Yield the GIL and publish, if it is time; called every few operations.

        The fast engine lets others run all the time, so it needs no yield.
        """
        if self.trainer.engine == "numpy":
            self._rest()
        if time.perf_counter() - self._published > self._pause:
            self._publish()

    # -- in the thread ------------------------------------------------------------------------

    def _work(self) -> None:
        try:
            while not (self._stop.is_set() or self.trainer.stopped):
                self._apply_patches()
                self._train()
        except GradwireError as error:
            self._ended(Ended(self, error=str(error)))
        except Exception:  # noqa: BLE001  (the thread's border: shown and logged)
            _log.exception("training failed")
            self._ended(Ended(self, error="Training failed; details are in the log."))
        else:
            if not self._stop.is_set():
                self._ended(Ended(self, stopped=self.trainer.stopped))

    def _train(self) -> None:
        started = time.perf_counter()
        self.trainer.block_mode = self._limit() == math.inf
        for block in self.trainer.blocks():
            self.take(block)
            self.trainer.block_mode = self._limit() == math.inf
            self.yield_gil()
            started = self._wait(started)
            if self._stop.is_set():
                return
            self._apply_patches()

    def take(self, block: Block) -> None:
        """Keep what epochs reported, with the gradients of the history's parameters."""
        with np.errstate(all="ignore"):  # a gradient beyond float32 is drawn as infinite
            gradients = parameter_means(self.trainer.plan, self.trainer.gradient)
            self.history.extend(block, gradients[: len(self.history.parameters)])
        self.last = block.last
        self.changes += 1

    def _limit(self) -> float:
        """Return how many epochs a second may pass at this moment.

        Small networks are done before anybody has seen anything, so a run that has no other speed
        begins slowly and gets faster and faster, until nothing holds it.
        """
        if self.speed is not None:
            return self.speed
        doublings = (time.perf_counter() - self._started) / _DOUBLING
        return _FIRST * 2.0**doublings if doublings < _DOUBLINGS else math.inf

    def _wait(self, started: float) -> float:
        """Wait until the next epoch is due at the chosen speed."""
        while not self._stop.is_set():
            rest = started + 1 / self._limit() - time.perf_counter()
            if rest <= 0:
                break
            if time.perf_counter() - self._published > self._pause:
                self._publish()
            self._stop.wait(min(rest, self._pause, _LOOK))
        return time.perf_counter()

    def _apply_patches(self) -> None:
        if not self._patches:
            return
        theta = self.trainer.theta.copy()
        while self._patches:
            offset, numbers = self._patches.popleft()
            theta[offset : offset + len(numbers)] = numbers
        self.trainer.set_parameters(theta)

    def _publish(self) -> None:
        theta = self.trainer.theta.astype(np.float64)
        try:
            reading, seconds = self._read(theta, self._rest)
        except GradwireError:
            self.latest, seconds = Published(theta, None), 0.0
        else:
            self.latest = Published(theta, reading)
        self._published = time.perf_counter()
        self._pause = max(_FRAME, _SHARE * seconds)
        self.changes += 1
