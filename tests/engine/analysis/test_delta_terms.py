"""A δ taken apart: Dolhansky's third case, and every node of random graphs."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis.delta_terms import DeltaTerms, delta_terms
from engine.compiler.compile import compile_document
from engine.declaration.op import Array
from engine.interpreter.interpreter import Backward, Forward, backward, forward
from engine.interpreter.parameter_vector import initial
from engine.interpreter.probe import edge_message, probe
from engine.plan.plan import Plan
from graph.model.document import Document
from graph.model.training import Training
from tests.engine.documents import Columns, draw, mazur, widths
from tests.engine.random_documents import RandomDocument


def _all(document: Document, columns: Columns, row: int = 0) -> dict[str, DeltaTerms]:
    plan = compile_document(document, widths(columns))
    theta: Array = initial(plan, document, 0)
    found = probe(plan, theta, columns, Training(), 1, row, 0)
    return {node: delta_terms(plan, theta, found, node) for node in document.nodes}


def _backward(document: Document, columns: Columns, row: int) -> tuple[Plan, Forward, Backward]:
    """Run the whole plan both ways for one row."""
    plan = compile_document(document, widths(columns))
    theta: Array = initial(plan, document, 0)
    run = forward(plan, theta, {name: column[row : row + 1] for name, column in columns.items()})
    return plan, run, backward(plan, theta, run)


def test_several_outputs() -> None:
    """in → i → {j, k} → o: δᵢ = f′(sᵢ) · (w_ij·δⱼ + w_ik·δₖ)."""
    document = draw(
        {
            "in": ("input", {"columns": ("x",)}),
            **dict.fromkeys("ijk", "neuron"),
            "o": ("neuron", {"activation": "identity"}),
            "y": ("target", {"columns": ("y",)}),
            "E": "half_squared_error",
        },
        ["in i", "i j", "i k", "j o", "k o", "o E:prediction", "y E:target"],
        {"i-j.weight": [[0.7]], "i-k.weight": [[-1.2]]},
    )
    found = _all(document, {"x": np.array([[0.5]]), "y": np.array([[0.9]])})
    z, wanted = 1 / (1 + np.exp(-_net(found, document))), found["i"]
    assert [(t.edge, t.target) for t in wanted.terms] == [("i-j", "j"), ("i-k", "k")]
    delta_j, delta_k = found["j"].delta.item(), found["k"].delta.item()
    assert [t.message.item() for t in wanted.terms] == pytest.approx(
        [0.7 * delta_j, -1.2 * delta_k]
    )
    assert wanted.slope is not None
    assert wanted.slope.item() == pytest.approx(z * (1 - z))
    assert wanted.delta.item() == pytest.approx(z * (1 - z) * (0.7 * delta_j - 1.2 * delta_k))
    assert found["o"].slope is not None
    assert found["o"].slope.item() == 1
    assert found["E"].own.item() == 1
    assert found["y"].slope is None


def _net(found: dict[str, DeltaTerms], document: Document) -> float:
    plan = compile_document(document, {"x": 1, "y": 1})
    theta = initial(plan, document, 0)
    return float(theta[plan.parameters[plan.weights["in-i"]].offset]) * 0.5


def test_mazur_hidden_unit() -> None:
    document, columns = mazur()
    h1 = _all(document, columns)["h1"]
    # the article prints …119 for the second: it multiplies numbers it has rounded before
    assert [t.message.item() for t in h1.terms] == pytest.approx(
        [0.055399425, -0.019049118], abs=5e-10
    )
    assert h1.gradient.item() == pytest.approx(0.036350306, abs=5e-10)
    assert h1.slope is not None
    assert h1.slope.item() == pytest.approx(0.241300709, abs=5e-10)


@pytest.mark.parametrize("seed", range(30))
def test_the_terms_are_those_of_a_whole_backward_pass(seed: int) -> None:
    drawn = RandomDocument(seed)
    row = drawn.rows - 1
    plan, run, back = _backward(drawn.document, drawn.columns, row)
    for node, found in _all(drawn.document, drawn.columns, row).items():
        slot, net = plan.outputs[node], plan.nets.get(node)
        close(found.gradient, back.deltas[slot][0])
        close(found.delta, back.deltas[slot if net is None else net][0])
        assert [term.edge for term in found.terms] == [
            edge.id for edge in drawn.document.out_edges(node)
        ]
        for term in found.terms:
            close(term.message, edge_message(plan, back, term.edge, run.rows)[0])
            if term.weight is not None:
                close(term.message, term.delta @ term.weight)
        if found.slope is not None:
            close(found.delta, found.slope * found.gradient)


def close(found: Array, expected: Array) -> None:
    scale = max(1e-3, float(np.abs(expected).max(initial=0.0)))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12 * scale)


def test_softmax_mixes_components() -> None:
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "n": ("neuron", {"units": 3, "activation": "softmax"}),
            "t": ("target", {"columns": ("t",)}),
            "E": "squared_error",
        },
        ["x n", "n E:prediction", "t E:target"],
    )
    found = _all(document, {"x": np.ones((1, 2)), "t": np.eye(3)[:1]})["n"]
    assert found.slope is None
    assert found.delta.sum() == pytest.approx(0, abs=1e-15)
