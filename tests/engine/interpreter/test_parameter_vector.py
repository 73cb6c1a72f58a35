"""θ: what initialisers draw, whose numbers they depend on, and conversions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compiler.compile import compile_document
from engine.errors import ShapeError
from engine.interpreter.initializers import INITIALIZERS
from engine.interpreter.parameter_vector import (
    initial,
    to_array,
    to_tensor,
    to_tensors,
    trainable_mask,
    views,
)
from graph.model.document import Document
from graph.model.edits import SetFrozen, SetParam, SetParameterValues, SetShared
from graph.model.tensor import Tensor
from tests.engine.documents import draw, mazur, ng, widths

_SCHEMA = {"x": 60, "y": 40}


def _layer(**params: Any) -> Document:
    return draw(
        {"x": ("input", {"columns": ("x",)}), "h": ("neuron", {"units": 40, **params})}, ["x h"]
    )


def _weights(document: Document, seed: int = 0) -> np.ndarray[Any, np.dtype[np.float64]]:
    plan = compile_document(document, _SCHEMA)
    return np.asarray(views(plan, initial(plan, document, seed))[0], np.float64)


# name, largest magnitude, standard deviation; 60 components in, 40 units
_EXPECTED = [
    ("zeros", 0.0, 0.0),
    ("constant", 0.5, 0.0),
    ("normal", np.inf, 1.0),
    ("uniform", 0.12, 0.12 / np.sqrt(3)),
    ("xavier_uniform", np.sqrt(6 / 100), np.sqrt(2 / 100)),
    ("xavier_normal", np.inf, np.sqrt(2 / 100)),
    ("he_uniform", np.sqrt(6 / 60), np.sqrt(2 / 60)),
    ("he_normal", np.inf, np.sqrt(2 / 60)),
    ("lecun_normal", np.inf, np.sqrt(1 / 60)),
    ("ng", np.sqrt(6) / np.sqrt(60 + 40), np.sqrt(2 / 100)),
]


@pytest.mark.parametrize(("name", "bound", "deviation"), _EXPECTED)
def test_initializers(name: str, bound: float, deviation: float) -> None:
    drawn = _weights(_layer(initializer=name))
    assert drawn.shape == (40, 60)
    assert np.abs(drawn).max() <= bound
    # 2,400 draws: the deviation's own relative error is about 1/√(2·2400), 1.4 %
    assert drawn.std() == pytest.approx(deviation, rel=0.06, abs=1e-15)
    if name != "constant":
        assert abs(drawn.mean()) <= 4 * deviation / np.sqrt(drawn.size)


def test_every_name_a_kind_offers_can_be_drawn() -> None:
    document = _layer()
    spec = document.spec("h")
    assert spec is not None
    declared = spec.param("initializer")
    assert declared is not None
    assert {str(choice) for choice in declared.choices} <= set(INITIALIZERS)


def test_biases_start_at_zero_and_gains_at_one() -> None:
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", {"units": 3, "initializer": "normal"}),
            "n": "layer_norm",
        },
        ["x h", "h n"],
    )
    plan = compile_document(document, _SCHEMA)
    found = to_tensors(plan, initial(plan, document, 5))
    assert found["h.bias"].numbers() == [0, 0, 0]
    assert found["n.gain"].numbers() == [1, 1, 1]
    assert found["n.shift"].numbers() == [0, 0, 0]
    assert [p.name for p in plan.parameters if not p.is_bias] == ["x-h.weight"]


def test_a_layer_drawn_neuron_by_neuron_has_the_fans_of_a_layer() -> None:
    layered = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", {"units": 3}),
            "o": ("neuron", {"units": 2}),
        },
        ["x h", "h o"],
    )
    inputs = {f"x{i}": ("input", {"columns": (f"x[{i}]",)}) for i in range(60)}
    hidden, outer = [f"h{i}" for i in range(3)], [f"o{i}" for i in range(2)]
    single = draw(
        {**inputs, **dict.fromkeys(hidden + outer, "neuron")},
        [
            *(f"{x} {h}" for x in inputs for h in hidden),
            *(f"{h} {o}" for h in hidden for o in outer),
        ],
    )
    fans: dict[str, set[tuple[int, int]]] = {}
    for document in (layered, single):
        plan = compile_document(document, _SCHEMA)
        for p in plan.parameters:
            if not p.is_bias:
                fans.setdefault(p.name[0], set()).add((p.fan_in, p.fan_out))
    assert fans == {"x": {(60, 3)}, "h": {(3, 2)}}


def test_another_node_changes_no_drawn_number() -> None:
    small = draw({"x": ("input", {"columns": ("x",)}), "h": "neuron"}, ["x h"])
    more = draw(
        {
            "a": ("input", {"columns": ("y",)}),
            "x": ("input", {"columns": ("x",)}),
            "b": ("neuron", {"initializer": "normal"}),
            "h": "neuron",
        },
        ["a b", "x h"],
    )
    found = []
    for document in (small, more):
        plan = compile_document(document, _SCHEMA)
        found.append(to_tensors(plan, initial(plan, document, 3))["x-h.weight"])
    # the fan out of x is 1 in both
    assert found[0] == found[1]


def test_the_seed_and_the_name_decide() -> None:
    assert np.array_equal(_weights(_layer(), 1), _weights(_layer(), 1))
    assert not np.array_equal(_weights(_layer(), 1), _weights(_layer(), 2))
    renamed = _layer()
    renamed.apply(SetShared({"x-h.weight": "w"}))
    assert not np.array_equal(_weights(renamed, 1), _weights(_layer(), 1))


def test_values_of_the_document_come_first() -> None:
    document, columns = ng()
    plan = compile_document(document, widths(columns))
    theta = initial(plan, document, 0)
    assert sorted(theta) == pytest.approx([i / 10 for i in range(1, 19)])
    assert to_tensors(plan, theta) == dict(document.parameters)


def test_a_value_of_another_shape() -> None:
    document = _layer()
    document.apply(SetParam("h", "units", 2))
    document.apply(SetParameterValues({"h.bias": Tensor.of([1.0, 2.0, 3.0])}))
    plan = compile_document(document, _SCHEMA)
    with pytest.raises(ShapeError, match=r"h\.bias.*3.*2"):
        initial(plan, document, 0)
    loose = to_tensors(plan, initial(plan, document, 0, strict=False))
    assert loose["h.bias"].numbers() == [0, 0]


def test_views_write_through() -> None:
    document, columns = mazur()
    plan = compile_document(document, widths(columns))
    theta = initial(plan, document, 0, dtype=np.float32)
    assert theta.dtype == np.float32
    views(plan, theta)[1][...] = 7
    assert theta[plan.parameters[1].offset] == 7


def test_what_is_frozen_is_not_trained() -> None:
    document, columns = ng()
    document.apply(SetFrozen({"a2.bias": True}))
    plan = compile_document(document, widths(columns))
    names = [p.name for p in plan.parameters for _ in range(p.size)]
    assert [n for n, on in zip(names, trainable_mask(plan), strict=True) if not on] == [
        "a2.bias",
        "a2.bias",
    ]


@given(st.lists(st.integers(0, 4), max_size=3), st.randoms(use_true_random=False))
@settings(max_examples=30, deadline=None)
def test_tensors_and_arrays_are_the_same_numbers(shape: list[int], random: Any) -> None:
    array = np.array([random.uniform(-1e9, 1e9) for _ in range(int(np.prod(shape)))])
    array = array.reshape(shape)
    tensor = to_tensor(array)
    assert tensor.shape == array.shape
    back = to_array(tensor)
    assert np.array_equal(back, array)
    back += 1  # an array of its own
    assert np.array_equal(to_array(tensor), array)
