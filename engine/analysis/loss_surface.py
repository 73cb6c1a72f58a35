"""E over two numbers of θ, all others held: the landscape that training descends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analysis.gradient_check import Reach
from engine.arrays.aliases import Array
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.interpreter.objective_terms import add_penalty_gradient, objective_terms
from engine.plan.plan import Plan
from graph.model.training import Training

_POINTS = 41  # a side
_FINER = 6  # pixels for each point of the map
BANDS = 14
"""Bands of E that a map is drawn in: each covers an equal share of it."""


@dataclass(frozen=True, slots=True, eq=False)
class LossSurface:
    """E around the present values of two numbers.

    Parameters
    ----------
    x, y : (n,) arrays
        The numbers.
    errors : (n, n) array
        E at (x, y).
    value, slope : (2,) arrays
        Where the two are now, and ∂E/∂w of both.
    error : float
        E there.
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    errors: NDArray[np.float64]
    value: NDArray[np.float64]
    slope: NDArray[np.float64]
    error: float


def bands(surface: LossSurface) -> NDArray[np.intp]:
    """Return the map in bands of E, 0 (lowest) to `BANDS` − 1, finely enough to have round edges.

    E between the points is interpolated; what is not finite is in the highest band.
    """
    errors = np.where(np.isfinite(surface.errors), surface.errors, np.inf)
    finite = errors[np.isfinite(errors)]
    if not finite.size:
        return np.zeros_like(errors, np.intp)
    errors = np.minimum(errors, finite.max())
    coarse = np.arange(len(errors))
    fine = np.linspace(0, len(errors) - 1, _FINER * (len(errors) - 1) + 1)
    left = np.minimum(fine.astype(int), len(errors) - 2)
    share = fine - coarse[left]
    rows = errors[left] + share[:, None] * (errors[left + 1] - errors[left])
    whole = rows[:, left] + share * (rows[:, left + 1] - rows[:, left])
    limits = np.quantile(whole, np.arange(1, BANDS) / BANDS)
    found: NDArray[np.intp] = np.searchsorted(limits, whole, side="left")
    return found


def loss_surface(
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    places: tuple[int, int],
    half_width: float,
    training: Training,
    m: int,
    yield_gil: YieldGil | None = None,
) -> LossSurface:
    """Compute E, penalties included and dropout off, over two entries of θ, ± r around both.

    Parameters
    ----------
    places : (int, int)
        Which entries of θ.
    half_width : float
        r.
    m : int
        Number of training rows, the divisor of training's penalties.
    """
    here = theta.astype(np.float64)
    interpreter = Interpreter(plan, yield_gil)
    base = interpreter.forward(here, columns)
    gradient = interpreter.backward(here, base).gradient.astype(np.float64)
    add_penalty_gradient(plan, here, gradient, training.l1, training.l2, m)
    reach = Reach(plan)
    owners = np.searchsorted(plan.parameters.offsets, places, side="right") - 1
    steps = sorted(set().union(*(reach.of(int(owner)) for owner in owners)))
    chosen, moved = list(places), here.copy()

    def error(x: float, y: float) -> float:
        moved[chosen] = x, y
        run = interpreter.rerun(moved, base, steps)
        return objective_terms(plan, moved, run, training.l1, training.l2, m).total

    value = here[chosen]
    x, y = (np.linspace(at - half_width, at + half_width, _POINTS) for at in value.tolist())
    errors = np.array([[error(a, b) for b in y.tolist()] for a in x.tolist()])
    return LossSurface(x, y, errors, value, gradient[chosen], error(*value.tolist()))
