"""Which vectors are pictures, and the weights that look at them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.analysis.pictures import picture_inputs, picture_shape, weight_pictures
from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial
from engine.library import library
from graph.files.storage import load

EXAMPLES = Path(__file__).parents[3] / "examples"


@pytest.mark.parametrize(
    ("width", "shape"),
    [(64, (8, 8)), (784, (28, 28)), (400, (20, 20)), (63, None), (49, None), (4, None), (0, None)],
)
def test_shapes(width: int, shape: tuple[int, int] | None) -> None:
    assert picture_shape(width) == shape


def test_each_hidden_unit_of_the_digits_has_a_picture_of_its_weights() -> None:
    document = load(EXAMPLES / "digits.gradwire", library())
    plan = compile_document(document, {"image": 64, "digit": 10})
    theta = initial(plan, document, 0)
    assert picture_inputs(plan) == {"x": (8, 8)}
    (found,) = weight_pictures(plan, theta)
    assert (found.source, found.target, found.pictures.shape) == ("x", "h", (64, 8, 8))
    place = plan.parameters.find(found.parameter)
    assert place is not None
    matrix = theta[place.offset : place.offset + place.size].reshape(place.shape)
    assert np.array_equal(found.pictures[5].ravel(), matrix[5])
