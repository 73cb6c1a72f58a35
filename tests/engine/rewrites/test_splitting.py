"""Split and merge: units become neurons and neurons units, the numbers do not change."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.interpreter.interpreter import forward
from engine.interpreter.parameter_vector import initial, to_tensors
from engine.library import library
from engine.rewrites.expand_collapse import merge, split
from graph.changes.adding import remove
from graph.errors import EditError
from graph.files.storage import dumps, loads
from graph.model.edits import (
    AddNode,
    Batch,
    Connect,
    Edge,
    Node,
    SetFrozen,
    SetParam,
    SetParameterValues,
    SetShared,
)
from graph.model.tensor import Tensor
from tests.engine.documents import draw
from tests.engine.rewrites.redrawing import (
    COLUMNS,
    SCHEMA,
    TOLERANCE,
    assert_same_numbers,
    measured,
    network,
    settle,
)


def test_split_draws_units_with_rows_and_columns() -> None:
    document = network()
    rows = document.parameters["p-h.weight"].nested()
    biases = document.parameters["h.bias"].nested()
    columns = np.array(document.parameters["h-o.weight"].nested()).T
    assert isinstance(rows, list)
    assert isinstance(biases, list)
    document.apply(SetFrozen({"p-h.weight": True}))
    document.apply(split(document, "h"))
    for i, unit in enumerate(("h.1", "h.2", "h.3", "h.4")):
        assert document.nodes[unit] == Node(unit, "neuron", "", {"activation": "tanh"})
        assert document.parameters[f"p-{unit}.weight"].nested() == [rows[i]]
        assert document.parameters[f"{unit}.bias"].nested() == [biases[i]]
        assert document.parameters[f"{unit}-o.weight"].nested() == columns[i][:, None].tolist()
    assert document.frozen == {f"p-h.{i}.weight" for i in range(1, 5)}
    assert document.nodes["h"].kind == "concat"  # the mean reads all units as one value
    assert {"p-h.weight", "h.bias", "h-o.weight"}.isdisjoint(document.parameters)


def test_split_without_other_readers_leaves_no_concat() -> None:
    document = network()
    document.apply(remove(document, ["m"]))
    before = measured(document, COLUMNS)
    document.apply(split(document, "h"))
    assert "h" not in document.nodes
    assert_same_numbers(before, measured(document, COLUMNS))


@pytest.mark.parametrize("bias", [True, False])
def test_merge_undoes_split(bias: bool) -> None:
    document = network(bias=bias)
    document.apply(SetFrozen({"p-h.weight": True}))
    original, before = loads(dumps(document), library()), measured(document, COLUMNS)
    document.apply(split(document, "h"))
    document.apply(merge(document, ["h.3", "h.1", "h.4", "h.2"]))
    assert dict(document.parameters) == dict(original.parameters)
    assert {n: (x.kind, x.params) for n, x in document.nodes.items()} == {
        n: (x.kind, x.params) for n, x in original.nodes.items()
    }
    assert document.frozen == original.frozen
    assert_same_numbers(before, measured(document, COLUMNS))


def test_merged_units_that_are_read_alone_stay_as_slices() -> None:
    document = draw(
        {
            "p": ("input", {"columns": ("p",)}),
            "q": ("input", {"columns": ("q",)}),
            "t": ("target", {"columns": ("t",)}),
            "h1": ("neuron", {"units": 2}),
            "h2": "neuron",
            "h3": "neuron",
            "o": ("neuron", {"units": 2, "activation": "tanh"}),
            "k": ("neuron", {"units": 2}),
            "s": "sum",
            "E": "half_squared_error",
        },
        ["p h1", "q h1", "q h2", "p h2", "p h3", "q h3", "h1 o", "h2 o", "h3 o", "h2 k", "k s",
         "o s", "h3 s", "s E:prediction", "t E:target"],
    )  # fmt: skip
    settle(document)
    before, text = measured(document, COLUMNS), dumps(document)
    undo = document.apply(merge(document, ["h2", "h1", "h3"]))
    after = measured(document, COLUMNS)
    assert document.nodes["h1"].params == {"units": 4}
    assert document.nodes["h2"] == Node("h2", "slice", "", {"start": 2, "stop": 3})
    assert document.nodes["h3"].kind == "slice"
    assert [e.source for e in document.in_edges("o")] == ["h1"]
    # h1 is now the whole group, and what reads it also reads the others
    without = ("h1", "δ h1", "δ h2", "δ h3")
    assert_same_numbers(before, after, without=without)
    document.apply(undo)
    assert dumps(document) == text


@pytest.mark.parametrize(
    ("edit", "chosen", "text"),
    [
        (None, ["h.1"], "select at least two"),
        (None, ["h.1", "nope"], "there is no node 'nope'"),
        (None, ["h.1", "m"], "'m' is no neuron"),
        (None, ["h.1", "o"], "differ in activation"),
        (SetParam("h.1", "bias", False), ["h.1", "h.2"], "differ in bias"),
        (Connect(Edge("x", "q", "h.1")), ["h.1", "h.2"], "read different nodes"),
        (SetFrozen({"h.1.bias": True}), ["h.1", "h.2"], "only some of"),
        (
            Batch(
                (
                    SetShared({"h.1.bias": "b", "h.3.bias": "b"}),
                    SetParameterValues({"b": Tensor.of([0.5])}),
                )
            ),
            ["h.1", "h.2"],
            "end the sharing",
        ),
        (SetParameterValues({"h.2.bias": None}), ["h.1", "h.2"], "'h.2.bias' has no value"),
    ],
)
def test_what_differs_is_not_merged(edit: Any, chosen: list[str], text: str) -> None:
    document = network()
    document.apply(split(document, "h"))
    if edit is not None:
        document.apply(edit)
    with pytest.raises(EditError, match=text):
        merge(document, chosen)


def test_softmax_units_are_not_merged() -> None:
    document = network("softmax")
    document.apply(split(document, "h"))
    for unit in ("h.1", "h.2"):
        document.apply(SetParam(unit, "activation", "softmax"))
    with pytest.raises(EditError, match="softmax mixes the units"):
        merge(document, ["h.1", "h.2"])


@pytest.mark.parametrize(
    ("name", "text"), [("m", "is no neuron"), ("nope", "is no neuron"), ("u", "a single unit")]
)
def test_what_has_no_units_is_not_split(name: str, text: str) -> None:
    document = network()
    document.apply(AddNode(Node("u", "neuron")))
    with pytest.raises(EditError, match=text):
        split(document, name)


def test_shared_weights_are_not_split() -> None:
    document = draw(
        {"p": "constant", "h": ("neuron", {"units": 2}), "k": ("neuron", {"units": 2})},
        ["p h", "p k"],
    )
    document.apply(SetShared({"p-h.weight": "w", "p-k.weight": "w"}))
    with pytest.raises(EditError, match=r"'p-h\.weight' shares its numbers"):
        split(document, "h")


def test_current_values_can_be_given() -> None:
    document = network(values=False)
    plan = compile_document(document, SCHEMA)
    theta = initial(plan, document, 9)
    expected = forward(plan, theta, COLUMNS).values[plan.outputs["s"]]
    document.apply(SetParameterValues(to_tensors(plan, theta)))
    kept = dict(document.parameters)
    document.apply(SetParameterValues(dict.fromkeys(kept)))
    document.apply(split(document, "h", kept))
    document.apply(
        SetParameterValues({n: v for n, v in kept.items() if n in ("o.bias", "p-o.weight")})
    )
    np.testing.assert_allclose(
        measured(document, COLUMNS)["s"], expected, rtol=TOLERANCE, atol=TOLERANCE
    )


def test_penalties_go_on_covering_the_same_numbers() -> None:
    document = network()
    document.apply(
        AddNode(Node("r", "l2_penalty", params={"parameters": ("p-h.weight", "o.bias")}))
    )
    before = measured(document, COLUMNS)
    document.apply(split(document, "h"))
    assert document.param("r", "parameters") == (
        *(f"p-h.{i}.weight" for i in range(1, 5)),
        "o.bias",
    )
    assert_same_numbers(before, measured(document, COLUMNS), without=("δ h",))
    document.apply(SetParam("r", "parameters", ("p-h.1.weight", "o.bias")))
    with pytest.raises(EditError, match="'r' covers only some of"):
        merge(document, ["h.1", "h.2", "h.3", "h.4"])
