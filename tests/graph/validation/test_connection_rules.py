"""Every connection rule, and what each tells the user."""

from __future__ import annotations

import pytest

from graph.changes.adding import connect
from graph.errors import ConnectError, EditError
from graph.model.document import Document
from graph.model.edits import AddNode, Connect, Edge, Node, SetParam
from graph.model.traversal import Neighbours, shortest_path
from graph.validation import connection_rules
from graph.validation.connection_rules import check_connect, check_param, free_port
from tests.graph.toys import LIBRARY, SCHEMA, build, network


def test_an_edge_between_fitting_nodes_is_allowed() -> None:
    document = network()
    check_connect(document, "x1", "o", "inputs", SCHEMA)


def test_parallel_edges_into_a_variadic_port_are_allowed() -> None:
    document = build({"b": "bias", "p": "product"}, ["b>p"])
    check_connect(document, "b", "p", "inputs")
    document.apply(connect(document, "b", "p", "inputs")[0])
    assert [edge.id for edge in document.in_edges("p")] == ["b-p", "b-p-2"]


@pytest.mark.parametrize(
    ("source", "target", "port", "rule", "words"),
    [
        ("nobody", "o", "inputs", connection_rules.UnknownNode, ["nobody"]),
        ("x1", "nobody", "inputs", connection_rules.UnknownNode, ["nobody"]),
        ("h1", "h1", "inputs", connection_rules.SelfLoop, ["h1"]),
        ("E", "o", "inputs", connection_rules.NoOutput, ["E", "loss"]),
        ("h1", "x1", "inputs", connection_rules.UnknownPort, ["x1", "takes no edges"]),
        ("h1", "E", "inputs", connection_rules.UnknownPort, ["inputs", "prediction", "target"]),
        ("h1", "E", "prediction", connection_rules.PortTaken, ["prediction", "o"]),
        ("o", "h1", "inputs", connection_rules.WouldCycle, ["h1 → o → h1"]),
    ],
)
def test_each_rule_has_its_own_reason(
    source: str, target: str, port: str, rule: type[ConnectError], words: list[str]
) -> None:
    document = network()
    before = dict(document.edges)
    with pytest.raises(rule) as caught:
        check_connect(document, source, target, port, SCHEMA)
    assert all(word in str(caught.value) for word in words)
    assert dict(document.edges) == before


def test_penalties_have_neither_ports_nor_output() -> None:
    document = build({"p": "penalty", "b": "bias", "s": "sum"}, [])
    with pytest.raises(connection_rules.NoOutput, match="penalty"):
        check_connect(document, "p", "s", "inputs")
    with pytest.raises(connection_rules.UnknownPort, match="name its parameters"):
        check_connect(document, "b", "p", "inputs")


def test_an_unknown_kind_takes_no_new_edges() -> None:
    document = build({"b": "bias"}, [])
    document.apply(AddNode(Node("q", "quux")))
    with pytest.raises(connection_rules.UnknownKind, match="quux"):
        check_connect(document, "b", "q", "inputs")


def test_width_mismatch_names_both_widths() -> None:
    document = build({"a": "bias", "b": "bias", "s": "subtract"}, ["a>s.a"])
    document.apply(SetParam("a", "width", 3))
    document.apply(SetParam("b", "width", 2))
    with pytest.raises(connection_rules.WidthMismatch) as caught:
        check_connect(document, "b", "s", "b")
    assert "3" in str(caught.value)
    assert "2" in str(caught.value)
    document.apply(SetParam("b", "width", 1))
    check_connect(document, "b", "s", "b")


def test_widths_of_columns_count_once_the_data_is_known() -> None:
    document = build({"x": "input", "t": "target", "E": "loss"}, ["x>E.prediction"])
    document.apply(SetParam("x", "columns", ("image",)))
    document.apply(SetParam("t", "columns", ("y",)))
    check_connect(document, "t", "E", "target")
    with pytest.raises(connection_rules.WidthMismatch):
        check_connect(document, "t", "E", "target", SCHEMA)
    document.apply(SetParam("x", "columns", ("image[2]",)))
    check_connect(document, "t", "E", "target", SCHEMA)


