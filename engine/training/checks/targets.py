"""Whether targets are what a loss is defined for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engine.declaration.op import Array
from engine.training.checks.judged_loss import JudgedLoss
from engine.training.checks.remedies import one_hot, other_loss, scaled_target
from engine.training.checks.sample import shown
from graph.model.dataset import split_component
from graph.validation.problems import Problem

_CLASSES = 20  # most different whole numbers that look like classes
_LEAST = 3  # rows of a class, on average, before a number is taken for one
_SUM = 1e-3  # by which probabilities may miss 1


def check_target(view: JudgedLoss) -> Iterator[Problem]:
    """Yield what is wrong with the targets of a loss."""
    target = view.target
    if not np.isfinite(target).all():
        return
    match view.needs.target:
        case "share":
            yield from _shares(view, target)
        case "distribution":
            yield from _distributions(view, target)
        case "sign":
            yield from _signs(view, target)
        case "any":
            yield from _squeezed(view, target)


def _shares(view: JudgedLoss, target: Array) -> Iterator[Problem]:
    outside = target[(target < 0) | (target > 1)]
    if not outside.size:
        return
    gets = f"gets {_list(outside)} from {_target(view)}, but is defined for targets from 0 to 1"
    if _is_scaled(view):
        remedy = scaled_target(view, "none")
        yield view.problem(f"{gets}; do not scale this target", "error", remedy, target=True)
    elif classes := _classes(target):
        yield view.problem(
            f"{gets}; these look like classes: encode the column one-hot, with an output for each",
            "error",
            one_hot(view, len(classes)),
            target=True,
        )
    elif set(np.unique(target)) == {-1, 1}:
        yield view.problem(
            f"{gets}; scale the target to 0 … 1, or use the hinge loss, which is for −1 and 1",
            "error",
            scaled_target(view, "min_max"),
            target=True,
        )
    else:
        yield view.problem(
            f"{gets}; scale the target to 0 … 1, or use a squared error",
            "error",
            scaled_target(view, "min_max"),
            target=True,
        )


def _distributions(view: JudgedLoss, target: Array) -> Iterator[Problem]:
    one = target.shape[1] == 1
    inside = bool(((target >= 0) & (target <= 1)).all())
    whole = bool(np.abs(target.sum(axis=1) - 1).max() <= _SUM) and inside
    if whole and not (one and view.needs.prediction == "score"):
        return
    needs = "needs the probability of each class as target: one-hot, one output for each class"
    if one and inside:
        why = f"gets one number from {_target(view)}, but {needs}"
        other = other_loss(view, view.needs.instead.get("one output"))
        hint = f"; for yes or no {_use(other.text)}" if other else "; encode the target one-hot"
        yield view.problem(why + hint, "error", other, target=True)
    elif one or bool((target < 0).any()):
        classes = _classes(target)
        gets = f"gets {'the class numbers ' if classes else ''}{_list(target)}"
        why = f"{gets} from {_target(view)}, but {needs}; encode the column one-hot"
        yield view.problem(why, "error", one_hot(view, len(classes)), target=True)
    else:
        sums = target.sum(axis=1)
        worst = float(sums[np.abs(sums - 1).argmax()])
        yield view.problem(
            f"gets targets from {_target(view)} that add up to {shown(worst)} in a row, but needs "
            "probabilities, which add up to 1; encode the classes one-hot, or take a loss of "
            "several yes-or-no questions",
            "warning",
            target=True,
        )


def _signs(view: JudgedLoss, target: Array) -> Iterator[Problem]:
    other = target[np.abs(target) != 1]
    if not other.size:
        return
    is_share = bool(((target >= 0) & (target <= 1)).all())
    remedy = other_loss(view, view.needs.instead.get("shares")) if is_share else None
    hint = f", or {_use(remedy.text)}" if remedy else ""
    yield view.problem(
        f"gets {_list(other)} from {_target(view)}, but is defined for targets −1 and 1"
        f"; write −1 for the other class{hint}",
        "warning",
        remedy,
        target=True,
    )


def _squeezed(view: JudgedLoss, target: Array) -> Iterator[Problem]:
    """Find classes that stand as numbers in a target that is compared by distance."""
    classes = _classes(target)
    if len(classes) * _LEAST > len(target) or not classes:
        return
    yield view.problem(
        f"compares {_target(view)}, whose values are {_list(target)}, by distance; if these are "
        "classes, encode the column one-hot, with an output for each",
        "note",
        one_hot(view, len(classes)),
        target=True,
    )


def _classes(target: Array) -> list[int]:
    """Return the classes that the numbers of one component look like, [] if they do not."""
    if target.shape[1] != 1:
        return []
    values = np.unique(target)
    numbered = len(values) >= _LEAST and values[0] in (0, 1)
    if numbered and len(values) <= _CLASSES and bool((np.diff(values) == 1).all()):
        return [int(value) for value in values]
    return []


def _is_scaled(view: JudgedLoss) -> bool:
    assert view.loss.target is not None
    step = view.sample.plan.steps[view.loss.target]
    columns = step.params.get("columns", ())
    names = [split_component(str(one))[0] for one in columns] if isinstance(columns, tuple) else []
    return any(one in view.sample.data.scalings for one in names)


def _target(view: JudgedLoss) -> str:
    assert view.loss.target is not None
    return view.name(view.source(view.loss.target))


def _list(numbers: Array) -> str:
    """Name the different numbers if they are few, else the range."""
    values = np.unique(numbers)
    if len(values) > 4:
        return f"numbers from {shown(values[0])} to {shown(values[-1])}"
    *others, last = map(shown, values)
    return f"{', '.join(others)} and {last}" if others else last


def _use(text: str) -> str:
    return text[:1].lower() + text[1:]
