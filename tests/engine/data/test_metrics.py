"""Metrics against scikit-learn and known values."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as reference

from engine.data.metrics import accuracy, confusion, metrics_for, r_squared


def column(*values: float) -> np.ndarray:
    return np.array(values, np.float64)[:, None]


def test_accuracy_and_confusion_equal_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    scores, classes = rng.normal(size=(200, 4)), rng.integers(0, 4, 200)
    target = np.eye(4)[classes]
    predicted = scores.argmax(axis=1)
    assert accuracy(scores, target) == reference.accuracy_score(classes, predicted)
    expected = reference.confusion_matrix(classes, predicted)
    assert np.array_equal(confusion(scores, target), expected)


def test_r_squared_equals_scikit_learns() -> None:
    rng = np.random.default_rng(0)
    target, prediction = rng.normal(size=(50, 3)), rng.normal(size=(50, 3))
    assert r_squared(prediction, target) == pytest.approx(
        reference.r2_score(target, prediction), rel=1e-13
    )
    assert r_squared(column(1, 1), column(1, 1)) == 1
    assert r_squared(column(1, 2), column(1, 1)) == 0


def test_thresholds_of_single_outputs() -> None:
    truth = column(0, 1, 1, 0)
    assert accuracy(column(0.2, 0.9, 0.4, 0.6), truth) == 0.5
    assert accuracy(column(-3, 0.2, 0.1, -0.1), truth, 0.0) == 1
    assert accuracy(column(-3, 0.2, 0.1, 0.1), column(-1, 1, 1, -1), 0.0) == 0.75
    assert confusion(column(0.2, 0.9, 0.4, 0.6), truth).tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    ("loss", "prediction", "target", "expected"),
    [
        ("binary_cross_entropy", column(0.4, 0.6), column(0, 1), {"accuracy": 1}),
        ("binary_cross_entropy_logits", column(0.4, 0.6), column(0, 1), {"accuracy": 0.5}),
        ("hinge", column(0.4, -0.6), column(1, -1), {"accuracy": 1}),
        ("cross_entropy", np.eye(3), np.eye(3), {"accuracy": 1}),
        ("negative_log_likelihood", np.log(np.eye(3) + 0.1), np.eye(3), {"accuracy": 1}),
        ("half_squared_error", np.eye(3) * 0.3, np.eye(3), {"accuracy": 1}),
        ("mean_squared_error", column(0.4, 0.6), column(0, 1), {"accuracy": 1}),
        ("squared_error", column(-0.4, 0.6), column(-1, 1), {"accuracy": 1}),
        ("huber", column(1, 2, 3), column(1, 2, 3), {"r_squared": 1}),
        ("mean_squared_error", column(1.5), column(0.7), {}),
        ("kl_divergence", np.eye(2), np.eye(2), {}),
        ("l2_penalty", np.eye(2), np.eye(2), {}),
    ],
)
def test_metrics_suit_the_loss(
    loss: str, prediction: np.ndarray, target: np.ndarray, expected: dict[str, float]
) -> None:
    assert metrics_for(loss, prediction, target) == pytest.approx(expected)


def test_several_labels_count_one_by_one() -> None:
    target = np.array([[1.0, 1.0], [0.0, 1.0]])
    prediction = np.array([[0.9, 0.2], [0.1, 0.7]])
    assert metrics_for("binary_cross_entropy", prediction, target) == {"accuracy": 0.75}
