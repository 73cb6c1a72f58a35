"""Whether predictions are what a loss is defined for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.declaration.loss_needs import Arrival, PredictionDomain
from engine.declaration.op import Array
from engine.plan.plan import Step
from engine.training.checks.judged_loss import JudgedLoss
from engine.training.checks.remedies import (
    exchange_activation,
    other_loss,
    put_before,
    without_activation,
)
from engine.training.checks.sample import shown
from graph.validation.problems import Problem

_ROUNDING = 1e-6  # of numbers that are probabilities, or their logarithms
_SUM = 1e-3  # by which probabilities may miss 1


def check_prediction(view: JudgedLoss) -> Iterator[Problem]:
    """Yield what is wrong with the predictions of a loss."""
    match view.needs.prediction:
        case "probability":
            yield from _probabilities(view)
        case "log_probability":
            yield from _logarithms(view)
        case "score":
            yield from _scores(view)
        case "margin":
            yield from _margins(view)
        case "any":
            pass


def stray(prediction: Array, domain: PredictionDomain) -> float | None:
    """Return the prediction that is farthest outside a domain; None if all are inside.

    Predictions are (B, w); those that are not finite are left out.
    """
    found = prediction[np.isfinite(prediction)]
    if not found.size:
        return None
    low, high = float(found.min()), float(found.max())
    if domain == "probability" and (low < 0 or high > 1):
        return low if -low >= high - 1 else high
    if domain == "log_probability" and high > _ROUNDING:
        return high
    return None


def _probabilities(view: JudgedLoss) -> Iterator[Problem]:
    words = view.needs.after.replace("_", " ")
    remedies = (
        put_before(view, view.needs.after),
        other_loss(view, view.needs.instead.get("scores")),
    )
    hint = f"put a {words} before it, or {_instead(view, 'scores')}"
    source = view.name(view.source(view.loss.prediction))
    worst = stray(view.prediction, "probability")
    if worst is not None:
        what = f"gets {shown(worst)} from {source}, but needs probabilities, from 0 to 1; {hint}"
        yield view.problem(what, "error", *remedies)
    elif not all(_within(step, 0, 1) for step in view.makers):
        what = f"needs probabilities, but nothing keeps {source} between 0 and 1; {hint}"
        yield view.problem(what, "warning", *remedies)


def _logarithms(view: JudgedLoss) -> Iterator[Problem]:
    words = view.needs.after.replace("_", " ")
    source = view.name(view.source(view.loss.prediction))
    worst, prediction = stray(view.prediction, "log_probability"), view.prediction
    needs = "but needs logarithms of probabilities, which are 0 at most"
    makers = view.makers
    if worst is not None:
        bounded = len(makers) == 1 and _squashes(makers[0])
        if bounded:
            hint, kind = f"use {words} in its place", f" ({makers[0].op.spec.kind})"
            remedy = exchange_activation(view, makers[0], view.needs.after)
        else:
            hint, kind = f"put a {words} before it", ""
            remedy = put_before(view, view.needs.after)
        what = f"gets {shown(worst)} from {source}{kind}, {needs}; {hint}"
        yield view.problem(what, "error", remedy)
    elif prediction.shape[1] > 1 and np.isfinite(prediction).all():
        sums = np.exp(prediction).sum(axis=1)
        if (np.abs(sums - 1) > _SUM).any():
            off = shown(float(sums[np.abs(sums - 1).argmax()]))
            what = f"gets numbers from {source} whose probabilities add up to {off} in a row"
            yield view.problem(
                f"{what}, not to 1; put a {words} before it",
                "warning",
                put_before(view, view.needs.after),
            )


def _scores(view: JudgedLoss) -> Iterator[Problem]:
    """Find scores that went through an activation before the loss applies its own."""
    for step in view.makers:
        if step.op.bounds is not None and np.isfinite(step.op.bounds[0]):
            yield _twice(view, step)
            return
    prediction = view.prediction
    sums = prediction.sum(axis=1)
    if prediction.shape[1] > 1 and bool((prediction >= 0).all() and np.allclose(sums, 1)):
        source = view.name(view.source(view.loss.prediction))
        applies = view.needs.applies.replace("_", " ")
        what = f"applies the {applies} itself, but {source} gives probabilities already"
        yield view.problem(f"{what}; wire the scores before them to it", "warning")


def _twice(view: JudgedLoss, step: Step) -> Problem:
    kind, applies = step.op.spec.kind.replace("_", " "), view.needs.applies.replace("_", " ")
    assert step.op.bounds is not None
    limits = _limits(*step.op.bounds)
    what = (
        f"applies the {applies} itself and needs any numbers, but the {kind} in "
        f"{view.name(step.owner)} gives only {limits}"
    )
    other = other_loss(view, view.needs.instead.get("probabilities"))
    hint = f"; take the {kind} away"
    if not _within(step, 0, 1) or view.needs.applies != step.op.spec.kind:
        other = None
    if other is not None:
        hint += f", or {_instead(view, 'probabilities')}"
    return view.problem(what + hint, "warning", without_activation(view, step), other)


def _margins(view: JudgedLoss) -> Iterator[Problem]:
    for step in view.makers:
        bounds = step.op.bounds
        if bounds is not None and (bounds[0] > -1 or bounds[1] < 1):
            kind = step.op.spec.kind.replace("_", " ")
            what = (
                f"needs numbers of both signs, but the {kind} in {view.name(step.owner)} gives "
                f"only {_limits(*bounds)}; take the {kind} away"
            )
            yield view.problem(what, "warning", without_activation(view, step))
            return


def _instead(view: JudgedLoss, arrival: Arrival) -> str:
    kind = view.needs.instead.get(arrival, "")
    return f"use {kind.replace('_', ' ')}" if kind else "use another loss"


def _within(step: Step, low: float, high: float) -> bool:
    """Tell whether an operation keeps its output between two numbers, for all that is known."""
    bounds = step.op.bounds
    return bounds is None or (bounds[0] >= low and bounds[1] <= high)


def _squashes(step: Step) -> bool:
    return step.op.bounds is not None and _within(step, 0, 1)


def _limits(low: float, high: float) -> str:
    if np.isfinite(high):
        return f"numbers from {shown(low)} to {shown(high)}"
    return f"numbers from {shown(low)} on"
