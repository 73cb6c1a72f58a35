"""What a network answers on the rows of a split, beside what it should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.data import Prepared
from engine.data.metrics import confusion, metrics_for
from engine.data.split import SplitName
from engine.declaration.op import Array
from engine.interpreter.interpreter import forward
from engine.plan.plan import Loss, Plan
from graph.model.dataset import split_component
from graph.model.document import Document

_SCORES = ("binary_cross_entropy_logits", "hinge")  # their single output decides at 0, not at ½


@dataclass(frozen=True, slots=True, eq=False)
class Predictions:
    """Predictions of one loss node.

    Parameters
    ----------
    loss, kind : str
        The loss node and its kind.
    rows : (B,) array
        Rows of the dataset.
    prediction, target : (B, w) arrays
        At the ports of the loss.
    labels : tuple of str
        Names of the classes; empty if numbers are predicted.
    metrics : dict
        ``accuracy`` or ``r_squared``.
    """

    loss: str
    kind: str
    rows: NDArray[np.int64]
    prediction: Array
    target: Array
    labels: tuple[str, ...]
    metrics: dict[str, float]

    @property
    def classifies(self) -> bool:
        """Whether classes are predicted."""
        return "accuracy" in self.metrics

    @property
    def classes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Each row's actual and predicted class, (B,) each."""
        return _classes(self.target, self._threshold(self.target)), _classes(
            self.prediction, self._threshold(self.prediction)
        )

    def confusion(self) -> NDArray[np.int64]:
        """Count rows by actual (first index) and predicted class, (k, k)."""
        return confusion(
            self.prediction,
            self.target,
            self._threshold(self.prediction),
            max(len(self.labels), 2),
        )

    def label(self, number: int) -> str:
        """Return the name of a class."""
        return self.labels[number] if number < len(self.labels) else str(number)

    def _threshold(self, values: Array) -> float:
        signed = self.target.shape[1] == 1 and bool((self.target < 0).any())
        if values is self.target:
            return 0.0 if signed else 0.5
        return 0.0 if signed or self.kind in _SCORES else 0.5


def predictions(
    document: Document,
    plan: Plan,
    theta: Array,
    data: Prepared,
    split: SplitName,
    limit: int = 2000,
) -> Predictions | None:
    """Run a split forward and return what reaches the loss that weighs most.

    Parameters
    ----------
    document : Document
        Tells what the classes are called.
    plan, theta, data
        What is run, at which parameters, on what.
    split : str
        Which rows.
    limit : int
        Most rows; of more, the first.

    Returns
    -------
    Predictions or None
        None if the split has no rows, or no loss compares a prediction with a target.
    """
    losses = [loss for loss in plan.losses if loss.target is not None]
    rows = data.splits[split][:limit]
    if not losses or not len(rows):
        return None
    loss = max(losses, key=lambda loss: loss.importance)
    with np.errstate(all="ignore"):
        values = forward(plan, theta, data.batch(plan.columns, rows)).values
    target = np.asarray(values[loss.target if loss.target is not None else loss.prediction])
    prediction = np.asarray(values[loss.prediction])
    metrics = metrics_for(loss.kind, prediction, target)
    labels = _labels(document, data, loss, target) if "accuracy" in metrics else ()
    return Predictions(loss.node, loss.kind, rows, prediction, target, labels, metrics)


def _labels(document: Document, data: Prepared, loss: Loss, target: Array) -> tuple[str, ...]:
    """Name the classes by the category column that the target node shows, else by numbers."""
    count = max(int(target.shape[1]), 2)
    for edge in document.in_edges(loss.node):
        columns = document.param(edge.source, "columns") if edge.port == "target" else None
        if isinstance(columns, Sequence) and len(columns) == 1:
            names = data.categories.get(split_component(str(columns[0]))[0], ())
            if len(names) == count:
                return tuple(names)
        if isinstance(columns, Sequence) and len(columns) == count:
            return tuple(str(column) for column in columns)
    return tuple(str(number) for number in range(count))


def _classes(values: Array, threshold: float) -> NDArray[np.int64]:
    if values.shape[1] > 1:
        return np.asarray(values.argmax(axis=1), np.int64)
    return (values[:, 0] > threshold).astype(np.int64)
