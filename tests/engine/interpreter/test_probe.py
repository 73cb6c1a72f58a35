"""The probe: what the canvas shows of a row or of a batch's mean."""

from __future__ import annotations

import numpy as np
import pytest

from engine.compiler.compile import compile_document
from engine.declaration.op import Array
from engine.errors import DataError
from engine.interpreter.evaluation import evaluate
from engine.interpreter.parameter_vector import initial
from engine.interpreter.probe import Probe, probe
from engine.plan.plan import Plan
from graph.model.document import Document
from graph.model.edits import AddNode, Node, SetTraining
from graph.model.training import Training
from tests.engine.documents import Columns, draw, mazur, ng, widths
from tests.engine.random_documents import RandomDocument


def _probe(document: Document, columns: Columns, row: int | None, m: int = 3) -> Probe:
    plan, theta = _compiled(document, columns)
    return probe(plan, theta, columns, document.training, m, row, 7)


def _compiled(document: Document, columns: Columns) -> tuple[Plan, Array]:
    plan = compile_document(document, widths(columns))
    return plan, initial(plan, document, 0)


def test_mazur_row() -> None:
    document, columns = mazur()
    found = _probe(document, columns, 0, 1)
    node = dict(zip(found.nodes, range(len(found.nodes)), strict=True))
    edge = dict(zip(found.edges, range(len(found.edges)), strict=True))
    assert (found.version, found.row) == (7, 0)
    assert found.error == pytest.approx(0.298371109, abs=5e-10)
    # the article's net and out of h1, δ of o1, w5 and its gradient
    assert found.net[node["h1"]] == pytest.approx(0.3775)
    assert found.value[node["h1"]] == pytest.approx(0.593269992, abs=5e-10)
    assert found.delta[node["o1"]] == pytest.approx(0.138498562, abs=5e-10)
    assert found.message[edge["h1-o1"]] == pytest.approx(0.055399425, abs=5e-10)
    assert found.weight[edge["h1-o1"]] == 0.40
    assert found.gradient[edge["h1-o1"]] == pytest.approx(0.082167041, abs=5e-10)
    assert found.gradient_norm[edge["h1-o1"]] == found.gradient[edge["h1-o1"]]
    assert np.isnan(found.net[node["i1"]])
    assert np.isnan([found.weight[edge["o1-e1"]], found.gradient[edge["o1-e1"]]]).all()
    assert found.strips == found.delta_strips == {}


@pytest.mark.parametrize("seed", range(8))
def test_the_batch_shows_the_mean_of_its_rows(seed: int) -> None:
    drawn = RandomDocument(seed)
    document, columns = drawn.document, drawn.columns
    whole = _probe(document, columns, None)
    rows = [_probe(document, columns, row) for row in range(drawn.rows)]
    for name in ("value", "net", "delta", "message", "theta_gradient", "weight"):
        mean = np.mean([getattr(row, name) for row in rows], axis=0)
        scale = np.nanmax(np.abs(mean), initial=1)
        np.testing.assert_allclose(
            getattr(whole, name), mean, rtol=1e-9, atol=1e-12 * scale, err_msg=name
        )
    assert whole.error == pytest.approx(np.mean([row.error for row in rows]))
    for node, strip in whole.strips.items():
        mean = np.mean([row.strips[node] for row in rows], axis=0)
        np.testing.assert_allclose(strip, mean, rtol=1e-9, atol=1e-12)


def test_wide_nodes_have_strips_and_means() -> None:
    document, columns = ng()
    found = _probe(document, columns, 1)
    plan, theta = _compiled(document, columns)
    one = {name: column[1:2] for name, column in columns.items()}
    expected = evaluate(document, plan, theta, one)
    place = found.nodes.index("a3")
    assert found.strips.keys() == {"x", "a2", "a3", "y"}
    np.testing.assert_allclose(found.strips["a3"], expected["nodes"]["a3"]["value"][0])
    np.testing.assert_allclose(found.delta_strips["a3"], expected["nodes"]["a3"]["delta"][0])
    assert found.value[place] == pytest.approx(np.mean(found.strips["a3"]))
    edge = found.edges.index("a2-a3")
    gradient = np.array(expected["parameters"]["a2-a3.weight"]["gradient"])
    assert found.gradient[edge] == found.gradient_norm[edge]
    assert found.gradient[edge] == pytest.approx(np.linalg.norm(gradient))
    weight = np.array(expected["parameters"]["a2-a3.weight"]["value"])
    assert found.weight[edge] == pytest.approx(np.linalg.norm(weight))


def test_every_parameter_has_its_value_and_gradient() -> None:
    document, columns = ng()
    found = _probe(document, columns, None)
    plan, theta = _compiled(document, columns)
    expected = evaluate(document, plan, theta, columns, m=3)["parameters"]
    assert found.parameters is not None
    for name, numbers in expected.items():
        place = found.parameters.find(name)
        assert place is not None
        part = slice(place.offset, place.offset + place.size)
        np.testing.assert_allclose(found.theta[part], np.ravel(numbers["value"]))
        np.testing.assert_allclose(found.theta_gradient[part], np.ravel(numbers["gradient"]))


def test_penalties_count() -> None:
    document, columns = ng()
    document.apply(SetTraining(Training(l2=4)))
    document.apply(AddNode(Node("R", "l2_penalty", "", {"coefficient": 0.5})))
    found = _probe(document, columns, None)
    plan, theta = _compiled(document, columns)
    expected = evaluate(document, plan, theta, columns, m=3)
    assert found.error == pytest.approx(expected["error"])
    assert found.value[found.nodes.index("R")] == pytest.approx(expected["losses"]["R"])
    assert found.delta[found.nodes.index("R")] == 1
    gradient = np.array(expected["parameters"]["x-a2.weight"]["gradient"])
    slope = found.gradient[found.edges.index("x-a2")]
    assert slope == pytest.approx(np.linalg.norm(gradient))


def test_a_graph_of_nothing_and_one_without_parameters() -> None:
    empty = _probe(draw({}, []), {}, None)
    assert (empty.nodes, empty.edges, empty.error) == ((), (), 0)
    plain = draw({"x": ("input", {"columns": ("x",)}), "f": "tanh"}, ["x f"])
    found = _probe(plain, {"x": np.array([[1.0], [2.0]])}, 1)
    assert found.value.tolist() == [2.0, pytest.approx(np.tanh(2))]
    assert found.message.tolist() == [0]


def test_a_row_that_is_not_there() -> None:
    document, columns = ng()
    with pytest.raises(DataError, match="no row 3"):
        _probe(document, columns, 3)
