"""What a network of one or two inputs answers everywhere: a curve, or regions of the plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Array
from engine.data import Prepared
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.plan.plan import Loss, Plan
from graph.model.kinds import Role

_SIDE = 61  # points a side of the plane
_CURVE = 241
_ROWS = 1_000  # training rows drawn
_MARGIN = 0.15  # beyond the rows, as a share of their range


@dataclass(frozen=True, slots=True, eq=False)
class Regions:
    """Answers over the plane of two inputs, or along one.

    Parameters
    ----------
    inputs : tuple of str
        Column references: one, or two (across, up).
    axes : tuple of (n,) arrays
        Where the network was asked, as it sees the data (scaled).
    answers : (n,) or (n, n) array
        Its answer there: a number, or the number of a class.
    places : (rows, 1 or 2) array
        Training rows.
    targets : (rows,) array
        What they should be, in the same terms as ``answers``.
    classes : int
        How many there are; 0 if the answer is a number.
    middle : float
        The number between two classes, 0 or ½; of targets that are neither, their mean.
    """

    inputs: tuple[str, ...]
    axes: tuple[NDArray[np.float64], ...]
    answers: Array
    places: Array
    targets: Array
    classes: int
    middle: float


def region_inputs(plan: Plan, data: Prepared) -> tuple[str, ...]:
    """Return what a plan's inputs read if that is one number or two; else ()."""
    found: dict[str, None] = {}
    for slot in plan.outputs.values():
        step = plan.steps[slot]
        if step.op.spec.role is Role.INPUT:
            found |= dict.fromkeys(str(name) for name in step.params["columns"])  # type: ignore[union-attr]
    names = tuple(found)
    if not 1 <= len(names) <= 2:
        return ()
    one = data.batch(names, data.splits["train"][:1])
    return names if all(column.shape[1] == 1 for column in one.values()) else ()


def regions(
    plan: Plan, theta: Array, data: Prepared, yield_gil: YieldGil | None = None
) -> Regions | None:
    """Ask the network on a grid around the training rows.

    None unless it has one or two inputs and a loss that compares an answer with a target.
    """
    names, losses = (
        region_inputs(plan, data),
        [one for one in plan.losses if one.target is not None],
    )
    rows = data.splits["train"][:_ROWS]
    if not names or not losses or not len(rows):
        return None
    loss = max(losses, key=lambda one: one.importance)
    interpreter, columns = Interpreter(plan, yield_gil), data.batch(plan.columns, rows)
    seen = data.batch(names, rows)
    places = np.concatenate([seen[name] for name in names], axis=1)
    axes = tuple(
        _axis(places[:, i], _CURVE if len(names) == 1 else _SIDE) for i in (0, 1)[: len(names)]
    )
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(names))
    asked = {name: np.repeat(column[:1], len(grid), axis=0) for name, column in columns.items()}
    asked |= {name: grid[:, i : i + 1] for i, name in enumerate(names) if name in asked}
    answers = interpreter.forward(theta, asked).values[loss.prediction]
    targets = _target(interpreter.forward(theta, columns).values, loss)
    shape = tuple(len(axis) for axis in axes)
    classes = targets.shape[1] if targets.shape[1] > 1 else 0
    middle = _middle(targets) if not classes else 0.0
    read = _class_of if classes else _first
    return Regions(
        names, axes, read(answers).reshape(shape), places, read(targets), classes, middle
    )


def _target(values: list[Array], loss: Loss) -> Array:
    assert loss.target is not None
    return np.asarray(values[loss.target])


def _axis(values: Array, points: int) -> NDArray[np.float64]:
    low, high = float(values.min()), float(values.max())
    margin = _MARGIN * (high - low) or 1.0
    return np.linspace(low - margin, high + margin, points)


def _class_of(values: Array) -> Array:
    return np.asarray(values.argmax(axis=1))


def _first(values: Array) -> Array:
    return np.asarray(values[:, 0])


def _middle(targets: Array) -> float:
    kinds = set(np.unique(targets).tolist())
    if kinds <= {0.0, 1.0}:
        return 0.5
    return 0.0 if kinds <= {-1.0, 1.0} else float(targets.mean())
