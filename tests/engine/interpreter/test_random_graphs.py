"""Gradients of random graphs equal PyTorch's, for every node, edge message and parameter."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.declaration.op import Array
from engine.interpreter.evaluation import evaluate
from engine.interpreter.parameter_vector import initial, views
from engine.rewrites.expand_collapse import expand
from tests.engine.random_documents import LOSSES, RandomDocument
from tests.engine.torch_reference import differentiate

_RELATIVE = 1e-9
# where terms cancel, what is left is rounding: of some hundred operations on the largest number
_ROUNDING = 256 * np.finfo(np.float64).eps


@pytest.mark.parametrize("block", range(10))
def test_gradients_equal_pytorch(block: int) -> None:
    for seed in range(50 * block, 50 * block + 50):
        drawn = RandomDocument(seed)
        plan = compile_document(drawn.document, drawn.schema)
        theta = initial(plan, drawn.document, seed)
        theta += 0.1 * np.random.default_rng(seed).normal(size=theta.size)
        found = evaluate(drawn.document, plan, theta, drawn.columns)
        named = {p.name: view for p, view in zip(plan.parameters, views(plan, theta), strict=True)}
        expected = differentiate(drawn.document, named, drawn.columns)

        assert found["error"] == pytest.approx(expected.error, rel=_RELATIVE)
        largest = max(float(np.abs(x).max()) for x in expected.gradients.values())
        nodes, edges = found["nodes"], found["edges"]
        _close(seed, _part(nodes, "value"), expected.values, 1.0)
        _close(seed, _part(nodes, "gradient"), expected.gradients, largest)
        _close(seed, _part(nodes, "net"), expected.nets, 1.0)
        neurons = {name: nodes[name] for name in expected.nets}
        _close(seed, _part(neurons, "delta"), expected.deltas, largest)
        _close(seed, _part(edges, "message"), expected.messages, largest)
        _close(seed, _part(found["parameters"], "gradient"), expected.parameters, largest)


@pytest.mark.parametrize("seed", range(20))
def test_messages_add_up_to_the_gradient(seed: int) -> None:
    drawn = RandomDocument(seed)
    plan = compile_document(drawn.document, drawn.schema)
    theta = initial(plan, drawn.document, seed)
    found = evaluate(drawn.document, plan, theta, drawn.columns)
    for node in drawn.document.nodes:
        outgoing = [found["edges"][edge.id]["message"] for edge in drawn.document.out_edges(node)]
        if outgoing:
            total = np.sum(np.array(outgoing), axis=0)
            np.testing.assert_allclose(found["nodes"][node]["gradient"], total, rtol=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_expanding_changes_no_number(seed: int) -> None:
    drawn = RandomDocument(seed)
    document = drawn.document
    answers = []
    for _ in range(2):
        plan = compile_document(document, drawn.schema)
        theta = initial(plan, document, seed)
        answers.append(evaluate(document, plan, theta, drawn.columns))
        for node in list(document.nodes.values()):
            if node.kind == "neuron":
                document.apply(expand(document, node.id))
    before, after = answers
    assert after["error"] == before["error"]
    values = _part(before["parameters"], "value")
    assert _part(after["parameters"], "value").keys() == values.keys()
    for name, value in values.items():
        assert np.array_equal(after["parameters"][name]["value"], value)
    largest = max(float(np.abs(node["gradient"]).max()) for node in before["nodes"].values())
    for group, key in (("parameters", "gradient"), ("edges", "message")):
        kept = {name: after[group][name] for name in before[group]}
        _close(seed, _part(kept, key), _part(before[group], key), largest)


def test_the_graphs_are_as_varied_as_claimed() -> None:
    kinds: set[str] = set()
    widths: set[int] = set()
    several, shared, parallel = 0, 0, 0
    for seed in range(500):
        drawn = RandomDocument(seed)
        document = drawn.document
        used = [node.kind for node in document.nodes.values()]
        kinds |= set(used)
        widths |= set(drawn.widths.values())
        several += sum(kind in LOSSES for kind in used) > 1
        shared += bool(document.shared)
        ends = [(edge.source, edge.target) for edge in document.edges.values()]
        parallel += len(set(ends)) < len(ends)
    assert len(kinds) >= 40
    assert set(range(1, 9)) <= widths
    assert min(several, shared, parallel) >= 200


def _part(records: Mapping[str, Mapping[str, object]], key: str) -> dict[str, Array]:
    return {name: np.array(record[key]) for name, record in records.items() if key in record}


def _close(
    place: object, found: Mapping[str, Array], expected: Mapping[str, Array], largest: float
) -> None:
    assert found.keys() == expected.keys()
    for name, want in expected.items():
        assert found[name].shape == want.shape, (place, name)
        error = np.abs(found[name] - want).max()
        allowed = _RELATIVE * np.abs(want).max() + _ROUNDING * largest
        assert error <= allowed, (place, name, found[name], want)
