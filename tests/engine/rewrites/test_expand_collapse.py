"""Expand and collapse: the drawing changes, the numbers do not."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial, to_tensors
from engine.library import library
from engine.rewrites.expand_collapse import collapse, expand, split
from graph.errors import EditError
from graph.files.storage import dumps, loads
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Batch,
    Connect,
    Edge,
    Node,
    SetEdgeLabel,
    SetFrozen,
    SetParam,
    SetParameterValues,
    SetShared,
)
from tests.engine.documents import draw
from tests.engine.random_documents import RandomDocument
from tests.engine.rewrites.redrawing import (
    COLUMNS,
    SCHEMA,
    TOLERANCE,
    assert_same_numbers,
    measured,
    network,
    settle,
    trained,
)

Change = Callable[[Document], Batch]
CHANGES: dict[str, Change] = {
    "expand": lambda document: expand(document, "h"),
    "expand reader": lambda document: expand(document, "o"),
    "split": lambda document: split(document, "h"),
    "split reader": lambda document: split(document, "o"),
}


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activation", ["tanh", "relu", "softmax", "log_softmax"])
@pytest.mark.parametrize("change", CHANGES)
def test_the_numbers_stay_and_undo_restores(change: str, activation: str, bias: bool) -> None:
    document = network(activation, bias=bias)
    text, before, step = dumps(document), measured(document, COLUMNS), trained(document, COLUMNS)
    undo = document.apply(CHANGES[change](document))
    after = measured(document, COLUMNS)
    # nodes keep their ids, but a δ of h now belongs to what reads the concat only
    assert_same_numbers(before, after, without=("δ h",))
    after_step = trained(document, COLUMNS)
    for name in ("h", "o", "s"):
        np.testing.assert_allclose(after_step[name], step[name], rtol=1e-12, atol=1e-12)
    assert dumps(loads(dumps(document), library())) == dumps(document)
    document.apply(undo)
    assert dumps(document) == text


def test_expand_draws_the_operations_and_keeps_the_names() -> None:
    document = network()
    document.apply(SetFrozen({"h.bias": True, "p-h.weight": True}))
    document.apply(expand(document, "h"))
    assert {n: document.nodes[n].kind for n in ("p-h", "q-h", "h.s", "h.b", "h")} == {
        "p-h": "weight",
        "q-h": "weight",
        "h.s": "sum",
        "h.b": "bias",
        "h": "tanh",
    }
    assert document.nodes["p-h"].params == {"width": 4}
    assert document.edges["p-h"] == Edge("p-h", "p", "p-h", "x")
    assert [e.source for e in document.in_edges("h.s")] == ["p-h", "q-h", "h.b"]
    names = {p.name for p in compile_document(document, SCHEMA).parameters}
    assert names == {p.name for p in compile_document(network(), SCHEMA).parameters}
    assert document.frozen == {"h.bias", "p-h.weight"}
    assert document.groups[0].nodes[:2] == ("h", "m")
    assert set(document.groups[0].nodes) == {"h", "m", "p-h", "q-h", "h.s", "h.b"}
    places = [document.positions[n] for n in ("p-h", "q-h", "h.b", "h.s", "h")]
    assert len(set(places)) == 5
    assert places[0][0] < places[3][0] < places[4][0]


def test_values_not_yet_drawn_are_the_same_when_expanded() -> None:
    document = network(values=False)
    before = measured(document, COLUMNS)
    document.apply(expand(document, "h"))
    assert_same_numbers(before, measured(document, COLUMNS))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("chosen", [["p-h", "q-h", "h.s", "h"], ["h.s", "h"], ["h"], ["h.s"]])
def test_collapse_undoes_expand(chosen: list[str], bias: bool) -> None:
    document = network(bias=bias)
    document.apply(SetEdgeLabel("p-h", "w₁"))
    text, before = dumps(document), measured(document, COLUMNS)
    document.apply(expand(document, "h"))
    assert document.nodes["p-h"].label == "w₁"
    document.apply(collapse(document, chosen))
    assert_same_numbers(before, measured(document, COLUMNS))
    assert loads(text, library()).nodes == document.nodes
    assert dict(loads(text, library()).edges) == dict(document.edges)
    assert dict(loads(text, library()).parameters) == dict(document.parameters)
    assert not document.shared
    assert document.groups == loads(text, library()).groups


def test_collapse_of_hand_drawn_operations() -> None:
    document = draw(
        {
            "p": ("input", {"columns": ("p",)}),
            "q": ("input", {"columns": ("q",)}),
            "t": ("target", {"columns": ("t",)}),
            "w1": ("weight", {"width": 2}),
            "w2": ("weight", {"width": 2}),
            "w3": ("weight", {"width": 2}),
            "b": ("bias", {"width": 2}),
            "s": "sum",
            "o": "relu",
            "E": "half_squared_error",
        },
        ["p w1", "q w2", "p w3", "w1 s", "b s", "w2 s", "w3 s", "s o", "o E:prediction",
         "t E:target"],
    )  # fmt: skip
    settle(document)
    document.apply(SetShared({"w1.weight": "w", "w3.weight": "w"}))
    document.apply(SetParameterValues({"w": document.parameters["w1.weight"]}))
    before = measured(document, COLUMNS)
    undone = dumps(document)
    undo = document.apply(
        collapse(document, ["s"])
    )  # without the activation? it is the only reader
    after = measured(document, COLUMNS)
    assert set(document.nodes) == {"p", "q", "t", "o", "E"}
    assert document.nodes["o"].params == {"activation": "relu", "units": 2}
    for name in ("E", "o", "δ o", "δ p", "δ q"):
        np.testing.assert_allclose(after[name], before[name], rtol=TOLERANCE, atol=TOLERANCE)
    assert document.parameter_name("p-w1.weight") == "w" == document.parameter_name("p-w3.weight")
    document.apply(undo)
    assert dumps(document) == undone

    document.apply(collapse(document, ["w1", "w2", "w3", "b", "s"]))
    assert document.nodes["s"].params == {"activation": "identity", "units": 2}
    assert document.nodes["o"].kind == "relu"
    after = measured(document, COLUMNS)
    for name in ("E", "o", "s", "δ p"):
        np.testing.assert_allclose(after[name], before[name], rtol=TOLERANCE, atol=TOLERANCE)


@pytest.mark.parametrize(
    ("edit", "chosen", "text"),
    [
        (None, ["nope"], "there is no node 'nope'"),
        (None, ["m", "E"], "no sums are selected"),
        (None, ["h.s", "s"], "2 sums are selected"),
        (None, ["h.s", "h", "p"], "'p' is no part of this neuron"),
        (None, ["s"], "adds 'm' .mean. without a weight"),
        (Connect(Edge("x", "h.s", "s")), ["h.s", "h"], "is read 2 times"),
        (Connect(Edge("x", "h.b", "s")), ["h.s", "h"], "'h.b' is read several times"),
        (SetParam("h.b", "width", 1), ["h"], "widths of weights and bias must be equal"),
        (SetParam("p-h", "initializer", "zeros"), ["h"], "different initialisers"),
    ],
)
def test_what_is_no_neuron_is_not_collapsed(edit: Any, chosen: list[str], text: str) -> None:
    document = network()
    document.apply(expand(document, "h"))
    if edit is not None:
        document.apply(edit)
    with pytest.raises(EditError, match=text):
        collapse(document, chosen)


def test_an_activation_with_its_own_slope_is_not_collapsed() -> None:
    document = network("leaky_relu")
    document.apply(expand(document, "h"))
    document.apply(SetParam("h", "slope", 0.3))
    with pytest.raises(EditError, match="has its own settings"):
        collapse(document, ["h"])
    document.apply(SetParam("h", "slope", 0.01))
    collapse(document, ["h"])


def test_expand_finds_other_ids_if_they_are_taken() -> None:
    document = network()
    for name in ("h.s", "h.b", "q-h"):
        document.apply(_add(name))
    before = measured(document, COLUMNS)
    document.apply(expand(document, "h"))
    assert_same_numbers(before, measured(document, COLUMNS))
    assert document.nodes["q-h"].kind == "constant"


def _add(name: str) -> Batch:
    return Batch((AddNode(Node(name, "constant")),))


@pytest.mark.parametrize("name", ["s", "nope"])
def test_single_operations_are_not_expanded(name: str) -> None:
    with pytest.raises(EditError, match=f"'{name}'"):
        expand(network(), name)


def test_expand_of_a_formula() -> None:
    document = network()
    draw_formula(document, "x1*x2 + sin(x1)")
    before = measured(document, COLUMNS)
    document.apply(expand(document, "f"))
    assert_same_numbers(before, measured(document, COLUMNS))
    assert document.nodes["f"].kind == "sum"


def draw_formula(document: Document, formula: str) -> None:
    document.apply(AddNode(Node("f", "expression", params={"formula": formula})))
    document.apply(Connect(Edge("h-f", "h", "f", "inputs", 0)))
    document.apply(Connect(Edge("q-f", "q", "f", "inputs", 1)))


def test_a_wrong_formula_is_not_expanded() -> None:
    document = network()
    draw_formula(document, "x1 + nope")
    with pytest.raises(EditError, match="'f' cannot be expanded: at character 6"):
        expand(document, "f")


@pytest.mark.parametrize("seed", range(12))
def test_random_graphs_compute_the_same_however_they_are_drawn(seed: int) -> None:
    drawn = RandomDocument(seed)
    document = drawn.document
    plan = compile_document(document, drawn.schema)
    document.apply(SetParameterValues(to_tensors(plan, initial(plan, document, seed))))
    before, text = measured(document, drawn.columns, drawn.schema), dumps(document)
    neurons = [name for name, node in document.nodes.items() if node.kind == "neuron"]
    for name in neurons:
        undo = []
        if document.param(name, "units") != 1:
            with suppress(EditError):  # what is shared is not split
                undo.append(document.apply(split(document, name)))
        left = [n for n, x in document.nodes.items() if x.kind == "neuron"]
        undo.extend(document.apply(expand(document, node)) for node in left)
        after = measured(document, drawn.columns, drawn.schema)
        np.testing.assert_allclose(after["total"], before["total"], rtol=1e-11)
        for node in drawn.document.nodes.keys() & before.keys():
            np.testing.assert_allclose(after[node], before[node], rtol=1e-10, atol=1e-11)
        for edit in reversed(undo):
            document.apply(edit)
        assert dumps(document) == text
