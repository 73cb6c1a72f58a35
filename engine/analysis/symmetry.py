"""Units that compute the same, and whether gradient descent can part them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Array
from engine.interpreter.interpreter import Interpreter, YieldGil
from engine.plan.plan import Plan

UnitPlaces: TypeAlias = NDArray[np.intp]

_ROWS = 256  # rows run at once
_SUMS = 3  # random sums over the rows in which equal units agree
_STEP = 0.1  # of |θ|: how far the step of the trial goes
_NEAR = 0.6  # power of the dtype's precision that still counts as equal: 4e-10 for float64


@dataclass(frozen=True, slots=True)
class EqualUnits:
    """Units with the same s and z in every row.

    Parameters
    ----------
    units : tuple of pairs
        Node and component; the component of a single unit is None.
    value, delta : float
        The mean over the rows of z, and of δ = ∂E/∂s for E of a single row, of the first of them.
    has_equal_delta : bool
        Whether δ is the same in every row as well: E treats them alike.
    stays : bool
        Whether s, z and δ are still the same after a step along the gradient.
    rows : int
        How many rows were compared.
    """

    units: tuple[tuple[str, int | None], ...]
    value: float
    delta: float
    has_equal_delta: bool
    stays: bool
    rows: int


def equal_units(
    plan: Plan, theta: Array, columns: Mapping[str, Array], yield_gil: YieldGil | None = None
) -> list[EqualUnits]:
    """Return the groups of units that compute the same on all rows of ``columns``, largest first.

    Units that are equal now part at the next update if their gradients differ. Whether they do is
    tried out: θ takes one step along −∂E/∂θ, and everything is compared again. Units with equal
    weights in and out stay equal for ever, whatever the learning rate: the symmetry that random
    initial weights break (A. Ng, CS294A lecture notes, 2011).
    """
    units = [
        (node, component if plan.widths[slot] > 1 else None)
        for node, slot in plan.nets.items()
        for component in range(plan.widths[slot])
    ]
    now = _measure(plan, theta, columns, yield_gil)
    size, slope = (float(np.linalg.norm(one)) for one in (theta, now.gradient))
    step = _STEP * max(size, 1.0) / slope if slope else 0.0
    after = _measure(plan, theta - step * now.gradient, columns, yield_gil)

    def found(places: UnitPlaces, *, alike: bool) -> EqualUnits:
        return EqualUnits(
            tuple(units[place] for place in places),
            float(now.value[places[0]]),
            float(now.delta[places[0]]),
            alike,
            alike and _is_whole(after.all_groups(places), places),
            now.rows,
        )

    result = []
    for group in now.net.groups(np.arange(len(units))):
        alike = list(now.slope.groups(group))
        if not _is_whole(alike, group):
            result.append(found(group, alike=False))
        result += [found(part, alike=True) for part in alike]
    return sorted(result, key=lambda one: -len(one.units))


def _is_whole(groups: Sequence[UnitPlaces], places: UnitPlaces) -> bool:
    return len(groups) == 1 and len(groups[0]) == len(places)


@dataclass(frozen=True, slots=True)
class _RandomSums:
    """Random sums over the rows of each unit's numbers, in which equal units agree.

    ``sums`` is (units, sums), ``size`` the same of their absolute values.
    """

    sums: Array
    size: Array

    def groups(self, among: UnitPlaces) -> Iterator[UnitPlaces]:
        """Yield the places whose sums are equal but for rounding; two at least in each."""
        sums, near = self.sums[among], np.finfo(self.sums.dtype).eps ** _NEAR * self.size[among]
        group: list[int] = []
        for place in np.lexsort(sums.T[::-1]).tolist():
            if group:
                before = group[-1]
                most = np.maximum(near[place], near[before])
                if not (np.abs(sums[place] - sums[before]) <= most).all():
                    yield from _several(among, group)
                    group = []
            group.append(place)
        yield from _several(among, group)


def _several(among: UnitPlaces, group: list[int]) -> Iterator[UnitPlaces]:
    if len(group) > 1:
        yield among[sorted(group)]


@dataclass(frozen=True, slots=True)
class _Measured:
    """What units compute over the rows: s and z, δ, their means; and the gradient."""

    net: _RandomSums
    slope: _RandomSums
    value: Array
    delta: Array
    gradient: Array
    rows: int

    def all_groups(self, among: UnitPlaces) -> list[UnitPlaces]:
        """Return the groups in which everything is equal."""
        sums = np.hstack([self.net.sums, self.slope.sums])
        return list(_RandomSums(sums, np.hstack([self.net.size, self.slope.size])).groups(among))


def _measure(
    plan: Plan, theta: Array, columns: Mapping[str, Array], yield_gil: YieldGil | None
) -> _Measured:
    interpreter = Interpreter(plan, yield_gil)
    count = min((len(column) for column in columns.values()), default=1)
    draws = np.random.default_rng(0)
    width = sum(plan.widths[slot] for slot in plan.nets.values())
    sums, sizes = np.zeros((2, 3, _SUMS, width))
    means, gradient = np.zeros((2, width)), np.zeros(theta.shape)
    for start in range(0, count, _ROWS):
        part = {name: column[start : start + _ROWS] for name, column in columns.items()}
        run = interpreter.forward(theta, part)
        back = interpreter.backward(theta, run)
        weights = draws.uniform(0.5, 1.5, (_SUMS, run.rows))
        slots = plan.nets.values()
        numbers = (
            [run.values[slot] for slot in slots],
            [run.values[plan.outputs[node]] for node in plan.nets],
            [back.deltas[slot] * run.rows for slot in slots],
        )
        for place, one in enumerate(numbers):
            joined = np.hstack([np.zeros((run.rows, 0)), *(_of_rows(n, run.rows) for n in one)])
            sums[place] += weights @ joined
            sizes[place] += weights @ np.abs(joined)
            if place:
                means[place - 1] += joined.sum(axis=0) / count
        gradient += back.gradient * (run.rows / count)
    net = _RandomSums(sums[:2].reshape(-1, width).T, sizes[:2].reshape(-1, width).T)
    slope = _RandomSums(sums[2].T, sizes[2].T)
    return _Measured(net, slope, means[0], means[1], gradient, count)


def _of_rows(numbers: Array, rows: int) -> Array:
    """Return numbers with all rows: what does not depend on the data has one."""
    return np.broadcast_to(numbers, (rows, numbers.shape[1]))