def test_the_edge_being_replaced_does_not_count() -> None:
    document = network()
    check_connect(document, "h1", "E", "prediction", SCHEMA, replacing="o-E")
    chain = build({"b": "bias", "h": "neuron", "k": "neuron"}, ["b>h", "h>k"])
    check_connect(chain, "k", "h", "inputs", replacing="h-k")
    with pytest.raises(connection_rules.WouldCycle):
        check_connect(chain, "k", "h", "inputs", replacing="b-h")


def test_an_edge_that_is_moved_leaves_its_port_free() -> None:
    document = build({"b": "bias", "t": "target", "E": "loss"}, ["b>E.prediction", "t>E.target"])
    assert free_port(document, "t", "E", replacing="b-E") == "prediction"
    assert free_port(document, "t", "E", replacing="t-E") == "target"
    with pytest.raises(connection_rules.PortTaken):
        free_port(document, "t", "E")


def test_a_cycle_is_searched_once_for_all_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    document = build({"s": "subtract", "h": "neuron"}, ["s>h"])
    searches: list[str] = []

    def counted(start: str, end: str, neighbours: Neighbours[str]) -> list[str] | None:
        searches.append(start)
        return shortest_path(start, end, neighbours)

    monkeypatch.setattr("graph.validation.connection_rules.shortest_path", counted)
    with pytest.raises(connection_rules.WouldCycle, match="s → h → s"):
        free_port(document, "h", "s")
    assert searches == ["s"]


def test_free_port_prefers_what_fits() -> None:
    document = build({"b": "bias", "t": "target", "E": "loss"}, [])
    assert free_port(document, "b", "E") == "prediction"
    assert free_port(document, "t", "E") == "target"
    document.apply(connect(document, "b", "E", "prediction")[0])
    assert free_port(document, "b", "E") == "target"
    document.apply(connect(document, "t", "E", "target")[0])
    with pytest.raises(connection_rules.PortTaken):
        free_port(document, "b", "E")


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("neuron", "units", 0),
        ("neuron", "units", 1001),
        ("neuron", "units", 2.0),
        ("neuron", "units", True),
        ("neuron", "activation", "relu"),
        ("neuron", "bias", 1),
        ("neuron", "color", "red"),
        ("scale", "factor", float("nan")),
        ("scale", "factor", 11),
        ("scale", "offset", float("inf")),
        ("scale", "name", 3),
        ("scale", "value", 3.0),
        ("scale", "value", (1.0, "a")),
        ("input", "columns", "x1"),
        ("input", "columns", ("",)),
        ("penalty", "parameters", 3),
    ],
)
def test_wrong_parameters_are_refused_everywhere(kind: str, name: str, value: object) -> None:
    with pytest.raises(EditError, match=name):
        check_param(LIBRARY[kind], name, value)  # type: ignore[arg-type]  # wrong on purpose
    document = build({"n": kind}, [])
    with pytest.raises(EditError, match=name):
        document.apply(SetParam("n", name, value))  # type: ignore[arg-type]  # wrong on purpose
    assert not document.nodes["n"].params
    assert document.version == 1


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("neuron", "units", 1000),
        ("scale", "factor", 3),
        ("scale", "value", ()),
        ("scale", "value", (1, 2.5)),
        ("penalty", "parameters", ("h.bias",)),
        ("penalty", "parameters", "weights"),
    ],
)
def test_suitable_parameters_are_accepted(kind: str, name: str, value: tuple[float, ...]) -> None:
    document = build({"n": kind}, [])
    document.apply(SetParam("n", name, value))
    assert document.param("n", name) == value


def test_the_document_itself_refuses_ports_that_are_not_there() -> None:
    document: Document = network()
    for edge in (
        Edge("e", "x1", "o", "nowhere"),
        Edge("e", "x1", "E", "target"),
        Edge("e", "o", "h1"),
    ):
        with pytest.raises(EditError):
            document.apply(Connect(edge))
        assert "e" not in document.edges
