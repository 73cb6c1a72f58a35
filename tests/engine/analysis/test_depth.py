"""|δ| by depth of a chain whose shrinking is known."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from engine.analysis.delta_sizes import delta_sizes
from engine.analysis.depth import DepthReport, Depths, ratio, report
from engine.compiler.compile import compile_document
from engine.data import prepare
from engine.interpreter.parameter_vector import initial
from engine.library import library
from graph.files.storage import load
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
EXAMPLES = Path(__file__).parents[3] / "examples"


def chain(activation: str, bias: float = 0.0) -> DepthReport:
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
    return report(plan, theta, columns, Depths(plan))


def test_linear_chain_shrinks_by_its_weight_at_every_step() -> None:
    found = chain("identity")
    assert [layer.nodes for layer in found.layers] == [(f"h{i}",) for i in range(LENGTH)]
    for shallow, deep in pairwise(found.layers):
        assert shallow.mean == pytest.approx(WEIGHT * deep.mean, rel=1e-12)
        assert deep.depth == shallow.depth + 1
    assert found.ratios == {0: pytest.approx(WEIGHT ** (LENGTH - 1), rel=1e-12)}


def test_the_product_of_local_derivatives_is_the_ratio() -> None:
    found = chain("sigmoid")
    ((names, links),) = found.products.items()
    assert names == tuple(f"h{i}" for i in range(LENGTH))
    assert [link.weight for link in links] == [WEIGHT] * (LENGTH - 1)
    z = 1.0
    for link in links:
        z = 1 / (1 + math.exp(-WEIGHT * z))
        assert link.slope == pytest.approx(z * (1 - z), rel=1e-12)
    product = math.prod(link.factor for link in links)
    assert product == pytest.approx(found.ratios[0], rel=1e-12)


def test_units_that_relu_has_switched_off_are_silent() -> None:
    found = chain("relu", bias=-10.0)
    assert dict(found.sizes.silent) == {f"h{i}": 1 for i in range(LENGTH)}
    assert not chain("relu").sizes.silent
    assert ratio([]) is None


def test_sizes_are_means_over_the_rows_of_what_each_row_has_alone() -> None:
    """The mean of δ cancels out between rows: 0.128 was once shown as 13.1 at another layer."""
    drawn = RandomDocument(3)
    document = drawn.document
    plan = compile_document(document, drawn.schema)
    theta = initial(plan, document, 0)
    rows = len(next(iter(drawn.columns.values())))
    together = delta_sizes(plan, theta, drawn.columns)
    alone = [
        delta_sizes(
            plan, theta, {name: column[i : i + 1] for name, column in drawn.columns.items()}
        )
        for i in range(rows)
    ]
    assert together.rows == rows > 1
    assert together.mean == pytest.approx(np.mean([one.mean for one in alone], axis=0), rel=1e-9)
    assert together.largest == pytest.approx(np.max([one.largest for one in alone], axis=0))
    everywhere = set.intersection(*(set(one.silent) for one in alone))
    assert set(together.silent) == everywhere


def test_two_nets_on_the_same_data_are_two_branches() -> None:
    document = load(EXAMPLES / "xavier_cure.gradwire", library())
    assert document.dataset is not None
    data = prepare(document.dataset)
    plan = compile_document(document, data.schema)
    theta = initial(plan, document, document.training.seed)
    found = report(plan, theta, data.batch(plan.columns, data.splits["train"]), Depths(plan))
    assert found.depths.branches == 2
    for branch, letter in enumerate("uv"):
        names = [layer.nodes for layer in found.of(branch)]
        assert names == [(f"{letter}{i}",) for i in (*range(1, 7), "o")]
    above, below = found.ratios[0], found.ratios[1]
    assert above < 0.02 < 0.2 < below, "one vanishes, the other holds"


@pytest.mark.parametrize("seed", range(20))
def test_depths_are_the_generations_of_the_graph(seed: int) -> None:
    drawn = RandomDocument(seed)
    document = drawn.document
    plan = compile_document(document, drawn.schema)
    theta = initial(plan, document, 0)
    sizes = delta_sizes(plan, theta, drawn.columns)
    depths = Depths(plan)
    counted = [node for node in document.nodes if _is_counted(document, node)]
    units = [node for node in counted if document.nodes[node].kind == "neuron"]
    assert depths.has_units == bool(units)
    if depths.branches > 1:  # what feeds several nets belongs to none
        counted = [node for node in counted if document.graph.in_degree(node)]
    expected = {}
    for depth, generation in enumerate(nx.topological_generations(document.graph)):
        kept = sorted(set(generation) & set(units or counted))
        if kept:
            expected[depth] = tuple(kept)
    found: dict[int, tuple[str, ...]] = {}
    for layer in depths.layers(sizes):
        found[layer.depth] = tuple(sorted((*found.get(layer.depth, ()), *layer.nodes)))
    assert found == expected


def _is_counted(document: Document, node: str) -> bool:
    spec = document.spec(node)
    assert spec is not None
    is_end = spec.role in (Role.TARGET, Role.LOSS, Role.PENALTY)
    return not is_end and document.graph.out_degree(node) > 0


@pytest.mark.parametrize("seed", range(10))
def test_the_shortest_paths_are_those_from_any_source(seed: int) -> None:
    drawn = RandomDocument(seed)
    graph = nx.DiGraph(drawn.document.graph)
    plan = compile_document(drawn.document, drawn.schema)
    sources = [node for node in graph if not graph.in_degree(node)]
    lengths = nx.multi_source_dijkstra_path_length(graph, sources, weight=None)
    found = Depths(plan, shortest=True)
    sizes = delta_sizes(plan, initial(plan, drawn.document, 0), drawn.columns)
    for layer in found.layers(sizes):
        assert {lengths[node] for node in layer.nodes} == {layer.depth}
