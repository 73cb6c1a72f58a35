"""Undo restores the document exactly, at each step; what is saved is read back exactly."""

from __future__ import annotations

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.document import Document
from graph.edits import (
    AddNode,
    Batch,
    Connect,
    Disconnect,
    Edge,
    Edit,
    Group,
    Move,
    Node,
    RemoveNode,
    SetDataset,
    SetGroups,
    SetLabel,
    SetParameterValues,
    SetTraining,
)
from graph.errors import EditError
from graph.groups import group
from graph.problems import problems
from graph.storage import dumps, loads
from graph.tensor import Tensor
from graph.training import Training
from graph.widths import infer_widths
from tests.graph.random_edits import Writer
from tests.graph.toys import LIBRARY, SCHEMA, network


def mirrored(document: Document) -> None:
    """Check that the NetworkX graph says the same as nodes and edges."""
    assert set(document.graph) == set(document.nodes)
    mirrored_edges = {key: (a, b) for a, b, key in document.graph.edges(keys=True)}
    assert mirrored_edges == {e.id: (e.source, e.target) for e in document.edges.values()}
    assert nx.is_directed_acyclic_graph(document.graph)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_undo_in_reverse_restores_every_step_byte_for_byte(data: st.DataObject) -> None:
    document = network() if data.draw(st.integers(0, 3)) else Document(LIBRARY)
    if document.nodes:
        document.apply(group(document, ["h1", "h2"])[0])
    writer = Writer(data, document)
    history: list[tuple[str, Edit]] = []
    for _ in range(data.draw(st.integers(1, 25))):
        edit = writer.edit()
        before = dumps(document)
        if edit is None:
            continue
        try:
            inverse = document.apply(edit)
        except EditError:
            assert dumps(document) == before
        else:
            history.append((before, inverse))
        mirrored(document)
    text = dumps(document)
    assert dumps(loads(text, LIBRARY)) == text
    problems(document, SCHEMA)
    infer_widths(document, SCHEMA)
    redone: list[Edit] = []
    for before, inverse in reversed(history):
        redone.append(document.apply(inverse))
        assert dumps(document) == before
        mirrored(document)
    for redo in reversed(redone):
        document.apply(redo)
    assert dumps(document) == text


def test_listeners_hear_each_edit_once_and_only_if_it_held() -> None:
    document = network()
    heard: list[Edit] = []
    stop = document.subscribe(heard.append)
    edit = Batch((SetLabel("h1", "a"), Batch((SetLabel("h2", "b"),))))
    document.apply(edit)
    with pytest.raises(EditError):
        document.apply(Batch((SetLabel("h1", "c"), SetLabel("nobody", "d"))))
    assert heard == [edit]
    assert document.nodes["h1"].label == "a"
    stop()
    document.apply(SetLabel("h1", "e"))
    assert heard == [edit]


@pytest.mark.parametrize(
    "edit",
    [
        AddNode(Node("h1", "sum")),
        AddNode(Node("", "sum")),
        RemoveNode("nobody"),
        RemoveNode("h1"),
        Connect(Edge("x1-h1", "x2", "o")),
        Connect(Edge("", "x2", "o")),
        Connect(Edge("e", "o", "h1")),
        Connect(Edge("e", "nobody", "h1")),
        Disconnect("nobody"),
        SetLabel("nobody", ""),
        Move({"nobody": (0.0, 0.0)}),
        Move({"h1": (float("nan"), 0.0)}),
        SetParameterValues({"h1.bias": Tensor((1,), b"\0\0\0\0\0\0\xf0\x7f")}),
        SetTraining(Training(learning_rate=-1)),
        SetTraining(Training(learning_rate=float("inf"))),
        SetTraining(Training(epochs=1.5)),  # type: ignore[arg-type]  # wrong on purpose
        SetGroups((Group("g", "", ("h1",)), Group("f", "", ("h1",)))),
        SetGroups((Group("g", "", parent="f"), Group("f", ""))),
        SetGroups((Group("g", ""), Group("g", ""))),
        AddNode(Node("n", "quux", params={"a": ((1,),)})),  # type: ignore[dict-item]
    ],
    ids=lambda edit: type(edit).__name__,
)
def test_an_edit_that_does_not_fit_changes_nothing(edit: Edit) -> None:
    document = network()
    before = dumps(document)
    with pytest.raises(EditError) as caught:
        document.apply(Batch((SetLabel("o", "changed"), edit)))
    assert str(caught.value)
    assert dumps(document) == before


def test_the_dataset_is_the_documents_own() -> None:
    document = network()
    table = document.dataset
    assert table is not None
    document.apply(SetDataset(table))
    assert document.dataset == table
    assert document.dataset is not table
