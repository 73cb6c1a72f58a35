"""E over one number of θ, everything else held: a slope that can be seen."""

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
