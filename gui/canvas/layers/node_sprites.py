"""The parts a node is made of, painted around its centre in scene units, and sheets of them.

A `Sheet` holds parts painted once for a zoom; the canvas copies them by the thousand. Export to
SVG and PDF paints the same parts as shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap

from engine.arrays.aliases import Floats
from gui.canvas.geometry.collapsed_groups import Box
from gui.canvas.geometry.shapes import HEADER, HEIGHT, PORT_RADIUS, RADIUS, WIDTH, RowIndices
from gui.canvas.layers.captions import SMALL_SIZE, TITLE_SIZE, font
from gui.canvas.layers.level_of_detail import LEAST_TEXT, Detail, Viewport
from gui.canvas.layers.painter_batches import draw_fragments, fragments, saved
from gui.canvas.model.graph_arrays import Arrays
from gui.look.theme import Theme, ink_on, mixed

SpritePainter: TypeAlias = Callable[[QPainter], None]

BODY = QRectF(-WIDTH / 2, -HEIGHT / 2, WIDTH, HEIGHT)
DISC = QPointF(-WIDTH / 2 + 26.0, HEADER / 2)
DISC_RADIUS = 17.0
_RING_RADIUS, _RING_WIDTH = 20.5, 3.0
_SYMBOL_SIZE, _LEAST_SYMBOL = 17.0, 6.0
BLOCK = QRectF(-WIDTH / 2 + 8, -HEIGHT / 2 + HEADER + 7, WIDTH - 16, HEIGHT - HEADER - 14)
_VALUE_SHARE = 0.62  # of the block, when it stands for value and δ
_SHADOW = ((5.0, 0.05), (3.2, 0.07), (1.6, 0.10))  # spread, opacity


def body(
    theme: Theme, accent: QColor, *, shadow: bool = True, header: float = HEADER
) -> SpritePainter:
    """Return the painter of a node's rounded box with its tinted title bar."""

    def paint(painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        for spread, opacity in _SHADOW if shadow else ():
            color = QColor(theme.shadow)
            color.setAlphaF(opacity * (1.6 if theme.is_dark else 0.8))
            painter.setBrush(color)
            box = BODY.adjusted(-spread, -spread + 2, spread, spread + 2)
            painter.drawRoundedRect(box, RADIUS + spread, RADIUS + spread)
        shape = QPainterPath()
        shape.addRoundedRect(BODY, RADIUS, RADIUS)
        painter.fillPath(shape, QColor(theme.surface))
        tint = mixed(theme.surface, accent, 0.34 if theme.is_dark else 0.2)
        painter.fillPath(_title_bar(header), tint)
        painter.setPen(QPen(mixed(theme.border, accent, 0.45), 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(BODY, RADIUS, RADIUS)

    return paint


def _title_bar(header: float) -> QPainterPath:
    """Return the upper part of the box, its upper corners round."""
    size = 2 * RADIUS
    path = QPainterPath(QPointF(BODY.left(), BODY.top() + header))
    path.lineTo(BODY.left(), BODY.top() + RADIUS)
    path.arcTo(QRectF(BODY.left(), BODY.top(), size, size), 180, -90)
    path.arcTo(QRectF(BODY.right() - size, BODY.top(), size, size), 90, -90)
    path.lineTo(BODY.right(), BODY.top() + header)
    path.closeSubpath()
    return path


def outline(color: QColor, width: float = 2.0, glow: float = 0.3) -> SpritePainter:
    """Return the painter of a frame around a node: selected, under the mouse, with a problem."""

    def paint(painter: QPainter) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        halo = QColor(color)
        halo.setAlphaF(glow)
        for pen, gap in ((QPen(halo, 5.0), 3.5), (QPen(color, width), width / 2)):
            painter.setPen(pen)
            box = BODY.adjusted(-gap, -gap, gap, gap)
            painter.drawRoundedRect(box, RADIUS + gap, RADIUS + gap)

    return paint


def disc(color: QColor, edge: QColor) -> SpritePainter:
    """Return the painter of the disc whose colour is the node's value."""

    def paint(painter: QPainter) -> None:
        painter.setPen(QPen(edge, 1.0))
        painter.setBrush(color)
        painter.drawEllipse(QPointF(0, 0), DISC_RADIUS, DISC_RADIUS)

    return paint


def ring(color: QColor) -> SpritePainter:
    """Return the painter of the ring whose colour is the node's δ."""

    def paint(painter: QPainter) -> None:
        painter.setPen(QPen(color, _RING_WIDTH))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QPointF(0, 0), _RING_RADIUS, _RING_RADIUS)

    return paint


def value_bar(color: QColor, header: float) -> SpritePainter:
    """Return the painter of the bar that stands for the value at a distance."""
    return _bar(color, header, 0.0, _VALUE_SHARE)


def delta_bar(color: QColor, header: float) -> SpritePainter:
    """Return the painter of the bar that stands for δ at a distance."""
    return _bar(color, header, _VALUE_SHARE, 1.0)


def value_edge(color: QColor, _header: float) -> SpritePainter:
    """Return the painter of the stripe that stands for the value on a small node."""
    return _edge(color, 5.0, 13.0)


def delta_edge(color: QColor, _header: float) -> SpritePainter:
    """Return the painter of the stripe that stands for δ on a small node."""
    return _edge(color, 20.0, 7.0)


def _edge(color: QColor, left: float, width: float) -> SpritePainter:
    box = QRectF(BODY.left() + left, BLOCK.top() - 2, width, BLOCK.height() + 4)

    def paint(painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(box, 2, 2)

    return paint


def _bar(color: QColor, header: float, start: float, end: float) -> SpritePainter:
    block = BLOCK.adjusted(0, header - HEADER, 0, 0)
    height = block.height()
    box = QRectF(block.left(), block.top() + start * height, block.width(), (end - start) * height)

    def paint(painter: QPainter) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRect(box.adjusted(0, 1, 0, -1))

    return paint


def port(fill: QColor, edge: QColor, radius: float = PORT_RADIUS) -> SpritePainter:
    """Return the painter of a port."""

    def paint(painter: QPainter) -> None:
        painter.setPen(QPen(edge, 1.6))
        painter.setBrush(fill)
        painter.drawEllipse(QPointF(0, 0), radius, radius)

    return paint


def symbol(sign: str, ink: QColor, font: QFont) -> SpritePainter:
    """Return the painter of a kind's sign, made small enough for the disc."""
    sized = QFont(font)
    sized.setPixelSize(100)
    room = 2 * DISC_RADIUS * 0.82
    across = max(QFontMetricsF(sized).horizontalAdvance(sign), 1.0)
    size = min(_SYMBOL_SIZE, 100 * room / across)
    if size < _LEAST_SYMBOL:
        sign, size = sign[:6], _LEAST_SYMBOL

    def paint(painter: QPainter) -> None:
        with saved(painter):
            painter.scale(size / 100, size / 100)
            painter.setFont(sized)
            painter.setPen(ink)
            painter.drawText(QRectF(-500, -200, 1000, 400), Qt.AlignmentFlag.AlignCenter, sign)

    return paint


def inks(shades: Sequence[QColor], absent: QColor) -> list[QColor]:
    """Return the colour to write with on each shade, the last of which means "no number"."""
    return [*(ink_on(color) for color in shades[:-1]), absent]


class Sheet:
    """Parts painted side by side at one zoom.

    Parameters
    ----------
    parts : sequence of painters
        Each paints around (0, 0) within ±``reach`` (scene units).
    reach : (float, float)
        Half the width and height of the cells.
    pixels : float
        Physical pixels per scene unit.
    """

    def __init__(
        self, parts: Sequence[SpritePainter], reach: tuple[float, float], pixels: float
    ) -> None:
        # Even sizes: the centre then is a whole pixel, and copies stay sharp.
        width, height = (2 * int(np.ceil(half * pixels)) + 2 for half in reach)
        self._pixmap = QPixmap(max(width * len(parts), 1), height)
        self._pixmap.fill(Qt.GlobalColor.transparent)
        self._sources = np.array(
            [[width * i, 0, width, height] for i in range(len(parts))], dtype=float
        ).reshape(len(parts), 4)
        with QPainter(self._pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for i, part in enumerate(parts):
                painter.resetTransform()
                painter.translate(width * i + width / 2, height / 2)
                painter.scale(pixels, pixels)
                part(painter)

    def draw(self, painter: QPainter, which: RowIndices | int, x: Floats, y: Floats) -> None:
        """Copy parts to centres in physical pixels."""
        pieces = fragments(np.rint(x), np.rint(y), self._sources[which])
        draw_fragments(painter, pieces, self._pixmap)


_CARDS = (8.0, 4.0)  # how far the cards behind stick out
_PAD = 9.0


def draw_collapsed(painter: QPainter, view: Viewport, arrays: Arrays, selected: RowIndices) -> None:
    """Draw the boxes of collapsed groups; all of whose nodes are selected has a frame."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for box in arrays.boxes:
        with saved(painter):
            x, y = view.camera.to_widget(*arrays.position[box.rows[0]])
            painter.translate(x, y)
            painter.scale(view.camera.scale, view.camera.scale)
            _draw_cards(painter, view)
            if np.isin(box.rows, selected).all():
                outline(QColor(view.theme.selection))(painter)
            if view.detail is not Detail.FAR:
                _draw_ports(painter, view, arrays, box)
                _write(painter, view, box)


def _draw_cards(painter: QPainter, view: Viewport) -> None:
    theme = view.theme
    painter.setPen(QPen(QColor(theme.border), 1.0))
    painter.setBrush(mixed(theme.surface, theme.frame, 0.25))
    for step in _CARDS:
        painter.drawRoundedRect(BODY.translated(step, step), RADIUS, RADIUS)
    body(theme, QColor(theme.frame), shadow=False)(painter)


def _draw_ports(painter: QPainter, view: Viewport, arrays: Arrays, box: Box) -> None:
    """Mark the sides at which wires enter and leave."""
    outer = arrays.low[:, 0] <= arrays.high[:, 0]
    draw_port = port(QColor(view.theme.background), QColor(view.theme.frame), PORT_RADIUS)
    for ends, side in ((arrays.target, -1), (arrays.source, 1)):
        if (np.isin(ends, box.rows) & outer).any():
            at = QPointF(side * WIDTH / 2, 0)
            painter.translate(at)
            draw_port(painter)
            painter.translate(-at)


def _write(painter: QPainter, view: Viewport, box: Box) -> None:
    least = LEAST_TEXT / view.camera.scale
    left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    title = font(max(TITLE_SIZE, least), strong=True)
    room = WIDTH - 2 * _PAD
    written = QFontMetricsF(title).elidedText(f"▸ {box.title}", Qt.TextElideMode.ElideRight, room)
    painter.setFont(title)
    painter.setPen(QColor(view.theme.text))
    painter.drawText(QRectF(_PAD - WIDTH / 2, -HEIGHT / 2, room, HEADER), left, written)
    nodes = "1 node" if len(box.rows) == 1 else f"{len(box.rows)} nodes"
    painter.setFont(font(max(SMALL_SIZE + 2, least)))
    painter.setPen(QColor(view.theme.muted))
    inside = QRectF(-WIDTH / 2, HEADER - HEIGHT / 2, WIDTH, HEIGHT - HEADER)
    painter.drawText(inside, Qt.AlignmentFlag.AlignCenter, nodes)
