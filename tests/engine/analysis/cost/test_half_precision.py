"""float16: the published limits, and δ of a real update."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis.cost.half_precision import (
    SMALLEST_NORMAL,
    SMALLEST_SUBNORMAL,
    backward_numbers,
    half_count,
)
from engine.compiler.compile import compile_document
from engine.data import prepare
from engine.interpreter.parameter_vector import initial
from engine.interpreter.probe import probe
from engine.library import library
from graph.files.storage import load
from tests.engine.analysis.test_depth import EXAMPLES


def test_the_limits_are_those_of_ieee_754() -> None:
    assert SMALLEST_NORMAL == 2.0**-14
    assert SMALLEST_SUBNORMAL == 2.0**-24


def test_what_is_lost_and_what_a_scale_saves() -> None:
    """Half of the smallest number rounds to even, to 0; 65,520 and more is infinite."""
    numbers = np.array([0.0, 2.0**-25, -(2.0**-24), 3e-5, 1.0, 65_520.0, np.nan])
    plain = half_count(numbers)
    assert (plain.numbers, plain.lost, plain.subnormal, plain.infinite) == (5, 1, 2, 1)
    assert (plain.smallest, plain.largest) == (2.0**-25, 65_520.0)
    scaled = half_count(numbers, 10)
    assert (scaled.lost, scaled.subnormal, scaled.infinite) == (0, 1, 1)
    assert half_count(np.zeros(3)).numbers == 0


def test_deltas_are_those_of_a_batch() -> None:
    document = load(EXAMPLES / "iris.gradwire", library())
    assert document.dataset is not None
    data = prepare(document.dataset)
    plan = compile_document(document, data.schema)
    theta = initial(plan, document, 3)
    rows = data.splits["train"]
    columns, training = data.batch(plan.columns, rows), document.training
    found = backward_numbers(plan, theta, columns, training, len(rows), 16)
    shown = probe(plan, theta, columns, training, len(rows), None, 0)
    assert found.gradient == pytest.approx(shown.theta_gradient, rel=1e-12)
    widths = sum(plan.widths[slot] for slot in plan.nets.values())
    assert found.deltas.size == widths * len(rows)
    (first,) = [node for node in plan.nets if node == "h"]
    width = plan.widths[plan.nets[first]]
    mine = found.deltas[: width * len(rows)].reshape(len(rows), width)
    expected = shown.delta_strips["h"]
    assert mine.sum(axis=0) * 16 / len(rows) == pytest.approx(expected, rel=1e-9, abs=1e-15)
