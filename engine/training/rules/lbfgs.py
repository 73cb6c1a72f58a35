"""L-BFGS for full batches: SciPy's inverse-Hessian operator and strong-Wolfe line search.

``scipy.optimize.minimize`` keeps its memory of past steps to itself, so a run driven by it could
be neither watched epoch by epoch nor resumed with the same bits; its two public building blocks
can.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.declaration.op import Array

Vector: TypeAlias = NDArray[np.float64]
ErrorFunction: TypeAlias = Callable[[Vector], tuple[float, Vector]]


class Lbfgs:
    """One quasi-Newton iteration at a time, from the last ``memory`` gradients.

    Direction −H g with H from the pairs s = θₖ₊₁ − θₖ, y = gₖ₊₁ − gₖ on top of γ I,
    γ = sᵀy / yᵀy of the newest pair; length by a line search to the strong Wolfe conditions.
    The learning rate plays no part.

    Attributes
    ----------
    count : int
        Iterations made so far.
    state : tuple of arrays
        θ₀, g₀, θ₁, g₁, … of the last iterations, oldest first, each (P,).

    Source: J. Nocedal, S. Wright, Numerical optimization (2006), algorithms 7.4, 7.5 and 3.5.
    """

    def __init__(self, memory: int = 10) -> None:
        self.memory = memory
        self.count = 0
        self.state: tuple[Array, ...] = ()

    def snapshot(self) -> tuple[Array, ...]:
        """Return ``state``, whose arrays never change."""
        return self.state

    def restore(self, count: int, state: tuple[Array, ...]) -> None:
        """Continue from an earlier ``count`` and `snapshot`."""
        self.count, self.state = count, state

    def update(self, theta: Array, error: float, gradient: Array, objective: ErrorFunction) -> bool:
        """Make one iteration of ``theta`` (P,) in place; return False if no step lowers E any more.

        Parameters
        ----------
        theta, gradient : (P,) arrays
            Where we are, and ∂E/∂θ there.
        error : float
            E there.
        objective : callable
            E and ∂E/∂θ at any θ, (P,) float64.
        """
        self.count += 1
        self._remember(theta, gradient)
        point, slope = theta.astype(np.float64), gradient.astype(np.float64)
        for direction in self._directions(slope):
            length = _length(objective, point, direction, slope, error)
            if length is not None:
                theta[:] = point + length * direction
                return True
        return False

    def _remember(self, theta: Array, gradient: Array) -> None:
        kept = self.state[-2 * self.memory :]
        self.state = (*kept, theta.copy(), gradient.copy())

    def _directions(self, slope: Vector) -> list[Vector]:
        """Return what to try in turn: the quasi-Newton direction, then steepest descent."""
        steepest = -slope / max(1.0, float(np.linalg.norm(slope)))
        steps, changes = self._pairs()
        if not steps:
            return [steepest]
        gamma = float(steps[-1] @ changes[-1] / (changes[-1] @ changes[-1]))
        # γ I below the pairs: the operator's own base is I, so the steps are divided by γ
        from scipy.optimize import LbfgsInvHessProduct  # half a second that only this one needs

        inverse = LbfgsInvHessProduct(np.array(steps) / gamma, np.array(changes))
        newton = -gamma * inverse.matvec(slope)
        return [newton, steepest] if newton @ slope < 0 else [steepest]

    def _pairs(self) -> tuple[list[Vector], list[Vector]]:
        """Return the pairs (s, y) of positive curvature, oldest first."""
        points = [array.astype(np.float64) for array in self.state[::2]]
        slopes = [array.astype(np.float64) for array in self.state[1::2]]
        steps, changes = [], []
        for (a, b), (g, h) in zip(pairwise(points), pairwise(slopes), strict=True):
            s, y = b - a, h - g
            if s @ y > np.finfo(np.float64).eps * (y @ y):
                steps.append(s)
                changes.append(y)
        return steps, changes


def _length(
    objective: ErrorFunction, point: Vector, direction: Vector, slope: Vector, error: float
) -> float | None:
    """Return how far to go along ``direction``; None if it leads nowhere lower."""
    from scipy.optimize import line_search

    seen: dict[bytes, tuple[float, Vector]] = {}

    def at(theta: Vector) -> tuple[float, Vector]:
        key = theta.tobytes()
        if key not in seen:
            seen.clear()
            seen[key] = objective(theta)
        return seen[key]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where it returns None
        length, _, _, lowest, *_ = line_search(
            lambda x: at(x)[0], lambda x: at(x)[1], point, direction, slope, error, maxiter=20
        )
    return float(length) if length is not None and lowest < error else None
