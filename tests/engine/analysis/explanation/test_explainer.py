"""Explanations give the engine's numbers, and recombine at every level."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.analysis.explanation import EVERYTHING, Explainer, Expression
from engine.analysis.explanation.parameter_formulas import RuleState
from engine.compiler.compile import compile_document
from engine.errors import DataError
from engine.headless.experiment import Experiment, make_ready, read_document
from engine.interpreter.evaluation import evaluate
from engine.interpreter.parameter_vector import initial
from engine.training import Trainer
from engine.training.rules.optimizers import OPTIMIZERS
from graph.model.edits import SetTraining
from tests.engine.documents import draw
from tests.engine.random_documents import RandomDocument

ROUNDING = 1e-15
"""Of numbers around 1: a normalisation of two components subtracts what is nearly equal."""
EXAMPLES = Path(__file__).parents[4] / "examples"


def opened(name: str) -> Experiment:
    path = EXAMPLES / f"{name}.gradwire"
    return make_ready(read_document(path), path.parent)


def explainer(experiment: Experiment, row: int | None = None) -> Explainer:
    assert experiment.data is not None
    rows = experiment.data.splits["train"] if row is None else np.array([row])
    columns = experiment.columns(rows)
    return Explainer(experiment.document, experiment.plan, experiment.theta, columns, experiment.m)


def size(found: Expression) -> float:
    """How large the numbers are that cancel in a sum."""
    return max([abs(found.value), *(abs(term.value) for term in found.terms)])


def check_recombines(found: Expression) -> None:
    scale = 1e-12 * size(found) * max(len(found.terms), 1)
    assert found.recombined() == pytest.approx(found.value, rel=1e-12, abs=scale + ROUNDING), found
    for term in found.terms:
        check_recombines(term)


def check(found: Expression, expected: float, scale: float = 0.0) -> None:
    assert found.value == pytest.approx(expected, rel=1e-9, abs=1e-12 * (scale + size(found)))
    check_recombines(found)


def flat(numbers: Any) -> list[float]:
    return np.asarray(numbers, float).reshape(-1).tolist()


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from([1, 3]), st.sampled_from([1, 2, EVERYTHING]))
def test_random_graphs_recombine_to_the_numbers_of_the_engine(
    seed: int, rows: int, depth: int
) -> None:
    drawn = RandomDocument(seed)
    document = drawn.document
    penalised = replace(document.training, l1=0.25, l2=0.5)
    document.apply(SetTraining(penalised))
    plan = compile_document(document, drawn.schema)
    theta = initial(plan, document, seed)
    columns = {name: column[:rows] for name, column in drawn.columns.items()}
    found = Explainer(document, plan, theta, columns, 5)
    numbers = evaluate(document, plan, theta, columns, m=5)
    if not math.isfinite(numbers["error"]):
        return
    check(found.explain("E", depth), numbers["error"])
    count = len(next(iter(columns.values()), [0]))
    for node, one in numbers["nodes"].items():
        values, slopes = np.atleast_2d(one["value"]), np.atleast_2d(one["gradient"])
        index = values.shape[1] - 1
        component = f"[{index}]" if index else ""
        check(found.explain(f"value:{node}{component}", depth), values[:, index].mean())
        gradient = slopes[:, index].sum()
        check(found.explain(f"gradient:{node}{component}", depth), gradient, count)
        if "net" in one:
            check(found.explain(f"s:{node}{component}", depth), np.mean(one["net"], 0)[index])
            delta = np.sum(one["delta"], 0)[index]
            check(found.explain(f"delta:{node}{component}", depth), delta, count)
    for edge, one in numbers["edges"].items():
        message = np.sum(one["message"], 0)
        component = f"[{len(message) - 1}]" if len(message) > 1 else ""
        check(found.explain(f"message:{edge}{component}", depth), message[-1], count)
    for name, one in numbers["parameters"].items():
        last = [n - 1 for n in np.shape(one["gradient"])]
        component = f"[{','.join(map(str, last))}]"
        entry = flat(one["gradient"])[-1]
        check(found.explain(f"gradient:{name}{component}", depth), entry, count)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 100_000))
def test_a_mean_of_many_rows_names_some_and_adds_up_the_others(seed: int) -> None:
    drawn = RandomDocument(seed)
    document = drawn.document
    plan = compile_document(document, drawn.schema)
    theta = initial(plan, document, seed)
    columns = {name: np.repeat(one, 3, axis=0) for name, one in drawn.columns.items()}
    all_of_them = Explainer(document, plan, theta, columns, 5)
    some = Explainer(document, plan, theta, columns, 5, most=1)
    names = [f"value:{node}" for node in plan.outputs if plan.widths[plan.outputs[node]] == 1]
    names += [f"delta:{node}" for node in plan.nets if plan.widths[plan.nets[node]] == 1]
    names += [f"gradient:{p.name}[{','.join('0' for _ in p.shape)}]" for p in plan.parameters]
    for name in (*names, "E"):
        for depth in (0, 1, 2):
            whole = all_of_them.explain(name, depth)
            found = some.explain(name, depth)
            assert found.value == pytest.approx(whole.value, rel=1e-9, abs=1e-12)
            check_recombines(found)


def test_the_published_numbers_of_mazur() -> None:
    found = explainer(opened("mazur"))
    assert found.explain("delta:o1").value == pytest.approx(0.138498562, abs=1e-9)
    assert found.explain("gradient:h1").value == pytest.approx(0.036350306, abs=1e-9)
    assert found.explain("update:h1-o1.weight").value == pytest.approx(0.35891648, abs=1e-8)
    delta = found.explain("delta:h1")
    assert delta.operator == "product"
    slope, gradient = delta.terms
    assert slope.opened[0] == "σ(s)·(1 − σ(s))"
    assert [term.edge for term in gradient.terms] == ["h1-o1", "h1-o2"]
    assert [f.symbol for f in gradient.terms[0].terms] == ["w₅", "δ(o₁)"]


def test_a_penalty_is_a_term_of_its_own() -> None:
    """Ng, λ = 4, m = 3, row 1: 0.5403·0.7939 + 0.4, not 0.829 = 0.5403·0.7939."""
    experiment = opened("ng_test_network_regularised")
    wire = next(iter(experiment.document.edges))
    found = explainer(experiment, 0).explain(f"gradient:{wire}.weight")
    data, penalty = found.terms
    assert penalty.symbol.startswith("λ/m·")
    assert found.value == pytest.approx(data.value + penalty.value, rel=1e-14)
    check_recombines(found)


def test_a_shared_weight_has_a_share_for_each_place() -> None:
    experiment = opened("rnn_unrolled")
    shared = [name for name in experiment.plan.parameters.names if "." not in name]
    for name in shared:
        places = [e for e, i in experiment.plan.weights.items()
                  if experiment.plan.parameters[i].name == name]  # fmt: skip
        found = explainer(experiment, 3).explain(f"gradient:{name}")
        assert [term.edge for term in found.terms[: len(places)]] == places
        check_recombines(found)


def test_the_weight_node_of_the_four_diagrams() -> None:
    experiment = opened("four_diagrams")
    (parameter,) = experiment.plan.parameters
    found = explainer(experiment).explain(f"gradient:{parameter.name}")
    assert found.value == pytest.approx(-4.2, rel=1e-12)
    check_recombines(found)
    (product,) = found.terms
    assert [term.quantity for term in product.terms] == ["gradient:O", "value:A"]
    value = explainer(experiment).explain("value:O")
    assert [term.value for term in value.terms] == [0.4, 1.5]  # W and A
    check_recombines(value)


def test_an_operation_tells_the_parameters_that_go_into_it() -> None:
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "n": "layer_norm",
            "t": ("target", {"columns": ("y",)}),
            "E": "half_squared_error",
        },
        ["x n", "n E:prediction", "t E:target"],
    )
    columns = {"x": np.array([[1.0, 3.0]]), "y": np.array([[0.0, 1.0]])}
    plan = compile_document(document, dict.fromkeys(columns, 2))
    theta = initial(plan, document, 1)
    found = Explainer(document, plan, theta, columns, 1).explain("value:n[0]")
    assert {term.parameter for term in found.terms if term.parameter} == set(plan.parameters.names)
    check_recombines(found)


def test_a_mean_is_the_sum_of_its_rows() -> None:
    found = explainer(opened("xor"))
    shares = found.rows("delta:h1")
    assert len(shares) == 4
    assert math.fsum(share for _, share in shares) == pytest.approx(
        found.explain("delta:h1").value, rel=1e-12
    )


@pytest.mark.parametrize("optimizer", sorted(OPTIMIZERS))
@pytest.mark.parametrize("updates", [0, 3])
def test_the_update_is_that_of_training(optimizer: str, updates: int) -> None:
    experiment = opened("xor")
    training = replace(
        experiment.document.training, optimizer=optimizer, batch_size=None, weight_decay=0.25
    )
    experiment.document.apply(SetTraining(training))
    assert experiment.data is not None
    trainer = Trainer(experiment.plan, experiment.data, training, experiment.theta, engine="numpy")
    for _ in range(updates):
        trainer.step()
    before = trainer.checkpoint()
    state = RuleState(before.count, before.memory, training.learning_rate)
    assert experiment.data is not None
    columns = experiment.columns(experiment.data.splits["train"])
    at = experiment.document, experiment.plan, trainer.theta.copy(), columns, experiment.m
    found = Explainer(*at, rule=state)
    trainer.step()
    for parameter in experiment.plan.parameters:
        entry = [0] * len(parameter.shape)
        update = found.explain(f"update:{parameter.name}[{','.join(map(str, entry))}]")
        assert update.value == pytest.approx(float(trainer.theta[parameter.offset]), rel=1e-12)
        check_recombines(update)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("delta:nobody", "there is no node 'nobody'"),
        ("strength:h1", "is no quantity"),
        ("delta", "says of no place"),
        ("delta:x1", "is no neuron"),
        ("value:h1[7]", "is not there"),
        ("message:nothing", "there is no edge"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_a_sentence(name: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        explainer(opened("xor")).explain(name)


def test_what_was_opened_before_is_marked() -> None:
    found = explainer(opened("dolhansky_3_outputs"), 0).explain("delta:i", EVERYTHING)

    def all_of(one: Expression) -> list[Expression]:
        return [one, *(each for term in one.terms for each in all_of(term))]

    reused = {one.quantity for one in all_of(found) if one.is_reused}
    assert reused == {"delta:o"}
