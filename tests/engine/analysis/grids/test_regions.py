"""Regions: what the network answers on the grid is what it answers on such rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.analysis.grids.regions import region_inputs, regions
from engine.compiler.compile import compile_document
from engine.data import prepare
from engine.interpreter.interpreter import Interpreter
from engine.interpreter.parameter_vector import initial
from engine.library import library
from graph.files.storage import load

EXAMPLES = Path(__file__).parents[4] / "examples"


def test_the_grid_is_answered_as_rows_are() -> None:
    document = load(EXAMPLES / "xor.gradwire", library())
    assert document.dataset is not None
    data = prepare(document.dataset)
    plan = compile_document(document, data.schema)
    theta = initial(plan, document, 3)
    found = regions(plan, theta, data)
    assert found is not None
    assert found.middle == 0.5
    assert not found.classes
    x, y = found.axes
    columns = data.batch(plan.columns, np.array([0]))
    (answer,) = (loss.prediction for loss in plan.losses)
    for i, j in ((0, 0), (17, 4), (60, 31)):
        there = dict(zip(found.inputs, (np.array([[x[i]]]), np.array([[y[j]]])), strict=True))
        asked = {**columns, **there}
        expected = Interpreter(plan).forward(theta, asked).values[answer][0, 0]
        assert found.answers[i, j] == pytest.approx(expected, rel=1e-12)
    assert sorted(found.targets.tolist()) == [0, 0, 1, 1]
    assert x[0] < 0 < 1 < x[-1]


@pytest.mark.parametrize("name", ["digits", "wine", "rnn_unrolled"])
def test_networks_with_more_inputs_have_no_plane(name: str) -> None:
    document = load(EXAMPLES / f"{name}.gradwire", library())
    assert document.dataset is not None
    data = prepare(document.dataset)
    plan = compile_document(document, data.schema)
    assert region_inputs(plan, data) == ()
    assert regions(plan, initial(plan, document, 0), data) is None
