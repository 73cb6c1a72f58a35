"""`evaluate`: the numbers of ``evaluate --json``."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.headless.terminal import json_pieces
from engine.interpreter import evaluation
from engine.interpreter.parameter_vector import initial
from graph.model.edits import AddNode, Node, SetTraining
from graph.model.training import Training
from tests.engine.documents import Columns, draw, mazur, ng, widths
from tests.engine.random_documents import RandomDocument


def evaluate(*given: Any, **named: Any) -> Any:
    """Return what ``evaluate --json`` prints."""
    return json.loads("".join(json_pieces(evaluation.evaluate(*given, **named))))


def test_the_shape_of_the_answer() -> None:
    document, columns = ng()
    plan = compile_document(document, widths(columns))
    found = evaluate(document, plan, initial(plan, document, 0), columns)
    assert list(found) == ["error", "losses", "nodes", "edges", "parameters"]
    assert list(found["nodes"]) == list(document.nodes)
    assert list(found["edges"]) == list(document.edges)
    assert found["nodes"]["x"].keys() == {"value", "gradient", "delta"}
    assert found["nodes"]["a2"].keys() == {"value", "gradient", "delta", "net"}
    assert found["nodes"]["x"]["delta"] == found["nodes"]["x"]["gradient"]
    assert found["nodes"]["a2"]["delta"] != found["nodes"]["a2"]["gradient"]
    assert np.shape(found["edges"]["a3-J"]["message"]) == (3, 4)
    assert np.shape(found["edges"]["x-a2"]["message"]) == (3, 2)
    assert np.shape(found["parameters"]["a2-a3.weight"]["gradient"]) == (4, 2)
    assert found["losses"] == {"J": found["error"]}


def test_mazur() -> None:
    document, columns = mazur()
    plan = compile_document(document, widths(columns))
    found = evaluate(document, plan, initial(plan, document, 0), columns)
    assert found["error"] == pytest.approx(0.298371109, abs=5e-10)
    assert found["losses"]["e1"] == pytest.approx(0.274811083, abs=5e-10)
    assert found["losses"]["e2"] == pytest.approx(0.023560026, abs=5e-10)
    assert found["nodes"]["h1"]["net"] == [[pytest.approx(0.3775)]]
    assert found["nodes"]["h1"]["gradient"] == [[pytest.approx(0.036350306, abs=5e-10)]]
    messages = [found["edges"][edge]["message"][0][0] for edge in ("h1-o1", "h1-o2")]
    assert messages == [
        pytest.approx(0.055399425, abs=5e-10),
        pytest.approx(-0.019049118, abs=5e-10),
    ]
    assert found["parameters"]["i1-h1.weight"]["gradient"] == [
        [pytest.approx(0.000438568, abs=5e-10)]
    ]


def test_rows_are_in_the_order_of_the_data() -> None:
    document, columns = ng()
    plan = compile_document(document, widths(columns))
    found = evaluate(document, plan, initial(plan, document, 0), columns)
    assert found["nodes"]["x"]["value"] == columns["x"].tolist()
    assert found["nodes"]["y"]["value"] == columns["y"].tolist()


def test_everything_is_of_e_with_its_penalties() -> None:
    document, columns = ng()
    document.apply(SetTraining(Training(l2=4)))
    document.apply(AddNode(Node("R", "l1_penalty", "", {"coefficient": 0.25})))
    plan = compile_document(document, widths(columns))
    theta = initial(plan, document, 0)
    found = evaluate(document, plan, theta, columns)
    weights = [0.3, 0.5, 0.4, 0.6] + [i / 10 for i in range(11, 19)]
    assert found["losses"]["J"] == pytest.approx(7.406969856065749)
    assert found["losses"]["R"] == pytest.approx(0.25 * sum(weights))
    assert found["error"] == pytest.approx(19.473636522732416 + found["losses"]["R"])
    for index in range(theta.size):
        slopes = []
        for step in (1e-6, -1e-6):
            moved = theta.copy()
            moved[index] += step
            slopes.append(evaluate(document, plan, moved, columns)["error"])
        numeric = (slopes[0] - slopes[1]) / 2e-6
        flat = np.concatenate(
            [np.ravel(found["parameters"][p.name]["gradient"]) for p in plan.parameters]
        )
        assert flat[index] == pytest.approx(numeric, rel=1e-6)


def test_more_training_rows_than_shown() -> None:
    document, columns = ng()
    document.apply(SetTraining(Training(l2=4)))
    plan = compile_document(document, widths(columns))
    theta = initial(plan, document, 0)
    one = {name: column[:1] for name, column in columns.items()}
    found = evaluate(document, plan, theta, one, m=3)
    assert found["error"] - found["losses"]["J"] == pytest.approx(
        19.473636522732416 - 7.406969856065749
    )


def test_edges_that_carry_nothing_have_zeros() -> None:
    document = draw(
        {"x": ("input", {"columns": ("x",)}), "n": ("neuron", {"units": 2}), "f": "softmax"},
        ["x n", "n f"],
    )
    columns: Columns = {"x": np.ones((3, 4))}
    plan = compile_document(document, widths(columns))
    found = evaluate(document, plan, initial(plan, document, 0), columns)
    assert found["edges"]["x-n"]["message"] == np.zeros((3, 4)).tolist()
    assert found["edges"]["n-f"]["message"] == np.zeros((3, 2)).tolist()
    assert found["nodes"]["n"]["delta"] == np.zeros((3, 2)).tolist()


def test_the_same_document_gives_the_same_bits() -> None:
    answers = []
    for _ in range(2):
        drawn = RandomDocument(11)
        plan = compile_document(drawn.document, drawn.schema)
        theta = initial(plan, drawn.document, 1)
        answers.append(evaluate(drawn.document, plan, theta, drawn.columns))
    assert json.dumps(answers[0]) == json.dumps(answers[1])
