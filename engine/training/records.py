"""What training reports, and what it needs to continue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
class Figures:
    """What was measured after each of several epochs, as `Epoch` has it.

    Parameters
    ----------
    loss, metrics : mappings
        Split → (E,); split → metric → (E,).
    penalty : (E,) array
        Penalties.
    """

    loss: Mapping[str, Array]
    metrics: Mapping[str, Mapping[str, Array]]
    penalty: Array

    def records(
        self, first: int, step: int, batches: int, rates: Sequence[float], norms: Sequence[float]
    ) -> list[Epoch]:
        """Return the epochs from number ``first`` on, after update ``step`` and ``batches`` each.

        ``rates`` and ``norms`` are those of each epoch's last update.
        """
        count = len(self.penalty)
        loss = _rows(self.loss, count)
        splits = {split: _rows(found, count) for split, found in self.metrics.items()}
        penalty = self.penalty.tolist()
        return [
            Epoch(
                first + k,
                step + k * batches,
                loss[k],
                penalty[k],
                {split: rows[k] for split, rows in splits.items()},
                rates[k],
                norms[k],
            )
            for k in range(count)
        ]


def _rows(columns: Mapping[str, Array], count: int) -> list[dict[str, float]]:
    """Return name → (E,) as one mapping for each entry."""
    if not columns:
        return [{} for _ in range(count)]
    numbers = zip(*(column.tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in numbers]


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
