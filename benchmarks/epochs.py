"""Whole epochs, as a user gets them: the trainer with its order of the rows and its records."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from engine.benchmark.cases import Case, PreparedCase
from engine.data import Prepared
from engine.interpreter.interpreter import forward
from engine.interpreter.objective_terms import objective_terms
from engine.training import Epoch, Trainer
from graph.model.training import Training

_ENDLESS = 1_000_000


def settings_of(case: Case) -> Training:
    """Return the settings of a case, for as many epochs as are asked for."""
    return replace(case.settings, epochs=_ENDLESS)


def data_of(problem: PreparedCase) -> Prepared:
    """Return a problem's data as training takes it, all rows for training."""
    rows = np.arange(len(problem.columns["x"]))
    none = rows[:0]
    columns = {name: part.astype(np.float64) for name, part in problem.columns.items()}
    return Prepared(columns, {"train": rows, "validation": none, "test": none}, {}, {}, {})


class EpochRunner:
    """An update is an epoch of the trainer on the native tape."""

    def __init__(self, problem: PreparedCase) -> None:
        self._problem, self._data = problem, data_of(problem)
        self.reset()

    def reset(self) -> None:
        """Return to the initial parameters, and measure them as epoch 0."""
        problem = self._problem
        settings = settings_of(problem.case)
        self._trainer = Trainer(problem.plan, self._data, settings, problem.theta, engine="native")
        self._epochs: Iterator[Epoch] = self._trainer.run()
        next(self._epochs)

    def run(self, updates: int) -> None:
        """Train epochs."""
        for _ in range(updates):
            next(self._epochs)

    def error(self) -> float:
        """Return E of the first minibatch."""
        x, y = self._problem.minibatches()[0]
        plan, theta = self._problem.plan, self._trainer.theta
        return objective_terms(plan, theta, forward(plan, theta, {"x": x, "y": y})).total
