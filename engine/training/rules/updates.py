"""What all ways of updating θ share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from engine.declaration.op import Array
from engine.errors import TrainingError
from engine.interpreter.parameter_vector import trainable_mask
from engine.plan.plan import Plan
from engine.training.rules.lbfgs import Lbfgs, Vector

Evaluate: TypeAlias = Callable[[Array], tuple[float, Array]]


class NotFiniteError(Exception):
    """E or its gradient is not finite."""


@dataclass(frozen=True, slots=True)
class UpdateTerms:
    """What an update was made of.

    Parameters
    ----------
    error : float
        E of the batch before it.
    gradient : (P,) array
        ∂E/∂θ, penalties in.
    norm : float
        Its Euclidean norm over what is trained.
    moved : bool
        Whether θ has changed.
    """

    error: float
    gradient: Array
    norm: float
    moved: bool = True


class TrainableMask:
    """The entries of a plan's θ that are trained.

    Raises
    ------
    TrainingError
        If there are none.
    """

    def __init__(self, plan: Plan) -> None:
        mask = trainable_mask(plan)
        if not mask.any():
            raise TrainingError(
                "there is nothing to train: every parameter is frozen, or none exists"
            )
        self._indices = None if mask.all() else np.flatnonzero(mask)

    def of(self, vector: Array) -> Array:
        """Return the trained entries of a vector like θ: itself if nothing is frozen."""
        return vector if self._indices is None else vector[self._indices]

    def put(self, vector: Array, values: Array) -> None:
        """Write what `of` made of a vector back into it."""
        if self._indices is not None:
            vector[self._indices] = values

    def iterate(self, rule: Lbfgs, theta: Array, last: Array, evaluate: Evaluate) -> UpdateTerms:
        """Make an L-BFGS iteration of θ in place; ``evaluate`` gives E and ∂E/∂θ.

        Raises `NotFiniteError` if they are not finite where θ is; it is then unchanged.
        """
        error, slope = evaluate(theta)
        gradient = self.of(slope)
        if not (np.isfinite(error) and np.isfinite(gradient).all()):
            raise NotFiniteError

        def at(values: Vector) -> tuple[float, Vector]:
            tried = theta.copy()
            tried[... if self._indices is None else self._indices] = values
            error, slope = evaluate(tried)
            return error if np.isfinite(error) else np.inf, self.of(slope).astype(np.float64)

        np.copyto(last, theta)
        values = self.of(theta).copy()
        moved = rule.update(values, error, gradient, at)
        theta[... if self._indices is None else self._indices] = values
        return UpdateTerms(error, slope, float(np.linalg.norm(gradient)), moved)
