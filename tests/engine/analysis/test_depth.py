"""|δ| by depth of a chain whose shrinking is known."""

from __future__ import annotations

from itertools import pairwise

import networkx as nx
import pytest

from engine.analysis.depth import Depths, dead_units, ratio
from engine.compiler.compile import compile_document
from engine.data import prepare
from engine.interpreter.parameter_vector import initial
from engine.interpreter.probe import Probe, probe
from engine.library import library
from engine.plan.plan import Plan
from graph.model.dataset import Inline
from graph.model.document import Document
from graph.model.edits import (
    AddNode,
    Batch,
    Connect,
    Edge,
    Edit,
    Node,
    SetDataset,
    SetParameterValues,
)
from graph.model.kinds import Role
from graph.model.tensor import Tensor
from tests.engine.random_documents import RandomDocument

LENGTH, WEIGHT = 6, 0.5


def chain(activation: str, bias: float = 0.0) -> tuple[Plan, Probe]:
    edits: list[Edit] = [AddNode(Node("x", "input", params={"columns": ("x",)}))]
    names = [f"h{i}" for i in range(LENGTH)]
    values: dict[str, Tensor | None] = {}
    for source, name in zip(["x", *names], names, strict=False):
        edits.append(AddNode(Node(name, "neuron", params={"activation": activation})))
        edits.append(Connect(Edge(f"{source}-{name}", source, name)))
        values[f"{source}-{name}.weight"] = Tensor.of([[WEIGHT]])
        values[f"{name}.bias"] = Tensor.of([bias])
    edits += [
        AddNode(Node("t", "target", params={"columns": ("t",)})),
        AddNode(Node("E", "half_squared_error")),
        Connect(Edge("out", names[-1], "E", "prediction")),
        Connect(Edge("goal", "t", "E", "target")),
        SetDataset(Inline(columns={"x": [1.0], "t": [0.0]}, features=("x",), targets=("t",))),
        SetParameterValues(values),
    ]
    document = Document(library())
    document.apply(Batch(tuple(edits)))
    assert document.dataset is not None
    data = prepare(document.dataset)
    plan = compile_document(document, data.schema)
    theta = initial(plan, document, 0)
    columns = data.batch(plan.columns)
    return plan, probe(plan, theta, columns, document.training, 1, None, 0)


def test_linear_chain_shrinks_by_its_weight_at_every_step() -> None:
    plan, readings = chain("identity")
    layers = Depths(plan).layers(readings)
    hidden = [layer for layer in layers if layer.nodes[0].startswith("h")]
    assert [layer.nodes for layer in hidden] == [(f"h{i}",) for i in range(LENGTH)]
    for shallow, deep in pairwise(hidden):
        assert shallow.mean == pytest.approx(WEIGHT * deep.mean, rel=1e-12)
        assert deep.depth == shallow.depth + 1
    share = ratio(hidden)
    assert share == pytest.approx(WEIGHT ** (LENGTH - 1), rel=1e-12)
    assert not {"E", "t"} & {name for layer in layers for name in layer.nodes}


def test_units_that_relu_has_switched_off_are_dead() -> None:
    _, readings = chain("relu", bias=-10.0)
    assert dead_units(readings) == [f"h{i}" for i in range(LENGTH)]
    assert dead_units(chain("relu")[1]) == []
    assert ratio([]) is None


@pytest.mark.parametrize("seed", range(20))
def test_depths_are_the_generations_of_the_graph(seed: int) -> None:
    drawn = RandomDocument(seed)
    document = drawn.document
    plan = compile_document(document, drawn.schema)
    theta = initial(plan, document, 0)
    readings = probe(plan, theta, drawn.columns, document.training, 1, 0, 0)
    expected = {}
    for depth, generation in enumerate(nx.topological_generations(document.graph)):
        kept = [node for node in sorted(generation) if _is_counted(document, node)]
        if kept:
            expected[depth] = tuple(kept)
    found = {layer.depth: layer.nodes for layer in Depths(plan).layers(readings)}
    assert found == expected


def _is_counted(document: Document, node: str) -> bool:
    spec = document.spec(node)
    assert spec is not None
    is_end = spec.role in (Role.TARGET, Role.LOSS, Role.PENALTY)
    return not is_end and document.graph.out_degree(node) > 0
