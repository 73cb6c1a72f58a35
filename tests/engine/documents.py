"""Documents drawn in code: a short notation, and the published networks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from engine.declaration.op import Array
from engine.library import library
from graph.model.document import Document
from graph.model.edits import AddNode, Connect, Edge, Node, SetParameterValues
from graph.model.tensor import Nested, Tensor

Columns = dict[str, Array]


def draw(
    nodes: Mapping[str, str | tuple[str, Mapping[str, Any]]],
    edges: Iterable[str],
    values: Mapping[str, Nested] | None = None,
) -> Document:
    """Draw nodes ``id: kind`` or ``id: (kind, params)`` and edges ``source target[.port]``.

    The edges are called ``source-target`` (parallel ones get a number), in the order given.
    """
    document = Document(library())
    for node_id, drawn in nodes.items():
        kind, params = (drawn, {}) if isinstance(drawn, str) else drawn
        document.apply(AddNode(Node(node_id, kind, "", dict(params))))
    for order, text in enumerate(edges):
        source, _, end = text.partition(" ")
        target, _, port = end.partition(":")
        name = f"{source}-{target}"
        if name in document.edges:
            name = f"{name}-{order}"
        spec = document.spec(target)
        assert spec is not None
        document.apply(Connect(Edge(name, source, target, port or spec.ports[0].name, order)))
    document.apply(
        SetParameterValues({name: Tensor.of(value) for name, value in (values or {}).items()})
    )
    return document


def widths(columns: Columns) -> dict[str, int]:
    """Return the schema of some columns."""
    return {name: column.shape[1] for name, column in columns.items()}


def mazur() -> tuple[Document, Columns]:
    """Return M. Mazur's 2-2-2 network, "A step by step backpropagation example"."""
    weights = {
        "i1 h1": 0.15, "i2 h1": 0.20, "i1 h2": 0.25, "i2 h2": 0.30,
        "h1 o1": 0.40, "h2 o1": 0.45, "h1 o2": 0.50, "h2 o2": 0.55,
    }  # fmt: skip
    values: dict[str, Nested] = {
        f"{ends.replace(' ', '-')}.weight": [[w]] for ends, w in weights.items()
    }
    values |= {f"{unit}.bias": [0.35 if unit[0] == "h" else 0.60] for unit in _UNITS}
    document = draw(
        {
            "i1": ("input", {"columns": ("x1",)}),
            "i2": ("input", {"columns": ("x2",)}),
            **dict.fromkeys(_UNITS, "neuron"),
            "t1": ("target", {"columns": ("y1",)}),
            "t2": ("target", {"columns": ("y2",)}),
            "e1": "half_squared_error",
            "e2": "half_squared_error",
        },
        [*weights, "o1 e1:prediction", "t1 e1:target", "o2 e2:prediction", "t2 e2:target"],
        values,
    )
    row = {"x1": 0.05, "x2": 0.10, "y1": 0.01, "y2": 0.99}
    return document, {name: np.array([[x]]) for name, x in row.items()}


def ng() -> tuple[Document, Columns]:
    """Return the 2-2-4 test network of A. Ng's course: all weights 0.1, 0.2, …, 1.8."""
    first = np.arange(1, 7).reshape(3, 2).T / 10
    second = np.arange(7, 19).reshape(3, 4).T / 10
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "a2": ("neuron", {"units": 2}),
            "a3": ("neuron", {"units": 4}),
            "y": ("target", {"columns": ("y",)}),
            "J": "binary_cross_entropy",
        },
        ["x a2", "a2 a3", "a3 J:prediction", "y J:target"],
        {
            "x-a2.weight": first[:, 1:].tolist(),
            "a2.bias": first[:, 0].tolist(),
            "a2-a3.weight": second[:, 1:].tolist(),
            "a3.bias": second[:, 0].tolist(),
        },
    )
    classes = np.array([4, 2, 3])
    return document, {
        "x": np.cos(np.arange(1.0, 7.0).reshape(3, 2)),
        "y": np.eye(4)[classes - 1],
    }


_UNITS = ("h1", "h2", "o1", "o2")
