"""Formulas on screen: drawn as vectors; terms are lit, named and opened."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QContextMenuEvent,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from gui.formulas.flow import Placed, SetLine, flow
from gui.formulas.glyphs import EM
from gui.formulas.pieces import Piece, PlaceName, latex_text, plain_text
from gui.look import theme
from gui.widgets.override_guard import guarded

_MARGIN = 6.0
_LARGER = 1.25  # than the text around it: formulas have small indices


class FormulaView(QWidget):
    """Shows lines of formulas as wide as it is; a long one goes on in the next line.

    Attributes
    ----------
    pointed : Signal(object)
        The `Piece` under the mouse or the keys, or None.
    chosen : Signal(object)
        The `Piece` that was clicked, if it opens anything.
    """

    pointed = Signal(object)
    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._lines: tuple[SetLine, ...] = ()
        self._flowed: dict[float, tuple[list[Placed], float]] = {}  # by width
        self._placed: list[Placed] = []
        self._height = 0.0
        self._term = ""
        self._places: frozenset[PlaceName] = frozenset()

    # -- what is shown -------------------------------------------------------------------------

    def show_lines(self, lines: Sequence[SetLine]) -> None:
        """Show lines that `set_lines` typeset."""
        self._lines = tuple(lines)
        self._flowed.clear()
        self.setAccessibleName("Formula")
        self.setAccessibleDescription(self.text())
        self._flow()
        if self._term not in {placed.piece.term for placed in self._placed}:
            self._point(None)
        self.updateGeometry()

    def light(self, places: frozenset[PlaceName]) -> None:
        """Light the terms that are about these nodes, edges and parameters."""
        if places != self._places:
            self._places = places
            self.update()

    def text(self) -> str:
        """Return what is shown as plain text."""
        return plain_text([tuple(piece for piece, _ in line.parts) for line in self._lines])

    def latex(self) -> str:
        """Return what is shown as LaTeX."""
        return latex_text([tuple(piece for piece, _ in line.parts) for line in self._lines])

    @property
    def pieces(self) -> list[tuple[Piece, QRectF]]:
        """All pieces, and where they lie in the widget."""
        return [(placed.piece, self._on_screen(placed.rect)) for placed in self._placed]

    def piece_at(self, point: QPointF) -> Piece | None:
        """Return the term at a point, if there is one."""
        for piece, rect in self.pieces:
            if piece.term and rect.adjusted(-2, -3, 2, 3).contains(point):
                return piece
        return None

    # -- its size ------------------------------------------------------------------------------

    @property
    def _scale(self) -> float:
        return _LARGER * self.fontMetrics().height() / 1.25 / EM

    def heightForWidth(self, width: int) -> int:
        """Return the height that all lines take at a width."""
        _, height = self._at_width(width)
        return round(height * self._scale + 2 * _MARGIN)

    def sizeHint(self) -> QSize:
        """Return a size at the present width."""
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def _flow(self) -> None:
        self._placed, self._height = self._at_width(self.width())
        self.setFixedHeight(round(self._height * self._scale + 2 * _MARGIN))
        self.update()

    def _at_width(self, width: int) -> tuple[list[Placed], float]:
        """Return where everything lies at a width of the widget; a layout asks several times."""
        units = (width - 2 * _MARGIN) / self._scale
        if units not in self._flowed:
            self._flowed[units] = flow(self._lines, units)
        return self._flowed[units]

    def _on_screen(self, rect: QRectF) -> QRectF:
        scale = self._scale
        x, y = _MARGIN + scale * rect.x(), _MARGIN + scale * rect.y()
        return QRectF(x, y, scale * rect.width(), scale * rect.height())

    @guarded()
    def event(self, event: QEvent) -> bool:
        """Flow anew at another width or font; name what is under the mouse."""
        kind = event.type()
        if kind == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            piece = self.piece_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), piece.tip if piece else "", self)
            return True
        if kind in (QEvent.Type.Resize, QEvent.Type.FontChange):
            self._flow()
        elif kind in (QEvent.Type.Leave, QEvent.Type.FocusOut):
            self._point(None)
        return bool(super().event(event))

    # -- drawing -------------------------------------------------------------------------------

    @guarded()
    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw all lines, the lit terms on a ground of their own."""
        colors = theme.of(self.palette())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(_MARGIN, _MARGIN)
        painter.scale(self._scale, self._scale)
        painter.setPen(Qt.PenStyle.NoPen)
        ground, faint = QColor(colors.accent), QColor(colors.accent)
        ground.setAlphaF(0.30)
        faint.setAlphaF(0.14)
        seen = QRectF(event.rect()).adjusted(-8, -8, 8, 8)
        for placed in self._placed:
            if self._on_screen(placed.rect).intersects(seen):
                self._draw(painter, placed, colors, ground, faint)
        painter.end()

    def _draw(
        self, painter: QPainter, placed: Placed, colors: theme.Theme, ground: QColor, faint: QColor
    ) -> None:
        piece = placed.piece
        lit = bool(piece.term) and (piece.term == self._term or piece.place in self._places)
        if lit or piece.is_current:
            painter.setBrush(ground if lit else faint)
            painter.drawRoundedRect(placed.rect.adjusted(-2, -2, 2, 2), 3, 3)
        if piece.is_reused:
            painter.setBrush(QColor(colors.warning))
            below = placed.rect.bottom() + 1.5
            painter.drawRect(QRectF(placed.x, below, placed.outline.width, 1.0))
        links = bool(piece.opens) and not piece.is_number
        painter.setBrush(QBrush(QColor(colors.accent if links else colors.text)))
        painter.translate(placed.x, placed.y)
        painter.drawPath(placed.outline.path)
        painter.translate(-placed.x, -placed.y)

    # -- mouse and keys ------------------------------------------------------------------------

    @guarded()
    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light what is under the mouse."""
        self._point(self.piece_at(event.position()))

    @guarded()
    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open what is clicked."""
        piece = self.piece_at(event.position())
        if piece is not None and piece.opens and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(piece)

    @guarded()
    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go from term to term, and open one."""
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}
        terms = {p.piece.term: p.piece for p in self._placed if p.piece.term}
        names = list(terms)
        key = Qt.Key(event.key())
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if key in steps and names and plain:
            here = names.index(self._term) if self._term in terms else -1
            place = here + steps[key] if here >= 0 else (0 if steps[key] > 0 else -1)
            self._point(terms[names[place % len(names)]])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._term in terms:
            if terms[self._term].opens:
                self.chosen.emit(terms[self._term])
        else:
            super().keyPressEvent(event)

    @guarded()
    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to copy."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy as text", self.copy_text)
        menu.addAction("Copy as LaTeX", self.copy_latex)
        menu.popup(event.globalPos())

    def copy_text(self) -> None:
        """Put it on the clipboard as text."""
        QGuiApplication.clipboard().setText(self.text())

    def copy_latex(self) -> None:
        """Put it on the clipboard as LaTeX."""
        QGuiApplication.clipboard().setText(self.latex())

    def _point(self, piece: Piece | None) -> None:
        term = piece.term if piece else ""
        if term != self._term:
            self._term = term
            linked = piece is not None and piece.opens
            shape = Qt.CursorShape.PointingHandCursor if linked else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            self.pointed.emit(piece)
            self.update()
