"""A probe on the tape shows what the NumPy plan computes, message by message."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.compiler.compile import compile_document
from engine.errors import DataError
from engine.interpreter.parameter_vector import initial
from engine.interpreter.probe import Probe, probe
from engine.library import library
from engine.native import NativeProbe
from engine.plan.plan import Plan
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Node
from graph.model.training import Training
from tests.engine.random_documents import RandomDocument, smooth

TOLERANCE = 1e-10
PENALISED = Training(l1=0.3, l2=0.2)


def same(found: Any, expected: Any) -> None:
    """Compare numbers with the largest of their kind, as they are sums with cancellation."""
    expected = np.asarray(expected, np.float64)
    finite = expected[np.isfinite(expected)]
    scale = float(np.abs(finite).max(initial=1e-3))
    np.testing.assert_allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE * scale)


def check(found: Probe, expected: Probe) -> None:
    for field in fields(Probe):
        a, b = getattr(found, field.name), getattr(expected, field.name)
        if isinstance(b, np.ndarray | float):
            same(a, b)
        elif isinstance(b, dict):
            assert a.keys() == b.keys()
            for key in b:
                same(a[key], b[key])
        else:
            assert a == b


def compiled(drawn: RandomDocument, seed: int) -> tuple[Plan, Any]:
    plan = compile_document(drawn.document, drawn.schema)
    return plan, initial(plan, drawn.document, seed)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 100_000))
def test_random_graphs_show_what_numpy_shows(seed: int) -> None:
    drawn = smooth(seed)
    plan, theta = compiled(drawn, seed)
    readings = NativeProbe(plan, drawn.columns)
    for row in (None, 0, drawn.rows - 1):
        expected = probe(plan, theta, drawn.columns, PENALISED, 7, row, 3)
        check(readings.read(theta, PENALISED, 7, row, 3), expected)


def wired(*nodes: tuple[str, str, dict[str, Any], tuple[str, ...]]) -> Document:
    """Return a document of nodes (id, kind, params, sources)."""
    kinds = library()
    edits: list[Any] = [AddNode(Node(name, kind, "", params)) for name, kind, params, _ in nodes]
    for name, kind, _, sources in nodes:
        ports = kinds[kind].ports
        for order, source in enumerate(sources):
            port = ports[min(order, len(ports) - 1)].name
            edits.append(Connect(Edge(f"{source}-{name}-{order}", source, name, port, order)))
    document = Document(kinds)
    document.apply(Batch(tuple(edits)))
    return document


def test_what_several_read_is_shared_out() -> None:
    both = wired(
        ("x", "input", {"columns": ("x",)}, ()),
        ("t", "target", {"columns": ("t",)}, ()),
        ("w", "weight", {"width": 1}, ("x",)),
        ("b", "bias", {"width": 1}, ()),
        ("s", "sum", {}, ("w", "b")),
        ("f", "sigmoid", {}, ("s",)),
        ("g", "tanh", {}, ("s",)),
        ("h", "tanh", {}, ("f",)),
        ("p", "product", {}, ("f", "g", "f")),
        ("d", "subtract", {}, ("p", "f")),
        ("c", "concat", {}, ("d", "g", "h")),
        ("n", "layer_norm", {}, ("c",)),
        ("k", "slice", {"start": 0, "stop": 1}, ("c",)),
        ("m", "mean", {}, ("n",)),
        ("z", "sum", {}, ("m", "k", "n")),
        ("a", "mean", {}, ("z",)),
        ("u", "step", {}, ("g",)),
        ("E", "half_squared_error", {}, ("a", "t")),
    )
    rng = np.random.default_rng(0)
    columns = {"x": rng.normal(size=(5, 1)), "t": rng.normal(size=(5, 1))}
    plan = compile_document(both, {"x": 1, "t": 1})
    theta = rng.normal(size=plan.size)
    readings = NativeProbe(plan, columns)
    for row in (None, 2):
        expected = probe(plan, theta, columns, Training(), 5, row, 0)
        check(readings.read(theta, Training(), 5, row, 0), expected)


def test_rows_of_other_data_are_read() -> None:
    drawn = smooth(3)
    plan, theta = compiled(drawn, 3)
    readings = NativeProbe(plan, drawn.columns)
    other = {name: column[:1] + 0.25 for name, column in drawn.columns.items()}
    expected = probe(plan, theta, other, PENALISED, 7, 0, 3)
    check(readings.read(theta, PENALISED, 7, 0, 3, other), expected)


def test_a_row_that_is_not_there_is_refused() -> None:
    drawn = RandomDocument(1)
    plan, theta = compiled(drawn, 1)
    with pytest.raises(DataError, match="no row 99"):
        NativeProbe(plan, drawn.columns).read(theta, Training(), 1, 99, 0)
