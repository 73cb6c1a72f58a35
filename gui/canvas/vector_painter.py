"""A scene drawn as shapes and texts instead of copied pixels, for SVG and PDF."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gui.canvas.geometry.shapes import HEADER, HEIGHT, WIDTH
from gui.canvas.layers import node_sprites
from gui.canvas.layers.background import draw_frames
from gui.canvas.layers.captions import NUMBER_SIZE, SMALL_SIZE, TITLE_SIZE, draw_plate, font
from gui.canvas.layers.digit_glyphs import text
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.layers.node_numbers import LABEL_LEFT, LINES, NUMBER_LEFT, STRIP, strip_image
from gui.canvas.layers.node_sprites import draw_collapsed
from gui.canvas.layers.painter_batches import saved
from gui.canvas.layers.wire_labels import edge_numbers, free_places, weight_text
from gui.canvas.layers.wires import edge_palette, edge_width, wire_path
from gui.canvas.scene import Scene
from gui.look import theme as colors

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
    draw_collapsed(painter, view, scene.arrays, np.zeros(0, dtype=np.intp))


def _draw_edges(painter: QPainter, view: Viewport, scene: Scene) -> None:
    arrays, shading = scene.arrays, scene.shading
    palette = edge_palette(view.theme, gradient=shading.shown == "gradient")
    painter.setBrush(Qt.BrushStyle.NoBrush)
    drawn = arrays.low[:, 0] <= arrays.high[:, 0]  # not those inside a collapsed group
    for row in np.flatnonzero(drawn).tolist():
        width = edge_width(int(shading.thickness[row]), view)
        painter.setPen(QPen(palette[shading.edge_keys[row]], width))
        painter.drawPath(wire_path(arrays.control[row], view))
    if len(arrays.edges) > _FEW_WEIGHTS:
        return
    ground, ink = QColor(view.theme.background), QColor(view.theme.text)
    size = font(SMALL_SIZE)
    numbers = edge_numbers(shading)
    rows = np.flatnonzero(~np.isnan(numbers) & drawn)
    rows = rows[~arrays.bundled(rows)]
    for row, at in free_places(view, arrays, rows, QFontMetricsF(size)):
        written = weight_text(arrays, row, numbers[row], scene.highlights.marks.widths)
        draw_plate(painter, written, at, size, ink, ground)


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
    if row in shading.strips:
        for strips, diverging, scale, height in (
            (shading.strips, theme.values, shading.value_scale, LINES[2][0]),
            (shading.delta_strips, theme.gradients, shading.delta_scale, LINES[2][1]),
        ):
            if row in strips:
                strip = strip_image(strips[row], diverging, scale)
                painter.drawImage(STRIP.translated(0, height), strip)
        return
    numbers = [("z", shading.value[row]), ("δ", shading.delta[row])]
    if shading.net[row] == shading.net[row]:
        numbers.insert(0, ("s", shading.net[row]))
    painter.setFont(font(NUMBER_SIZE))
    for (name, number), height in zip(numbers, LINES[len(numbers)], strict=True):
        painter.setPen(QColor(theme.muted))
        painter.drawText(QRectF(LABEL_LEFT, height - 9, 20, 18), middle, name)
        painter.setPen(QColor(theme.text))
        written = text(float(number))
        if written.startswith("−"):
            painter.drawText(QRectF(NUMBER_LEFT, height - 9, 10, 18), middle, "–")
        digits = QRectF(NUMBER_LEFT + _SIGN, height - 9, 80, 18)
        painter.drawText(digits, middle, written.removeprefix("−"))
