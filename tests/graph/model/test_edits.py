"""Undo restores the document exactly, at each step; what is saved is read back exactly."""

from __future__ import annotations

from collections.abc import Callable

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.changes.groups import group
from graph.errors import EditError
from graph.files.storage import dumps, loads
from graph.model import key_order
from graph.model.document import Document
from graph.model.edits import (
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
from graph.model.impact import Applied
from graph.model.tensor import Tensor
from graph.model.training import Training
from graph.validation.problems import problems
from graph.validation.width_inference import infer_widths
from tests.graph.random_edits import Writer
from tests.graph.toys import LIBRARY, SCHEMA, build, network


def mirrored(document: Document) -> None:
    """Check that the NetworkX graph says the same as nodes and edges."""
    assert set(document.graph) == set(document.nodes)
    mirrored_edges = {key: (a, b) for a, b, key in document.graph.edges(keys=True)}
    assert mirrored_edges == {e.id: (e.source, e.target) for e in document.edges.values()}
    assert nx.is_directed_acyclic_graph(document.graph)


def one_by_one(document: Document, edit: Edit) -> None:
    """Apply the parts of a batch each by itself."""
    if isinstance(edit, Batch):
        for part in edit.edits:
            one_by_one(document, part)
    else:
        document.apply(edit)


@settings(max_examples=50, deadline=None)
@given(data=st.data(), piece=st.sampled_from([1, 2, 1024]))
def test_undo_in_reverse_restores_every_step_byte_for_byte(data: st.DataObject, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_order, "_PIECE", piece)
        edit_and_undo(data)


def edit_and_undo(data: st.DataObject) -> None:
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
            twin = loads(before, LIBRARY)
            twin.apply(edit)  # what it does depends on what is saved alone
            assert dumps(twin) == dumps(document)
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


@given(data=st.data())
def test_many_edits_at_once_do_what_they_do_one_by_one(data: st.DataObject) -> None:
    nodes = [f"n{i}" for i in range(12)]
    document, twin = (build(dict.fromkeys(nodes, "sum"), []) for _ in range(2))
    place = st.one_of(st.none(), st.integers(0, 20))
    kind = data.draw(st.sampled_from(["add", "remove", "connect", "disconnect"]))
    pairs = [(f"n{a}", f"n{b}") for a, b in [(0, 5), (5, 9), (1, 2), (9, 11), (2, 0), (3, 3)]]
    if kind in ("connect", "disconnect"):
        chosen = data.draw(st.lists(st.sampled_from(pairs), min_size=1, max_size=8))
        edges = [Edge(f"e{i}" * bool(i < 7), a, b) for i, (a, b) in enumerate(chosen)]
        edits: list[Edit] = [Connect(edge, data.draw(place)) for edge in edges]
    else:
        names = data.draw(st.lists(st.sampled_from([*nodes, *"abcdef", ""]), min_size=1))
        edits = [
            RemoveNode(name) if kind == "remove" else AddNode(Node(name, "sum"), data.draw(place))
            for name in names
        ]
    if kind == "disconnect":
        for target in (document, twin):
            for edge in {(e.edge.id or "f"): e.edge for e in edits if isinstance(e, Connect)}:
                target.apply(Connect(Edge(edge, "n0", "n1")))
        edits = [Disconnect(name) for name in data.draw(st.permutations(list(document.edges)))]
    before = dumps(document)
    outcomes = [outcome(document.apply, edits), outcome(lambda e: one_by_one(twin, e), edits)]
    assert outcomes[0] == outcomes[1]
    assert dumps(document) == (before if outcomes[0] else dumps(twin))
    mirrored(document)


def outcome(apply: Callable[[Edit], object], edits: list[Edit]) -> str:
    try:
        apply(Batch(tuple(edits)))
    except EditError as error:
        return str(error)
    return ""


def test_listeners_hear_each_edit_once_and_only_if_it_held() -> None:
    document = network()
    heard: list[Applied] = []
    stop = document.subscribe(heard.append)
    edit = Batch((SetLabel("h1", "a"), Batch((SetLabel("h2", "b"),))))
    inverse = document.apply(edit)
    with pytest.raises(EditError):
        document.apply(Batch((SetLabel("h1", "c"), SetLabel("nobody", "d"))))
    (applied,) = heard
    assert (applied.edit, applied.inverse) == (edit, inverse)
    assert document.nodes["h1"].label == "a"
    stop()
    document.apply(SetLabel("h1", "e"))
    assert len(heard) == 1


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
