"""Units that compute the same: found whatever their number, and parted only where they can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.symmetry import EqualUnits, equal_units
from engine.arrays.aliases import Array
from engine.compiler.compile import compile_document
from engine.interpreter.interpreter import Interpreter
from engine.interpreter.parameter_vector import initial
from graph.model.document import Document
from graph.model.tensor import Nested
from tests.engine.documents import draw, widths

ROWS = 7


def two_hidden(values: Mapping[str, Nested], kind: str = "sigmoid") -> Document:
    unit: tuple[str, dict[str, Any]] = ("neuron", {"activation": kind})
    nodes: dict[str, str | tuple[str, dict[str, Any]]] = {
        "x1": ("input", {"columns": ("x1",)}),
        "x2": ("input", {"columns": ("x2",)}),
        "h1": unit,
        "h2": unit,
        "o": ("neuron", {"activation": "identity"}),
        "t": ("target", {"columns": ("t",)}),
        "E": "half_squared_error",
    }
    edges = ["x1 h1", "x2 h1", "x1 h2", "x2 h2", "h1 o", "h2 o", "o E:prediction", "t E:target"]
    return draw(nodes, edges, values)


def columns() -> dict[str, Array]:
    draws = np.random.default_rng(3)
    return {name: draws.normal(size=(ROWS, 1)) for name in ("x1", "x2", "t")}


def weights(into_2: float = 0.3, out_of_2: float = 0.7) -> dict[str, Nested]:
    return {
        "x1-h1.weight": [[0.3]],
        "x2-h1.weight": [[-0.4]],
        "x1-h2.weight": [[into_2]],
        "x2-h2.weight": [[-0.4]],
        "h1-o.weight": [[0.7]],
        "h2-o.weight": [[out_of_2]],
    }


def found(document: Document, data: Mapping[str, Array]) -> list[EqualUnits]:
    plan = compile_document(document, widths(dict(data)))
    return equal_units(plan, initial(plan, document, 0), data)


def test_equal_weights_stay_equal() -> None:
    """The case of Ng's notes: identical values for all parameters of a layer."""
    (group,) = found(two_hidden(weights()), columns())
    assert group.units == (("h1", None), ("h2", None))
    assert group.has_equal_delta
    assert group.stays
    assert group.rows == ROWS


def test_other_weights_out_part_them() -> None:
    (group,) = found(two_hidden(weights(out_of_2=-0.2)), columns())
    assert not group.has_equal_delta
    assert not group.stays


def test_other_weights_in_are_other_units() -> None:
    assert found(two_hidden(weights(into_2=0.3001)), columns()) == []


def test_its_numbers_are_those_of_the_rows() -> None:
    data = columns()
    (group,) = found(two_hidden(weights()), data)
    z = 1 / (1 + np.exp(-(0.3 * data["x1"] - 0.4 * data["x2"])))
    delta = (1.4 * z - data["t"]) * 0.7 * z * (1 - z)
    assert group.value == pytest.approx(float(z.mean()), rel=1e-12)
    assert group.delta == pytest.approx(float(delta.mean()), rel=1e-12)


def test_one_row_where_they_differ_is_enough() -> None:
    """Dead units: both are 0 in all rows but one; s is not the same anyway."""
    data = columns()
    values: dict[str, Nested] = {
        **weights(),
        "x1-h2.weight": [[0.3]],
        "x2-h2.weight": [[-0.4 + 1e-6]],
    }
    assert found(two_hidden(values, "relu"), data) == []


def test_small_numbers_are_told_apart() -> None:
    """Far from the loss δ is tiny: equal is measured against its own size."""
    values: dict[str, Nested] = {**weights(), "h1-o.weight": [[1e-9]], "h2-o.weight": [[2e-9]]}
    (group,) = found(two_hidden(values), columns())
    assert not group.has_equal_delta


@given(st.integers(2, 12), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_components_of_a_layer_against_a_comparison_of_all_pairs(width: int, seed: int) -> None:
    draws = np.random.default_rng(seed)
    kinds = draws.integers(0, 4, width)  # rows of W are drawn from four
    into = draws.normal(size=(4, 3))[kinds]
    out = draws.normal(size=(1, width))
    nodes: dict[str, str | tuple[str, dict[str, Any]]] = {
        "x": ("input", {"columns": ("x",)}),
        "h": ("neuron", {"activation": "tanh", "units": width}),
        "o": ("neuron", {"activation": "identity"}),
        "t": ("target", {"columns": ("t",)}),
        "E": "half_squared_error",
    }
    values: dict[str, Nested] = {"x-h.weight": into.tolist(), "h-o.weight": out.tolist()}
    document = draw(nodes, ["x h", "h o", "o E:prediction", "t E:target"], values)
    data: dict[str, Array] = {"x": draws.normal(size=(300, 3)), "t": draws.normal(size=(300, 1))}
    plan = compile_document(document, widths(data))
    theta = initial(plan, document, 0)
    nets = Interpreter(plan).forward(theta, data).values[plan.nets["h"]]
    expected = {
        frozenset(j for j in range(width) if np.allclose(nets[:, i], nets[:, j], rtol=1e-9))
        for i in range(width)
    }
    groups = equal_units(plan, theta, data)
    got = {frozenset(component or 0 for _, component in group.units) for group in groups}
    assert got == {group for group in expected if len(group) > 1}
    assert not any(group.stays for group in groups)  # their weights out differ
