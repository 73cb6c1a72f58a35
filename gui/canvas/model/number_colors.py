"""Numbers of the readings → what is written on nodes and the colour and width of every wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.arrays.aliases import Array, Floats
from graph.model.document import Document
from gui.canvas.geometry.shapes import RowIndices
from gui.canvas.model.graph_arrays import Arrays
from gui.look import theme as colors
from gui.look.edge_quantity import EdgeQuantity

if TYPE_CHECKING:
    from engine.interpreter.probe import Probe

Bytes: TypeAlias = NDArray[np.uint8]

THICKNESSES = 5
_STRONG = 0.98  # quantile that gets the full colour: one stray weight must not fade the others
_NICE = np.array([1.0, 2.0, 5.0, 10.0])
_NOISE = 1e-14  # relative to the scale: what a mean over rows leaves of zero
_ROOM = 2.6  # a scale is kept until the numbers use less than 1/2.6 of it


class Shading:
    """The numbers by row of an `Arrays`, and the colours that follow from them.

    Attributes
    ----------
    value, delta, net : (n,)
        Of each node, the mean over the components of a vector; NaN where there is none.
    strips, delta_strips : mapping
        Components of vectors by node row.
    weight, message, gradient : (m,)
        Of each edge; weight and gradient NaN where it has no weight.
    value_keys, delta_keys, edge_keys : uint8
        Colour numbers (`gui.look.theme.keys`).
    thickness : (m,) uint8
        0 … `THICKNESSES` − 1, by |weight|.
    flow, back : (m,)
        Strength 0…1 of what the edge carries forward (|weight·value|) and back (|message|);
        ``flow_keys`` and ``back_keys`` are the colours.
    value_scale, delta_scale, weight_scale, gradient_scale : float
        Numbers that get the full colour.
    version : int
        Grows with each change.
    """

    def __init__(self) -> None:
        self.version = 0
        self.shown: EdgeQuantity = "weight"
        self.value_scale = self.delta_scale = self.weight_scale = self.gradient_scale = 1.0
        self._maps: tuple[object, object, int, RowIndices, RowIndices] | None = None
        self._read = False

    @property
    def has_readings(self) -> bool:
        """Whether there are values and deltas to show."""
        return self._read

    @property
    def edge_scale(self) -> float:
        """Number that gets the full colour on the edges."""
        scales = {"weight": self.weight_scale, "value": self.value_scale}
        return scales.get(self.shown, self.gradient_scale)

    def take(
        self,
        arrays: Arrays,
        document: Document,
        readings: Probe | None,
        shown: EdgeQuantity,
        *,
        live: bool = False,
    ) -> None:
        """Take over new readings; without any, the weights are those of the document.

        While training (``live``) the scales change rarely; else they follow from the numbers
        alone, so that the same document always looks the same.
        """
        self.version += 1
        self.shown = shown
        self._read = readings is not None
        if readings is None:
            self._clear(arrays)
            self.weight = _stored_weights(arrays, document)
        else:
            self._spread(arrays, readings)
        if not live:
            self.value_scale = self.delta_scale = self.weight_scale = self.gradient_scale = 0.0
        self._scale(arrays)
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

    def _scale(self, arrays: Arrays) -> None:
        self.value_scale = scale_of(_pooled(self.value, self.strips), self.value_scale)
        for numbers in (self.value, self.net):
            numbers[np.abs(numbers) < _NOISE * self.value_scale] = 0.0
        # The δ of targets and losses drive nothing, and would make all others look small.
        strips = {
            row: strip for row, strip in self.delta_strips.items() if arrays.has_gradient[row]
        }
        deltas = _pooled(self.delta[arrays.has_gradient], strips)
        self.delta_scale = scale_of(deltas, self.delta_scale)
        self.weight_scale = scale_of(self.weight, self.weight_scale)
        shown = np.where(np.isnan(self.gradient), self.message, self.gradient)
        self._slope = shown
        self.gradient_scale = scale_of(
            shown[arrays.has_gradient[arrays.source]], self.gradient_scale
        )

    def _color(self, arrays: Arrays) -> None:
        self.value_keys = colors.keys(self.value, self.value_scale)
        self.delta_keys = colors.keys(self.delta, self.delta_scale)
        carried = self.value[arrays.source]
        shown = {"weight": self.weight, "value": carried}.get(self.shown, self._slope)
        self.edge_keys = colors.keys(shown, self.edge_scale)
        strength = np.nan_to_num(np.abs(self.weight) / self.weight_scale, nan=0.25)
        self.thickness = np.clip(strength * THICKNESSES, 0, THICKNESSES - 1).astype(np.uint8)
        carried = carried * np.where(np.isnan(self.weight), 1.0, self.weight)
        has_gradient = arrays.has_gradient[arrays.source]
        self.flow, self.flow_keys = _strengths(carried, scale_of(carried, 0.0))
        self.back, self.back_keys = _strengths(
            self.message, scale_of(self.message[has_gradient], 0.0)
        )


def scale_of(numbers: Array, before: float = 1.0) -> float:
    """Return the number that gets the full colour: 1, 2 or 5 times a power of ten.

    The scale ``before`` is kept while it still fits, so that colours do not jump while training.
    """
    size = np.abs(numbers[np.isfinite(numbers)])
    if not len(size):
        return before or 1.0
    place = min(int(len(size) * _STRONG), len(size) - 1)
    strong = float(np.partition(size, place)[place]) or float(size.max())
    if strong == 0.0 or before / _ROOM <= strong <= before:
        return before or 1.0
    power = 10.0 ** np.floor(np.log10(strong))
    return float(power * _NICE[np.searchsorted(_NICE, strong / power * (1 - 1e-9))])


def _strengths(numbers: Array, scale: float) -> tuple[Floats, Bytes]:
    """Return how strong numbers are on a scale, 0…1 (0 for NaN), and their colour keys."""
    return np.abs(np.nan_to_num(colors.level(numbers, scale))), colors.keys(numbers, scale)


def _pooled(numbers: Array, strips: Mapping[int, Array]) -> Array:
    """Return the numbers of all nodes, of vectors each component."""
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
