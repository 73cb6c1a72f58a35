"""Widths follow the data's columns through the graph."""

from __future__ import annotations

from graph.model.edits import AddNode, Node, SetParam
from graph.validation.width_inference import infer_widths, port_widths, slot_shapes
from tests.graph.toys import SCHEMA, build, network


def test_widths_follow_columns_components_and_units() -> None:
    document = network()
    document.apply(SetParam("x1", "columns", ("image", "x1", "image[3]")))
    document.apply(SetParam("h1", "units", 3))
    widths = infer_widths(document, SCHEMA)
    expected = {"x1": 6, "x2": 1, "h1": 3, "h2": 1, "o": 1, "t": 1, "E": 1}
    assert widths.nodes == expected
    assert list(widths.nodes) == list(document.nodes)
    assert not widths.mismatches
    assert port_widths(document, widths, "o") == {"inputs": (3, 1)}
    assert slot_shapes(document, widths, "h1") == {
        "x1-h1.weight": (3, 6),
        "x2-h1.weight": (3, 1),
        "h1.bias": (3,),
    }


def test_what_depends_on_unknown_columns_is_unknown_but_units_are_sure() -> None:
    document = build(
        {"x": "input", "h": "neuron", "s": "sum", "k": "scale"}, ["x>h", "x>s", "h>k.x"]
    )
    document.apply(SetParam("x", "columns", ("nowhere",)))
    widths = infer_widths(document, SCHEMA)
    assert widths.nodes == {"x": None, "h": 1, "s": None, "k": 1}
    assert port_widths(document, widths, "s") is None
    assert slot_shapes(document, widths, "h") == {}


def test_placeholders_are_unknown() -> None:
    document = build({"b": "bias"}, [])
    document.apply(AddNode(Node("q", "quux")))
    widths = infer_widths(document, {})
    assert widths.nodes == {"b": 1, "q": None}
    assert port_widths(document, widths, "q") is None


def test_mismatches_name_node_and_port_and_do_not_spread() -> None:
    document = build(
        {"a": "bias", "b": "bias", "s": "subtract", "k": "scale", "m": "sum"},
        ["a>s.a", "b>s.b", "s>k.x", "a>m", "b>m"],
    )
    document.apply(SetParam("a", "width", 2))
    document.apply(SetParam("b", "width", 3))
    widths = infer_widths(document, {})
    assert [(m.node, m.port) for m in widths.mismatches] == [("s", "a"), ("m", "inputs")]
    assert widths.nodes["s"] is None
    assert widths.nodes["k"] is None
