"""What-if against the edited network, evaluated from scratch, and against NumPy by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analysis.what_if.ablation import Baseline, Effect, effect
from engine.analysis.what_if.changes import Action, Change
from engine.analysis.what_if.ranking import Ranking
from engine.compiler.compile import compile_document
from engine.interpreter.evaluation import evaluate
from engine.interpreter.parameter_vector import initial, to_tensors
from graph.errors import EditError
from graph.model.document import Document
from graph.model.edits import SetFrozen, SetParameterValues, SetShared, SetTraining
from graph.model.kinds import Role
from graph.model.training import Training
from tests.engine.documents import Columns, draw, mazur, widths
from tests.engine.random_documents import smooth

EXACT: dict[str, Any] = {"rel": 1e-12, "abs": 1e-12, "nan_ok": True}


def baseline(document: Document, columns: Columns) -> Baseline:
    schema = widths(columns)
    plan = compile_document(document, schema)
    theta = initial(plan, document, 0)
    document.apply(SetParameterValues(to_tensors(plan, theta)))
    return Baseline(document, schema, plan, theta, columns, columns, 7)


def total(document: Document, columns: Columns) -> float:
    """Compile and evaluate a document as the command line does."""
    plan = compile_document(document, widths(columns))
    theta = initial(plan, document, 0)
    return float(evaluate(document, plan, theta, columns, m=7)["error"])


def xor(tied: bool = False) -> tuple[Document, Columns]:
    x = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    columns = {"x1": x[:, :1], "x2": x[:, 1:], "y": np.array([[0.0], [1], [1], [0]])}
    weights = {"x1-h1": 0.4, "x2-h1": -0.3, "x1-h2": 0.9, "x2-h2": 0.2, "h1-o": 1.5, "h2-o": -0.7}
    values: Any = {f"{edge}.weight": [[w]] for edge, w in weights.items()}
    values |= {"h1.bias": [0.1], "h2.bias": [-0.2], "o.bias": [0.3]}
    nodes = {
        "x1": ("input", {"columns": ("x1",)}),
        "x2": ("input", {"columns": ("x2",)}),
        **dict.fromkeys(("h1", "h2", "o"), "neuron"),
        "y": ("target", {"columns": ("y",)}),
        "E": "half_squared_error",
    }
    edges = [*(edge.replace("-", " ") for edge in weights), "o E:prediction", "y E:target"]
    document = draw(nodes, edges, values)  # type: ignore[arg-type]  # kinds or kinds with params
    document.apply(SetTraining(Training(l2=0.01)))
    if tied:
        document.apply(SetShared({"x1-h1.weight": "w", "x2-h2.weight": "w"}))
        document.apply(SetParameterValues({"w": document.parameters["x1-h1.weight"]}))
    return document, columns


def by_hand(h: np.ndarray | None = None, w: dict[str, float] | None = None, **out: Any) -> float:
    """Return E of `xor` in NumPy with the l2 of its training over 7 rows."""
    w = {"a": 0.4, "b": -0.3, "c": 0.9, "d": 0.2, "e": 1.5, "f": -0.7} | (w or {})
    x = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    y = np.array([0.0, 1, 1, 0])
    h1 = 1 / (1 + np.exp(-(w["a"] * x[:, 0] + w["b"] * x[:, 1] + 0.1)))
    h2 = 1 / (1 + np.exp(-(w["c"] * x[:, 0] + w["d"] * x[:, 1] - 0.2)))
    h1 = out["h1"](h1) if "h1" in out else h1
    o = 1 / (1 + np.exp(-(w["e"] * h1 + w["f"] * h2 + 0.3)))
    penalty = 0.01 / 14 * sum(number**2 for number in w.values())
    return float(np.mean((o - y) ** 2) / 2 + penalty)


def of_xor(place: str, action: Action, factor: float = 1.0) -> Effect:
    return effect(baseline(*xor()), Change(place, action, factor))


def test_xor_by_hand() -> None:
    assert of_xor("h1-o", "cut").before.error == pytest.approx(by_hand(), **EXACT)
    assert of_xor("h1-o", "cut").after.error == pytest.approx(by_hand(w={"e": 0.0}), **EXACT)
    scaled = of_xor("x1-h2", "scale", -2.0).after.error
    assert scaled == pytest.approx(by_hand(w={"c": -1.8}), **EXACT)
    silent = of_xor("h1", "zero").after.error
    assert silent == pytest.approx(by_hand(h1=lambda z: 0 * z), **EXACT)
    level = of_xor("h1", "mean").after.error
    assert level == pytest.approx(by_hand(h1=lambda z: 0 * z + z.mean()), **EXACT)
    assert of_xor("h1", "freeze").delta == 0.0


def test_accuracy_is_of_the_rows_before_and_after() -> None:
    document, columns = xor()
    found = effect(baseline(document, columns), Change("o", "zero"))
    assert found.after.metrics == {"E": {"accuracy": 0.5}}  # 0 says class 0 of every row


def test_a_silenced_unit_has_no_gradients_and_the_others_are_of_the_new_network() -> None:
    document, columns = xor()
    document.apply(SetTraining(Training()))
    found = effect(baseline(document, columns), Change("h1", "zero"))
    after = {one.parameter: one.after for one in found.gradients}
    assert after["x1-h1.weight"] == after["h1.bias"] == after["h1-o.weight"] == 0.0
    assert after["x1-h2.weight"] != 0.0
    sizes = [one.difference for one in found.gradients]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 0
    document.apply(found.edit)
    plan = compile_document(document, widths(columns))
    numbers = evaluate(document, plan, initial(plan, document, 0), columns)
    for name, gradient in numbers["parameters"].items():
        assert after[name] == pytest.approx(float(np.ravel(gradient["gradient"])[0]), **EXACT)


@pytest.mark.parametrize("factor", [0.0, 3.0])
def test_a_shared_weight_changes_in_this_edge_alone(factor: float) -> None:
    document, columns = xor(tied=True)
    document.apply(SetFrozen({"w": True}))
    found = effect(baseline(document, columns), Change("x1-h1", "scale", factor))
    expected = by_hand(w={"a": 0.4 * factor, "d": 0.4})
    assert found.after.error == pytest.approx(expected, **EXACT)
    document.apply(found.edit)
    assert total(document, columns) == pytest.approx(found.after.error, **EXACT)
    assert "x1-h1.weight" in document.frozen


def test_a_name_of_its_own_is_found_where_another_slot_goes_by_this_edges_name() -> None:
    document, columns = xor()
    document.apply(SetShared({"x2-h2.weight": "x1-h1.weight"}))
    found = effect(baseline(document, columns), Change("x1-h1", "cut"))
    expected = by_hand(w={"a": 0.0, "d": 0.4})
    assert found.after.error == pytest.approx(expected, **EXACT)


def test_what_cannot_be_changed_is_refused() -> None:
    document, columns = mazur()
    whole = baseline(document, columns)
    for change in (Change("nobody", "zero"), Change("e1", "zero"), Change("i1", "freeze")):
        with pytest.raises(EditError):
            effect(whole, change)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_change_of_a_random_graph_is_what_the_edited_document_gives(seed: int) -> None:
    drawn = smooth(seed)
    document, columns = drawn.document, drawn.columns
    document.apply(SetTraining(Training(l1=0.01, l2=0.02)))
    whole = baseline(document, columns)
    ends = Role.LOSS, Role.PENALTY, Role.TARGET
    kinds = document.library
    nodes = [node.id for node in document.nodes.values() if kinds[node.kind].role not in ends]
    changes = [Change(node, "zero") for node in nodes] + [Change(node, "mean") for node in nodes]
    changes = [change for change in changes if document.out_edges(change.place)]
    for edge in document.edges:
        changes += [Change(edge, "cut"), Change(edge, "scale", 1.5)]
    rng = np.random.default_rng(seed)
    for number in rng.choice(len(changes), min(6, len(changes)), replace=False):
        found = effect(whole, changes[number])
        undo = document.apply(found.edit)
        assert total(document, columns) == pytest.approx(found.after.error, **EXACT)
        document.apply(undo)
        assert total(document, columns) == pytest.approx(found.before.error, **EXACT)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_ranking_has_the_numbers_of_each_change(seed: int) -> None:
    drawn = smooth(seed)
    drawn.document.apply(SetTraining(Training(l1=0.01, l2=0.02)))
    whole = baseline(drawn.document, drawn.columns)
    ranking = Ranking(whole.plan, whole.theta, whole.columns, whole.document.training, whole.m)
    assert not ranking.found
    while not ranking.is_done:
        ranking.advance()
    assert {one.place for one in ranking.found} == {*whole.plan.weights, *whole.plan.nets}
    deltas = [one.delta for one in ranking.found]
    assert deltas == sorted(deltas, reverse=True)
    whole_places = [one for one in ranking.found if one.component is None]
    for one in whole_places[:4] + whole_places[-4:]:
        if one.kind == "unit" and not whole.document.out_edges(one.place):
            assert one.delta == 0
            continue
        found = effect(whole, Change(one.place, "cut" if one.kind == "edge" else "zero"))
        size = max(1.0, abs(found.before.error))
        assert one.delta == pytest.approx(found.delta, rel=1e-9, abs=1e-12 * size, nan_ok=True)


def test_a_unit_of_a_layer_is_silenced_alone() -> None:
    rng = np.random.default_rng(5)
    columns: Columns = {"x": rng.normal(size=(6, 2)), "y": rng.normal(size=(6, 1))}
    first, second = rng.normal(size=(3, 2)), rng.normal(size=(1, 3))
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "h": ("neuron", {"units": 3, "activation": "tanh"}),
            "o": ("neuron", {"activation": "identity"}),
            "y": ("target", {"columns": ("y",)}),
            "E": "half_squared_error",
        },
        ["x h", "h o", "o E:prediction", "y E:target"],
        {
            "x-h.weight": first.tolist(),
            "h.bias": [0.1, 0.2, 0.3],
            "h-o.weight": second.tolist(),
            "o.bias": [0.0],
        },
    )
    whole = baseline(document, columns)
    ranking = Ranking(whole.plan, whole.theta, columns, document.training, 6)
    while not ranking.is_done:
        ranking.advance()
    found = {one.component: one.delta for one in ranking.found if one.place == "h"}

    def by_layer(kept: list[int]) -> float:
        h = np.tanh(columns["x"] @ first.T + [0.1, 0.2, 0.3]) * kept
        return float(np.mean((h @ second.T - columns["y"]) ** 2) / 2)

    for component in range(3):
        kept = [int(place != component) for place in range(3)]
        expected = by_layer(kept) - by_layer([1, 1, 1])
        assert found[component] == pytest.approx(expected, **EXACT)
    assert found[None] == pytest.approx(by_layer([0, 0, 0]) - by_layer([1, 1, 1]), **EXACT)
