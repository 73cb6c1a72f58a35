"""Everyday changes: what they keep, what they take along, and that one undo brings all back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.changes import adding
from graph.errors import EditError
from graph.files.storage import dumps
from graph.model.document import Document
from graph.model.edits import (
    Batch,
    Edit,
    Group,
    SetFrozen,
    SetGroups,
    SetParam,
    SetParameterValues,
    SetShared,
)
from graph.model.tensor import Tensor
from graph.validation.width_inference import infer_widths
from tests.graph.toys import SCHEMA, build, network

ONE = Tensor.of([1.0])
NAMES = st.sampled_from(("bias", "weight", "gain"))


def wires(document: Document) -> set[tuple[str, str, str]]:
    return {(e.source, e.target, e.port) for e in document.edges.values()}


def applied(document: Document, edit: Edit) -> None:
    """Apply and check that undo and redo are exact."""
    before = dumps(document)
    inverse = document.apply(edit)
    after = dumps(document)
    again = document.apply(inverse)
    assert dumps(document) == before
    document.apply(again)
    assert dumps(document) == after


def test_ids_are_short_and_free() -> None:
    document = network()
    assert adding.fresh_id(document, "new") == "new"
    assert adding.fresh_id(document, "h1") == "h3"
    assert adding.fresh_id(document, "x1-h1") == "x1-h3"
    assert adding.add(document, "neuron", None)[1] == "h3"
    assert adding.add(document, "input", None)[1] == "x3"
    assert adding.add(document, "sum", None)[1] == "sum1"
    with pytest.raises(EditError, match="quux"):
        adding.add(document, "quux", None)


def test_builders_change_nothing() -> None:
    document = network()
    before, version = dumps(document), document.version
    adding.add(document, "sum", (0.0, 0.0))
    adding.remove(document, ["h1"])
    adding.connect(document, "x1", "o", "inputs")
    adding.rename(document, "h1", "h9")
    assert (dumps(document), document.version) == (before, version)


def test_edges_are_named_after_their_ends_and_come_last_at_their_port() -> None:
    document = network()
    batch, name = adding.connect(document, "x1", "o", "inputs")
    document.apply(batch)
    assert name == "x1-o"
    assert [edge.id for edge in document.in_edges("o")] == ["h1-o", "h2-o", "x1-o"]


def valued() -> Document:
    document = network()
    document.apply(
        SetParameterValues(
            {"h1.bias": ONE, "x1-h1.weight": ONE, "w": ONE, "h2.bias": ONE, "v": ONE}
        )
    )
    document.apply(SetFrozen({"h1.bias": True, "w": True, "v": True}))
    document.apply(SetShared({"x1-h2.weight": "w", "x2-h1.weight": "w", "h1-o.weight": "v"}))
    document.apply(SetGroups((Group("g", "all", ("h1", "h2")), Group("i", "", ("x1",), "g"))))
    return document


def test_removal_takes_everything_along() -> None:
    document = valued()
    applied(document, adding.remove(document, ["h1", "x1"]))
    assert set(document.nodes) == {"x2", "h2", "o", "t", "E"}
    assert "h1" not in document.positions
    assert set(document.parameters) == {"h2.bias"}
    assert document.frozen == set()
    assert document.shared == {}
    assert document.groups == (Group("g", "all", ("h2",)),)


def test_what_is_shared_stays_while_someone_uses_it() -> None:
    document = valued()
    applied(document, adding.remove(document, [], ["x1-h2"]))
    assert "w" in document.parameters
    assert document.shared == {"x2-h1.weight": "w", "h1-o.weight": "v"}
    applied(document, adding.remove(document, [], ["x2-h1"]))
    assert "w" not in document.parameters
    assert "w" not in document.frozen


def test_removing_what_is_not_there_is_refused() -> None:
    with pytest.raises(EditError, match="nobody"):
        adding.remove(network(), ["nobody"])
    with pytest.raises(EditError, match="nothing"):
        adding.remove(network(), [], ["nothing"])


def test_rewiring_keeps_the_edge_its_place_and_its_weight() -> None:
    document = valued()
    order = list(document.edges)
    applied(document, adding.rewire(document, "x1-h1", source="x2"))
    assert document.edges["x1-h1"].source == "x2"
    assert list(document.edges) == order
    assert document.parameters["x1-h1.weight"] == ONE
    document.apply(adding.remove(document, [], ["t-E"]))
    applied(document, adding.rewire(document, "x1-h1", target="E", port="target"))
    assert "x1-h1.weight" not in document.parameters


def test_rewiring_forgets_a_weight_that_no_longer_fits() -> None:
    document = valued()
    document.apply(SetParam("x2", "columns", ("image",)))
    widths = infer_widths(document, SCHEMA)
    applied(document, adding.rewire(document, "x1-h1", source="x2", widths=widths))
    assert "x1-h1.weight" not in document.parameters


def test_replacing_a_kind_keeps_wires_and_parameters_that_fit() -> None:
    document = valued()
    document.apply(SetParam("h1", "units", 2))
    applied(document, adding.replace_kind(document, "h1", "sum"))
    assert ("x1", "h1", "inputs") in wires(document)
    assert ("h1", "o", "inputs") in wires(document)
    assert not document.nodes["h1"].params
    assert not {"h1.bias", "x1-h1.weight"} & set(document.parameters)
    assert document.parameters["v"] == ONE


def test_replacing_a_kind_moves_wires_to_the_ports_there_are() -> None:
    document = build({"a": "bias", "b": "bias", "c": "bias", "s": "sum"}, ["a>s", "b>s", "c>s"])
    applied(document, adding.replace_kind(document, "s", "subtract"))
    assert wires(document) == {("a", "s", "a"), ("b", "s", "b")}
    applied(document, adding.replace_kind(document, "s", "product"))
    assert wires(document) == {("a", "s", "inputs"), ("b", "s", "inputs")}
    assert [edge.source for edge in document.in_edges("s")] == ["a", "b"]


def test_a_node_that_becomes_a_loss_loses_its_outgoing_wires() -> None:
    document = network()
    applied(document, adding.replace_kind(document, "o", "loss"))
    assert not document.out_edges("o")
    assert {e.port for e in document.in_edges("o")} == {"prediction", "target"}


def test_inserting_on_an_edge_keeps_its_weight() -> None:
    document = valued()
    batch, name = adding.insert_on_edge(document, "x1-h1", "scale", (5.0, 6.0), {"factor": 2.0})
    applied(document, batch)
    assert document.edges["x1-h1"].source == name
    assert [e.source for e in document.in_edges(name)] == ["x1"]
    assert document.parameters["x1-h1.weight"] == ONE
    assert document.positions[name] == (5.0, 6.0)
    with pytest.raises(EditError, match="port"):
        adding.insert_on_edge(document, "x1-h1", "input", (0.0, 0.0))
    with pytest.raises(EditError, match="output"):
        adding.insert_on_edge(document, "x1-h1", "loss", (0.0, 0.0))


def test_an_existing_node_can_be_put_on_an_edge() -> None:
    document = build({"b": "bias", "h": "neuron", "s": "subtract", "c": "bias"}, ["b>h", "c>s.a"])
    applied(document, adding.splice(document, "b-h", "s"))
    assert wires(document) == {("c", "s", "a"), ("b", "s", "b"), ("s", "h", "inputs")}


def test_taking_nodes_out_joins_what_they_joined() -> None:
    document = valued()
    applied(document, adding.remove_and_reconnect(document, ["h1", "h2"]))
    assert {w for w in wires(document) if w[1] == "o"} == {
        ("x1", "o", "inputs"),
        ("x2", "o", "inputs"),
    }
    assert {"h1-o", "h2-o"} <= set(document.edges)
    orders = [edge.order for edge in document.in_edges("o")]
    assert len(set(orders)) == len(orders)


def test_taking_out_a_chain_feeds_a_single_port_from_the_first() -> None:
    document = network()
    applied(document, adding.remove_and_reconnect(document, ["h1", "h2", "o"]))
    assert ("x1", "E", "prediction") in wires(document)
    assert len(document.in_edges("E")) == 2


@given(st.lists(st.tuples(st.sampled_from(("h1", "x1-h1", "o", "R1")), NAMES, st.integers(0, 5))))
def test_slots_that_something_is_kept_for_are_found(steps: list[tuple[str, str, int]]) -> None:
    document = valued()
    for place, name, number in steps:
        slot = f"{place}.{name}"
        edits: list[Edit] = [
            SetParameterValues({slot: ONE}),
            SetParameterValues({slot: None}),
            SetFrozen({slot: True}),
            SetFrozen({slot: False}),
            SetShared({slot: "w"}),
            SetShared({slot: None}),
        ]
        document.apply(edits[number])
        kept = {*document.parameters, *document.frozen, *document.shared}
        for owners in ({place}, {"h1", "x1-h1"}):
            expected = {slot for slot in kept if slot.rpartition(".")[0] in owners}
            assert document.slots_kept(owners) == expected


def test_renaming_follows_the_name_everywhere() -> None:
    document = valued()
    document.apply(adding.add(document, "penalty", None)[0])
    document.apply(SetParam("R1", "parameters", ("h1.bias", "w")))
    document.apply(SetShared({"h2.bias": "h1.bias"}))
    order = list(document.nodes)
    applied(document, adding.rename(document, "h1", "unit"))
    assert list(document.nodes) == ["unit" if node == "h1" else node for node in order]
    assert document.edges["x1-h1"].target == "unit"
    assert document.parameters["unit.bias"] == ONE
    assert "unit.bias" in document.frozen
    assert document.shared["h2.bias"] == "unit.bias"
    assert document.groups[0].nodes == ("unit", "h2")
    assert document.param("R1", "parameters") == ("unit.bias", "w")
    assert "h1" not in document.positions
    for name in ("", "h2"):
        with pytest.raises(EditError):
            adding.rename(document, "unit", name)


@pytest.mark.parametrize(
    "build_edit",
    [
        lambda d: adding.remove(d, ["h1", "o", "x2"], ["t-E"]),
        lambda d: adding.rename(d, "o", "out"),
        lambda d: adding.replace_kind(d, "h2", "product"),
        lambda d: adding.remove_and_reconnect(d, ["h1"]),
    ],
)
def test_the_order_of_nodes_and_edges_survives_undo(
    build_edit: Callable[[Document], Batch],
) -> None:
    document = valued()
    nodes, edges = list(document.nodes), list(document.edges)
    inverse = document.apply(build_edit(document))
    document.apply(inverse)
    assert (list(document.nodes), list(document.edges)) == (nodes, edges)
