"""What lies behind the graph: the grid, the frames of groups, and comments."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QAbstractTextDocumentLayout,
    QColor,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPalette,
    QPen,
    QPixmap,
    QTextDocument,
)

from graph.changes.groups import members
from graph.model.document import Document
from graph.model.edits import Comment
from gui.canvas.geometry.camera import Rect
from gui.canvas.geometry.collapsed_groups import open_groups
from gui.canvas.geometry.shapes import GRID, title_height
from gui.canvas.layers.captions import TITLE_SIZE, font
from gui.canvas.layers.level_of_detail import Viewport
from gui.canvas.layers.painter_batches import saved
from gui.canvas.model.graph_arrays import Arrays
from gui.look.theme import mixed

_LEAST_GAP = 14.0  # pixels between dots; finer grids are thinned
_PAD = 10.0
_READABLE = 0.25  # scale from which comments are written


class Ground:
    """Draws grid, groups and comments; keeps a tile of dots and laid-out comments."""

    def __init__(self) -> None:
        self._tile: tuple[object, QPixmap] | None = None
        self._notes: dict[tuple[str, float, str], QTextDocument] = {}

    def draw(
        self, painter: QPainter, view: Viewport, arrays: Arrays, document: Document, *, grid: bool
    ) -> None:
        """Fill the view and draw what lies behind the graph."""
        if grid:
            self._draw_grid(painter, view)
        else:
            whole = QRectF(0, 0, view.width, view.height)
            painter.fillRect(whole, QColor(view.theme.background))
        draw_frames(painter, view, arrays, document)
        for comment in document.comments:
            self._draw_comment(painter, view, comment)

    def _draw_grid(self, painter: QPainter, view: Viewport) -> None:
        gap = GRID * view.camera.scale
        while gap < _LEAST_GAP:
            gap *= 2
        key = (gap, view.ratio, view.theme.name)
        if self._tile is None or self._tile[0] != key:
            self._tile = (key, _tile(gap, view))
        pixmap = self._tile[1]
        size = pixmap.width() / view.ratio
        # On whole pixels the tile is copied, between them it would be resampled.
        x, y = (
            round(-t % size * view.ratio) / view.ratio for t in (view.camera.tx, view.camera.ty)
        )
        offset = QPointF(x, y)
        painter.drawTiledPixmap(QRectF(0, 0, view.width, view.height), pixmap, offset)

    def _draw_comment(self, painter: QPainter, view: Viewport, comment: Comment) -> None:
        x, y, width, height = comment.rect
        with saved(painter):
            _to_scene(painter, view)
            color = mixed(view.theme.background, view.theme.warning, 0.10)
            painter.setPen(QPen(mixed(color, view.theme.warning, 0.3), 1))
            painter.setBrush(color)
            painter.drawRoundedRect(QRectF(x, y, width, height), 6, 6)
            if view.camera.scale >= _READABLE:
                self._write(painter, view, comment)

    def _write(self, painter: QPainter, view: Viewport, comment: Comment) -> None:
        x, y, width, height = comment.rect
        key = (comment.text, width, view.theme.name)
        note = self._notes.get(key)
        if note is None:
            note = QTextDocument()
            note.setDefaultFont(font(TITLE_SIZE))
            note.setMarkdown(comment.text, QTextDocument.MarkdownFeature.MarkdownNoHTML)
            note.setTextWidth(width - 2 * _PAD)
            self._notes[key] = note
        painter.setClipRect(QRectF(x, y, width, height))
        painter.translate(x + _PAD, y + _PAD / 2)
        context = QAbstractTextDocumentLayout.PaintContext()
        context.palette.setColor(QPalette.ColorRole.Text, QColor(view.theme.text))
        note.documentLayout().draw(painter, context)


def draw_frames(painter: QPainter, view: Viewport, arrays: Arrays, document: Document) -> None:
    """Draw a titled frame around the nodes of every group, outer groups first."""
    for group in open_groups(document):
        rect = arrays.frame(members(document.groups, group.id))
        if rect is not None:
            with saved(painter):
                _to_scene(painter, view)
                _draw_frame(painter, view, rect, group.title or group.id)


def _to_scene(painter: QPainter, view: Viewport) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(view.camera.tx, view.camera.ty)
    painter.scale(view.camera.scale, view.camera.scale)


def _draw_frame(painter: QPainter, view: Viewport, rect: Rect, title: str) -> None:
    left, top, right, bottom = rect
    box = QRectF(left, top, right - left, bottom - top)
    color = QColor(view.theme.frame)
    painter.setPen(QPen(color, 1.2))
    color.setAlphaF(0.07)
    painter.setBrush(color)
    painter.drawRoundedRect(box, 14, 14)
    bar = title_height(view.camera.scale)
    shape = QPainterPath()
    shape.addRoundedRect(box, 14, 14)
    color.setAlphaF(0.16)
    with saved(painter):
        painter.setClipRect(QRectF(left, top, box.width(), bar), Qt.ClipOperation.IntersectClip)
        painter.fillPath(shape, color)
    size = font(max(TITLE_SIZE, min(10.0 / view.camera.scale, 0.72 * bar)), strong=True)
    room = box.width() - 28
    elide = Qt.TextElideMode.ElideRight
    written = QFontMetricsF(size).elidedText(f"▾ {title}", elide, room)
    painter.setFont(size)
    painter.setPen(QColor(view.theme.text))
    middle = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(QRectF(left + 14, top, room, bar), middle, written)


def _tile(gap: float, view: Viewport) -> QPixmap:
    """Return a tile of grid dots that repeats without a seam."""
    repeats = max(1, round(256 / gap))
    side = round(gap * repeats * view.ratio)
    pixmap = QPixmap(side, side)
    pixmap.setDevicePixelRatio(view.ratio)
    pixmap.fill(QColor(view.theme.background))
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(view.theme.grid))
        for i in range(repeats):
            for j in range(repeats):
                painter.drawEllipse(QPointF((i + 0.5) * gap, (j + 0.5) * gap), 1.0, 1.0)
    return pixmap
