"""Expand, collapse, split and merge: the drawing changes, the numbers do not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from engine.compiling import compile_document
from engine.expanding import collapse, expand, expand_node, merge, split
from engine.library import library, ops
from engine.op import Array
from engine.parameters import initial, to_tensors
from engine.running import backward, errors, forward
from graph.changes import remove
from graph.document import Document
from graph.edits import (
    AddNode,
    Batch,
    Connect,
    Edge,
    Group,
    Move,
    Node,
    SetFrozen,
    SetGroups,
    SetParam,
    SetParameterValues,
    SetShared,
)
from graph.errors import EditError
from graph.storage import dumps, loads
from graph.tensor import Tensor
from tests.engine.documents import draw
from tests.engine.random_documents import RandomDocument

SCHEMA = {"p": 3, "q": 1, "t": 2}
# the same products are added in another order: a few roundings of numbers around 1
TOLERANCE = 64 * float(np.finfo(float).eps)


@pytest.fixture
def columns() -> dict[str, Array]:
    rng = np.random.default_rng(11)
    return {name: rng.normal(size=(5, width)) for name, width in SCHEMA.items()}


def network(activation: str = "tanh", *, bias: bool = True, values: bool = True) -> Document:
    """Two sources → h (4 units) → o (2 units, also fed by p) → E; a mean also reads h."""
    document = draw(
        {
            "p": ("input", {"columns": ("p",)}),
            "q": ("input", {"columns": ("q",)}),
            "t": ("target", {"columns": ("t",)}),
            "h": (
                "neuron",
                {"units": 4, "activation": activation, **({} if bias else {"bias": False})},
            ),
            "o": ("neuron", {"units": 2, "activation": "sigmoid"}),
            "m": "mean",
            "s": "sum",
            "E": "half_squared_error",
        },
        ["p h", "q h", "h o", "p o", "h m", "m s", "o s", "s E:prediction", "t E:target"],
    )
    place(document)
    if values:
        settle(document)
    return document


def place(document: Document) -> None:
    document.apply(Move({n: (100.0 * i, 10.0 * i) for i, n in enumerate(document.nodes)}))
    document.apply(SetGroups((Group("g", "hidden", ("h", "m")),)))


def settle(document: Document) -> None:
    """Give every parameter a value, biases too."""
    plan = compile_document(document, SCHEMA)
    theta = initial(plan, document, 3)
    theta += np.random.default_rng(5).normal(scale=0.3, size=theta.shape)
    document.apply(SetParameterValues(to_tensors(plan, theta)))


def measured(
    document: Document, columns: dict[str, Array], schema: Mapping[str, int] = SCHEMA
) -> dict[str, Array]:
    """Return value and δ of every node by id, and E."""
    plan = compile_document(document, schema)
    theta = initial(plan, document, 0)
    run = forward(plan, theta, columns)
    back = backward(plan, theta, run)
    result = {"total": np.array(errors(plan, theta, run).total)}
    for name, slot in plan.outputs.items():
        result[name] = run.values[slot]
        result[f"δ {name}"] = back.deltas[slot]
    return result


def assert_same_numbers(
    before: dict[str, Array], after: dict[str, Array], *, without: tuple[str, ...] = ()
) -> None:
    common = [name for name in before if name in after and name not in without]
    assert {"total", "δ p", "δ q", "o", "s"} <= set(common)
    for name in common:
        np.testing.assert_allclose(
            after[name], before[name], rtol=TOLERANCE, atol=TOLERANCE, err_msg=name
        )


def trained(document: Document, columns: dict[str, Array]) -> dict[str, Array]:
    """Return the numbers after one step of gradient descent, frozen parameters aside."""
    plan = compile_document(document, SCHEMA)
    theta = initial(plan, document, 0)
    gradient = backward(plan, theta, forward(plan, theta, columns)).gradient
    moves = np.repeat([p.trainable for p in plan.parameters], [p.size for p in plan.parameters])
    theta = theta - 0.7 * gradient * moves
    run = forward(plan, theta, columns)
    return {name: run.values[slot] for name, slot in plan.outputs.items()}


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
def test_the_numbers_stay_and_undo_restores(
    change: str, activation: str, bias: bool, columns: dict[str, Array]
) -> None:
    document = network(activation, bias=bias)
    text, before, step = dumps(document), measured(document, columns), trained(document, columns)
    undo = document.apply(CHANGES[change](document))
    after = measured(document, columns)
    # nodes keep their ids, but a δ of h now belongs to what reads the concat only
    assert_same_numbers(before, after, without=("δ h",))
    after_step = trained(document, columns)
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


def test_values_not_yet_drawn_are_the_same_when_expanded(columns: dict[str, Array]) -> None:
    document = network(values=False)
    before = measured(document, columns)
    document.apply(expand(document, "h"))
    assert_same_numbers(before, measured(document, columns))


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("chosen", [["p-h", "q-h", "h.s", "h"], ["h.s", "h"], ["h"], ["h.s"]])
def test_collapse_undoes_expand(chosen: list[str], bias: bool, columns: dict[str, Array]) -> None:
    document = network(bias=bias)
    text, before = dumps(document), measured(document, columns)
    document.apply(expand(document, "h"))
    document.apply(collapse(document, chosen))
    assert_same_numbers(before, measured(document, columns))
    assert loads(text, library()).nodes == document.nodes
    assert dict(loads(text, library()).edges) == dict(document.edges)
    assert dict(loads(text, library()).parameters) == dict(document.parameters)
    assert not document.shared
    assert document.groups == loads(text, library()).groups


def test_collapse_of_hand_drawn_operations(columns: dict[str, Array]) -> None:
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
    before = measured(document, columns)
    undone = dumps(document)
    undo = document.apply(
        collapse(document, ["s"])
    )  # without the activation? it is the only reader
    after = measured(document, columns)
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
    after = measured(document, columns)
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


def test_expand_finds_other_ids_if_they_are_taken(columns: dict[str, Array]) -> None:
    document = network()
    for name in ("h.s", "h.b", "q-h"):
        document.apply(_add(name))
    before = measured(document, columns)
    document.apply(expand(document, "h"))
    assert_same_numbers(before, measured(document, columns))
    assert document.nodes["q-h"].kind == "constant"


def _add(name: str) -> Batch:
    return Batch((AddNode(Node(name, "constant")),))


@pytest.mark.parametrize("name", ["s", "nope"])
def test_single_operations_are_not_expanded(name: str) -> None:
    with pytest.raises(EditError, match=f"'{name}'"):
        expand(network(), name)


def test_expand_of_a_formula(columns: dict[str, Array]) -> None:
    document = network()
    draw_formula(document, "x1*x2 + sin(x1)")
    before = measured(document, columns)
    document.apply(expand(document, "f"))
    assert_same_numbers(before, measured(document, columns))
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
    with pytest.raises(ValueError, match="'sum' is a single operation"):
        expand_node(ops()["sum"], Node("s", "sum"), {}, [])


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


def test_split_without_other_readers_leaves_no_concat(columns: dict[str, Array]) -> None:
    document = network()
    document.apply(remove(document, ["m"]))
    before = measured(document, columns)
    document.apply(split(document, "h"))
    assert "h" not in document.nodes
    assert_same_numbers(before, measured(document, columns))


@pytest.mark.parametrize("bias", [True, False])
def test_merge_undoes_split(bias: bool, columns: dict[str, Array]) -> None:
    document = network(bias=bias)
    document.apply(SetFrozen({"p-h.weight": True}))
    original, before = loads(dumps(document), library()), measured(document, columns)
    document.apply(split(document, "h"))
    document.apply(merge(document, ["h.3", "h.1", "h.4", "h.2"]))
    assert dict(document.parameters) == dict(original.parameters)
    assert {n: (x.kind, x.params) for n, x in document.nodes.items()} == {
        n: (x.kind, x.params) for n, x in original.nodes.items()
    }
    assert document.frozen == original.frozen
    assert_same_numbers(before, measured(document, columns))


def test_merged_units_that_are_read_alone_stay_as_slices(columns: dict[str, Array]) -> None:
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
    before, text = measured(document, columns), dumps(document)
    undo = document.apply(merge(document, ["h2", "h1", "h3"]))
    after = measured(document, columns)
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


def test_current_values_can_be_given(columns: dict[str, Array]) -> None:
    document = network(values=False)
    plan = compile_document(document, SCHEMA)
    theta = initial(plan, document, 9)
    expected = forward(plan, theta, columns).values[plan.outputs["s"]]
    document.apply(SetParameterValues(to_tensors(plan, theta)))
    kept = dict(document.parameters)
    document.apply(SetParameterValues(dict.fromkeys(kept)))
    document.apply(split(document, "h", kept))
    document.apply(
        SetParameterValues({n: v for n, v in kept.items() if n in ("o.bias", "p-o.weight")})
    )
    np.testing.assert_allclose(
        measured(document, columns)["s"], expected, rtol=TOLERANCE, atol=TOLERANCE
    )


def test_penalties_go_on_covering_the_same_numbers(columns: dict[str, Array]) -> None:
    document = network()
    document.apply(
        AddNode(Node("r", "l2_penalty", params={"parameters": ("p-h.weight", "o.bias")}))
    )
    before = measured(document, columns)
    document.apply(split(document, "h"))
    assert document.param("r", "parameters") == (
        *(f"p-h.{i}.weight" for i in range(1, 5)),
        "o.bias",
    )
    assert_same_numbers(before, measured(document, columns), without=("δ h",))
    document.apply(SetParam("r", "parameters", ("p-h.1.weight", "o.bias")))
    with pytest.raises(EditError, match="'r' covers only some of"):
        merge(document, ["h.1", "h.2", "h.3", "h.4"])


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
