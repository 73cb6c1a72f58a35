"""E over one number of θ or two, everything else held: slopes that can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analysis.gradient_check import Reach
from engine.arrays.aliases import Array
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.interpreter.objective_terms import add_penalty_gradient, objective_terms
from engine.plan.plan import Plan
from graph.model.training import Training

_POINTS = 121
_SECANT = 0.25  # ε of the secant, as a share of the half width
_SIDE = 41  # points a side of a surface
_FINER = 6  # pixels for each point of the map
BANDS = 14
"""Bands of E that a map is drawn in: each covers an equal share of it."""


@dataclass(frozen=True, slots=True, eq=False)
class LossSlice:
    """E around the present value of one number.

    Parameters
    ----------
    values, errors : (n,) arrays
        The number, and E there.
    value, error, slope : float
        Where it is now, E there, and ∂E/∂w from backpropagation.
    step, ahead, behind : float
        ε, E(w + ε) and E(w − ε) of a secant wide enough to be seen.
    """

    values: NDArray[np.float64]
    errors: NDArray[np.float64]
    value: float
    error: float
    slope: float
    step: float
    ahead: float
    behind: float

    @property
    def secant(self) -> float:
        """(E(w + ε) − E(w − ε)) ÷ 2ε."""
        return (self.ahead - self.behind) / (2 * self.step)


def loss_slice(
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    place: int,
    half_width: float,
    training: Training,
    m: int,
    yield_gil: YieldGil | None = None,
) -> LossSlice:
    """Compute E, penalties included and dropout off, for one entry of θ from w − r to w + r.

    Parameters
    ----------
    place : int
        Which entry of θ.
    half_width : float
        r.
    m : int
        Number of training rows, the divisor of training's penalties.

    Source: A. Ng, Machine learning, gradient checking (the secant through J(θ ± ε)).
    """
    here = theta.astype(np.float64)
    interpreter = Interpreter(plan, yield_gil)
    base = interpreter.forward(here, columns)
    gradient = interpreter.backward(here, base).gradient.astype(np.float64)
    add_penalty_gradient(plan, here, gradient, training.l1, training.l2, m)
    steps = Reach(plan).of(_owner(plan, place))
    value = float(here[place])
    moved = here.copy()

    def error(at: float) -> float:
        moved[place] = at
        run = interpreter.rerun(moved, base, steps)
        return objective_terms(plan, moved, run, training.l1, training.l2, m).total

    values = np.linspace(value - half_width, value + half_width, _POINTS)
    errors = np.array([error(at) for at in values.tolist()])
    step = _SECANT * half_width
    numbers: dict[str, Any] = {"step": step, "ahead": error(value + step)}
    numbers |= {"behind": error(value - step), "slope": float(gradient[place])}
    return LossSlice(values, errors, value, error(value), **numbers)


def _owner(plan: Plan, place: int) -> int:
    """Return the index of the parameter that an entry of θ belongs to."""
    return int(np.searchsorted(plan.parameters.offsets, place, side="right")) - 1


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
    steps = sorted(set().union(*(reach.of(_owner(plan, place)) for place in places)))
    chosen, moved = list(places), here.copy()

    def error(x: float, y: float) -> float:
        moved[chosen] = x, y
        run = interpreter.rerun(moved, base, steps)
        return objective_terms(plan, moved, run, training.l1, training.l2, m).total

    value = here[chosen]
    x, y = (np.linspace(at - half_width, at + half_width, _SIDE) for at in value.tolist())
    errors = np.array([[error(a, b) for b in y.tolist()] for a in x.tolist()])
    return LossSurface(x, y, errors, value, gradient[chosen], error(*value.tolist()))
