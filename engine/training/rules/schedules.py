"""The learning rate over time: a factor for each epoch.

All but ``plateau`` are functions of the epoch alone, so a run can be resumed anywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.arrays.aliases import Floats
from graph.model.training import Schedule, Training


def _constant(_schedule: Schedule, _epoch: int, _epochs: int) -> float:
    return 1.0


def _step(schedule: Schedule, epoch: int, _epochs: int) -> float:
    return float(schedule.factor ** (epoch // schedule.every))


def _exponential(schedule: Schedule, epoch: int, _epochs: int) -> float:
    return float(schedule.factor**epoch)


def _cosine(schedule: Schedule, epoch: int, epochs: int) -> float:
    """Fall from 1 to ``floor`` along half a cosine (Loshchilov, Hutter: SGDR, 2017, eq. 5)."""
    return _eased(1.0, schedule.floor, epoch / max(epochs, 1))


def _one_cycle(schedule: Schedule, epoch: int, epochs: int) -> float:
    """Rise from ``floor`` to 1, then fall back (L. Smith, Super-convergence, 2018)."""
    top = schedule.rise * epochs
    if epoch < top:
        return _eased(schedule.floor, 1.0, epoch / top)
    return _eased(1.0, schedule.floor, (epoch - top) / max(epochs - top, 1e-12))


_FACTORS: Mapping[str, Callable[[Schedule, int, int], float]] = {
    "constant": _constant,
    "step": _step,
    "exponential": _exponential,
    "cosine": _cosine,
    "one_cycle": _one_cycle,
    "plateau": _constant,
}


def rate(settings: Training, epoch: int, plateau_factor: float = 1.0) -> float:
    """Return the learning rate of an epoch's updates.

    During ``warmup`` it is the share (epoch + 1)/warmup of the rate; after it the schedule, which
    starts there and ends at the last epoch.

    Parameters
    ----------
    settings : Training
        The rate and its schedule.
    epoch : int
        Epochs completed before these updates: 0 for the first ones.
    plateau_factor : float
        What a `Plateau` has come to.
    """
    schedule = settings.schedule
    if epoch < schedule.warmup:
        return settings.learning_rate * (epoch + 1) / schedule.warmup
    left = settings.epochs - schedule.warmup
    factor = _FACTORS[schedule.name](schedule, epoch - schedule.warmup, left)
    return settings.learning_rate * factor * plateau_factor


def rates(settings: Training, epochs: range, plateau_factor: float = 1.0) -> Floats:
    """Return the learning rates of several epochs' updates, (E,): see `rate`."""
    schedule = settings.schedule
    if _FACTORS[schedule.name] is _constant and epochs.start >= schedule.warmup:
        return np.full(len(epochs), rate(settings, epochs.start, plateau_factor))
    return np.array([rate(settings, epoch, plateau_factor) for epoch in epochs])


@dataclass(slots=True)
class Plateau:
    """Lowers the rate when the watched loss no longer falls.

    Attributes
    ----------
    factor : float
        What the rate is multiplied by at present.
    best, waited : float, int
        The lowest loss, and the epochs since it was seen.
    """

    factor: float = 1.0
    best: float = math.inf
    waited: int = 0

    def observe(self, loss: float, schedule: Schedule) -> None:
        """Take note of an epoch's loss; after ``patience`` epochs without a better one, slow."""
        if loss < self.best:
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited >= schedule.patience:
            self.factor *= schedule.factor
            self.waited = 0


def _eased(start: float, stop: float, share: float) -> float:
    return stop + (start - stop) * (1 + math.cos(math.pi * min(share, 1.0))) / 2
