"""A picture of the rows: two columns as coordinates, a third as colour."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from engine.arrays.aliases import Floats, Integers
from engine.data import Column, Table
from gui.look import theme
from gui.look.theme import series_color
from gui.widgets.layouts import captioned, column, row
from gui.widgets.number_text import number_text

_MOST = 3_000  # points drawn
_LOOKED_AT = 10_000  # rows that tell whether a column has few values
_CLASSES = 8  # colours that can be told apart
_MARGIN = 34
_LOW = 110  # px of height that leave no room for the name of the axis
_DOT, _BIG_DOT, _FEW = 5.0, 11.0, 60  # px, px, points


class PointsPreview(QWidget):
    """Rows of a table as points, with lists to choose the axes and the colour.

    Columns of width 1 can be axes; categories, and numbers with few values, can be colours.
    """

    def __init__(self) -> None:
        super().__init__()
        self._table: Table | None = None
        self.across, self.up, self.color = QComboBox(), QComboBox(), QComboBox()
        self.picture = PointsPicture()
        head = row()
        for text, combo in (("Acr&oss", self.across), ("&Up", self.up), ("&Colour", self.color)):
            head.addWidget(captioned(text, combo))
            head.addWidget(combo, 1)
            combo.activated.connect(lambda _: self._draw())
        column(head, (self.picture, 1), of=self, margins=(4, 6, 4, 4))

    def show_table(self, table: Table | None, targets: tuple[str, ...]) -> None:
        """Show another table; the axes stay as they are if there are such columns."""
        self._table = table
        columns = table.columns if table else {}
        axes = [name for name, column in columns.items() if column.width == 1]
        classes = [name for name, column in columns.items() if _labels(column)]
        free = [name for name in axes if name not in targets]
        _refill(self.across, axes, (free or axes)[:1])
        _refill(self.up, axes, (free[1:] or axes[1:] or axes)[:1])
        _refill(self.color, classes, [name for name in classes if name in targets][:1])
        self._draw()

    def _draw(self) -> None:
        names = self.across.currentText(), self.up.currentText()
        if self._table is None or not all(names):
            self.picture.show_points(None)
            return
        step = max(1, self._table.rows // _MOST)
        points = np.column_stack([self._table.columns[n].values[::step, 0] for n in names])
        chosen = self._table.columns.get(self.color.currentText())
        shades = np.zeros(len(points), np.int64) if chosen is None else _codes(chosen)[::step]
        labels = () if chosen is None else _labels(chosen)
        known = np.isfinite(points).all(axis=1)
        self.picture.show_points(points[known], shades[known], labels, names)


class PointsPicture(QWidget):
    """Draws ``points`` (n, 2), the ends of the axes, and the classes."""

    def __init__(self) -> None:
        super().__init__()
        self.points: Floats | None = None
        self.setMinimumSize(QSize(180, 140))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Picture of the points")

    def show_points(
        self,
        points: Floats | None,
        shades: Integers | None = None,
        labels: tuple[str, ...] = (),
        axes: tuple[str, str] = ("", ""),
    ) -> None:
        """Show points (n, 2) with their colour numbers (n,); None shows nothing."""
        self.points, self._shades = points, shades
        self._labels, self._axes = labels, axes
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw everything."""
        with QPainter(self) as painter:
            palette = self.palette()
            painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
            if self.points is None or not len(self.points) or self._shades is None:
                painter.setPen(QColor(theme.of(palette).muted))
                text = "Two columns of numbers can be drawn as points."
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect(), flags, text)
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_points(painter, self.points, self._shades)
            self._draw_axes(painter, self.points)
            self._draw_labels(painter)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_MARGIN + 8, 26, -12, -_MARGIN)

    def _draw_points(self, painter: QPainter, points: Floats, shades: Integers) -> None:
        low, high = points.min(axis=0), points.max(axis=0)
        place = 0.03 + 0.94 * (points - low) / np.where(high > low, high - low, 1.0)
        size = _BIG_DOT if len(points) <= _FEW else _DOT
        area = self._area()
        x = area.left() + place[:, 0] * area.width()
        y = area.bottom() - place[:, 1] * area.height()
        for shade in np.unique(shades):
            color = series_color(int(shade), self.palette())
            color.setAlphaF(0.75)
            pen = QPen(color, size)
            pen.setCapStyle(Qt.PenCapStyle.RoundCap)
            painter.setPen(pen)
            chosen = np.flatnonzero(shades == shade)
            dots = [QPointF(float(x[i]), float(y[i])) for i in chosen]
            painter.drawPoints(QPolygonF(dots))

    def _draw_axes(self, painter: QPainter, points: Floats) -> None:
        area, low, high = self._area(), points.min(axis=0), points.max(axis=0)
        painter.setPen(QColor(theme.of(self.palette()).muted))
        height = painter.fontMetrics().height()
        below = QRectF(area.left(), area.bottom() + 6, area.width(), height)
        align = Qt.AlignmentFlag
        painter.drawText(below, align.AlignLeft, number_text(float(low[0]), 3))
        painter.drawText(below, align.AlignRight, number_text(float(high[0]), 3))
        painter.drawText(below, align.AlignHCenter, self._axes[0])
        painter.save()
        painter.translate(area.left() - 10 - height, area.bottom())
        painter.rotate(-90)
        beside = QRectF(0, 0, area.height(), height)
        painter.drawText(beside, align.AlignLeft, number_text(float(low[1]), 3))
        painter.drawText(beside, align.AlignRight, number_text(float(high[1]), 3))
        if area.height() > _LOW:
            painter.drawText(beside, align.AlignHCenter, self._axes[1])
        painter.restore()

    def _draw_labels(self, painter: QPainter) -> None:
        x, baseline, metrics = self._area().left(), 17.0, painter.fontMetrics()
        for number, label in enumerate(self._labels[:_CLASSES]):
            painter.setPen(series_color(number, self.palette()))
            painter.drawText(QPointF(x, baseline), f"● {label}")
            x += metrics.horizontalAdvance(f"● {label}   ")


def _labels(column: Column) -> tuple[str, ...]:
    """Return what the colours of a column stand for; nothing if it has too many values."""
    if column.kind == "category":
        return column.categories or ()
    return tuple(number_text(float(value)) for value in _few_values(column))


def _codes(column: Column) -> Integers:
    """Return each row's colour number; only for columns with few values."""
    if column.kind == "category":
        return column.codes()
    found, values = _few_values(column), column.values[:, 0]
    return np.searchsorted(found, values).clip(0, len(found) - 1).astype(np.int64)


def _few_values(column: Column) -> Floats:
    """Return the values of a number column as far as its first rows show them, if they are few."""
    values = column.values[:_LOOKED_AT, 0] if column.width == 1 else np.empty(0)
    found = np.unique(values[np.isfinite(values)])
    return found if len(found) <= _CLASSES else np.empty(0)


def _refill(combo: QComboBox, names: list[str], default: list[str]) -> None:
    before = combo.currentText()
    if [combo.itemText(i) for i in range(combo.count())] == names:
        return
    combo.clear()
    combo.addItems(names)
    wanted = before if before in names else (default or names or [""])[0]
    combo.setCurrentText(wanted)
