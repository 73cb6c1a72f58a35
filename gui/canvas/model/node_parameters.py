"""What nodes show of their own parameters: a bias b, a weight W, and ∂E/∂ each."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.arrays.aliases import Array
from graph.model.document import Document
from gui.canvas.model.graph_arrays import Arrays

if TYPE_CHECKING:
    from engine.interpreter.probe import Probe
    from engine.plan.plan import Parameter

_SYMBOLS = {"bias": "b", "weight": "W"}
_FEW_NODES = 200  # more nodes than this carry no numbers under them

Value = Callable[[str], Array | None]


@dataclass(frozen=True, slots=True, eq=False)
class NodeParameter:
    """A parameter of a node; ``gradient`` is ∂E/∂ it, None if that is not known.

    Both have the parameter's shape.
    """

    symbol: str
    value: Array
    gradient: Array | None = None

    def parts(self, write: Callable[[float], str]) -> list[tuple[str, str]]:
        """Return names and numbers of the value and the derivative, as far as they are known.

        Of several numbers they are Euclidean norms.
        """
        names = self.symbol, f"∂E/∂{self.symbol}"
        if self.value.size > 1:
            names = f"‖{names[0]}‖", f"‖{names[1]}‖"
        numbers = [_size(self.value), _size(self.gradient)]
        known = zip(names, numbers, strict=True)
        return [(name, write(number)) for name, number in known if not math.isnan(number)]

    @property
    def is_matrix(self) -> bool:
        """Whether it is a table of several numbers."""
        return self.value.ndim == 2 and self.value.size > 1


class NodeParameters:
    """Looks up once which parameters nodes have, then reads them out of readings."""

    def __init__(self) -> None:
        self._names: tuple[int, dict[int, list[tuple[str, str]]]] = (-1, {})
        self._places: tuple[object, dict[str, Parameter | None]] = (None, {})

    def read(
        self, document: Document, arrays: Arrays, readings: Probe | None, value: Value
    ) -> dict[int, list[NodeParameter]]:
        """Return them by node row; none of a large graph.

        Parameters
        ----------
        value : callable
            Gives the present numbers of a parameter while there are no readings of it.
        """
        if self._names[0] != arrays.version:
            self._names = arrays.version, _names(document, arrays)
        table = readings.parameters if readings else None
        if self._places[0] is not table:
            self._places = table, {}
        found = {}
        for row, slots in self._names[1].items():
            known = (self._parameter(readings, value, *slot) for slot in slots)
            if present := [parameter for parameter in known if parameter is not None]:
                found[row] = present
        return found

    def _parameter(
        self, readings: Probe | None, value: Value, symbol: str, name: str
    ) -> NodeParameter | None:
        places = self._places[1]
        place = None
        if readings is not None and readings.parameters is not None:
            if name not in places:
                places[name] = readings.parameters.find(name)
            place = places[name]
        if readings is None or place is None:
            numbers = value(name)
            return None if numbers is None else NodeParameter(symbol, numbers)
        part = slice(place.offset, place.offset + place.size)
        numbers, slope = readings.theta[part], readings.theta_gradient[part]
        return NodeParameter(symbol, numbers.reshape(place.shape), slope.reshape(place.shape))


def _names(document: Document, arrays: Arrays) -> dict[int, list[tuple[str, str]]]:
    """Return by node row the symbols and parameter names of its own slots."""
    found: dict[int, list[tuple[str, str]]] = {}
    if len(arrays.nodes) > _FEW_NODES:
        return found
    for row, node in enumerate(arrays.nodes):
        for slot in document.slots(node):
            owner, _, name = slot.rpartition(".")
            if owner == node:
                symbol = _SYMBOLS.get(name, name)
                found.setdefault(row, []).append((symbol, document.parameter_name(slot)))
    return found


def _size(numbers: Array | None) -> float:
    """Return the number, of several their norm; NaN if it is not known."""
    if numbers is None:
        return math.nan
    return float(np.linalg.norm(numbers) if numbers.size > 1 else numbers.reshape(-1)[0])
