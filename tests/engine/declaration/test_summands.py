"""Sums over components are taken apart into terms that add up to the operation's own number."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from engine.analysis.explanation import Explainer
from engine.arrays.aliases import Array
from engine.compiler.compile import compile_document
from engine.declaration.equation_values import Scope, evaluate
from engine.declaration.equations import read_equation
from engine.declaration.summands import summands_of
from engine.interpreter.interpreter import forward
from engine.interpreter.parameter_vector import initial
from engine.library import ops
from tests.engine.documents import draw

LOSSES = [
    "half_squared_error",
    "squared_error",
    "mean_squared_error",
    "mean_absolute_error",
    "binary_cross_entropy",
    "binary_cross_entropy_logits",
    "hinge",
    "negative_log_likelihood",
]


@pytest.mark.parametrize("kind", LOSSES)
def test_a_loss_is_the_sum_of_its_components(kind: str, rng: np.random.Generator) -> None:
    document = draw(
        {"x": ("input", {"columns": ("x",)}), "t": ("target", {"columns": ("t",)}), "E": kind},
        ["x E:prediction", "t E:target"],
    )
    columns: dict[str, Array] = {"x": rng.uniform(0.1, 0.9, (1, 3)), "t": np.eye(3)[:1]}
    plan = compile_document(document, {"x": 3, "t": 3})
    theta = initial(plan, document, 0)
    found = Explainer(document, plan, theta, columns, 1).explain("loss:E")
    run = forward(plan, theta, columns)
    assert found.value == pytest.approx(float(run.values[plan.outputs["E"]][0, 0]), rel=1e-12)
    assert found.operator == "sum"
    assert len(found.terms) == 3
    assert found.recombined() == pytest.approx(found.value, rel=1e-12)
    for component, term in enumerate(found.terms):
        assert [inner.symbol for inner in term.terms] == [f"x[{component}]", f"t[{component}]"]
        assert f"x[{component}]" in term.symbol
        shown = evaluate(read_equation(f"E = {term.opened[1]}").right, Scope({}))
        assert f"{float(shown):.4g}" == f"{term.value:.4g}"


def test_what_mixes_components_is_left_whole() -> None:
    for kind in ("cross_entropy", "softmax", "concat"):
        op = ops()[kind]
        ports = frozenset(port.name for port in op.spec.ports)
        assert summands_of(op.symbolic(), ports) is None


def test_factors_before_the_sum_belong_to_each_term() -> None:
    op = ops()["half_squared_error"]
    found = summands_of(op.symbolic(), frozenset({"prediction", "target"}))
    assert found is not None
    assert found.index == "j"
    assert isinstance(found.term, ast.BinOp)
    assert found.text(2, lambda port, j: f"{port[0]}{j}") == "½·(p2 − t2)²"
