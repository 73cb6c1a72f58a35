"""Importance of the inputs: E when one of them is permuted over the rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import numpy as np

from engine.analysis.what_if.blocks import Blocks, Importance
from engine.arrays.aliases import Array, Integers
from engine.interpreter.batch_columns import fetch
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.interpreter.objective_terms import objective_terms
from engine.plan.plan import Plan
from graph.model.dataset import split_component
from graph.model.kinds import Role
from graph.model.training import Training

REPEATS = 5
"""How often each input is permuted, as scikit-learn does it by default."""


class PermutationImportance(Blocks):
    """Mean and standard deviation of E(permuted) − E over the repeats, for each input.

    An input is a component of a column, wherever the network reads it; a one-hot column is
    permuted as a whole. Each has random numbers of its own, from the seed and its place.

    Parameters
    ----------
    plan, theta
        The compiled document at its parameters.
    columns : mapping
        Column reference → (B, width).
    training, m
        For the penalties, which are the same before and after; the seed.
    repeats : int
        How often each is permuted.
    yield_gil : callable, optional
        Called every few steps.

    Source: L. Breiman 2001, Random forests; scikit-learn, ``sklearn.inspection.
    permutation_importance`` with the score −E (mean and deviation with divisor ``repeats``).
    """

    def __init__(
        self,
        plan: Plan,
        theta: Array,
        columns: Mapping[str, Array],
        training: Training,
        m: int,
        repeats: int = REPEATS,
        yield_gil: YieldGil | None = None,
    ) -> None:
        self._plan, self._theta = plan, theta.astype(np.float64)
        self._columns = fetch(plan.columns, columns, self._theta.dtype)
        self._training, self._m, self.repeats = training, m, repeats
        self._interpreter = Interpreter(plan, yield_gil)
        self._inputs = input_components(plan, self._columns)
        self._names = tuple(self._inputs)
        self.rows = len(next(iter(self._columns.values()), ()))
        self.error = self._error(self._columns)
        super().__init__(len(self._inputs), repeats * self.rows * sum(plan.widths))

    def compute(self, number: int) -> Importance:
        """Return the importance of one input."""
        name = self._names[number]
        rng = np.random.default_rng((self._training.seed, number))
        deltas = [self._permuted(name, rng.permutation(self.rows)) for _ in range(self.repeats)]
        return Importance(name, "input", float(np.mean(deltas)), float(np.std(deltas)))

    def _permuted(self, name: str, order: Integers) -> float:
        columns = dict(self._columns)
        for reference, components in self._inputs[name]:
            if columns[reference] is self._columns[reference]:
                columns[reference] = columns[reference].copy()
            columns[reference][:, components] = self._columns[reference][order][:, components]
        return self._error(columns) - self.error

    def _error(self, columns: Mapping[str, Array]) -> float:
        run, training = self._interpreter.forward(self._theta, columns), self._training
        return objective_terms(
            self._plan, self._theta, run, training.l1, training.l2, self._m
        ).total


def input_components(
    plan: Plan, columns: Mapping[str, Array]
) -> dict[str, list[tuple[str, list[int]]]]:
    """Return each input → where it is: references that are read, with their components.

    Parameters
    ----------
    columns : mapping
        What the plan reads, column reference → (B, width).
    """
    found: defaultdict[str, list[tuple[str, list[int]]]] = defaultdict(list)
    read = {
        str(reference)
        for step in plan.steps
        if step.op.spec.role is Role.INPUT
        for reference in step.params.get("columns", ())  # type: ignore[union-attr]
    }
    whole = {reference for reference in read if _is_one_hot(columns[reference])}
    for reference in plan.columns:
        if reference not in read:
            continue
        column, index = split_component(reference)
        width = columns[reference].shape[1]
        if index is not None:
            found[column if column in whole else f"{column}[{index}]"].append((reference, [0]))
        elif width == 1 or reference in whole:
            found[reference].append((reference, list(range(width))))
        else:
            for component in range(width):
                found[f"{reference}[{component}]"].append((reference, [component]))
    return dict(found)


def _is_one_hot(column: Array) -> bool:
    if column.shape[1] == 1:
        return False
    return bool(((column == 0) | (column == 1)).all() and (column.sum(axis=1) == 1).all())
