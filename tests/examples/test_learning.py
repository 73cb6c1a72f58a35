"""What the examples reach with their own settings: on held-out rows where there are any."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.training.summary import final

Open = Callable[..., Any]


@pytest.mark.parametrize(
    ("name", "split", "metric", "least"),
    [
        ("welcome", "validation", "accuracy", 0.95),
        ("raschka_logistic", "train", "accuracy", 0.95),
        ("raschka_two_layers", "train", "accuracy", 0.95),
        ("softmax_nll", "test", "accuracy", 0.95),
        ("iris", "test", "accuracy", 0.95),
        ("wine", "test", "accuracy", 0.90),
        ("breast_cancer", "test", "accuracy", 0.95),
        ("digits", "test", "accuracy", 0.96),
        ("mnist", "test", "accuracy", 0.94),
        ("diabetes", "test", "r_squared", 0.35),
        ("exam", "train", "accuracy", 1.0),
        ("exam_mse", "train", "accuracy", 1.0),
        ("playground_circle", "validation", "accuracy", 0.98),
        ("playground_xor", "validation", "accuracy", 0.98),
        ("playground_gauss", "validation", "accuracy", 0.98),
        ("playground_spiral", "validation", "accuracy", 0.95),
        ("residual", "validation", "accuracy", 0.97),
        ("irregular", "validation", "accuracy", 0.90),
    ],
)
def test_quality(name: str, split: str, metric: str, least: float, trained: Open) -> None:
    run = trained(name)
    if split != "train":
        assert len(run.example.data.splits[split]) >= 30
    assert final(run.trainer)[split][metric] >= least


@pytest.mark.parametrize("name", ["xor", "xor_skip"])
def test_xor_is_learned(name: str, trained: Open) -> None:
    run = trained(name)
    assert run.records[-1].error < 0.01
    assert run.trainer.stopped == "target"


def test_autoencoder_beats_the_mean_picture(trained: Open) -> None:
    run = trained("autoencoder")
    images, splits = run.example.data.columns["image"], run.example.data.splits
    mean = images[splits["train"]].mean(axis=0)
    baseline = float(np.mean((images[splits["validation"]] - mean) ** 2))
    assert final(run.trainer)["validation"]["loss"] < 0.3 * baseline


def test_gate_switches(trained: Open) -> None:
    run = trained("gated")
    numbers = run.example.numbers(run.trainer.theta)["nodes"]
    gate, switch = np.array(numbers["g"]["value"]), np.array(numbers["s"]["value"])
    assert gate[switch == 1].min() > 0.9
    assert gate[switch == 0].max() < 0.1


def test_recurrent_net_finds_the_numbers_that_made_its_data(trained: Open) -> None:
    run = trained("rnn_unrolled")
    theta = run.trainer.theta
    found = {p.name: float(theta[p.offset]) for p in run.example.plan.parameters}
    assert set(found) == {"w", "u", "b", "v"}
    assert found["u"] == pytest.approx(0.7, abs=0.02)
    assert abs(found["w"]) == pytest.approx(1.2, abs=0.02)
    assert found["w"] * found["v"] == pytest.approx(1.8, abs=0.02)


def test_mazur_sees_its_last_error_as_every_program_does(open_example: Open) -> None:
    records = list(open_example("mazur", epochs=1).trainer().run())
    assert [record.error for record in records] == pytest.approx([0.298371109, 0.291027774])
