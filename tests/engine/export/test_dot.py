"""Graphviz text."""

from __future__ import annotations

import re

import numpy as np

from engine.compiler.compile import compile_document
from engine.export import to_dot
from engine.interpreter.parameter_vector import initial
from engine.interpreter.probe import probe
from engine.library import library
from graph.model.document import Document
from graph.model.edits import AddNode, Batch, Connect, Edge, Group, Node, SetGroups
from graph.model.training import Training


def network() -> Document:
    document = Document(library())
    document.apply(
        Batch(
            (
                AddNode(Node('x"1', "input", "x₁", {"columns": ("x",)})),
                AddNode(Node("h", "neuron")),
                AddNode(Node("t", "target", "", {"columns": ("t",)})),
                AddNode(Node("E", "half_squared_error")),
                Connect(Edge("w", 'x"1', "h", "inputs")),
                Connect(Edge("w2", 'x"1', "h", "inputs", 1)),
                Connect(Edge("p", "h", "E", "prediction")),
                Connect(Edge("q", "t", "E", "target")),
                SetGroups((Group("g", "in\nside", ("h",)), Group("k", "deep", (), "g"))),
            )
        )
    )
    return document


def test_every_node_and_edge_is_there_with_quotes_escaped() -> None:
    text = to_dot(network())
    assert text.count(" -> ") == 4
    assert text.count('"x\\"1" -> "h"') == 2
    assert '"x\\"1" [label="x₁\\nx", shape=circle];' in text
    assert text.count("{") == text.count("}")
    assert 'subgraph "cluster k"' in text
    assert 'label="in\\nside"' in text
    assert "δ" not in text


def test_values_come_from_the_probe() -> None:
    document = network()
    plan = compile_document(document, {"x": 1, "t": 1})
    theta = initial(plan, document, 0)
    columns = {"x": np.array([[0.5]]), "t": np.array([[1.0]])}
    text = to_dot(document, probe(plan, theta, columns, Training(), 1, None, 0))
    label = re.search(r'"h" \[label="([^"]*)"', text)
    assert label is not None
    assert re.fullmatch(r"h\\nf\(Σ\)\\ns = .*\\nz = 0\.\d+\\nδ = -0\.\d+", label[1])
    assert len(re.findall(r'"x\\"1" -> "h" \[label="w = .*\\n∂E/∂w = .*"\]', text)) == 2


def test_unknown_kinds_are_marked() -> None:
    document = Document(library())
    document.apply(AddNode(Node("n", "teleport")))
    assert "teleport?" in to_dot(document)
