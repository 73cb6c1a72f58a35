"""Collapsed groups: a stack of cards with the title and the number of nodes inside."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gui.canvas import bodies
from gui.canvas.captions import SMALL_SIZE, TITLE_SIZE, font
from gui.canvas.detail import LEAST_TEXT, Detail, View
from gui.canvas.geometry.collapsed_groups import Box
from gui.canvas.geometry.shapes import HEADER, HEIGHT, PORT_RADIUS, RADIUS, WIDTH, Rows
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.painting import saved
from gui.look.theme import mixed

_CARDS = (8.0, 4.0)  # how far the cards behind stick out
_PAD = 9.0


def draw_collapsed(painter: QPainter, view: View, arrays: Arrays, selected: Rows) -> None:
    """Draw the boxes of collapsed groups; all of whose nodes are selected has a frame."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for box in arrays.boxes:
        with saved(painter):
            x, y = view.camera.to_widget(*arrays.position[box.rows[0]])
            painter.translate(x, y)
            painter.scale(view.camera.scale, view.camera.scale)
            _draw_cards(painter, view)
            if np.isin(box.rows, selected).all():
                bodies.outline(QColor(view.theme.selection))(painter)
            if view.detail is not Detail.FAR:
                _draw_ports(painter, view, arrays, box)
                _write(painter, view, box)


def _draw_cards(painter: QPainter, view: View) -> None:
    theme = view.theme
    painter.setPen(QPen(QColor(theme.border), 1.0))
    painter.setBrush(mixed(theme.surface, theme.frame, 0.25))
    for step in _CARDS:
        painter.drawRoundedRect(bodies.BODY.translated(step, step), RADIUS, RADIUS)
    bodies.body(theme, QColor(theme.frame), shadow=False)(painter)


def _draw_ports(painter: QPainter, view: View, arrays: Arrays, box: Box) -> None:
    """Mark the sides at which wires enter and leave."""
    outer = arrays.low[:, 0] <= arrays.high[:, 0]
    port = bodies.port(QColor(view.theme.background), QColor(view.theme.frame), PORT_RADIUS)
    for ends, side in ((arrays.target, -1), (arrays.source, 1)):
        if (np.isin(ends, box.rows) & outer).any():
            at = QPointF(side * WIDTH / 2, 0)
            painter.translate(at)
            port(painter)
            painter.translate(-at)


def _write(painter: QPainter, view: View, box: Box) -> None:
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
