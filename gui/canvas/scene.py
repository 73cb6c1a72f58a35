"""Everything a frame consists of, drawn layer by layer; knows neither widgets nor sessions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QPainter

from engine.arrays.aliases import Flags
from graph.model.document import Document
from gui.canvas.geometry.shapes import RowIndices
from gui.canvas.layers.background import Ground
from gui.canvas.layers.break_dots import draw_dots
from gui.canvas.layers.far_names import FarNames
from gui.canvas.layers.flow_pulses import Pulses
from gui.canvas.layers.legend import Legend
from gui.canvas.layers.level_of_detail import Detail, EdgeBudget, Viewport
from gui.canvas.layers.matrix_pictures import (
    Matrices,
    Parameters,
    Pictures,
    WirePicture,
    choose_scales,
    draw_matrices,
    draw_values,
)
from gui.canvas.layers.node_plates import NodePlate, draw_node_plate
from gui.canvas.layers.node_sprites import draw_collapsed
from gui.canvas.layers.nodes import Marks, NodeLayer
from gui.canvas.layers.wire_labels import Tags, any_wide
from gui.canvas.layers.wires import EdgeLayer
from gui.canvas.model.backward_costs import BackwardCosts
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.number_colors import Shading
from gui.look.edge_quantity import EdgeQuantity

if TYPE_CHECKING:
    from engine.interpreter.probe import Probe

_NO_ROWS: RowIndices = np.zeros(0, dtype=np.intp)


@dataclass(slots=True)
class Highlights:
    """What is highlighted: nodes by state, edges drawn strongly, edges dimmed.

    ``node_breaks`` and ``edge_breaks`` tell by row whether a breakpoint there is on.
    """

    marks: Marks = field(default_factory=Marks)
    strong: RowIndices = field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    dimmed: Flags | None = None
    node_breaks: dict[int, bool] = field(default_factory=dict)
    edge_breaks: dict[int, bool] = field(default_factory=dict)


class Scene:
    """A document with its numbers, ready to be drawn.

    Attributes
    ----------
    document, arrays, shading : Document, Arrays, Shading
        What is drawn.
    highlights : Highlights
        What is highlighted in it.
    parameters : mapping
        What is shown of nodes' own parameters, by node row.
    matrices : mapping
        The matrices that wires carry, by edge row.
    pictures : mapping
        Nodes whose values are pictures, by node row: height and width.
    unit : str
        Of what the numbers are, for the legend.
    growing : NodePlate or None
        The sum in which the cursor of an update stands.
    edited : sequence of NodePlate
        The inputs that are edited by hand.
    changes : sequence of NodePlate
        While a value is dragged, by how much nodes changed since it began.
    costs : BackwardCosts or None
        What the backward pass keeps and multiplies, if it is counted.
    """

    def __init__(self, document: Document) -> None:
        self.highlights = Highlights()
        self.budget = EdgeBudget()
        self.pulses = Pulses()
        self.unit = ""
        self._ground, self._edges, self._nodes, self._tags = (
            Ground(),
            EdgeLayer(),
            NodeLayer(),
            Tags(),
        )
        self._legend, self._names = Legend(), FarNames()
        self.arrays, self.shading = Arrays(document), Shading()
        self.take_document(document)

    def take_document(self, document: Document) -> None:
        """Show another document."""
        self.document = document
        self.arrays.rebuild(document)
        logarithmic = self.shading.scales.logarithmic
        self.shading = Shading()
        self.shading.scales.logarithmic = logarithmic
        self.highlights = Highlights()
        self.parameters: Parameters = {}
        self.matrices: Matrices = {}
        self.pictures: Pictures = {}
        self.growing: NodePlate | None = None
        self.edited: Sequence[NodePlate] = ()
        self.changes: Sequence[NodePlate] = ()
        self.costs: BackwardCosts | None = None
        self.pulses.stop()
        self.take_readings(None, "weight")

    def take_readings(
        self,
        readings: Probe | None,
        shown: EdgeQuantity,
        *,
        held: bool = False,
        vectors: Iterable[int] = (),
    ) -> None:
        """Show new numbers: see `Shading.take`."""
        shown_in = self.arrays, self.document
        self.shading.take(*shown_in, readings, shown, held=held, vectors=vectors)

    def take_parameters(
        self, parameters: Parameters, matrices: Matrices | None = None, *, held: bool = False
    ) -> None:
        """Show new numbers of nodes' own parameters, and of the matrices that wires carry."""
        self.parameters, self.matrices = parameters, matrices or {}
        choose_scales(self.shading.scales, parameters, self.matrices, held=held)

    @property
    def wire_pictures(self) -> list[WirePicture]:
        """The matrices on wires as the last frame had them."""
        return self._tags.pictures

    @property
    def hidden_edges(self) -> int:
        """How many edges in view the last frame left out for time."""
        return self._edges.hidden

    def draw(
        self,
        painter: QPainter,
        view: Viewport,
        *,
        grid: bool = True,
        legend: bool = True,
        exact: bool = False,
    ) -> None:
        """Draw a frame; of a picture that is kept, the wires are ``exact``."""
        arrays, shading, highlights = self.arrays, self.shading, self.highlights
        self._ground.draw(painter, view, arrays, self.document, grid=grid)
        if arrays.nodes:
            budget = self.budget.edges
            self._edges.prepare(view, arrays, shading, budget, highlights.strong, exact=exact)
            self._edges.draw(painter, view, shading, highlights.dimmed)
            self._edges.draw_strong(painter, view, arrays, shading, highlights.strong)
            self.pulses.draw(painter, view, arrays, shading, self._edges.rows)
            if view.detail is Detail.NEAR:
                self._tags.draw(
                    painter,
                    view,
                    arrays,
                    shading,
                    self._edges.rows,
                    self.parameters,
                    highlights.marks.widths,
                    self.matrices,
                )
            else:
                self._tags.pictures = []
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            self._nodes.draw(painter, view, arrays, shading, highlights.marks)
            draw_matrices(painter, view, arrays, shading.scales, self.parameters)
            draw_values(painter, view, arrays, shading, self.pictures)
            draw_collapsed(painter, view, arrays, highlights.marks.states.get("selected", _NO_ROWS))
            self._names.draw(painter, view, arrays)
            draw_dots(painter, view, arrays, highlights.node_breaks, highlights.edge_breaks)
            for plate in (*self.changes, *self.edited, *([self.growing] if self.growing else [])):
                draw_node_plate(painter, view, arrays, plate)
        if legend:
            self._draw_legend(painter, view)

    def _draw_legend(self, painter: QPainter, view: Viewport) -> None:
        arrays, shading, widths = self.arrays, self.shading, self.highlights.marks.widths
        several = any_wide(arrays, shading, widths)
        units = bool(arrays.has_net.any()) or not arrays.nodes
        self._legend.draw(
            painter, view, shading, self.unit, wide=bool(widths), wide_wires=several, units=units
        )
