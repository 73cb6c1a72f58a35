"""Numbers of the readings → what is written on nodes and the colour and width of every wire."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Array, Floats
from engine.arrays.rounding_noise import without_noise
from graph.model.document import Document
from gui.canvas.geometry.shapes import RowIndices
from gui.canvas.model.color_scales import ColorScales
from gui.canvas.model.graph_arrays import Arrays
from gui.look import theme as colors
from gui.look.edge_quantity import EdgeQuantity

if TYPE_CHECKING:
    from engine.interpreter.probe import Probe

Bytes: TypeAlias = NDArray[np.uint8]

THICKNESSES = 5


class Shading:
    """The numbers by row of an `Arrays`, and the colours that follow from them.

    What is not known is NaN, and blank on the canvas.

    Attributes
    ----------
    value, delta, net : (n,)
        Of each node; of a vector the Euclidean norm.
    vectors : set of int
        Rows of the nodes that are vectors.
    strips, delta_strips : mapping
        Components of vectors by node row.
    weight, message, gradient : (m,)
        Of each edge; of a matrix the Euclidean norm, of a vector's messages the mean.
    shown, wire : EdgeQuantity, (m,)
        What wires show, and the number each of them shows.
    value_keys, delta_keys, edge_keys : uint8
        Colour numbers (`gui.look.theme.keys`); of a vector that of its largest component.
    thickness : (m,) uint8
        0 … `THICKNESSES` − 1, by |wire|.
    flow, back : (m,)
        Strength 0…1 of what the edge carries forward (|weight·value|) and back (|message|);
        ``flow_keys`` and ``back_keys`` are the colours.
    scales : ColorScales
        Numbers that get the full colour.
    version : int
        Grows with each change.
    """

    def __init__(self) -> None:
        self.version = 0
        self.shown: EdgeQuantity = "weight"
        self.scales = ColorScales()
        self._maps: tuple[object, object, int, RowIndices, RowIndices] | None = None
        self._read = False

    @property
    def has_readings(self) -> bool:
        """Whether there are values and deltas to show."""
        return self._read

    @property
    def edge_scale(self) -> float:
        """Number that gets the full colour on the edges."""
        return self.scales[_WIRES[self.shown]]

    def take(
        self,
        arrays: Arrays,
        document: Document,
        readings: Probe | None,
        shown: EdgeQuantity,
        *,
        held: bool = False,
        vectors: Iterable[int] = (),
    ) -> None:
        """Take over new readings; without any, the weights are those of the document.

        While there is a run the scales are ``held``: they only grow. Else they follow from the
        numbers alone, so that the same document always looks the same. ``vectors`` are rows of
        nodes that are vectors, also while their components are not known.
        """
        self.version += 1
        self.shown = shown
        self._read = readings is not None
        if readings is None:
            self._clear(arrays)
            self.weight = _stored_weights(arrays, document)
        else:
            self._spread(arrays, readings)
        self.vectors = {*self.strips, *self.delta_strips, *vectors}
        self.net[list(self.vectors)] = np.nan  # means over components
        self._scale(arrays, held=held)
        self._color(arrays)

    def _clear(self, arrays: Arrays) -> None:
        nodes, edges = len(arrays.nodes), len(arrays.edges)
        self.value, self.delta, self.net = (np.full(nodes, np.nan) for _ in range(3))
        self.weight, self.message, self.gradient = (np.full(edges, np.nan) for _ in range(3))
        self.strips: dict[int, Array] = {}
        self.delta_strips: dict[int, Array] = {}

    def _spread(self, arrays: Arrays, readings: Probe) -> None:
        """Bring readings, which may be those of another order of rows, into rows."""
        self._clear(arrays)
        nodes, edges = self._row_maps(arrays, readings)
        for name in ("value", "delta", "net"):
            _scatter(getattr(self, name), nodes, getattr(readings, name))
        for name in ("weight", "message", "gradient"):
            _scatter(getattr(self, name), edges, getattr(readings, name))
        row = arrays.node_row
        self.strips = {row[k]: v for k, v in readings.strips.items() if k in row}
        self.delta_strips = {row[k]: v for k, v in readings.delta_strips.items() if k in row}
        for numbers, strips in ((self.value, self.strips), (self.delta, self.delta_strips)):
            for place, strip in strips.items():
                numbers[place] = np.sqrt(strip @ strip)
        largest = np.zeros(len(arrays.nodes))
        for place, strip in self.delta_strips.items():
            largest[place] = np.abs(strip).max()
        # A message of a vector is a mean over its components, which may cancel.
        self.message = without_noise(self.message, largest[arrays.source])

    def _row_maps(self, arrays: Arrays, readings: Probe) -> tuple[RowIndices, RowIndices]:
        cached = self._maps
        known = cached and cached[0] is readings.nodes and cached[1] is readings.edges
        if cached and known and cached[2] == arrays.structure - 1:  # numbers of before the edit
            nodes = _renumbered(cached[3], arrays.new_node_row)
            edges = _renumbered(cached[4], arrays.new_edge_row)
            cached = self._maps = (readings.nodes, readings.edges, arrays.structure, nodes, edges)
        elif cached is None or not known or cached[2] != arrays.structure:
            node_row, edge_row = arrays.node_row, arrays.edge_row
            nodes = np.array([node_row.get(name, -1) for name in readings.nodes], dtype=np.intp)
            edges = np.array([edge_row.get(name, -1) for name in readings.edges], dtype=np.intp)
            cached = self._maps = (readings.nodes, readings.edges, arrays.structure, nodes, edges)
        return cached[3], cached[4]

    def _scale(self, arrays: Arrays, *, held: bool) -> None:
        scales, teaches = self.scales, arrays.has_gradient
        value = scales.take("value", _pooled(self.value, self.strips), held=held)
        self.value, self.net = (without_noise(one, value) for one in (self.value, self.net))
        # The δ of targets and losses drive nothing, and would make all others look small.
        strips = {row: strip for row, strip in self.delta_strips.items() if teaches[row]}
        alone = teaches.copy()
        alone[list(self.delta_strips)] = False
        scales.take("delta", _pooled(self.delta[alone], strips), held=held)
        carried = self.value[arrays.source]
        self._flow = carried * np.where(np.isnan(self.weight), 1.0, self.weight)
        for name, numbers in (("weight", self.weight), ("carried", carried), ("flow", self._flow)):
            scales.take(name, numbers, held=held)
        for name, numbers in (("message", self.message), ("gradient", self.gradient)):
            scales.take(name, numbers[teaches[arrays.source]], held=held)
        self.wire = carried if self.shown == "value" else getattr(self, self.shown)

    def _color(self, arrays: Arrays) -> None:
        scales = self.scales
        self.value_keys = self._keys(_strongest(self.value, self.strips), scales["value"])
        self.delta_keys = self._keys(_strongest(self.delta, self.delta_strips), scales["delta"])
        self.edge_keys = self._keys(self.wire, self.edge_scale)
        log = scales.logarithmic
        level = colors.level(self.wire, self.edge_scale, log=True) if log else self.wire
        strength = np.nan_to_num(np.abs(level) / (1.0 if log else self.edge_scale), nan=0.25)
        self.thickness = np.clip(strength * THICKNESSES, 0, THICKNESSES - 1).astype(np.uint8)
        self.flow, self.flow_keys = self._strengths(self._flow, scales["flow"])
        self.back, self.back_keys = self._strengths(self.message, scales["message"])

    def _keys(self, numbers: Array, scale: float) -> Bytes:
        return colors.keys(numbers, scale, log=self.scales.logarithmic)

    def _strengths(self, numbers: Array, scale: float) -> tuple[Floats, Bytes]:
        """Return how strong numbers are on a scale, 0…1 (0 for NaN), and their colour keys."""
        level = colors.level(numbers, scale, log=self.scales.logarithmic)
        return np.abs(np.nan_to_num(level)), self._keys(numbers, scale)


_WIRES = {"weight": "weight", "value": "carried", "message": "message", "gradient": "gradient"}


def _strongest(numbers: Array, strips: Mapping[int, Array]) -> Array:
    """Return the numbers, of vectors the component that is largest."""
    result = numbers.copy()
    for row, strip in strips.items():
        result[row] = strip[np.argmax(np.abs(np.nan_to_num(strip)))]
    return result


def _pooled(numbers: Array, strips: Mapping[int, Array]) -> Array:
    """Return single numbers and the components of vectors."""
    return np.concatenate([numbers, *strips.values()]) if strips else numbers


def _scatter(into: Array, rows: RowIndices, numbers: Array) -> None:
    known = rows >= 0
    into[rows[known]] = numbers[known]


def _renumbered(rows: RowIndices, new_row: RowIndices) -> RowIndices:
    return np.append(new_row, -1)[rows]


def _stored_weights(arrays: Arrays, document: Document) -> Floats:
    """Return each edge's weight as the document has it; NaN for none and for matrices."""
    parameters = document.parameters
    result = np.full(len(arrays.edges), np.nan)
    if not parameters:
        return result
    for row, edge in enumerate(arrays.edges):
        tensor = parameters.get(document.parameter_name(f"{edge}.weight"))
        if tensor is not None and len(tensor.data) == 8:
            result[row] = tensor.numbers()[0]
    return result
