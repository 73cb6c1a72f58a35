"""Derivatives of any node's output: they are those by differences, and recombine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.analysis.explanation import EVERYTHING, Explainer, Expression, parse_quantity
from engine.compiler.compile import compile_document
from engine.declaration.op import Array
from engine.errors import DataError
from engine.headless.experiment import make_ready, read_document
from engine.interpreter.interpreter import Forward, Interpreter, forward
from engine.interpreter.parameter_vector import initial
from engine.plan.plan import Plan
from tests.engine.random_documents import RandomDocument

EXAMPLES = Path(__file__).parents[4] / "examples"
EPSILON = 1e-6
WORST = 1e-5
"""Of central differences: ε² of truncation and rounding/ε, of numbers up to 1,000."""
KINK = 1e-2
"""The differences to both sides of a smooth function differ by ε·f″."""


def recombines(found: Expression) -> None:
    size = max([abs(found.value), *(abs(term.value) for term in found.terms)])
    scale = 1e-12 * size * max(len(found.terms), 1) + 1e-15
    assert found.recombined() == pytest.approx(found.value, rel=1e-12, abs=scale), found
    for term in found.terms:
        recombines(term)


class Differences:
    """Derivatives of the mean of a node's component over rows, by differences.

    At a kink (of relu at exactly 0, say) there is none: they are then None.
    """

    def __init__(
        self, plan: Plan, theta: Array, columns: Mapping[str, Array], of: str, component: int
    ) -> None:
        self._plan, self._theta, self._columns = plan, theta, columns
        self._slot, self._component = plan.outputs[of], component

    def by_parameter(self, place: int) -> float | None:
        ends = []
        for sign in (EPSILON, 0, -EPSILON):
            theta = self._theta.copy()
            theta[place] += sign
            ends.append(self._read(forward(self._plan, theta, self._columns)))
        return self._slope(*ends)

    def by_value(self, slot: int, component: int) -> float | None:
        """Every row's own derivative by its own value, averaged."""
        run = forward(self._plan, self._theta, self._columns)
        ends = []
        for sign in (EPSILON, 0, -EPSILON):
            values = list(run.values)
            values[slot] = values[slot].copy()
            values[slot][:, component] += sign
            changed = Forward(values, list(run.saved), run.rows, run.context, run.keywords)
            later = range(slot + 1, len(self._plan.steps))
            ends.append(self._read(Interpreter(self._plan).rerun(self._theta, changed, later)))
        return self._slope(*ends)

    def _read(self, run: Forward) -> float:
        return float(run.values[self._slot][:, self._component].mean())

    def _slope(self, above: float, here: float, below: float) -> float | None:
        right, left = (above - here) / EPSILON, (here - below) / EPSILON
        return (right + left) / 2 if abs(right - left) < KINK * max(1, abs(right)) else None


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from([1, 3]), st.integers(0, 99))
def test_they_are_those_by_differences(seed: int, rows: int, choice: int) -> None:
    drawn = RandomDocument(seed)
    document = drawn.document
    plan = compile_document(document, drawn.schema)
    theta = initial(plan, document, seed)
    columns = {name: column[:rows] for name, column in drawn.columns.items()}
    explainer = Explainer(document, plan, theta, columns, 5)
    of = list(plan.outputs)[choice % len(plan.outputs)]
    assume(of not in {penalty.node for penalty in plan.penalties})
    width = plan.widths[plan.outputs[of]]
    differences = Differences(plan, theta, columns, of, width - 1)
    name = f"{of}[{width - 1}]" if width > 1 else of
    run = forward(plan, theta, columns)
    assume(all(np.isfinite(value).all() and np.abs(value).max() < 1e3 for value in run.values))
    checked = 0
    for node, slot in plan.outputs.items():
        last = plan.widths[slot] - 1
        expected = differences.by_value(slot, last) if node != of else 1.0
        component = f"[{last}]" if last else ""
        checked += agrees(explainer, f"derivative:{node}{component}|{name}", expected)
        if node in plan.nets and node != of:
            expected = differences.by_value(plan.nets[node], last)
            checked += agrees(explainer, f"derivative:s:{node}{component}|{name}", expected)
    for parameter in plan.parameters:
        entry = [n - 1 for n in parameter.shape]
        expected = differences.by_parameter(parameter.offset + parameter.size - 1)
        component = f"[{','.join(map(str, entry))}]"
        checked += agrees(explainer, f"derivative:{parameter.name}{component}|{name}", expected)
    assert checked


