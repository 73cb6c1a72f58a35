"""Gradient check of a whole document: backpropagation against differences of E."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.declaration.op import Array
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.interpreter.objective_terms import add_penalty_gradient, objective_terms
from engine.plan.plan import Parameter, Plan
from graph.model.traversal import reachable

# × the step that balances rounding and curvature; the widest first, it sees the smallest slopes
_STEPS = (100.0, 10.0, 1.0, 0.1)
_NEARBY = 3
_JITTER = 1e-3


@dataclass(frozen=True, slots=True)
class Check:
    """One entry of one parameter.

    Parameters
    ----------
    parameter, index : str, tuple of int
        Which number of θ.
    analytic, numeric : float
        ∂E/∂w from backpropagation, and (E(w + ε) − E(w − ε)) / 2ε.
    relative : float
        |analytic − numeric| / max(|analytic|, |numeric|, what rounding leaves undecided).
    step, ahead, behind : float
        ε, E(w + ε) and E(w − ε) of that difference.
    kink : bool
        True if w sits on a corner of E (of a relu, say), where there is no derivative: the two
        differ here but agree at every point tried nearby.
    """

    parameter: str
    index: tuple[int, ...]
    analytic: float
    numeric: float
    relative: float
    step: float = float("nan")
    ahead: float = float("nan")
    behind: float = float("nan")
    kink: bool = False

    def passes(self, tolerance: float) -> bool:
        """Tell whether the derivative is right here, or cannot be judged (a kink)."""
        return self.kink or self.relative <= tolerance


def tolerance(dtype: np.dtype[Any] | type[np.floating[Any]]) -> float:
    """Return the relative error to allow: ε^(1/3), 6·10⁻⁶ for float64.

    ε is the spacing of numbers at 1; a central difference at its best step keeps two thirds of
    the digits, and half of those are left to E being larger than its slope.
    """
    epsilon = float(np.finfo(dtype).eps)
    return float(np.cbrt(epsilon))


def check_document(
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    *,
    l1: float = 0.0,
    l2: float = 0.0,
    m: int | None = None,
    samples: int = 8,
    rng: np.random.Generator | None = None,
    yield_gil: YieldGil | None = None,
) -> list[Check]:
    """Compare ∂E/∂θ with central differences, dropout off; return checks, worst first, kinks last.

    Differences are taken in float64, the step chosen for each entry: from wide to narrow until
    the two agree. An entry that agrees with none is tried again at random points nearby, where a
    corner of E is left behind but a wrong derivative stays wrong.

    Parameters
    ----------
    plan, theta, columns
        What to run; frozen parameters are checked too.
    l1, l2, m : float, float, int
        Training's penalties and their divisor (rows of ``columns`` by default).
    samples : int
        Entries checked of each parameter, drawn at random if it has more.
    rng : Generator, optional
        Draws them; the same ones by default.
    yield_gil : callable, optional
        Called every few steps.

    Source: A. Ng, Machine learning, gradient checking: (J(θ + ε) − J(θ − ε)) / 2ε.
    """
    draw = rng if rng is not None else np.random.default_rng(0)
    penalties = _Penalties(l1, l2, m)

    def point(theta: Array) -> _Point:
        return _Point(plan, theta, columns, penalties, yield_gil)

    here = point(theta)
    allowed = tolerance(theta.dtype)
    nearby: list[_Point] = []
    checks: list[Check] = []
    reach = Reach(plan)
    for number, parameter in enumerate(plan.parameters):
        steps = reach.of(number)
        for entry in _entries(parameter, samples, draw):
            check = here.check(parameter, entry, steps, allowed)
            if check.relative > allowed:
                nearby = nearby or [point(_moved(theta, draw)) for _ in range(_NEARBY)]
                others = (
                    other.check(parameter, entry, steps, allowed).relative for other in nearby
                )
                check = replace(check, kink=all(relative <= allowed for relative in others))
            checks.append(check)
    return sorted(checks, key=lambda check: (check.kink, -check.relative))


@dataclass(frozen=True, slots=True)
class _Penalties:
    l1: float
    l2: float
    m: int | None


@dataclass(frozen=True, slots=True)
class _Difference:
    """E at both sides of an entry; ``doubt`` is what rounding may have added to the slope."""

    step: float
    ahead: float
    behind: float
    doubt: float

    @property
    def slope(self) -> float:
        return (self.ahead - self.behind) / (2 * self.step)


class _Point:
    """E around one θ."""

    def __init__(
        self,
        plan: Plan,
        theta: Array,
        columns: Mapping[str, Array],
        penalties: _Penalties,
        yield_gil: YieldGil | None,
    ) -> None:
        self.plan, self.penalties = plan, penalties
        self.interpreter = Interpreter(plan, yield_gil)
        run = self.interpreter.forward(theta, columns)
        self.m = run.rows if penalties.m is None else penalties.m
        self.gradient = self.interpreter.backward(theta, run).gradient.astype(np.float64)
        self.theta = theta.astype(np.float64)
        add_penalty_gradient(plan, self.theta, self.gradient, penalties.l1, penalties.l2, self.m)
        self.run = self.interpreter.forward(self.theta, columns)
        self.size = abs(self._error(()))

    def check(
        self, parameter: Parameter, entry: int, steps: Sequence[int], allowed: float
    ) -> Check:
        """Compare one entry with the difference that comes closest; ``steps`` depend on it."""
        place = parameter.offset + entry
        analytic = float(self.gradient[place])
        best, difference = np.inf, _Difference(np.nan, np.nan, np.nan, np.nan)
        for candidate in self._differences(place, steps):
            relative = _relative(analytic, candidate.slope, candidate.doubt / allowed)
            if relative < best:
                best, difference = relative, candidate
            if best <= allowed / 10:  # good enough to say how small it is
                break
        index = tuple(int(i) for i in np.unravel_index(entry, parameter.shape))
        numbers = difference.step, difference.ahead, difference.behind
        return Check(parameter.name, index, analytic, difference.slope, best, *numbers)

    def _differences(self, place: int, steps: Sequence[int]) -> Iterator[_Difference]:
        """Yield differences of E by one entry of θ."""
        eps = float(np.finfo(np.float64).eps)
        before = self.theta[place]
        for factor in _STEPS:
            step = factor * eps ** (1 / 3) * max(1.0, abs(before))
            self.theta[place] = before + step
            ahead = self._error(steps)
            self.theta[place] = before - step
            behind = self._error(steps)
            self.theta[place] = before
            doubt = 4 * eps * max(self.size, abs(ahead)) / step
            yield _Difference(step, ahead, behind, doubt)

    def _error(self, steps: Sequence[int]) -> float:
        run = self.interpreter.rerun(self.theta, self.run, steps)
        l1, l2 = self.penalties.l1, self.penalties.l2
        return objective_terms(self.plan, self.theta, run, l1, l2, self.m).total


def _relative(analytic: float, numeric: float, floor: float) -> float:
    size = max(abs(analytic), abs(numeric), floor)
    if not np.isfinite(size):
        return float("inf")
    return abs(analytic - numeric) / size if size else 0.0


def _entries(parameter: Parameter, samples: int, rng: np.random.Generator) -> list[int]:
    if parameter.size <= samples:
        return list(range(parameter.size))
    return sorted(rng.choice(parameter.size, samples, replace=False).tolist())


def _moved(theta: Array, rng: np.random.Generator) -> Array:
    step = _JITTER * np.maximum(1, np.abs(theta)) * rng.standard_normal(theta.size)
    return (theta + step).astype(theta.dtype)


class Reach:
    """Which steps' values depend on a parameter."""

    def __init__(self, plan: Plan) -> None:
        self._readers: list[list[int]] = [[] for _ in plan.steps]
        self._users: list[list[int]] = [[] for _ in plan.parameters]
        for step in plan.steps:
            for slot in set(step.inputs):
                self._readers[slot].append(step.output)
            for parameter in {*step.slots.values(), *step.covers}:
                self._users[parameter].append(step.output)

    def of(self, parameter: int) -> list[int]:
        """Return them in ascending order."""
        return sorted(reachable(self._users[parameter], self._readers.__getitem__))
