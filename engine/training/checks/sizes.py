"""Data of a size that makes training hard, and units that have no slope left."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from msgspec.structs import replace

from engine.data.preparation import Prepared
from engine.plan.plan import Step
from engine.training.checks.judged_loss import JudgedLoss, name
from engine.training.checks.sample import Sample, shown, training_columns
from graph.model.dataset import split_component
from graph.model.document import Document
from graph.model.edits import SetDataset
from graph.model.kinds import Role
from graph.validation.problems import Problem, Remedy

_LARGE = 10.0  # root of the mean square of a column, from which on it should be scaled
_END = 1e-3  # of the width of its range: as near to an end a unit has hardly any slope
_MOST = 0.9  # share of outputs at the ends, from which on a unit is said to be saturated


def check_inputs(document: Document, sample: Sample) -> Iterator[Problem]:
    """Yield a note for each input that reads large numbers as they are."""
    for step in _readers(sample, Role.INPUT):
        large = large_columns(sample.data, step)
        if large and document.dataset is not None:
            yield _unscaled(document, step, large, "scaling", "inputs")


def check_target_size(view: JudgedLoss) -> Iterator[Problem]:
    """Yield a note if a loss of distances compares large numbers."""
    assert view.loss.target is not None
    step = view.sample.plan.steps[view.loss.target]
    if view.needs.target != "any" or step.op.spec.role is not Role.TARGET:
        return
    large = large_columns(view.sample.data, step)
    if large and view.document.dataset is not None:
        yield _unscaled(view.document, step, large, "target_scaling", "targets")


def large_columns(data: Prepared, step: Step) -> dict[str, float]:
    """Return the columns of a step that are large and not scaled, with their largest size."""
    columns = step.params.get("columns", ())
    names = tuple(map(str, columns)) if isinstance(columns, tuple) else ()
    found: dict[str, float] = {}
    for reference, values in training_columns(data, names).items():
        column = reference if reference in data.columns else split_component(reference)[0]
        if column in data.scalings or not values.size:
            continue
        if float(np.sqrt(np.mean(np.square(values)))) > _LARGE:
            found[reference] = float(np.abs(values).max())
    return found


def why_large(sample_data: Prepared, steps: list[Step]) -> str:
    """Name the first large, unscaled column that is read; empty if there is none."""
    for step in steps:
        if step.op.spec.role in (Role.INPUT, Role.TARGET):
            for column, size in large_columns(sample_data, step).items():
                return f"{column!r} reaches {shown(size)} and is not scaled"
    return ""


def check_saturation(document: Document, sample: Sample) -> Iterator[Problem]:
    """Yield a note for each hidden node whose units are at the ends of their range.

    Only of a document that holds no parameter values: what was trained may be saturated.
    """
    if document.parameters:
        return
    last = {step.output for loss in sample.plan.losses for step in sample.makers(loss.prediction)}
    for step in sample.plan.steps:
        bounds = step.op.bounds
        if bounds is None or step.output in last or not np.isfinite(bounds).all():
            continue
        value, (low, high) = sample.value(step.output), bounds
        near = _END * (high - low)
        share = float(np.mean((value - low < near) | (high - value < near)))
        if share > _MOST:
            yield Problem(
                f"{name(document, step.owner)} is saturated: {share:.0%} of its outputs are "
                f"{shown(low)} or {shown(high)} at the start, where the {step.op.spec.kind} has "
                "no slope; scale the inputs, or start from smaller weights",
                (step.owner,),
                "note",
            )


def _readers(sample: Sample, role: Role) -> Iterator[Step]:
    forms = [form.op.spec.role is role for form in sample.plan.steps.forms]
    for number in np.flatnonzero(sample.plan.steps.chosen(forms)).tolist():
        yield sample.plan.steps[number]


def _unscaled(
    document: Document, step: Step, large: dict[str, float], setting: str, what: str
) -> Problem:
    (column, size), *others = large.items()
    more = f" and {len(others)} more" if others else ""
    dataset = document.dataset
    assert dataset is not None
    edit = SetDataset(replace(dataset, **{setting: "standard"}))
    return Problem(
        f"{name(document, step.owner)} reads {column!r} (up to {shown(size)}){more} unscaled; "
        f"standardise the {what}, else training is slow or diverges",
        (step.owner,),
        "note",
        (Remedy(f"Standardise the {what}", edit),),
    )
