"""What nodes and wires show of parameters: a bias b, a weight W, and ∂E/∂ each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.analysis.pictures import picture_shape
from engine.arrays.aliases import Array
from graph.model.document import Document
from graph.model.kinds import Role
from graph.model.trainable import carries_weight
from gui.canvas.model.graph_arrays import Arrays

if TYPE_CHECKING:
    from engine.interpreter.probe import Probe
    from engine.plan.plan import Parameter

_SYMBOLS = {"bias": "b", "weight": "W"}
_FEW_NODES = 200  # more nodes than this carry no numbers under them
_FEW_MATRICES = 60  # more wires with matrices than this carry no pictures

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
    """Looks up once which parameters nodes and wires have, then reads them out of readings."""

    def __init__(self) -> None:
        self._names: tuple[int, dict[int, list[tuple[str, str]]]] = (-1, {})
        self._wires: tuple[int, object, dict[int, str]] = (-1, None, {})
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
        self._take_table(readings)
        found = {}
        for row, slots in self._names[1].items():
            known = (self._parameter(readings, value, *slot) for slot in slots)
            if present := [parameter for parameter in known if parameter is not None]:
                found[row] = present
        return found

    def matrices(
        self,
        document: Document,
        arrays: Arrays,
        readings: Probe | None,
        value: Value,
        widths: Mapping[int, int],
    ) -> dict[int, NodeParameter]:
        """Return by edge row the matrices that wires carry; none if they are many.

        ``value`` is as in `read`; ``widths`` are those of vectors, by node row.
        """
        if self._wires[0] != arrays.version or self._wires[1] is not widths:
            self._wires = arrays.version, widths, _matrix_names(document, arrays, widths)
        self._take_table(readings)
        found = {}
        for row, name in self._wires[2].items():
            one = self._parameter(readings, value, "W", name)
            if one is not None and one.is_matrix:
                found[row] = one
        return found

    def _take_table(self, readings: Probe | None) -> None:
        table = readings.parameters if readings else None
        if self._places[0] is not table:
            self._places = table, {}

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


def picture_rows(
    document: Document, arrays: Arrays, widths: Mapping[int, int]
) -> dict[int, tuple[int, int]]:
    """Return by node row height and width of the inputs whose values are pictures."""
    found = {}
    for row, width in widths.items():
        spec, shape = document.spec(arrays.nodes[row]), picture_shape(width)
        if shape is not None and spec is not None and spec.role is Role.INPUT:
            found[row] = shape
    return found


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


def _matrix_names(document: Document, arrays: Arrays, widths: Mapping[int, int]) -> dict[int, str]:
    """Return by edge row the parameters of weighted wires from or to a vector."""
    if not widths:
        return {}
    wide = np.isin(arrays.source, list(widths)) | np.isin(arrays.target, list(widths))
    rows = np.flatnonzero(wide).tolist()
    names = {row: arrays.edges[row] for row in rows}
    carried = {
        row: f"{edge}.weight" for row, edge in names.items() if carries_weight(document, edge)
    }
    few = len(carried) <= _FEW_MATRICES
    return {row: document.parameter_name(slot) for row, slot in carried.items()} if few else {}


def _size(numbers: Array | None) -> float:
    """Return the number, of several their norm; NaN if it is not known."""
    if numbers is None:
        return math.nan
    return float(np.linalg.norm(numbers) if numbers.size > 1 else numbers.reshape(-1)[0])
