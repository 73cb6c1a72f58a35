"""A slice of E is what evaluating E there gives, and its tangent is the gradient."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.grids.loss_slice import BANDS, bands, loss_slice, loss_surface
from engine.compiler.compile import compile_document
from engine.interpreter.interpreter import Interpreter
from engine.interpreter.objective_terms import objective_terms
from engine.interpreter.parameter_vector import initial
from graph.model.training import Training
from tests.engine.documents import mazur, ng, widths


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 17), st.floats(0.01, 3.0))
def test_every_point_is_e_there_with_penalties(place: int, half_width: float) -> None:
    document, columns = ng()
    plan = compile_document(document, widths(columns))
    theta, training = initial(plan, document, 0), Training(l1=0.2, l2=4.0)
    found = loss_slice(plan, theta, columns, place, half_width, training, 3)
    assert found.values[[0, -1]] == pytest.approx(theta[place] + half_width * np.array([-1, 1]))
    for at, error in list(zip(found.values, found.errors, strict=True))[::17]:
        moved = theta.copy()
        moved[place] = at
        run = Interpreter(plan).forward(moved, columns)
        expected = objective_terms(plan, moved, run, 0.2, 4.0, 3).total
        assert error == pytest.approx(expected, rel=1e-12)


def test_the_tangent_is_mazurs_gradient() -> None:
    document, columns = mazur()
    plan = compile_document(document, widths(columns))
    theta = initial(plan, document, 0)
    parameter = plan.parameters.find("h1-o1.weight")
    assert parameter is not None
    found = loss_slice(plan, theta, columns, parameter.offset, 0.01, Training(), 1)
    assert found.slope == pytest.approx(0.082167041, abs=5e-10)
    assert found.error == pytest.approx(0.298371109, abs=5e-10)
    assert found.secant == pytest.approx(found.slope, rel=1e-4)
    assert (found.ahead - found.behind) / (2 * found.step) == found.secant


def test_a_surface_has_its_slices_in_it() -> None:
    document, columns = ng()
    plan = compile_document(document, widths(columns))
    theta, training = initial(plan, document, 0), Training(l2=4.0)
    surface = loss_surface(plan, theta, columns, (2, 11), 0.6, training, 3)
    middle = len(surface.x) // 2
    for place, errors, values in (
        (2, surface.errors[:, middle], surface.x),
        (11, surface.errors[middle], surface.y),
    ):
        found = loss_slice(plan, theta, columns, place, 0.6, training, 3)
        assert errors == pytest.approx(np.interp(values, found.values, found.errors), rel=1e-12)
        assert found.slope in surface.slope
    assert surface.errors[middle, middle] == pytest.approx(surface.error, rel=1e-12)
    shades = bands(surface)
    assert set(shades.ravel()) == set(range(BANDS))
    order = np.argsort(surface.errors, axis=None)
    coarse = shades[:: (len(shades) - 1) // (len(surface.x) - 1)]
    coarse = coarse[:, :: (len(shades) - 1) // (len(surface.x) - 1)]
    assert (np.diff(coarse.ravel()[order]) >= 0).all(), "a higher E is in no lower band"
