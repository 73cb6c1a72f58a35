"""How good predictions are, beside the loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.declaration.op import Array

_CLASSIFYING = {
    "binary_cross_entropy": 0.5,
    "binary_cross_entropy_logits": 0.0,
    "cross_entropy": 0.5,
    "negative_log_likelihood": 0.5,
    "hinge": 0.0,
}
"""Losses over classes, with the threshold of a single output: probability ½, or score 0."""

_MEASURING = frozenset(
    {
        "half_squared_error",
        "squared_error",
        "mean_squared_error",
        "mean_absolute_error",
        "huber",
    }
)


def accuracy(prediction: Array, target: Array, threshold: float = 0.5) -> float:
    """Return the share of rows whose class is predicted.

    Parameters
    ----------
    prediction, target : array
        (B, w). The class is the largest component, or for w = 1 whether it exceeds a threshold.
    threshold : float
        For a prediction of width 1: 0.5 for probabilities, 0 for logits and scores. Targets
        may be 0/1 or −1/1.
    """
    if not len(prediction):
        return float("nan")
    return float(np.mean(_class(prediction, threshold) == _target_class(target)))


def confusion(
    prediction: Array, target: Array, threshold: float = 0.5, classes: int | None = None
) -> NDArray[np.int64]:
    """Count rows by class, (k, k): entry (i, j) has the rows of class i that are predicted as j.

    Parameters
    ----------
    prediction, target, threshold
        As for `accuracy`.
    classes : int, optional
        Number of classes k; by default the width, or 2.
    """
    k = classes or max(int(prediction.shape[1]), 2)
    pairs = _target_class(target) * k + _class(prediction, threshold)
    return np.bincount(pairs, minlength=k * k).astype(np.int64).reshape(k, k)


def r_squared(prediction: Array, target: Array) -> float:
    """Return the coefficient of determination, averaged over the components.

    Formula: R² = 1 − Σ (t − y)² / Σ (t − t̄)²
    A constant component counts 1 if it is met exactly, else 0.
    """
    if not len(prediction):
        return float("nan")
    return float(explained(np.square(target - prediction).sum(axis=0), spread(target)))


def spread(target: Array) -> Array:
    """Return Σ (t − t̄)² of each component, (w,); target: (B, w)."""
    total: Array = np.square(target - target.mean(axis=0)).sum(axis=0)
    return total


def explained(residual: Array, total: Array) -> Array:
    """Return R² from Σ (t − y)², (…, w), and Σ (t − t̄)², (w,): (…)."""
    constant = np.where(residual == 0, 1.0, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(total > 0, 1 - residual / total, constant)
    return np.asarray(share.mean(axis=-1))


@dataclass(frozen=True, slots=True)
class Metric:
    """What is measured of predictions against certain targets.

    Parameters
    ----------
    name : str
        ``accuracy`` or ``r_squared``.
    threshold, target_threshold : float
        From where on a single prediction or target is the upper class.
    each : bool
        Whether every component counts by itself.
    """

    name: str
    threshold: float = 0.5
    target_threshold: float = 0.5
    each: bool = False

    def of(self, prediction: Array, target: Array) -> float:
        """Return the metric; both are (B, w)."""
        if self.name == "r_squared":
            return r_squared(prediction, target)
        if self.each:
            prediction, target = prediction.reshape(-1, 1), target.reshape(-1, 1)
        return accuracy(prediction, target, self.threshold)


def metric_for(loss: str, target: Array) -> Metric | None:
    """Return the metric that suits a loss kind over some targets (B, w); None if none does.

    R² is left out where no target varies. Squared and absolute errors count as classification
    when all targets are classes (0/1, or −1/1 for a single output); cross-entropies over targets
    that are not one-hot count each component by itself.
    """
    if not len(target):
        return None
    if loss in _CLASSIFYING:
        each = loss.startswith("binary") and target.shape[1] > 1 and not _one_hot(target)
        column = target.reshape(-1, 1) if each else target
        return Metric("accuracy", _CLASSIFYING[loss], _target_threshold(column), each)
    if loss not in _MEASURING:
        return None
    if _one_hot(target):
        return Metric("accuracy")
    if target.shape[1] == 1 and bool((np.abs(target) == 1).all()) and bool((target < 0).any()):
        return Metric("accuracy", 0.0, 0.0)
    return Metric("r_squared") if np.ptp(target, axis=0).any() else None


def metrics_for(loss: str, prediction: Array, target: Array) -> dict[str, float]:
    """Return `metric_for` of a loss kind by name, {} if none; prediction, target: (B, w)."""
    metric = metric_for(loss, target) if prediction.shape == target.shape else None
    return {metric.name: metric.of(prediction, target)} if metric else {}


def _one_hot(target: Array) -> bool:
    if not ((target == 0) | (target == 1)).all():
        return False
    return target.shape[1] == 1 or bool((target.sum(axis=1) == 1).all())


def _class(values: Array, threshold: float) -> NDArray[np.int64]:
    if values.shape[1] > 1:
        return np.asarray(values.argmax(axis=1), np.int64)
    return (values[:, 0] > threshold).astype(np.int64)


def _target_class(target: Array) -> NDArray[np.int64]:
    return _class(target, _target_threshold(target))


def _target_threshold(target: Array) -> float:
    return 0.0 if target.shape[1] == 1 and bool((target < 0).any()) else 0.5
