"""What travels on the wires: dots forward for values, diamonds back for δ.

Their size and speed grow with what the wire carries: |weight·value| forward, |message| back. After
a single step a wave goes once through the graph: forward from the inputs, then back.
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
_SPEED = (0.25, 0.9)  # wires per second for strength 0 and 1
_SIZES = {  # radius by strength, logical pixels
    Detail.FAR: (1.3, 1.3, 1.3),
    Detail.MID: (1.4, 1.9, 2.6),
    Detail.NEAR: (2.6, 3.4, 4.5),
}
_LEVELS = 3
_WAVE = 0.8  # seconds for one direction of a wave
_WIDTH = 0.22  # share of the wave's time that a pulse is on one wire, at least
_GOLDEN = 0.618033988749895


class Pulses:
    """Where every pulse is; moved by `advance`, drawn by `draw`."""

    def __init__(self) -> None:
        self._phase = np.zeros((2, 0))
        self._wave: float | None = None
        self._depth: Floats | None = None
        self._structure = -1
        self.streaming = False
        self._sheets: tuple[object, Sheet, Sheet] | None = None

    @property
    def moving(self) -> bool:
        """Whether anything is on its way."""
        return self.streaming or self._wave is not None

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

    def advance(self, seconds: float, shading: Shading) -> None:
        """Move all pulses on."""
        if self._wave is not None:
            self._wave += seconds / _WAVE
            if self._wave >= 2.0:
                self._wave = None
        if not self.streaming:
            return
        count = len(shading.flow)
        if self._phase.shape[1] != count:
            start = np.arange(count) * _GOLDEN % 1.0
            self._phase = np.stack([start, start * _GOLDEN % 1.0])
        slow, fast = _SPEED
        for phase, strength in zip(self._phase, (shading.flow, shading.back), strict=True):
            phase += seconds * (slow + (fast - slow) * strength)
            phase %= 1.0

    def draw(
        self, painter: QPainter, view: Viewport, arrays: Arrays, shading: Shading, rows: RowIndices
    ) -> None:
        """Draw the pulses on the wires of these rows."""
        if not self.moving or not len(rows) or not shading.has_readings:
            return
        if self.streaming and self._phase.shape[1] != len(shading.flow):
            return  # the clock has not ticked since the graph changed
        dots, diamonds = self._prepare(view)
        with saved(painter):
            painter.scale(1 / view.ratio, 1 / view.ratio)
            for back, sheet, keys in (
                (False, dots, shading.flow_keys),
                (True, diamonds, shading.back_keys),
            ):
                strength = (shading.back if back else shading.flow)[rows]
                chosen, at = self._places(arrays, rows, strength, back=back)
                if not len(chosen):
                    continue
                wires = rows[chosen]
                points = along(arrays.control[wires], at[:, None])[:, 0]
                size = np.minimum((strength[chosen] * _LEVELS).astype(np.intp), _LEVELS - 1)
                cell = keys[wires].astype(np.intp) * _LEVELS + size
                sheet.draw(painter, cell, *view.to_pixels(points))

    def _places(
        self, arrays: Arrays, rows: RowIndices, strength: Floats, *, back: bool
    ) -> tuple[RowIndices, Floats]:
        """Return which of the rows carry a pulse now, and where along the wire it is, 0…1."""
        shown = strength > _FAINT
        if self.streaming:
            at = self._phase[int(back)][rows]
            at = 1.0 - at if back else at
        else:
            at = self._wave_places(arrays, rows, back=back)
            shown &= (at > 0.0) & (at < 1.0)
        chosen = np.flatnonzero(shown)
        if len(chosen) > _MOST:
            chosen = chosen[np.argpartition(strength[chosen], -_MOST)[-_MOST:]]
        return chosen, at[chosen]

    def _wave_places(self, arrays: Arrays, rows: RowIndices, *, back: bool) -> Floats:
        if self._wave is None or (self._wave >= 1.0) != back:
            return np.full(len(rows), -1.0)
        if self._depth is None or self._structure != arrays.structure:
            self._depth, self._structure = depths(arrays), arrays.structure
        most = max(float(self._depth.max(initial=0.0)), 1.0)
        start = self._depth[arrays.source[rows]] / most
        end = np.maximum(self._depth[arrays.target[rows]] / most, start + _WIDTH)
        # The wave starts a little before its first wire and ends a little after its last.
        time = (2.0 - self._wave if back else self._wave) * (1.0 + _WIDTH)
        return np.asarray((time - start) / (end - start))

    def _prepare(self, view: Viewport) -> tuple[Sheet, Sheet]:
        key = (view.theme.name, view.ratio, view.detail)
        if self._sheets is None or self._sheets[0] != key:
            sizes = _SIZES[view.detail]
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
