"""A scene drawn as shapes and texts instead of copied pixels, for SVG and PDF."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gui.canvas.geometry.shapes import HEADER, HEIGHT, WIDTH, RowIndices
from gui.canvas.layers import node_sprites
from gui.canvas.layers.background import draw_frames
from gui.canvas.layers.captions import NUMBER_SIZE, SMALL_SIZE, TITLE_SIZE, draw_plate, font
from gui.canvas.layers.digit_glyphs import text
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.layers.matrix_pictures import WirePicture, draw_matrices, draw_values
from gui.canvas.layers.node_numbers import (
    LABEL_LEFT,
    LABEL_SIZE,
    LABEL_STRETCH,
    NUMBER_LEFT,
    OTHER_LEFT,
    SLOPE,
    SLOPE_LEFT,
    strips,
    written_lines,
)
from gui.canvas.layers.node_sprites import draw_collapsed
from gui.canvas.layers.painter_batches import saved
from gui.canvas.layers.wire_labels import (
    free_places,
    label_room,
    matrices_shown,
    parameter_notes,
    picture_boxes,
    wire_text,
)
from gui.canvas.layers.wires import edge_palette, edge_width, wire_path
from gui.canvas.scene import Scene
from gui.look import theme as colors
from gui.look.edge_quantity import EDGE_MODES

_SIGN = 8.0  # room of a minus sign
_FEW_WEIGHTS = 200  # more wires than this carry no numbers


def draw_as_shapes(painter: QPainter, view: Viewport, scene: Scene) -> None:
    """Draw the whole scene; the painter's unit is the view's logical pixel."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillRect(QRectF(0, 0, view.width, view.height), QColor(view.theme.background))
    draw_frames(painter, view, scene.arrays, scene.document)
    _draw_edges(painter, view, scene)
    for row in np.flatnonzero(scene.arrays.shown).tolist():
        with saved(painter):
            x, y = view.camera.to_widget(*scene.arrays.position[row])
            painter.translate(x, y)
            painter.scale(view.camera.scale, view.camera.scale)
            _draw_node(painter, view, scene, row)
    draw_matrices(painter, view, scene.arrays, scene.shading.scales, scene.parameters)
    draw_values(painter, view, scene.arrays, scene.shading, scene.pictures)
    draw_collapsed(painter, view, scene.arrays, np.zeros(0, dtype=np.intp))


def _draw_edges(painter: QPainter, view: Viewport, scene: Scene) -> None:
    arrays, shading = scene.arrays, scene.shading
    palette = edge_palette(view.theme, gradient=EDGE_MODES[shading.shown].slope)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    drawn = arrays.low[:, 0] <= arrays.high[:, 0]  # not those inside a collapsed group
    for row in np.flatnonzero(drawn).tolist():
        width = edge_width(int(shading.thickness[row]), view)
        painter.setPen(QPen(palette[shading.edge_keys[row]], width))
        painter.drawPath(wire_path(arrays.control[row], view))
    if len(arrays.edges) <= _FEW_WEIGHTS:
        _write_numbers(painter, view, scene, np.flatnonzero(drawn))


def _write_numbers(painter: QPainter, view: Viewport, scene: Scene, rows: RowIndices) -> None:
    """Write the numbers of these wires, and the parameters under the nodes."""
    arrays, shading, widths = scene.arrays, scene.shading, scene.highlights.marks.widths
    ground, size = QColor(view.theme.background), font(SMALL_SIZE)
    metrics = QFontMetricsF(size)
    notes = parameter_notes(view, arrays, scene.parameters, metrics)
    rows = rows[~np.isnan(shading.wire[rows]) & ~arrays.bundled(rows)]
    room = [label_room(arrays, shading, row, widths, metrics) for row in rows.tolist()]
    taken = [(note.x, note.y, note.room) for note in notes]
    places = free_places(view, arrays, rows, metrics, room, taken)
    for row, at, is_named in places:
        written = wire_text(arrays, shading, row, widths, named=is_named)
        draw_plate(painter, written, at, size, QColor(view.theme.text), ground)
    for note in notes:
        at = QPointF(note.x, note.y)
        draw_plate(painter, note.text, at, size, QColor(view.theme.muted), ground)
    shown = matrices_shown(shading, scene.matrices)
    shapes = {row: numbers.shape for row, (_, numbers) in shown.items()}
    plates = {row: width for row, (_, width) in zip(rows.tolist(), room, strict=True)}
    boxes = picture_boxes(view, arrays, places, plates, shapes, metrics, taken)
    for row, box in boxes.items():
        WirePicture(row, *shown[row], box).draw(painter, view, shading.scales)


def _draw_node(painter: QPainter, view: Viewport, scene: Scene, row: int) -> None:
    arrays, shading, theme = scene.arrays, scene.shading, view.theme
    node_sprites.body(theme, theme.group(arrays.groups[row]), shadow=False)(painter)
    values, deltas = colors.colors(theme.values), colors.colors(theme.gradients)
    shade = values[shading.value_keys[row]]
    painter.translate(node_sprites.DISC)
    if shading.delta_keys[row] != colors.UNKNOWN:
        node_sprites.ring(deltas[shading.delta_keys[row]])(painter)
    node_sprites.disc(shade, colors.mixed(theme.surface, theme.text, 0.12))(painter)
    inks = node_sprites.inks(values, QColor(theme.text))
    ink = inks[shading.value_keys[row]]
    node_sprites.symbol(arrays.symbols[row], ink, font(17, strong=True))(painter)
    painter.translate(-node_sprites.DISC)
    port = node_sprites.port(QColor(theme.background), QColor(theme.frame))
    points = [QPointF(-WIDTH / 2, drop) for drop in arrays.ports[row].values()]
    points += [QPointF(WIDTH / 2, 0)] if arrays.output[row] else []
    for point in points:
        painter.translate(point)
        port(painter)
        painter.translate(-point)
    _draw_texts(painter, view, scene, row)


def _draw_texts(painter: QPainter, view: Viewport, scene: Scene, row: int) -> None:
    shading, theme = scene.shading, view.theme
    size = font(TITLE_SIZE, strong=True)
    painter.setFont(size)
    painter.setPen(QColor(theme.text))
    elide = Qt.TextElideMode.ElideRight
    title = QFontMetricsF(size).elidedText(scene.arrays.titles[row], elide, WIDTH - 20)
    middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(QRectF(-WIDTH / 2 + 10, -HEIGHT / 2, WIDTH - 20, HEADER), middle, title)
    for strip in strips(scene.arrays, shading, row):
        painter.drawImage(strip.box, strip.image(shading, theme))
    has_net = bool(scene.arrays.has_net[row])
    for name, number, height in written_lines(shading, row, has_net=has_net):
        left = NUMBER_LEFT if has_net else OTHER_LEFT
        painter.setPen(QColor(theme.muted))
        label = font(LABEL_SIZE, stretch=LABEL_STRETCH) if name == SLOPE else font(NUMBER_SIZE)
        painter.setFont(label)
        at = SLOPE_LEFT if name == SLOPE else LABEL_LEFT
        painter.drawText(QRectF(at, height - 9, 40, 18), middle, name)
        painter.setFont(font(NUMBER_SIZE))
        painter.setPen(QColor(theme.text))
        written = text(float(number))
        if written.startswith("−"):
            painter.drawText(QRectF(left, height - 9, 10, 18), middle, "–")
        digits = QRectF(left + _SIGN, height - 9, 80, 18)
        painter.drawText(digits, middle, written.removeprefix("−"))
