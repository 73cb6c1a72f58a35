"""The curve of an activation: its slope is that of differences, its points are the unit's."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis.grids.activation_curve import activation_curve, activation_of
from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial
from engine.library import ops
from graph.model.edits import SetParam
from tests.engine.documents import mazur, widths

CURVES = sorted(
    kind for kind, op in ops().items() if op.spec.group == "activations" and op.elementwise
)


@pytest.mark.parametrize("kind", CURVES)
def test_the_slope_is_that_of_the_curve(kind: str) -> None:
    document, columns = mazur()
    document.apply(SetParam("h1", "activation", kind))
    plan = compile_document(document, widths(columns))
    found_kind = activation_of(document, "h1")
    assert found_kind is not None
    found = activation_curve(plan, initial(plan, document, 0), columns, "h1", found_kind)
    middle = (found.s[1:] + found.s[:-1]) / 2
    slope = np.diff(found.f) / np.diff(found.s)
    smooth = np.abs(np.diff(found.slope)) < 0.1  # no corner in between
    expected = (found.slope[1:] + found.slope[:-1]) / 2
    fine = smooth & np.isfinite(slope) & (np.abs(middle) > 0.1)
    if kind != "step":
        assert slope[fine] == pytest.approx(expected[fine], abs=0.03, rel=0.03)


def test_the_points_are_the_unit_itself() -> None:
    document, columns = mazur()
    plan = compile_document(document, widths(columns))
    activation = activation_of(document, "h1")
    assert activation == ("sigmoid", {})
    found = activation_curve(plan, initial(plan, document, 0), columns, "h1", activation)
    assert found.at.tolist() == pytest.approx([0.3775])
    assert found.at_f.tolist() == pytest.approx([0.593269992], abs=5e-10)
    assert found.at_slope.tolist() == pytest.approx([0.593269992 * (1 - 0.593269992)], abs=5e-10)


def test_what_is_no_curve_has_none() -> None:
    document, _ = mazur()
    document.apply(SetParam("h1", "activation", "softmax"))
    assert activation_of(document, "h1") is None
    assert activation_of(document, "i1") is None
    assert activation_of(document, "nobody") is None
