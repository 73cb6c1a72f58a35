"""What a network answers on the rows of a split, beside what it should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from engine.data import Prepared
from engine.data.metrics import confusion, metrics_for
from engine.data.split import SplitName
from engine.declaration.op import Array
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.plan.plan import Loss, Plan
from graph.model.dataset import split_component

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
    classes : tuple of (B,) arrays
        Each row's actual and predicted class; empty if numbers are predicted.
    confusion : (k, k) array
        Counts of rows by actual (first index) and predicted class; empty if numbers are predicted.
    """

    loss: str
    kind: str
    rows: NDArray[np.int64]
    prediction: Array
    target: Array
    labels: tuple[str, ...]
    metrics: dict[str, float]
    classes: tuple[NDArray[np.int64], ...] = ()
    confusion: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, 0), np.int64))

    @property
    def classifies(self) -> bool:
        """Whether classes are predicted."""
        return "accuracy" in self.metrics

    def label(self, number: int) -> str:
        """Return the name of a class."""
        return self.labels[number] if number < len(self.labels) else str(number)


def predictions(
    plan: Plan,
    theta: Array,
    data: Prepared,
    split: SplitName,
    limit: int = 2000,
    yield_gil: YieldGil | None = None,
) -> Predictions | None:
    """Run a split's first ``limit`` rows forward; return what reaches the loss that weighs most.

    Returns None if the split has no rows, or no loss compares a prediction with a target.
    """
    losses = [loss for loss in plan.losses if loss.target is not None]
    rows = data.splits[split][:limit]
    if not losses or not len(rows):
        return None
    loss = max(losses, key=lambda loss: loss.importance)
    values = Interpreter(plan, yield_gil).forward(theta, data.batch(plan.columns, rows)).values
    target = np.asarray(values[loss.target if loss.target is not None else loss.prediction])
    prediction = np.asarray(values[loss.prediction])
    metrics = metrics_for(loss.kind, prediction, target)
    found = Predictions(loss.node, loss.kind, rows, prediction, target, (), metrics)
    return _classified(found, _labels(plan, data, loss, target)) if found.classifies else found


def _classified(found: Predictions, labels: tuple[str, ...]) -> Predictions:
    """Add the classes: of a single output, whether it is above the middle of both."""
    signed = found.target.shape[1] == 1 and bool((found.target < 0).any())
    middle = 0.0 if signed else 0.5
    threshold = 0.0 if found.kind in _SCORES else middle
    counts = confusion(found.prediction, found.target, threshold, max(len(labels), 2))
    classes = _classes(found.target, middle), _classes(found.prediction, threshold)
    return replace(found, labels=labels, classes=classes, confusion=counts)


def _labels(plan: Plan, data: Prepared, loss: Loss, target: Array) -> tuple[str, ...]:
    """Name the classes by the category column that the target node shows, else by numbers."""
    count = max(int(target.shape[1]), 2)
    columns = () if loss.target is None else plan.steps[loss.target].params.get("columns")
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