def agrees(explainer: Explainer, quantity: str, expected: float | None) -> int:
    found = explainer.explain(quantity, EVERYTHING)
    recombines(found)
    if expected is None:
        return 0
    assert found.value == pytest.approx(expected, rel=WORST, abs=WORST), quantity
    return 1


def test_the_line_of_dolhansky() -> None:
    """∂ŷ/∂s_j = f′(s_j)·Σ ∂ŷ/∂s_k·w_jk."""
    path = EXAMPLES / "mazur.gradwire"
    experiment = make_ready(read_document(path), path.parent)
    columns = experiment.columns(np.arange(1))
    explainer = Explainer(experiment.document, experiment.plan, experiment.theta, columns, 1)
    found = explainer.explain("derivative:s:h1|o1")
    assert (found.symbol, found.quantity) == ("∂o₁/∂s(h₁)", "derivative:s:h1|o1")
    slope, rest = found.terms
    (message,) = rest.terms if rest.operator == "sum" else (rest,)
    assert slope.symbol == "σ′(s(h₁))"
    assert [factor.symbol for factor in message.terms] == ["w₅", "∂o₁/∂s(o₁)"]
    by_h1, by_o1 = (explainer.explain(f"slope:{node}").value for node in ("h1", "o1"))
    assert found.value == pytest.approx(by_h1 * 0.40 * by_o1, rel=1e-12)  # w₅ = 0.40 in the text
    assert explainer.explain("derivative:o1|o1").value == 1
    assert explainer.explain("derivative:o2|o1").value == 0


def test_those_of_the_losses_make_up_that_of_e() -> None:
    path = EXAMPLES / "mazur.gradwire"
    experiment = make_ready(read_document(path), path.parent)
    columns = experiment.columns(np.arange(1))
    explainer = Explainer(experiment.document, experiment.plan, experiment.theta, columns, 1)
    for name in experiment.plan.parameters.names:
        shares = [
            loss.importance * explainer.explain(f"derivative:{name}|{loss.node}").value
            for loss in experiment.plan.losses
        ]
        whole = explainer.explain(f"gradient:{name}").value
        assert math.fsum(shares) == pytest.approx(whole, rel=1e-12, abs=1e-16)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("derivative:h1", "does not say what of what"),
        ("derivative:h1|nobody", "no node 'nobody'"),
        ("derivative:nobody|o1", "no node or parameter 'nobody'"),
        ("derivative:s:i1|o1", "is no neuron"),
        ("derivative:h1|o1[3]", "'o1' has 1 numbers"),
    ],
)
def test_what_cannot_be_asked_is_refused(name: str, sentence: str) -> None:
    path = EXAMPLES / "mazur.gradwire"
    experiment = make_ready(read_document(path), path.parent)
    columns = experiment.columns(np.arange(1))
    explainer = Explainer(experiment.document, experiment.plan, experiment.theta, columns, 1)
    with pytest.raises(DataError, match=sentence):
        explainer.explain(name)


@pytest.mark.parametrize(
    "text",
    [
        "E",
        "delta:h1",
        "gradient:a.weight[0,2]",
        "derivative:h1[3]|y[2]",
        "derivative:s:h1|y",
        "paths:h",
    ],
)
def test_a_name_is_taken_apart_and_written_again(text: str) -> None:
    assert str(parse_quantity(text)) == text
