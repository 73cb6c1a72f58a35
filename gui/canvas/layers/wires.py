"""The wires: culled, kept within the budget, sorted by pen and drawn one call a pen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen

from engine.arrays.aliases import Flags, Floats
from gui.canvas.geometry.shapes import RowIndices, segments
from gui.canvas.layers.level_of_detail import FEW_EDGES, Detail, Viewport
from gui.canvas.layers.painter_batches import draw_lines, saved
from gui.canvas.model.graph_arrays import Arrays
from gui.canvas.model.number_colors import THICKNESSES, Bytes, Shading
from gui.look import theme as colors
from gui.look.edge_quantity import EDGE_MODES
from gui.look.theme import STEPS, UNKNOWN, Theme

# Into how many straight pieces wires are cut: by their extent on the screen
# (physical pixels).
_EXTENTS = {Detail.FAR: (), Detail.MID: (60.0, 300.0), Detail.NEAR: (70.0, 180.0, 500.0)}
_PIECES = {Detail.FAR: (1,), Detail.MID: (3, 6, 12), Detail.NEAR: (6, 14, 26, 48)}
_WIDTHS = (1.3, 1.9, 2.7, 3.7, 4.9)
_FINE_EDGES = 150  # as many are drawn as true curves
_FINE_PICTURE = 2000  # the same in pictures, which may take longer
_FADED = 0.78  # how far dimmed wires go towards the background
_HALO = 5.0
_GRACE = 1.1  # so many times the budget are drawn rather than leaving a few out
_REFRESH = 30  # readings after which it is decided anew which edges are within the budget
# Weak colours are drawn first, strong ones over them: rank in the drawing order by colour key.
_ORDER = sorted(range(STEPS), key=lambda key: abs(key - STEPS // 2))
_RANK = np.zeros(STEPS + 1, dtype=np.uint8)
_RANK[_ORDER] = np.arange(1, STEPS + 1)
_MANY_PENS = 64  # zooms whose pens are remembered
_PENS = (STEPS + 1) * THICKNESSES


@dataclass(frozen=True, slots=True)
class Pieces:
    """Wires as lines (k, 4); each wire's begin at ``first`` and are ``count`` many."""

    lines: Floats
    first: RowIndices
    count: RowIndices

    def in_order(self, order: RowIndices) -> Floats:
        """Return the lines of all wires, wire after wire in this order."""
        count = self.count[order]
        before = np.cumsum(count) - count
        at = np.repeat(self.first[order] - before, count) + np.arange(count.sum())
        return np.ascontiguousarray(self.lines[at])


class EdgeLayer:
    """Draws the wires; remembers which are visible and their pieces as long as they hold."""

    def __init__(self) -> None:
        self.rows: RowIndices = np.zeros(0, dtype=np.intp)
        self.hidden = 0
        self._key: tuple[object, ...] = ()
        self._pieces = Pieces(np.zeros((0, 4)), self.rows, self.rows)
        self._smooth = True
        self._paths: list[QPainterPath] = []
        self._pens: dict[tuple[object, ...], list[QPen]] = {}

    def prepare(
        self,
        view: Viewport,
        arrays: Arrays,
        shading: Shading,
        budget: int,
        keep: RowIndices,
        *,
        exact: bool = False,
    ) -> None:
        """Find the edges to draw: those in view, of too many the heaviest and ``keep``.

        ``exact`` ones are smooth whatever time that takes.
        """
        stamp = shading.version // _REFRESH
        numbers = shading.shown, len(shading.wire)
        key = (view, arrays.version, budget, keep.tobytes(), numbers, exact)
        if self._key == (*key, stamp) or (not self.hidden and self._key[:-1] == key):
            return
        self._key = ()  # after an error halfway the next frame begins anew
        rows = _in_view(view, arrays)
        self.hidden = len(rows) - budget if len(rows) > budget * _GRACE else 0
        if self.hidden:
            rows = _heaviest(rows, shading, budget, keep)
        self.rows = rows
        self._pieces = _cut(view, arrays, rows, Detail.NEAR if exact else view.detail)
        self._smooth = exact or len(rows) <= FEW_EDGES
        most = _FINE_PICTURE if exact else _FINE_EDGES
        fine = len(rows) <= most and (exact or view.detail is Detail.NEAR)
        self._paths = [wire_path(control) for control in arrays.control[rows]] if fine else []
        self._key = (*key, stamp)

    def draw(
        self, painter: QPainter, view: Viewport, shading: Shading, dimmed: Flags | None = None
    ) -> None:
        """Draw the prepared edges; ``dimmed`` (m,) are faint."""
        if not len(self.rows):
            return
        near = _is_wide(view, len(self.rows))
        bucket = _RANK[shading.edge_keys[self.rows]]
        if near:
            bucket = bucket + shading.thickness[self.rows] * np.uint8(STEPS + 1)
        lit = bucket + np.uint8(_PENS)
        bucket = lit if dimmed is None else np.where(dimmed[self.rows], bucket, lit)
        order = np.argsort(bucket, kind="stable")
        pens = self._pens_for(view, gradient=EDGE_MODES[shading.shown].slope)
        with saved(painter):
            painter.translate(view.camera.tx, view.camera.ty)
            painter.scale(view.camera.scale, view.camera.scale)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, self._smooth)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if self._paths:
                for place in order.tolist():
                    painter.setPen(pens[bucket[place]])
                    painter.drawPath(self._paths[place])
            else:
                self._draw_pieces(painter, pens, bucket, order)

    def _draw_pieces(
        self, painter: QPainter, pens: list[QPen], bucket: Bytes, order: RowIndices
    ) -> None:
        """Draw all wires as straight pieces, one call a pen."""
        lines = self._pieces.in_order(order)
        counts = np.bincount(bucket, weights=self._pieces.count)
        first = 0
        for number in np.flatnonzero(counts).tolist():
            painter.setPen(pens[number])
            draw_lines(painter, lines, first, int(counts[number]))
            first += int(counts[number])

    def draw_strong(
        self, painter: QPainter, view: Viewport, arrays: Arrays, shading: Shading, rows: RowIndices
    ) -> None:
        """Draw selected or hovered edges over the others, with a halo."""
        palette = edge_palette(view.theme, gradient=EDGE_MODES[shading.shown].slope)
        halo = QColor(view.theme.selection)
        halo.setAlphaF(0.35)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        outer = rows[arrays.low[rows, 0] <= arrays.high[rows, 0]]
        for row in outer.tolist():
            path = wire_path(arrays.control[row], view)
            width = edge_width(int(shading.thickness[row]), view)
            painter.setPen(QPen(halo, width + _HALO))
            painter.drawPath(path)
            painter.setPen(QPen(palette[shading.edge_keys[row]], width + 0.6))
            painter.drawPath(path)

    def _pens_for(self, view: Viewport, *, gradient: bool) -> list[QPen]:
        """Return the pens by bucket; those of dimmed edges come first."""
        near = _is_wide(view, len(self.rows))
        zoom = round(_zoom(view) * view.larger, 2) if near else 0.0
        key = (view.theme.name, gradient, near, zoom, view.ratio)
        if key not in self._pens:
            if len(self._pens) > _MANY_PENS:
                self._pens.clear()
            palette = edge_palette(view.theme, gradient=gradient)
            plain = [palette[UNKNOWN], *(palette[step] for step in _ORDER)]
            faded = [colors.mixed(color, view.theme.background, _FADED) for color in plain]
            # Far away wires stay one physical pixel wide, which is drawn several times faster.
            widths = [
                edge_width(level, view) * view.ratio if near else 1.0
                for level in range(THICKNESSES)
            ]
            self._pens[key] = [
                _pen(color, width)
                for shades in (faded, plain)
                for width in widths
                for color in shades
            ]
        return self._pens[key]


