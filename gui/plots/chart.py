"""Charts in the program's colours: panels above each other over one x axis (pyqtgraph).

Importing this module imports pyqtgraph, which takes longer than the window takes to appear; so
views import it where they are built.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPalette, QPen, QResizeEvent
from PySide6.QtWidgets import QGraphicsItem

from engine.analysis.curves import thin
from engine.arrays.aliases import Array
from gui.look.theme import mixed
from gui.plots.stable_range import LogAxis, SteadyBox

_GRID = 0.12
_MARGIN = 0.03
_STEPS = 16  # whole numbers written at an x axis, at most
_WIDE = 3.0  # times wider than high: panels stand beside each other
_LABELLED = 160  # px of height that leave room for the label of the x axis
_AXIS_WIDTH = 84  # px, equal for all panels: their x axes stay aligned as numbers grow
_LABEL_WIDTH = 26  # px of it for the axis' own label


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the mouse is in a chart: panel number and coordinates in its axes (log undone)."""

    panel: int
    x: float
    y: float


class Panel:
    """One set of axes of a chart, and its curves by name."""

    def __init__(self, item: Any, x_label: str, y_label: str) -> None:
        self.item = item
        self.log = False
        self._curves: dict[str, Any] = {}
        self._data: dict[str, tuple[Array, Array]] = {}
        self._row_names: list[str] | None = None
        self._labels = {"bottom": x_label, "left": y_label}
        item.hideButtons()
        item.showGrid(x=True, y=True, alpha=_GRID)
        item.getAxis("left").setWidth(_AXIS_WIDTH)
        for side in ("left", "bottom"):
            item.getAxis(side).enableAutoSIPrefix(False)
            item.getAxis(side).setStyle(maxTickLevel=0)  # each grid line costs time
            item.getAxis(side).setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        item.getViewBox().setDefaultPadding(_MARGIN)
        item.getViewBox().sigResized.connect(self._fit_names)

    def draw(self, name: str, x: Array, y: Array, color: QColor) -> None:
        """Show a curve under a name, thinned to the pixels there are."""
        curve = self._curves.get(name)
        if curve is None:
            curve = self._curves[name] = pg.PlotCurveItem(connect="finite", antialias=True)
            self.item.addItem(curve)
        self._data[name] = x, y
        curve.setPen(thin_pen(color))
        x, y = thin(x, self._scaled(y), max(int(self.item.getViewBox().width()), 64))
        curve.setData(x, y)

    def keep(self, names: set[str]) -> None:
        """Take away every curve that is not named."""
        for name in self._curves.keys() - names:
            self.item.removeItem(self._curves.pop(name))
            del self._data[name]

    def show_grid(self, shown: bool) -> None:
        """Draw grid lines or leave them out."""
        self.item.showGrid(x=shown, y=shown, alpha=_GRID)

    def name_rows(self, names: list[str]) -> None:
        """Write names instead of numbers at the y axis: row i lies between i and i + 1.

        Where there is no room for all of them, only every second (third, …) is written.
        """
        self._row_names = names
        self._fit_names()

    def _fit_names(self) -> None:
        names = self._row_names
        if names is None:
            return
        axis = self.item.getAxis("left")
        metrics = QFontMetrics(axis.font())
        lines = max(self.item.getViewBox().height() / metrics.height(), 1.0)
        step = math.ceil(len(names) / lines)
        room = _AXIS_WIDTH - _LABEL_WIDTH
        shown = range(0, len(names), step)
        middle = Qt.TextElideMode.ElideMiddle
        ticks = [(row + 0.5, metrics.elidedText(names[row], middle, room)) for row in shown]
        axis.setTicks([ticks])

    def count_steps(self, last: int) -> None:
        """Write whole numbers from 0 to ``last`` at the x axis, as many as there is room for."""
        step = max(1, -(-last // _STEPS))
        ticks = [(place, str(place)) for place in range(0, last + 1, step)]
        self.item.getAxis("bottom").setTicks([ticks])

    def set_log(self, log: bool) -> None:
        """Choose a logarithmic or a linear y axis; the caller draws the curves again."""
        self.log = log
        self.item.getAxis("left").setLogMode(x=False, y=log)
        self.item.enableAutoRange()

    def add_cursor(self) -> Any:
        """Add a hidden upright line, to be moved with ``setPos`` and shown."""
        cursor = pg.InfiniteLine(angle=90, movable=False, pen=thin_pen(QColor(128, 128, 128)))
        cursor.hide()
        self.item.addItem(cursor, ignoreBounds=True)
        return cursor

    def curves(self) -> dict[str, tuple[Array, Array]]:
        """Return what is shown, not thinned and not logarithmic: name to (x, y)."""
        return dict(self._data)

    def recolor(self, text: QColor, background: QColor) -> None:
        """Take on a text and a background colour."""
        for side in ("left", "bottom"):
            axis = self.item.getAxis(side)
            axis.setPen(thin_pen(mixed(text, background, 0.55)))
            axis.setTextPen(thin_pen(text))
            axis.setLabel(self._labels[side], **{"color": text.name(), "font-size": "9pt"})

    def _scaled(self, y: Array) -> Array:
        if not self.log:
            return y
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(y > 0, np.log10(y), np.nan)


class Chart(pg.GraphicsLayoutWidget):
    """Panels above each other; says where the mouse is, and what was clicked."""

    hovered = Signal(object)  # the `Spot` under the mouse, or None
    clicked = Signal(object)  # the `Spot` that was clicked with the left button
    _ready = False

    def __init__(self) -> None:
        super().__init__()
        self.panels: list[Panel] = []
        self._stretches: list[int] = []
        self._shown: list[int] = []
        self._beside = False
        self.ci.setContentsMargins(0, 4, 8, 0)
        self.ci.setSpacing(2)
        self._ready = True
        self.setFrameShape(self.Shape.NoFrame)
        self.setMinimumHeight(90)
        self.scene().sigMouseMoved.connect(self._on_moved)
        self.scene().sigMouseClicked.connect(self._on_clicked)

    def add_panel(self, x_label: str, y_label: str, stretch: int = 1) -> Panel:
        """Add axes below the others, or beside them in a low chart, sharing their x axis."""
        box = SteadyBox(enableMenu=False)
        item = pg.PlotItem(viewBox=box, axisItems={"left": LogAxis("left")})
        if self.panels:
            item.setXLink(self.panels[0].item)
        panel = Panel(item, x_label, y_label)
        self.panels.append(panel)
        self._stretches.append(stretch)
        self._shown.append(len(self.panels) - 1)
        self._place()
        return panel

    def show_panel(self, number: int, shown: bool) -> None:
        """Show a panel, or leave its room to the others."""
        wanted = set(self._shown) - {number} | ({number} if shown else set())
        self._shown = sorted(wanted)
        self._place()

    def hold_steady(self, steady: bool) -> None:
        """Let the axes follow the curves in steps, for as long as they grow, or exactly."""
        for panel in self.panels:
            box = panel.item.getViewBox()
            if box.steady != steady:
                box.steady = steady
                box.updateAutoRange()

    def _place(self) -> None:
        """Put the shown panels above each other, or beside each other if there is no height."""
        self._beside = self._is_low()
        layout = self.ci.layout
        for place, panel in enumerate(self.panels):
            if panel.item in self.ci.items:
                self.ci.removeItem(panel.item)
            layout.setRowStretchFactor(place, 0)
            layout.setColumnStretchFactor(place, 0)
        for place, number in enumerate(self._shown):
            row, column = (0, place) if self._beside else (place, 0)
            self.ci.addItem(self.panels[number].item, row=row, col=column)
            stretch = self._stretches[number]
            layout.setColumnStretchFactor(column, stretch if self._beside else 1)
            layout.setRowStretchFactor(row, 1 if self._beside else stretch)
        self.ci.setGeometry(self.range)  # adding items has shrunk it to what it prefers
        self._label()

    def _label(self) -> None:
        """Name the x axis below the panels if there is room for that."""
        for number in self._shown:
            named = self._beside or number == self._shown[-1]
            axis = self.panels[number].item.getAxis("bottom")
            axis.showLabel(named and self.height() > _LABELLED)

    def _is_low(self) -> bool:
        return len(self._shown) > 1 and self.width() > _WIDE * self.height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the panels anew where the shape asks for it."""
        super().resizeEvent(event)
        if not self._ready:  # pyqtgraph resizes while it is being made
            return
        if self._is_low() != self._beside:
            self._place()
        else:
            self._label()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._ready:
            self.recolor()

    def recolor(self) -> None:
        """Take on the colours of the palette."""
        palette = self.palette()
        background = palette.color(QPalette.ColorRole.Base)
        self.setBackground(background)
        for panel in self.panels:
            panel.recolor(palette.color(QPalette.ColorRole.Text), background)
        self._label()

    def faint(self, color: QColor, share: float = 0.4) -> QColor:
        """Return a colour mixed into the background."""
        return mixed(self.palette().color(QPalette.ColorRole.Base), color, share)

    def leaveEvent(self, event: QEvent) -> None:
        """Say that the mouse has gone."""
        super().leaveEvent(event)
        self.hovered.emit(None)

    def _spot(self, position: QPointF) -> Spot | None:
        for number, panel in enumerate(self.panels):
            box = panel.item.getViewBox()
            if number in self._shown and box.sceneBoundingRect().contains(position):
                point = box.mapSceneToView(position)
                y = 10.0 ** point.y() if panel.log else point.y()
                return Spot(number, point.x(), y)
        return None

    def _on_moved(self, position: QPointF) -> None:
        self.hovered.emit(self._spot(position))

    def _on_clicked(self, event: Any) -> None:
        spot = self._spot(event.scenePos())
        if spot is None or event.button() != Qt.MouseButton.LeftButton:
            return
        if event.double():
            self.panels[spot.panel].item.enableAutoRange()
        else:
            self.clicked.emit(spot)


def thin_pen(color: QColor) -> QPen:
    """Return a pen one pixel wide; wider ones are drawn several times more slowly."""
    pen = QPen(color, 1)
    pen.setCosmetic(True)
    return pen
