"""What makes updates in a benchmark: the native tape, and the interface that every peer has."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from engine.benchmark.cases import PreparedCase
from engine.native import Epochs, Updater, lower


class BenchmarkRunner(Protocol):
    """Trains a problem by gradient descent, minibatch after minibatch, in the order of the data."""

    def reset(self) -> None:
        """Return to the initial parameters."""

    def run(self, updates: int) -> None:
        """Make updates; the first one reads the first minibatch."""

    def error(self) -> float:
        """Return E of the first minibatch at the present parameters."""


class TapeRunner:
    """The tape with its updater: a call of ``run`` is one call of the native loop."""

    def __init__(self, problem: PreparedCase) -> None:
        case = problem.case
        self._first, self._rate = problem.theta, case.rate
        self.tape = lower(problem.plan, case.settings.dtype, case.batch)
        self._table = self.tape.table(problem.columns)
        self._rows = np.arange(len(self._table))
        self._updater = Updater(self.tape, self._table, case.settings, len(self._rows), ())
        self._theta = self._first.copy()
        self._gradient, self._last = np.zeros_like(self._theta), np.zeros_like(self._theta)
        self.run(0)  # what must be compiled is compiled now

    def reset(self) -> None:
        """Return to the initial parameters."""
        self._theta[:] = self._first

    def run(self, updates: int) -> None:
        """Make updates."""
        batches = -(-len(self._rows) // self.tape.batch)
        rates = np.full(-(-updates // batches), self._rate)
        epochs = Epochs(0, self._rows[None], rates)
        self._updater.make(self._theta, self._gradient, self._last, epochs, 0, 0, updates)

    def error(self) -> float:
        """Return E of the first minibatch."""
        return self.tape.forward(self._theta, self._table, self._rows[: self.tape.batch])
