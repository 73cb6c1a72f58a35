"""Which part of an unfinished document can run, and that it is compiled as part of the whole."""

from __future__ import annotations

import numpy as np

from engine.compiler.compile import compile_document
from engine.interpreter.interpreter import forward
from engine.interpreter.parameter_vector import initial
from graph.model.document import Document
from graph.model.edits import AddNode, Connect, Disconnect, Edge, Node, SetParam
from graph.validation.width_inference import infer_widths, runnable
from tests.engine.documents import draw

_COLUMNS = {"x": 2, "y": 1}


def _document() -> Document:
    return draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", {"units": 3}),
            "o": "neuron",
            "t": ("target", {"columns": ("y",)}),
            "E": "half_squared_error",
            "decay": "l2_penalty",
        },
        ["x h", "h o", "o E:prediction", "t E:target"],
    )


def _found(document: Document) -> set[str]:
    return set(runnable(document, infer_widths(document, _COLUMNS)))


def test_all_of_a_finished_graph_but_its_penalties() -> None:
    assert _found(_document()) == {"x", "h", "o", "t", "E"}


def test_what_follows_an_open_port_is_left_out() -> None:
    document = _document()
    document.apply(Disconnect("t-E"))
    assert _found(document) == {"x", "h", "o", "t"}
    document.apply(Disconnect("x-h"))
    assert _found(document) == {"x", "t"}


def test_what_follows_a_missing_column_is_left_out() -> None:
    document = _document()
    document.apply(SetParam("x", "columns", ("gone",)))
    assert _found(document) == {"t"}


def test_what_follows_an_unknown_kind_is_left_out() -> None:
    document = _document()
    document.apply(AddNode(Node("odd", "kind_of_tomorrow")))
    document.apply(Connect(Edge("odd-o", "odd", "o", "inputs")))
    assert _found(document) == {"x", "h", "t"}


def test_a_part_gives_the_numbers_of_the_whole(rng: np.random.Generator) -> None:
    document = _document()
    whole = compile_document(document, _COLUMNS)
    part = compile_document(document, _COLUMNS, nodes=frozenset({"x", "h"}))
    assert set(part.outputs) == {"x", "h"}
    columns = {name: rng.normal(size=(5, width)) for name, width in _COLUMNS.items()}
    expected, found = (
        forward(plan, initial(plan, document, 0), columns).values[plan.outputs["h"]]
        for plan in (whole, part)
    )
    np.testing.assert_array_equal(found, expected)
