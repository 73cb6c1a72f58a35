"""Alike nodes have the same steps, under their own names, whatever nodes and edges are called."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.compiler.compile import compile_document
from engine.declaration.op import (
    Array,
    Expand,
    InnerEdge,
    InnerNode,
    Input,
    Op,
    Slot,
    Template,
    composite,
)
from engine.interpreter.interpreter import forward
from engine.interpreter.parameter_vector import initial, to_tensors
from engine.library import collect, library, ops
from engine.plan.plan import Plan
from engine.rewrites.expand_collapse import expand
from graph.model.document import Document
from graph.model.edits import AddNode, Connect, Edge, Node, SetParameterValues
from graph.model.kinds import Library, Params
from tests.engine.documents import draw

# names that the inside of a node or of another could have too
_IDS = ["h", "h.s", "h.b", "h.z", "h.b.s", "e", "e.s", "e1", "e10", "s", "b", ".s", "h.x1", "h.1"]
_KINDS: list[tuple[str, Params]] = [
    ("neuron", {}),
    ("neuron", {"units": 2}),
    ("neuron", {"bias": False}),
    ("expression", {"formula": "x1*x1 + 2"}),
    ("weight", {}),
    ("product", {}),
]


def _drawn(seed: int, ids: Sequence[str], edges: Sequence[str]) -> Document:
    rng = random.Random(seed)
    document, left = Document(library()), list(edges)
    document.apply(AddNode(Node(ids[0], "input", params={"columns": ("x",)})))
    for place, node in enumerate(ids[1:], 1):
        kind, params = rng.choice(_KINDS)
        document.apply(AddNode(Node(node, kind, params=params)))
        port = library()[kind].ports[0].name
        for order in range(1 if kind == "weight" else rng.choice([1, 2])):
            source = ids[rng.randrange(place)]
            document.apply(Connect(Edge(left.pop(), source, node, port, order)))
    return document


def _in_order(names: Sequence[str], letter: str) -> dict[str, str]:
    """Return other names, without dots, that are sorted in the same order."""
    return {name: f"{letter}{place:02}" for place, name in enumerate(sorted(names))}


def _numbers(plan: Plan) -> object:
    steps = [(s.op.spec.kind, s.params, s.inputs, dict(s.slots)) for s in plan.steps]
    return steps, plan.widths, [parameter._replace(name="") for parameter in plan.parameters]


@given(st.integers(0, 2**32))
def test_names_change_nothing_but_names(seed: int) -> None:
    rng = random.Random(seed)
    ids, edges = rng.sample(_IDS, 5), rng.sample(_IDS, 10)
    document = _drawn(seed, ids, edges)
    slots = list(document.all_slots())
    assume(len(set(slots)) == len(slots))
    found = compile_document(document, {"x": 1})
    plain, wires = _in_order(ids, "n"), _in_order(edges, "e")
    other = compile_document(
        _drawn(seed, [plain[node] for node in ids], [wires[edge] for edge in edges]), {"x": 1}
    )
    assert _numbers(found) == _numbers(other)
    names = {name: key for table in (plain, wires) for key, name in table.items()}

    def renamed(name: str) -> str:
        return re.sub(r"^[ne]\d\d", lambda match: names[match[0]], name)

    assert [s.node for s in found.steps] == [renamed(s.node) for s in other.steps]
    assert [p.name for p in found.parameters] == [renamed(p.name) for p in other.parameters]
    assert list(found.edges.items()) == [(renamed(k), place) for k, place in other.edges.items()]


def _chain(names: Sequence[str]) -> Document:
    document = Document(library())
    document.apply(AddNode(Node("x", "input", params={"columns": ("x",)})))
    before = "x"
    for name in names:
        document.apply(AddNode(Node(name, "neuron")))
        document.apply(Connect(Edge(f"{before}-{name}", before, name)))
        before = name
    return document


def test_an_edge_may_be_called_like_one_inside() -> None:
    document = _chain(["a", "h"])
    document.apply(Connect(Edge("h.z", "x", "h")))
    plan = compile_document(document, {"x": 1})
    assert plan.source("h.z") == plan.outputs["x"]
    assert plan.parameters[plan.weights["h.z"]].name == "h.z.weight"


def test_alike_nodes_have_their_own_names() -> None:
    plan = compile_document(_chain(["a", "b", "c"]), {"x": 1})
    assert [step.node for step in plan.steps if step.owner == "b"] == ["a-b", "b.b", "b.s", "b"]
    assert [parameter.name for parameter in plan.parameters] == [
        "x-a.weight", "a.bias", "a-b.weight", "b.bias", "b-c.weight", "c.bias",
    ]  # fmt: skip


def _inside(_params: Params, inputs: Sequence[Input]) -> Template:
    hidden = InnerNode(
        "hidden",
        "neuron",
        tuple(InnerEdge(x, "inputs") for x in inputs),
        {"units": 3, "activation": "tanh"},
        {"bias": "hidden_bias"},
    )
    wires = (InnerEdge("hidden", "inputs", "inner"),)
    return Template((hidden, InnerNode("output", "neuron", wires, {"units": 2}, {"bias": "bias"})))


@composite(
    group="mine",
    width=lambda _params, _widths: 2,
    weighted=True,
    slots={
        "hidden_bias": Slot(lambda _params, _widths: (3,), initial="zeros"),
        "inner": Slot(lambda _params, _widths: (2, 3)),
        "bias": Slot(lambda _params, _widths: (2,), initial="zeros"),
    },
)
def block(*inputs: Array) -> Expand:
    """Two neurons in one."""
    return _inside


@pytest.fixture
def with_blocks() -> dict[str, Op]:
    return dict(collect([*ops().values(), block]))


def _with_a_block(with_blocks: dict[str, Op]) -> Document:
    document = Document(Library(op.spec for op in with_blocks.values()))
    document.apply(AddNode(Node("x", "input", params={"columns": ("x",)})))
    document.apply(AddNode(Node("f", "block")))
    document.apply(Connect(Edge("x-f", "x", "f")))
    return document


def _value(document: Document, operations: dict[str, Op], node: str) -> Array:
    plan = compile_document(document, {"x": 2}, operations)
    columns = {"x": np.random.default_rng(0).normal(size=(4, 2))}
    return forward(plan, initial(plan, document, 0), columns).values[plan.outputs[node]]


def test_composites_inside_a_composite(with_blocks: dict[str, Op]) -> None:
    document = _with_a_block(with_blocks)
    plan = compile_document(document, {"x": 2}, with_blocks)
    assert [parameter.name for parameter in plan.parameters] == [
        "x-f.weight", "f.hidden_bias", "f.inner", "f.bias",
    ]  # fmt: skip
    assert set(document.slots("f")) == {parameter.name for parameter in plan.parameters}
    theta = np.random.default_rng(1).normal(size=plan.size)
    values = to_tensors(plan, theta)
    document.apply(SetParameterValues(values))
    two = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "g": ("neuron", {"units": 3, "activation": "tanh"}),
            "f": ("neuron", {"units": 2}),
        },
        ["x g", "g f"],
    )
    names = {"x-g.weight": "x-f.weight", "g.bias": "f.hidden_bias", "g-f.weight": "f.inner"}
    two.apply(SetParameterValues({new: values[old] for new, old in names.items()}))
    two.apply(SetParameterValues({"f.bias": values["f.bias"]}))
    np.testing.assert_array_equal(_value(document, with_blocks, "f"), _value(two, dict(ops()), "f"))


def test_a_composite_of_composites_is_expanded_one_level(
    with_blocks: dict[str, Op], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = _with_a_block(with_blocks)
    plan = compile_document(document, {"x": 2}, with_blocks)
    theta = np.random.default_rng(1).normal(size=plan.size)
    document.apply(SetParameterValues(to_tensors(plan, theta)))
    before = _value(document, with_blocks, "f")
    monkeypatch.setattr("engine.rewrites.expand_collapse.ops", lambda: with_blocks)
    document.apply(expand(document, "f"))
    assert {name: node.kind for name, node in document.nodes.items()} == {
        "x": "input", "f.hidden": "neuron", "f": "neuron",
    }  # fmt: skip
    np.testing.assert_array_equal(_value(document, with_blocks, "f"), before)


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ((), "nothing inside"),
        (
            (InnerNode("a", "sum", (InnerEdge("b", "inputs"),)), InnerNode("b", "constant")),
            "cannot read 'b'",
        ),
        ((InnerNode("a", "constant"), InnerNode("a", "constant")), "two inner 'a'"),
        (
            (
                InnerNode(
                    "a",
                    "sum",
                    (InnerEdge(Input(0, "x"), "inputs"), InnerEdge(Input(0, "x"), "inputs")),
                ),
            ),
            "cannot read Input",
        ),
    ],
)
def test_a_template_that_makes_no_sense(parts: tuple[InnerNode, ...], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Template(parts)
