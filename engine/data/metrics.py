"""How good predictions are, beside the loss."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.op import Array

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
    """Count rows by class: entry (i, j) has the rows of class i that are predicted as j.

    Parameters
    ----------
    prediction, target, threshold
        As for `accuracy`.
    classes : int, optional
        Number of classes k; by default the width, or 2.

    Returns
    -------
    array
        (k, k).
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
    residual = np.square(target - prediction).sum(axis=0)
    total = np.square(target - target.mean(axis=0)).sum(axis=0)
    constant = np.where(residual == 0, 1.0, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.mean(np.where(total > 0, 1 - residual / total, constant)))


def metrics_for(loss: str, prediction: Array, target: Array) -> dict[str, float]:
    """Return the metrics that suit a loss kind: ``accuracy`` or ``r_squared``; empty if neither.

    R² is left out where no target varies. Squared and absolute errors count as classification
    when all targets are classes (0/1, or −1/1 for a single output); cross-entropies over targets
    that are not one-hot count each component by itself.

    Parameters
    ----------
    loss : str
        Kind of the loss node.
    prediction, target : array
        (B, w), at its ports.
    """
    if prediction.shape != target.shape or not len(target):
        return {}
    if loss in _CLASSIFYING:
        threshold = _CLASSIFYING[loss]
        if loss.startswith("binary") and target.shape[1] > 1 and not _one_hot(target):
            prediction, target = prediction.reshape(-1, 1), target.reshape(-1, 1)
        return {"accuracy": accuracy(prediction, target, threshold)}
    if loss not in _MEASURING:
        return {}
    if _one_hot(target):
        return {"accuracy": accuracy(prediction, target)}
    if target.shape[1] == 1 and bool((np.abs(target) == 1).all()) and bool((target < 0).any()):
        return {"accuracy": accuracy(prediction, target, 0.0)}
    if not np.ptp(target, axis=0).any():
        return {}
    return {"r_squared": r_squared(prediction, target)}


def _one_hot(target: Array) -> bool:
    if not ((target == 0) | (target == 1)).all():
        return False
    return target.shape[1] == 1 or bool((target.sum(axis=1) == 1).all())


def _class(values: Array, threshold: float) -> NDArray[np.int64]:
    if values.shape[1] > 1:
        return np.asarray(values.argmax(axis=1), np.int64)
    return (values[:, 0] > threshold).astype(np.int64)


def _target_class(target: Array) -> NDArray[np.int64]:
    signed = target.shape[1] == 1 and bool((target < 0).any())
    return _class(target, 0.0 if signed else 0.5)
