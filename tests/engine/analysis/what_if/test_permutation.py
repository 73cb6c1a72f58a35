"""Permutation importance against scikit-learn's and against a sum over all permutations."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.inspection import permutation_importance

from engine.analysis.what_if.permutation import PermutationImportance, input_components
from engine.compiler.compile import compile_document
from engine.interpreter.parameter_vector import initial
from graph.model.training import Training
from tests.engine.documents import Columns, draw, widths


def linear(rows: int) -> tuple[Any, Any, Columns]:
    """Return y = 2·x₁ − x₂ + 0·x₃ with the vector x, and noise."""
    rng = np.random.default_rng(4)
    x = rng.normal(size=(rows, 3))
    columns: Columns = {"x": x, "y": x @ [[2.0], [-1.0], [0.0]] + 0.1 * rng.normal(size=(rows, 1))}
    document = draw(
        {
            "x": ("input", {"columns": ("x",)}),
            "o": ("neuron", {"units": 1, "activation": "identity"}),
            "y": ("target", {"columns": ("y",)}),
            "E": "squared_error",
        },
        ["x o", "o E:prediction", "y E:target"],
        {"x-o.weight": [[2.0, -1.0, 0.0]], "o.bias": [0.0]},
    )
    plan = compile_document(document, widths(columns))
    return plan, initial(plan, document, 0), columns


class Known(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """The same model for scikit-learn."""

    def fit(self, x: np.ndarray, y: np.ndarray) -> Known:
        return self

    def predict(self, x: np.ndarray) -> np.ndarray:
        return np.asarray(x @ [2.0, -1.0, 0.0])


def found(plan: Any, theta: Any, columns: Columns, repeats: int) -> dict[str, tuple[float, float]]:
    importance = PermutationImportance(plan, theta, columns, Training(), len(columns["y"]), repeats)
    while not importance.is_done:
        importance.advance()
    return {one.place: (one.delta, one.spread) for one in importance.found}


def test_scikit_learn_finds_the_same_up_to_its_own_draws() -> None:
    plan, theta, columns = linear(60)
    repeats = 300
    ours = found(plan, theta, columns, repeats)
    theirs = permutation_importance(
        Known(),
        columns["x"],
        columns["y"][:, 0],
        scoring="neg_mean_squared_error",
        n_repeats=repeats,
        random_state=0,
    )
    for place, name in enumerate(("x[0]", "x[1]", "x[2]")):
        mean, spread = ours[name]
        mean_error = 6 * theirs.importances_std[place] * np.sqrt(2 / repeats)
        assert mean == pytest.approx(theirs.importances_mean[place], abs=mean_error + 1e-15)
        assert spread == pytest.approx(theirs.importances_std[place], rel=0.3, abs=1e-15)
    assert ours["x[2]"] == (0.0, 0.0)


def test_many_repeats_come_near_the_mean_over_all_permutations() -> None:
    plan, theta, columns = linear(4)
    x, y = columns["x"], columns["y"][:, 0]
    base = np.mean((Known().predict(x) - y) ** 2)
    errors = []
    for order in permutations(range(4)):
        moved = x.copy()
        moved[:, 0] = x[list(order), 0]
        errors.append(np.mean((Known().predict(moved) - y) ** 2) - base)
    repeats = 2000
    mean, _spread = found(plan, theta, columns, repeats)["x[0]"]
    assert mean == pytest.approx(np.mean(errors), abs=5 * np.std(errors) / np.sqrt(repeats))


def test_a_one_hot_column_is_one_input_and_a_component_moves_wherever_it_is_read() -> None:
    columns: Columns = {"c": np.eye(3)[[0, 1, 2, 1]], "v": np.arange(8.0).reshape(4, 2)}
    document = draw(
        {
            "c": ("input", {"columns": ("c",)}),
            "v": ("input", {"columns": ("v",)}),
            "v1": ("input", {"columns": ("v[1]",)}),
            "h": "neuron",
        },
        ["c h", "v h", "v1 h"],
    )
    plan = compile_document(document, widths(columns))
    read = {**columns, "v[1]": columns["v"][:, 1:]}
    inputs = input_components(plan, read)
    assert inputs["c"] == [("c", [0, 1, 2])]
    assert inputs["v[0]"] == [("v", [0])]
    assert sorted(inputs["v[1]"]) == [("v", [1]), ("v[1]", [0])]
