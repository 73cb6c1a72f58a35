"""Alike nodes are unfolded once: that must show nowhere, whatever nodes and edges are called."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.compiler import node_steps
from engine.compiler.compile import compile_document
from engine.library import library
from engine.plan.plan import Plan
from graph.errors import GradwireError
from graph.model.document import Document
from graph.model.edits import AddNode, Connect, Edge, Node
from graph.model.kinds import Params
from tests.engine.random_documents import RandomDocument

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


@contextmanager
def one_by_one() -> Iterator[None]:
    """Unfold every node with its own ids."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(node_steps, "_holds", lambda *_: False)
        yield


def _tricky(seed: int) -> Document:
    rng = random.Random(seed)
    document = Document(library())
    ids, edges = rng.sample(_IDS, 5), rng.sample(_IDS, 10)
    document.apply(AddNode(Node(ids[0], "input", params={"columns": ("x",)})))
    for place, node in enumerate(ids[1:], 1):
        kind, params = rng.choice(_KINDS)
        document.apply(AddNode(Node(node, kind, params=params)))
        port = library()[kind].ports[0].name
        for order in range(1 if kind == "weight" else rng.choice([1, 2])):
            source = ids[rng.randrange(place)]
            document.apply(Connect(Edge(edges.pop(), source, node, port, order)))
    return document


def _compiled(document: Document, schema: dict[str, int]) -> Plan | str:
    try:
        return compile_document(document, schema)
    except GradwireError as error:
        return str(error)


@given(st.integers(0, 2**32))
def test_tricky_names_change_nothing(seed: int) -> None:
    document = _tricky(seed)
    found = _compiled(document, {"x": 1})
    with one_by_one():
        assert found == _compiled(document, {"x": 1})


@given(st.integers(0, 2**32))
def test_random_documents_are_compiled_the_same(seed: int) -> None:
    drawn = RandomDocument(seed)
    found = compile_document(drawn.document, drawn.schema)
    with one_by_one():
        assert found == compile_document(drawn.document, drawn.schema)


def _chain(names: Sequence[str]) -> Document:
    document = Document(library())
    document.apply(AddNode(Node("x", "input", params={"columns": ("x",)})))
    before = "x"
    for name in names:
        document.apply(AddNode(Node(name, "neuron")))
        document.apply(Connect(Edge(f"{before}-{name}", before, name)))
        before = name
    return document


def test_an_edge_called_like_one_inside_is_refused_by_name() -> None:
    document = _chain(["a", "h"])
    document.apply(Connect(Edge("h.z", "x", "h")))
    with pytest.raises(GradwireError, match=r"h: .*rename"):
        compile_document(document, {"x": 1})


def test_alike_nodes_have_their_own_names() -> None:
    plan = compile_document(_chain(["a", "b", "c"]), {"x": 1})
    assert [step.node for step in plan.steps if step.owner == "b"] == ["a-b", "b.b", "b.s", "b"]
    assert [parameter.name for parameter in plan.parameters] == [
        "x-a.weight", "a.bias", "a-b.weight", "b.bias", "b-c.weight", "c.bias",
    ]  # fmt: skip
