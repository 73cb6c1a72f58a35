"""What the steps of a plan are given: the data that columns stand for, and the parameters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np

from engine.declaration.op import Array, Context
from engine.errors import DataError
from engine.interpreter.parameter_vector import views
from engine.plan.plan import Plan, Step
from graph.model.dataset import split_component


def fetch(
    references: Iterable[str], columns: Mapping[str, Array], dtype: np.dtype[Any]
) -> dict[str, Array]:
    """Return the array of each reference, (B, width), in the dtype of the run.

    Parameters
    ----------
    references : iterable of str
        What inputs and targets read.
    columns : mapping
        By reference, or by column: components are then taken from their column.
    dtype : numpy dtype
        float64 or float32.

    Raises
    ------
    DataError
        If a column is missing, there are no rows, or the columns differ in rows.
    """
    fetched: dict[str, Array] = {}
    for reference in references:
        fetched[reference] = np.asarray(_column(columns, reference), dtype)
    counts = {len(column) for column in fetched.values()}
    if counts == {0}:
        raise DataError("the data has no rows; choose other data or another split")
    if len(counts) > 1:
        raise DataError(f"the columns {', '.join(fetched)} have different numbers of rows")
    return fetched


def _column(columns: Mapping[str, Array], reference: str) -> Array:
    if reference in columns:
        return columns[reference]
    name, index = split_component(reference)
    if index is None or name not in columns:
        raise DataError(f"the data has no column {reference!r}; choose another in the node")
    return columns[name][:, index : index + 1]


Keywords: TypeAlias = Mapping[str, Any]


class Binding:
    """The keyword arguments of every step's operation at one θ.

    Parameters are views: they follow when θ is changed in place, as training does.
    """

    def __init__(self, plan: Plan, theta: Array) -> None:
        self.theta = theta
        self._parameters = views(plan, theta)
        self._fixed: list[Keywords] = [self._of(step) for step in plan.steps]
        self._contextual = [step for step in plan.steps if step.op.takes_context]

    def keywords(self, context: Context) -> list[Keywords]:
        """Return the keyword arguments in a run, by step."""
        result = self._fixed.copy()
        for step in self._contextual:
            known = self._of_step(step, context)
            result[step.output] = {**result[step.output], "context": known}
        return result

    def _of(self, step: Step) -> Keywords:
        if not step.slots:
            return step.params
        slots = {name: self._parameters[index] for name, index in step.slots.items()}
        return {**step.params, **slots}

    def _of_step(self, step: Step, context: Context) -> Context:
        """Return the context with the parameters a penalty covers and the step's own noise."""
        rng = context.rng
        if not step.covers and rng is None:
            return context
        covered = tuple(self._parameters[index] for index in step.covers)
        own = None if rng is None else rng.fork(step.output)
        return Context(context.rows, context.dtype, context.columns, covered, own)
