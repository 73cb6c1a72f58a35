"""What travels on the wires: dots forward for values, diamonds back for messages.

A wave goes through the graph in its order: forward from the inputs, then back. One after a single
step; while training one after the other. The size and speed of a pulse grow with what the wire
carries: |weight·value| forward, |message| back, on scales that hold still.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from engine.arrays.aliases import Floats
from graph.model.traversal import topological_order
from gui.canvas.geometry.shapes import RowIndices, along
from gui.canvas.layers.level_of_detail import Detail, Viewport
from gui.canvas.layers.node_sprites import Sheet, SpritePainter
from gui.canvas.layers.painter_batches import saved
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.number_colors import Shading
from gui.look import theme as colors
from gui.look.theme import STEPS, Theme

_MOST = 3000  # pulses of a direction in one frame
_FAINT = 0.03  # strength below which nothing is drawn
_HASTE = 0.7  # by how much a pulse of strength 1 is faster than one of 0
_SIZES = {  # radius by strength, logical pixels
    Detail.FAR: (1.3, 1.3, 1.3),
    Detail.MID: (1.4, 1.9, 2.6),
    Detail.NEAR: (2.6, 3.4, 4.5),
}
_LEVELS = 3
_LEVEL = 0.3  # seconds that a wave takes for a level of depth
_LEAST, _MOST_SECONDS = 0.8, 4.0  # and for all of a direction
_WIDTH = 0.08  # share of a direction's time that a pulse is on one wire, at least
_LARGEST = 1.8  # times the usual size, when magnified


class Pulses:
    """Where every pulse is; moved by `advance`, drawn by `draw`."""

    def __init__(self) -> None:
        self._wave: float | None = None  # 0…1 forward, 1…2 back
        self._depth: Floats | None = None
        self._deepest = 1.0
        self._structure = -1
        self.streaming = False
        self._sheets: tuple[object, Sheet, Sheet] | None = None

    @property
    def moving(self) -> bool:
        """Whether anything is on its way."""
        return self.streaming or self._wave is not None

    @property
    def phase(self) -> str:
        """What the wave carries now: ``forward``, ``back`` or nothing."""
        return "" if self._wave is None else "forward" if self._wave < 1.0 else "back"

    def start_wave(self) -> None:
        """Send one wave through the graph, unless one is on its way."""
        if self._wave is None:
            self._wave = 0.0

    def end_wave(self) -> None:
        """Take the wave off: its numbers are of another graph."""
        self._wave = None

    def stop(self) -> None:
        """Take all pulses off the wires."""
        self._wave, self.streaming = None, False

    def advance(self, seconds: float) -> None:
        """Move all pulses on; while training one wave follows the other."""
        if self._wave is None:
            self._wave = 0.0 if self.streaming else None
            return
        self._wave += seconds / min(max(_LEVEL * self._deepest, _LEAST), _MOST_SECONDS)
        if self._wave >= 2.0:
            self._wave = self._wave % 2.0 if self.streaming else None

    def draw(
        self, painter: QPainter, view: Viewport, arrays: Arrays, shading: Shading, rows: RowIndices
    ) -> None:
        """Draw the pulses on the wires of these rows."""
        if self._wave is None or not len(rows) or not shading.has_readings:
            return
        dots, diamonds = self._prepare(view)
        back = self._wave >= 1.0
        sheet, keys = (diamonds, shading.back_keys) if back else (dots, shading.flow_keys)
        strength = (shading.back if back else shading.flow)[rows]
        chosen, at = self.places(arrays, rows, strength)
        if not len(chosen):
            return
        wires = rows[chosen]
        points = along(arrays.control[wires], at[:, None])[:, 0]
        size = np.minimum((strength[chosen] * _LEVELS).astype(np.intp), _LEVELS - 1)
        cell = keys[wires].astype(np.intp) * _LEVELS + size
        with saved(painter):
            painter.scale(1 / view.ratio, 1 / view.ratio)
            sheet.draw(painter, cell, *view.to_pixels(points))

    def places(
        self, arrays: Arrays, rows: RowIndices, strength: Floats
    ) -> tuple[RowIndices, Floats]:
        """Return which of the rows carry a pulse now, and where along the wire it is, 0…1."""
        wave = self._wave or 0.0
        self._measure(arrays)
        assert self._depth is not None
        start = self._depth[arrays.source[rows]] / self._deepest
        end = np.maximum(self._depth[arrays.target[rows]] / self._deepest, start + _WIDTH)
        back = wave >= 1.0
        if back:
            start, end = 1.0 + _WIDTH - end, 1.0 + _WIDTH - start
        gone = (wave % 1.0 * (1.0 + _WIDTH) - start) / (end - start) * (1.0 + _HASTE * strength)
        chosen = np.flatnonzero((strength > _FAINT) & (gone > 0.0) & (gone < 1.0))
        if len(chosen) > _MOST:
            chosen = chosen[np.argpartition(strength[chosen], -_MOST)[-_MOST:]]
        return chosen, np.asarray(1.0 - gone[chosen] if back else gone[chosen])

    def _measure(self, arrays: Arrays) -> None:
        if self._depth is None or self._structure != arrays.structure:
            self._depth, self._structure = depths(arrays), arrays.structure
            self._deepest = max(float(self._depth.max(initial=0.0)), 1.0)

    def _prepare(self, view: Viewport) -> tuple[Sheet, Sheet]:
        zoom = round(min(max(view.camera.scale, 1.0), _LARGEST) * view.larger, 1)
        key = (view.theme.name, view.ratio, view.detail, zoom)
        if self._sheets is None or self._sheets[0] != key:
            sizes = [size * zoom for size in _SIZES[view.detail]]
            reach, theme = (sizes[-1] + 2,) * 2, view.theme
            parts = [
                [
                    make(color, theme, radius)
                    for color in _bright(colors.colors(diverging), theme)
                    for radius in sizes
                ]
                for make, diverging in ((_dot, theme.values), (_diamond, theme.gradients))
            ]
            sheets = [Sheet(part, reach, view.ratio) for part in parts]
            self._sheets = (key, sheets[0], sheets[1])
        return self._sheets[1], self._sheets[2]


def depths(arrays: Arrays) -> Floats:
    """Return for each node the number of wires on the longest way to it."""
    count = len(arrays.nodes)
    targets = arrays.target[np.argsort(arrays.source, kind="stable")].tolist()
    ends = [0, *np.cumsum(np.bincount(arrays.source, minlength=count)).tolist()]
    after = {row: targets[ends[row] : ends[row + 1]] for row in range(count)}
    depth = [0] * count
    for row in topological_order(after):
        below = depth[row] + 1
        for target in after[row]:
            depth[target] = max(depth[target], below)
    return np.array(depth, dtype=float)


def _bright(shades: Sequence[QColor], theme: Theme) -> list[QColor]:
    """Return pulse colours: those of the map, weak ones strong enough to be seen on a wire."""
    middle = STEPS // 2
    neutral = colors.mixed(shades[middle], theme.text, 0.4)
    return [
        *(colors.mixed(color, shades[0], 0.5) for color in shades[:middle]),
        neutral,
        *(colors.mixed(color, shades[STEPS - 1], 0.5) for color in shades[middle + 1 : STEPS]),
        neutral,
    ]


def _dot(color: QColor, theme: Theme, radius: float) -> SpritePainter:
    def paint(painter: QPainter) -> None:
        painter.setPen(QPen(QColor(theme.background), 1.0))
        painter.setBrush(color)
        painter.drawEllipse(QPointF(0, 0), radius, radius)

    return paint


def _diamond(color: QColor, theme: Theme, radius: float) -> SpritePainter:
    def paint(painter: QPainter) -> None:
        painter.setPen(QPen(QColor(theme.background), 1.0, Qt.PenStyle.SolidLine))
        painter.setBrush(color)
        r = radius * 1.25
        corners = (QPointF(-r, 0), QPointF(0, -r), QPointF(r, 0), QPointF(0, r))
        painter.drawPolygon(QPolygonF(list(corners)))

    return paint
