"""Short texts on plates over nodes: the sum that grows there, and that an input is edited."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetricsF, QPainter

from gui.canvas.geometry.shapes import HEIGHT
from gui.canvas.layers.captions import SMALL_SIZE, draw_plate, font
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.model.graph_arrays import Arrays
from gui.look.theme import ink_on

_LEAST, _MOST = 11.0, 20.0  # pixels of the text
_ABOVE = 5.0  # pixels between it and the node


class NodePlate(NamedTuple):
    """A text over a node.

    Parameters
    ----------
    row : int
        The node's.
    text : str
        What is written.
    is_strong : bool
        Whether it is in the colour of the cursor, to be seen from any distance.
    """

    row: int
    text: str
    is_strong: bool = True


def draw_node_plate(painter: QPainter, view: Viewport, arrays: Arrays, plate: NodePlate) -> None:
    """Write the text on a plate over its node; one that is not strong on nodes with names alone."""
    if not arrays.shown[plate.row] or not (plate.is_strong or view.named):
        return
    x, y = view.camera.to_widget(*arrays.position[plate.row].tolist())
    pixels = min(max(SMALL_SIZE * 1.15 * view.camera.scale, _LEAST), _MOST) * view.larger
    size = font(pixels, strong=plate.is_strong)
    above = HEIGHT / 2 * view.camera.scale + _ABOVE + QFontMetricsF(size).height() / 2
    ground = QColor(view.theme.accent if plate.is_strong else view.theme.grid)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw_plate(painter, plate.text, QPointF(x, y - above), size, ink_on(ground), ground)