def wire_path(control: Floats, view: Viewport | None = None) -> QPainterPath:
    """Return a wire (4, 2) as a path, in widget coordinates if a view is given."""
    points = control
    if view is not None:
        points = control * view.camera.scale + (view.camera.tx, view.camera.ty)
    start, first, second, end = (QPointF(float(x), float(y)) for x, y in points)
    path = QPainterPath(start)
    path.cubicTo(first, second, end)
    return path


def draw_receiving(painter: QPainter, view: Viewport, arrays: Arrays, edge: str | None) -> None:
    """Highlight the wire that would take up a node, if there is one."""
    row = arrays.edge_row.get(edge or "")
    if row is not None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(view.theme.good), 3.0))
        painter.drawPath(wire_path(arrays.control[row], view))


def edge_width(thickness: int, view: Viewport) -> float:
    """Return how wide a wire is drawn near, logical pixels."""
    return _WIDTHS[thickness] * _zoom(view) * view.larger


def edge_palette(theme: Theme, *, gradient: bool) -> list[QColor]:
    """Return the colours of wires by key."""
    result = list(colors.colors(theme.gradients if gradient else theme.values))
    result[UNKNOWN] = colors.mixed(theme.values.zero, theme.background, 0.2)
    return result


def _in_view(view: Viewport, arrays: Arrays) -> RowIndices:
    left, top, right, bottom = view.scene
    low, high = arrays.low, arrays.high
    return np.flatnonzero(
        (high[:, 0] >= left) & (low[:, 0] <= right) & (high[:, 1] >= top) & (low[:, 1] <= bottom)
    )


def _heaviest(rows: RowIndices, shading: Shading, budget: int, keep: RowIndices) -> RowIndices:
    strength = np.nan_to_num(np.abs(shading.wire), nan=0.0)
    strength[keep] = np.inf
    chosen = np.argpartition(strength[rows], len(rows) - budget)[len(rows) - budget :]
    return np.sort(rows[chosen])


def _cut(view: Viewport, arrays: Arrays, rows: RowIndices, detail: Detail) -> Pieces:
    """Return wires as straight pieces, long ones as more."""
    extent = (arrays.high[rows] - arrays.low[rows]).max(axis=1, initial=0.0) * view.pixels
    level = np.searchsorted(_EXTENTS[detail], extent)
    first = np.zeros(len(rows), dtype=np.intp)
    count = np.array(_PIECES[detail], dtype=np.intp)[level]
    parts, total = [], 0
    for number, pieces in enumerate(_PIECES[detail]):
        chosen = np.flatnonzero(level == number)
        parts.append(segments(arrays.control[rows[chosen]], pieces).reshape(-1, 4))
        first[chosen] = total + np.arange(len(chosen)) * pieces
        total += len(chosen) * pieces
    return Pieces(np.concatenate(parts), first, count)


def _is_wide(view: Viewport, wires: int) -> bool:
    """Tell whether wires are as wide as they are strong: near ones, of small nodes a few."""
    return view.detail is Detail.NEAR and (not view.compact or wires <= FEW_EDGES)


def _zoom(view: Viewport) -> float:
    return min(max(view.camera.scale, 0.6), 1.8)


def _pen(color: QColor, width: float) -> QPen:
    pen = QPen(color, width)
    pen.setCosmetic(True)
    # Square ends close the joints of a curve's pieces; round ones would be drawn ten times slower.
    pen.setCapStyle(Qt.PenCapStyle.SquareCap if width > 1.0 else Qt.PenCapStyle.FlatCap)
    return pen
