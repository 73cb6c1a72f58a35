"""A finished run in plain numbers, as ``gradwire train --json`` prints it."""

from __future__ import annotations

from collections.abc import Iterable

from engine.data.split import SplitName
from engine.training.runners.records import Epoch
from engine.training.trainer import Trainer

SPLITS: tuple[SplitName, ...] = ("train", "validation", "test")


def final(trainer: Trainer) -> dict[str, dict[str, float]]:
    """Return loss and metrics on all rows of each split at the trainer's parameters.

    The loss is without penalties; splits without rows are left out.
    """
    found = {split: trainer.measure(split) for split in SPLITS}
    return {
        split: {"loss": result.loss, **result.metrics}
        for split, result in found.items()
        if result is not None
    }


def curves(records: Iterable[Epoch]) -> dict[str, dict[str, list[float]]]:
    """Return loss and metrics of each split over the epochs: split → name → numbers."""
    result: dict[str, dict[str, list[float]]] = {}
    for record in records:
        for split, loss in record.loss.items():
            numbers = {"loss": loss, **record.metrics.get(split, {})}
            for name, number in numbers.items():
                result.setdefault(split, {}).setdefault(name, []).append(number)
    return result
