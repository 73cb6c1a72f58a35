"""What training reports, and what it needs to continue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.op import Array
from engine.training.schedules import Plateau
from engine.training.stopping import Watch


@dataclass(frozen=True, slots=True)
class Epoch:
    """The state after an epoch's updates; epoch 0 is the state before any.

    Parameters
    ----------
    epoch, step : int
        Epochs and updates made so far.
    loss : mapping
        Split → Σ importance × mean over rows, without noise and penalties, at the parameters
        after the epoch. ``train`` covers at most `objective.SAMPLE` rows, drawn once, unless
        training is on the full batch; ``validation``, if there is one, covers all its rows.
    penalty : float
        All penalties at those parameters.
    metrics : mapping
        Split → metric → value (``accuracy``, …).
    rate, gradient_norm : float
        Of the last update: learning rate, and Euclidean norm of the trained parameters' gradient
        (penalties in, before clipping); 0 before any.
    """

    epoch: int
    step: int
    loss: Mapping[str, float]
    penalty: float
    metrics: Mapping[str, Mapping[str, float]]
    rate: float
    gradient_norm: float

    @property
    def error(self) -> float:
        """E: the training loss with its penalties."""
        return self.loss["train"] + self.penalty


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Everything a `Trainer` needs to continue with the same bits; holds copies.

    Parameters
    ----------
    theta : (P,) array
        Parameters.
    epoch, batch, updates : int
        Completed epochs, updates made in the current one, updates in all.
    optimizer, count, state : str, int, tuple of arrays
        Name of the optimiser, its updates and its memory.
    plateau, watch : Plateau, Watch
        Memory of the schedule and of early stopping.
    rate, gradient_norm : float
        Of the last update.
    """

    theta: Array
    epoch: int
    batch: int
    updates: int
    optimizer: str
    count: int
    state: tuple[Array, ...]
    plateau: Plateau
    watch: Watch
    rate: float
    gradient_norm: float
