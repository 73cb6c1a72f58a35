"""The derivatives along paths: of one number by the one before it, in each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.analysis.explanation.expression import Expression
from engine.analysis.explanation.notation import Notation
from engine.analysis.explanation.row_run import RowRun, Wire
from engine.arrays.aliases import Array


class PathLink(NamedTuple):
    """Component ``i`` of what an edge carries, and component ``k`` of its target."""

    wire: Wire
    k: int
    i: int


class Start(NamedTuple):
    """Where paths begin: a number, and how it depends on what is asked for, (B,)."""

    slot: int
    component: int
    factors: tuple[Expression, ...]
    product: Array


class LocalDerivatives:
    """Derivatives of every number by those before it, of several rows.

    Parameters
    ----------
    runs : sequence of RowRun
        A run of each row.
    notation : Notation
        How things are called.
    """

    def __init__(self, runs: Sequence[RowRun], notation: Notation) -> None:
        self._runs, self._notation = runs, notation
        self.places, self.rows = runs[0].places, len(runs)
        self._plan, self._of = runs[0].plan, runs[0].of
        self._jacobians: dict[str, Array] = {}
        self._slopes: dict[str, Array] = {}

    # -- what is linked --------------------------------------------------------------------------

    def leaving(self, slot: int) -> list[Wire]:
        """Return the edges over which a value goes on to what is differentiated."""
        if self._of is not None and self.places.node_of[slot] == self._of.node:
            return []
        return self._runs[0].leaving(slot)

    def ends(self, slot: int) -> Mapping[int, float]:
        """Return the components of a value where paths end, each with its share of the whole."""
        node = self.places.node_of[slot]
        if self._of is not None:
            return {self._of.component or 0: 1.0} if node == self._of.node else {}
        share = self.places.importance.get(node)
        return {} if share is None else {0: share}

    def pairs(self, wire: Wire) -> list[tuple[int, int]]:
        """Return the components of an edge's target and source that depend on each other."""
        widths = self._plan.widths
        above, below = widths[self._plan.outputs[wire.target]], widths[wire.source]
        if wire.weight is not None or above == below == 1:
            return [(k, i) for k in range(above) for i in range(below)]
        touched = self._jacobian(wire).any(axis=0)
        return [(int(k), int(i)) for k, i in np.argwhere(touched)]

    # -- numbers ---------------------------------------------------------------------------------

    def derivative(self, link: PathLink) -> Array:
        """Return ∂target_k/∂source_i in each row, (B,)."""
        wire, k, i = link
        if self._is_unit(wire):
            return self._slope(wire.target)[:, k] * self._weight(link)
        return np.asarray(self._jacobian(wire)[:, k, i])

    def factors(self, link: PathLink) -> list[Expression]:
        """Return what a derivative is the product of, the source first: of a unit two, by s."""
        wire, k, i = link
        source = self.places.node_of[wire.source]
        row, column = self._index(wire.target, k), self._index(source, i)
        if not self._is_unit(wire):
            symbol = self._notation.local(wire, row, column)
            quantity = self._notation.quantity("message", wire.id, column)
            one = float(self._jacobian(wire)[0, k, i])
            return [Expression("value", one, symbol, edge=wire.id, quantity=quantity)]
        s, name = self._notation.net(wire.target, row), self._notation.node(source, column)
        own = Expression("value", self._weight(link), f"∂{s}/∂{name}", edge=wire.id)
        return [own, self._slope_factor(wire.target, k)]

    def share(self, node: str) -> list[Expression]:
        """Return the derivative of E by a loss, if it is a factor besides."""
        name, importance = self._notation.node(node), self.places.importance.get(node)
        if self._of is not None or importance is None or (name == "E" and importance == 1):
            return []
        quantity = f"gradient:{node}"
        return [Expression("value", importance, f"∂E/∂{name}", node=node, quantity=quantity)]

    def starts(self, index: int, entry: tuple[int, ...]) -> list[Start]:
        """Return where an entry of a parameter is used, and the derivative by it there."""
        symbol, plan = self._notation.parameter(index, entry), self._plan
        found: list[Start] = []
        carried = self.places.wires_of.get(index, [])
        for wire in carried:
            k, j = entry
            source = self.places.node_of[wire.source]
            inputs = np.array([run.value(wire.source)[j] for run in self._runs])
            quantity = self._notation.quantity("value", source, self._index(source, j))
            if self._is_elementwise(wire.target):
                found.append(self._at_unit(wire.target, k, inputs, symbol, quantity))
            else:
                found += self._at_mixed(wire.target, k, inputs, symbol)
        on_edges = {wire.step for wire in carried}
        owners = [s.owner for s in self.places.uses.get(index, []) if s.output not in on_edges]
        for owner in dict.fromkeys(owners):
            if owner in plan.nets:
                ones, k = np.ones(self.rows), entry[0]
                if self._is_elementwise(owner):
                    found.append(self._at_unit(owner, k, ones, symbol, ""))
                else:
                    found += self._at_mixed(owner, k, ones, symbol)
                continue
            local = np.array([
                [part[entry] for part in run.parameter_jacobian(owner, index)] for run in self._runs
            ])  # fmt: skip
            for k in np.flatnonzero(local.any(axis=0)).tolist():
                name = self._notation.node(owner, self._index(owner, k))
                name = f"({name})" if "·" in name else name
                own = Expression("value", float(local[0, k]), f"∂{name}/∂{symbol}", node=owner)
                found.append(Start(plan.outputs[owner], k, (own,), local[:, k]))
        return found

    # -- units -----------------------------------------------------------------------------------

    def _at_unit(self, node: str, k: int, inputs: Array, symbol: str, quantity: str) -> Start:
        s = self._notation.net(node, self._index(node, k))
        own = Expression("value", float(inputs[0]), f"∂{s}/∂{symbol}", node=node, quantity=quantity)
        product = self._slope(node)[:, k] * inputs
        return Start(self._plan.outputs[node], k, (own, self._slope_factor(node, k)), product)

    def _at_mixed(self, node: str, k: int, inputs: Array, symbol: str) -> list[Start]:
        """Return where paths begin at a unit whose activation mixes its components."""
        slopes = np.array([run.slopes(node)[:, k] for run in self._runs])
        s = self._notation.net(node, self._index(node, k))
        own = Expression("value", float(inputs[0]), f"∂{s}/∂{symbol}", node=node)
        found = []
        for i in range(slopes.shape[1]):
            name = self._notation.node(node, self._index(node, i))
            mixed = Expression("value", float(slopes[0, i]), f"∂{name}/∂{s}", node=node)
            found.append(Start(self._plan.outputs[node], i, (own, mixed), slopes[:, i] * inputs))
        return found

    def _slope_factor(self, node: str, k: int) -> Expression:
        """Return ∂z/∂s of a unit."""
        component = self._index(node, k)
        z, s = self._notation.node(node, component), self._notation.net(node, component)
        quantity = self._notation.quantity("slope", node, component)
        one = float(self._slope(node)[0, k])
        return Expression("value", one, f"∂{z}/∂{s}", node=node, quantity=quantity)

    def _is_unit(self, wire: Wire) -> bool:
        return wire.weight is not None and self._is_elementwise(wire.target)

    def _is_elementwise(self, node: str) -> bool:
        return self._plan.steps[self._plan.outputs[node]].op.elementwise

    def _index(self, node: str, component: int) -> int | None:
        return component if self._plan.widths[self._plan.outputs[node]] > 1 else None

    def _weight(self, link: PathLink) -> float:
        assert link.wire.weight is not None  # of a unit
        return float(self._runs[0].parameter(link.wire.weight)[link.k, link.i])

    def _slope(self, node: str) -> Array:
        """Return f′(s) of a unit in each row, (B, width)."""
        if node not in self._slopes:
            differs = self._plan.steps[self._plan.outputs[node]].op.backward is not None
            width = self._plan.widths[self._plan.outputs[node]]
            self._slopes[node] = np.array(
                [np.diag(run.slopes(node)) if differs else np.zeros(width) for run in self._runs]
            )
        return self._slopes[node]

    def _jacobian(self, wire: Wire) -> Array:
        """Return ∂target/∂source in each row, (B, width of target, width of source)."""
        if wire.id not in self._jacobians:
            found = [run.jacobian(wire.target)[wire.id] for run in self._runs]
            self._jacobians[wire.id] = np.array(found)
        return self._jacobians[wire.id]
