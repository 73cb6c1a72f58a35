"""What training reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from engine.declaration.op import Array

_FIXED = ("penalty", "rate", "gradient_norm")  # the curves that every run has


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

    @property
    def watched(self) -> float:
        """The loss that schedule and early stopping watch: of validation, if there is one."""
        return self.loss.get("validation", self.loss["train"])


@dataclass(frozen=True, slots=True)
class EpochMeasures:
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


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive epochs.

    Parameters
    ----------
    first, step, batches : int
        Number of the first epoch, updates made by its end, updates of each.
    figures : EpochMeasures
        What was measured after each.
    rates, norms : (E,) arrays
        Learning rate, and norm of the gradient, of each one's last update.
    """

    first: int
    step: int
    batches: int
    figures: EpochMeasures
    rates: Array
    norms: Array

    def __len__(self) -> int:
        return len(self.norms)

    def until(self, count: int) -> Block:
        """Return the first ``count`` epochs."""
        if count == len(self):
            return self
        found = self.figures
        figures = EpochMeasures(
            {split: numbers[:count] for split, numbers in found.loss.items()},
            {
                split: {name: numbers[:count] for name, numbers in metrics.items()}
                for split, metrics in found.metrics.items()
            },
            found.penalty[:count],
        )
        return replace(self, figures=figures, rates=self.rates[:count], norms=self.norms[:count])

    @property
    def errors(self) -> Array:
        """E after each, (E,): the training loss with its penalties."""
        errors: Array = self.figures.loss["train"] + self.figures.penalty
        return errors

    @property
    def last(self) -> Epoch:
        """The last epoch."""
        return self.records(len(self) - 1)[0]

    def records(self, start: int = 0) -> list[Epoch]:
        """Return the epochs one by one, from the place ``start`` on."""
        found = self.figures
        loss = _rows(found.loss, start, len(self))
        splits = {
            split: _rows(numbers, start, len(self)) for split, numbers in found.metrics.items()
        }
        vectors = found.penalty, self.rates, self.norms
        fixed = zip(*(vector[start:].tolist() for vector in vectors), strict=True)
        return [
            Epoch(
                self.first + start + k,
                self.step + (start + k) * self.batches,
                loss[k],
                penalty,
                {split: rows[k] for split, rows in splits.items()},
                rate,
                norm,
            )
            for k, (penalty, rate, norm) in enumerate(fixed)
        ]

    def columns(self) -> dict[str, Array]:
        """Return every curve by its name: see `Curves.names`."""
        columns = {f"{split}.loss": numbers for split, numbers in self.figures.loss.items()}
        for split, metrics in self.figures.metrics.items():
            columns.update((f"{split}.{name}", numbers) for name, numbers in metrics.items())
        fixed = self.figures.penalty, self.rates, self.norms
        return {**columns, **dict(zip(_FIXED, fixed, strict=True))}

    @classmethod
    def joined(cls, blocks: Sequence[Self]) -> Self | None:
        """Return blocks that follow each other as one; None if there are none."""
        if not blocks:
            return None
        found = [block.columns() for block in blocks]
        columns = {name: np.concatenate([one[name] for one in found]) for name in found[0]}
        return cls.of_columns(blocks[0].first, blocks[0].step, blocks[0].batches, columns)

    @classmethod
    def of_columns(cls, first: int, step: int, batches: int, columns: Mapping[str, Array]) -> Self:
        """Return consecutive epochs of their `columns`."""
        loss: dict[str, Array] = {}
        metrics: dict[str, dict[str, Array]] = {}
        for name in columns.keys() - _FIXED:
            split, _, metric = name.partition(".")
            metrics.setdefault(split, {})
            if metric == "loss":
                loss[split] = columns[name]
            else:
                metrics[split][metric] = columns[name]
        penalty, rates, norms = (columns[name] for name in _FIXED)
        return cls(first, step, batches, EpochMeasures(loss, metrics, penalty), rates, norms)


def _rows(columns: Mapping[str, Array], start: int, stop: int) -> list[dict[str, float]]:
    """Return name → (E,) as one mapping for each entry."""
    if not columns:
        return [{} for _ in range(start, stop)]
    numbers = zip(*(column[start:].tolist() for column in columns.values()), strict=True)
    return [dict(zip(columns, row, strict=True)) for row in numbers]


@dataclass(frozen=True, slots=True)
class Progress:
    """What became of a run since it was last looked at.

    Parameters
    ----------
    block : Block, optional
        The epochs completed, all their errors finite.
    place : str
        The node, edge or parameter where a number first was not finite after them; empty if all
        are.
    """

    block: Block | None = None
    place: str = ""
