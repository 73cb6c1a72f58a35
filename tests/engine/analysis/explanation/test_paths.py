"""Paths: all of them add up to the gradient, each is the product along its edges."""

from __future__ import annotations

import math
from pathlib import Path as File

import numpy as np
import pytest

from engine.analysis.explanation.paths import Paths, paths_of
from engine.errors import DataError
from engine.headless.experiment import Experiment, make_ready, read_document
from engine.interpreter.interpreter import backward, forward

EXAMPLES = File(__file__).parents[4] / "examples"


def opened(name: str) -> Experiment:
    path = EXAMPLES / f"{name}.gradwire"
    return make_ready(read_document(path), path.parent)


def found(experiment: Experiment, node: str, rows: int = 1) -> Paths:
    columns = experiment.columns(np.arange(rows))
    return paths_of(experiment.plan, experiment.theta, columns, node, 100)


@pytest.mark.parametrize("name", ["mazur", "rnn_unrolled", "exam", "dolhansky_3_outputs"])
def test_they_add_up_to_the_gradient(name: str) -> None:
    experiment = opened(name)
    columns = experiment.columns(np.arange(1))
    back = backward(
        experiment.plan, experiment.theta, forward(experiment.plan, experiment.theta, columns)
    )
    for node, slot in experiment.plan.outputs.items():
        paths = found(experiment, node)
        assert len(paths.largest) == paths.count
        total = math.fsum(path.contribution for path in paths.largest)
        assert total == pytest.approx(back.deltas[slot].item(), rel=1e-12, abs=1e-15)
        for path in paths.largest:
            product = math.prod(link.derivative for link in path.links)
            assert product == pytest.approx(path.contribution, rel=1e-12, abs=1e-15)


def test_mazur_has_the_two_paths_of_the_article() -> None:
    paths = found(opened("mazur"), "h1")
    walked = [[link.target for link in path.links] for path in paths.largest]
    assert walked == [["o1", "E1"], ["o2", "E2"]]
    contributions = [path.contribution for path in paths.largest]
    assert contributions == pytest.approx([0.055399425, -0.019049119], abs=1e-8)  # as printed there


def test_a_mean_and_a_vector_have_none() -> None:
    with pytest.raises(DataError, match="one row"):
        found(opened("exam"), "h1", rows=3)
    with pytest.raises(DataError, match="single number"):
        found(opened("digits"), "x")
