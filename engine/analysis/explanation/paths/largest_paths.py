"""The directed paths from a place to E, the largest by what they contribute to its derivative."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from engine.analysis.explanation.expression import Expression
from engine.analysis.explanation.notation import Notation
from engine.analysis.explanation.paths.path_links import LocalDerivatives, PathLink, Start
from engine.analysis.explanation.quantity import Quantity
from engine.analysis.explanation.row_run import PlanPlaces, RowRun
from engine.arrays.aliases import Array
from engine.errors import DataError
from engine.interpreter.interpreter import YieldGil
from engine.plan.plan import Plan
from graph.model.document import Document

_ALL = 2_048  # paths of several rows that are all looked at
_BEAM = 4  # times what is asked for that is kept at each number, if there are more
_MOST_LINKS = 200_000


@dataclass(frozen=True, slots=True)
class Path:
    """A path to E.

    Parameters
    ----------
    nodes, edges : tuple of str
        What it passes, from the place on.
    factors : tuple of Expression
        The derivatives along it as the chain rule writes them, from E back; of several rows with
        the numbers of the first.
    contribution : float
        Their product, importance included; of several rows its mean.
    """

    nodes: tuple[str, ...]
    edges: tuple[str, ...]
    factors: tuple[Expression, ...]
    contribution: float


@dataclass(frozen=True, slots=True)
class Paths:
    """All paths of a number.

    Parameters
    ----------
    symbol, quantity : str
        The derivative that they add up to.
    count : int
        How many there are from the place to the losses; exact, however large.
    gradient : float
        The sum of the contributions of all of them.
    largest : tuple of Path
        Those with large absolute contributions, in falling order.
    rows : int
        Of how many rows it is the mean.
    is_exact : bool
        Whether no other path has a larger contribution.
    """

    symbol: str
    quantity: str
    count: int
    gradient: float
    largest: tuple[Path, ...]
    rows: int
    is_exact: bool


def paths_of(
    document: Document,
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    asked: Quantity,
    most: int = 8,
    yield_gil: YieldGil | None = None,
) -> Paths:
    """Return the paths of one number: of a component of a node, or of an entry of a parameter.

    Formula: ∂E/∂z = Σ over paths Π over their links ∂target/∂source, averaged over rows

    Parameters
    ----------
    document, plan, theta, columns
        As of `Explainer`.
    asked : Quantity
        The place, its component, and of what the derivative is.
    most : int
        Of how many paths more is told than their number.
    yield_gil : callable, optional
        Called every few steps, so that a worker thread can let others run.

    Raises
    ------
    DataError
        If there are too many single numbers on the way.

    Source: B. Dolhansky, The mathematics of backpropagation, part 4 (the sum over all paths).
    """
    places = PlanPlaces(replace(plan, penalties=()))
    notation = Notation(document, places, asked.of)
    count = max([len(column) for column in columns.values()], default=1)
    rows = [{name: one[row : row + 1] for name, one in columns.items()} for row in range(count)]
    runs = [RowRun(places, theta, row, yield_gil, asked.of) for row in rows]
    local = LocalDerivatives(runs, notation)
    if asked.place in plan.outputs:
        slot, component = plan.outputs[asked.place], asked.component[0] if asked.component else 0
        starts = [Start(slot, component, (), np.ones(count))]
        gradient = np.mean([run.delta(slot)[component] for run in runs])
        symbol = notation.gradient(asked.place, component if plan.widths[slot] > 1 else None)
    else:
        index = plan.parameters.names.index(document.parameter_name(asked.place))
        found = plan.parameters[index]
        entry = asked.component or (0,) * len(found.shape)
        starts = local.starts(index, entry)
        place = found.offset + int(np.ravel_multi_index(entry, found.shape))
        gradient = np.mean([run.gradient[place] for run in runs])
        symbol = f"∂{notation.above}/∂{notation.parameter(index, entry)}"
    search = _Search(local, [start.slot for start in starts], most, yield_gil)
    paths = [search.path(start, end) for start in starts for end in search.ends(start)]
    paths.sort(key=lambda path: -abs(path.contribution))
    while runs and yield_gil is not None:
        runs.pop()  # freeing all of them at once would hold up the other threads
        yield_gil()
    return Paths(
        symbol,
        str(asked._replace(kind="gradient")),
        sum(search.counts[start.slot][start.component] for start in starts),
        float(gradient),
        tuple(paths[:most]),
        count,
        search.is_exact,
    )


class _End(NamedTuple):
    """How a path goes on from a number: its product (B,), its first link and what follows."""

    product: Array
    link: PathLink | None
    rest: _End | None


class _Search:
    """The largest paths from each number on, from the losses backwards."""

    def __init__(
        self, local: LocalDerivatives, starts: list[int], most: int, yield_gil: YieldGil | None
    ) -> None:
        self._local, self._starts, self._yield_gil = local, starts, yield_gil
        self._after = local.places.after(starts)
        self.counts: dict[int, list[int]] = {}
        for slot in reversed(self._after):
            self._count(slot)
        total = max([max(self.counts[slot]) for slot in starts], default=0)
        self.is_exact = local.rows == 1 or total <= _ALL
        self._kept = most if local.rows == 1 else _ALL if self.is_exact else _BEAM * most
        self._found: dict[int, list[list[_End]]] = {}
        for slot in reversed(self._after):
            self._found[slot] = [self._from(slot, i) for i in range(len(self.counts[slot]))]
            if self._yield_gil is not None:
                self._yield_gil()

    def ends(self, start: Start) -> list[_End]:
        """Return the largest paths from a number on."""
        return self._found[start.slot][start.component]

    def path(self, start: Start, end: _End) -> Path:
        """Return a path with its nodes, edges and factors."""
        local = self._local
        nodes, edges = [local.places.node_of[start.slot]], list[str]()
        factors, rest = [*start.factors], end
        while rest.link is not None and rest.rest is not None:
            nodes.append(rest.link.wire.target)
            edges.append(rest.link.wire.id)
            factors += local.factors(rest.link)
            rest = rest.rest
        factors += local.share(nodes[-1])
        contribution = float(np.mean(start.product * end.product))
        return Path(tuple(nodes), tuple(edges), tuple(reversed(factors)), contribution)

    def _count(self, slot: int) -> None:
        local, widths = self._local, self._local.places.plan.widths
        ends = local.ends(slot)
        counts = [int(i in ends) for i in range(widths[slot])]
        for wire in local.leaving(slot):
            target = self.counts[local.places.plan.outputs[wire.target]]
            if len(target) * len(counts) * local.rows > _MOST_LINKS:
                raise DataError(
                    "there are too many single numbers on the way; "
                    "choose a row, or a place nearer to E"
                )
            for k, i in local.pairs(wire):
                counts[i] += target[k]
        self.counts[slot] = counts

    def _from(self, slot: int, i: int) -> list[_End]:
        local = self._local
        shares, found = local.ends(slot), list[_End]()
        if i in shares:
            found.append(_End(np.full(local.rows, shares[i]), None, None))
        for wire in local.leaving(slot):
            below = self._found[local.places.plan.outputs[wire.target]]
            for k in (k for k, source in local.pairs(wire) if source == i):
                link = PathLink(wire, k, i)
                derivative = local.derivative(link)
                found += [_End(derivative * end.product, link, end) for end in below[k]]
        found.sort(key=lambda end: -abs(float(np.mean(end.product))))
        return found[: self._kept]
