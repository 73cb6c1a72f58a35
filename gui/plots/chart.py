"""Charts in the program's colours: panels above each other over one x axis (pyqtgraph).

One more may stand beside them, over their y axis.

Importing this module imports pyqtgraph, which takes longer than the window takes to appear; so
views import it where they are built.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QPalette, QResizeEvent

from gui.look import theme
from gui.plots.panel import AXIS_WIDTH, Panel
from gui.plots.stable_range import LogAxis, SteadyBox

_WIDE = 3.0  # times wider than high: panels stand beside each other
_LABELLED = 160  # px of height that leave room for the label of the x axis
_MAIN = 3  # times wider than what stands beside
_SIDE_AXIS = 12  # px of a left axis without numbers
_NAME_SHARE = 0.25  # of a chart's width that names of rows may take


@dataclass(frozen=True, slots=True)
class Spot:
    """Where the mouse is in a chart: panel number and coordinates in its axes (log undone).

    The panel beside the others has the number that follows theirs.
    """

    panel: int
    x: float
    y: float


class Chart(pg.GraphicsLayoutWidget):
    """Panels above each other; says where the mouse is, and what was clicked.

    In a chart that ``scrubs``, dragging goes through time rather than moving what is seen.
    """

    hovered = Signal(object)  # the `Spot` under the mouse, or None
    clicked = Signal(object)  # the `Spot` that was clicked with the left button
    scrubbed = Signal(float)  # x under the mouse that is dragged, if the chart ``scrubs``
    _ready = False

    def __init__(self, *, scrubs: bool = False) -> None:
        super().__init__()
        self._scrubs = scrubs
        self.panels: list[Panel] = []
        self.side: Panel | None = None
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
        if self._scrubs:
            box.scrub = self.scrubbed.emit
        panel = Panel(item, x_label, y_label)
        self.panels.append(panel)
        self._stretches.append(stretch)
        self._shown.append(len(self.panels) - 1)
        self._place()
        return panel

    def add_side(self, x_label: str) -> Panel:
        """Add axes beside the others, over the y axis of the first one; x is their own."""
        box = SteadyBox(enableMenu=False)
        item = pg.PlotItem(viewBox=box)
        item.setYLink(self.panels[0].item)
        self.side = Panel(item, x_label, "")
        self.side.set_axis_width(_SIDE_AXIS)
        item.getAxis("left").setStyle(showValues=False)
        self._place()
        return self.side

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

    def fit_axes(self) -> None:
        """Make the left axes of all panels as wide as the names of their rows, within reason."""
        wanted = max(panel.wanted_axis_width() for panel in self.panels)
        most = max(AXIS_WIDTH, int(_NAME_SHARE * self.width()))
        for panel in self.panels:
            panel.set_axis_width(min(wanted, most))

    def mark(self, x: float | None) -> None:
        """Draw the line of the moment that is shown into all panels; None takes it away."""
        for panel in self.panels:
            panel.mark(x)

    def settle(self) -> None:
        """Let ranges and axes follow the curves now, not while they are painted.

        A range that changes while a frame is painted leaves its axis to the next one.
        """
        for number in self._shown:
            self.panels[number].item.getViewBox().prepareForPaint()
        if self.side is not None:
            self.side.item.getViewBox().prepareForPaint()

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
        self._place_side()
        self.ci.setGeometry(self.range)  # adding items has shrunk it to what it prefers
        self._label()

    def _place_side(self) -> None:
        if self.side is None:
            return
        if self.side.item in self.ci.items:
            self.ci.removeItem(self.side.item)
        rows, column = (1, len(self._shown)) if self._beside else (max(len(self._shown), 1), 1)
        self.ci.addItem(self.side.item, row=0, col=column, rowspan=rows)
        self.ci.layout.setColumnStretchFactor(column, 1)
        if not self._beside:
            self.ci.layout.setColumnStretchFactor(0, _MAIN)

    def _label(self) -> None:
        """Name the x axis below the panels if there is room for that."""
        for number in self._shown:
            named = self._beside or number == self._shown[-1]
            axis = self.panels[number].item.getAxis("bottom")
            axis.showLabel(named and self.height() > _LABELLED)
        if self.side is not None:
            self.side.item.getAxis("bottom").showLabel(self.height() > _LABELLED)

    def _is_low(self) -> bool:
        return len(self._shown) > 1 and self.width() > _WIDE * self.height()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange the panels anew where the shape asks for it."""
        super().resizeEvent(event)
        if not self._ready:  # pyqtgraph resizes while it is being made
            return
        self.fit_axes()
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
        accent = QColor(theme.of(palette).accent)
        for panel in self._all:
            panel.recolor(palette.color(QPalette.ColorRole.Text), background, accent)
        self._label()

    def faint(self, color: QColor, share: float = 0.4) -> QColor:
        """Return a colour mixed into the background."""
        return theme.mixed(self.palette().color(QPalette.ColorRole.Base), color, share)

    def leaveEvent(self, event: QEvent) -> None:
        """Say that the mouse has gone."""
        super().leaveEvent(event)
        self.hovered.emit(None)

    @property
    def _all(self) -> list[Panel]:
        return self.panels if self.side is None else [*self.panels, self.side]

    def _spot(self, position: QPointF) -> Spot | None:
        for number, panel in enumerate(self._all):
            box = panel.item.getViewBox()
            is_shown = number in self._shown or panel is self.side
            if is_shown and box.sceneBoundingRect().contains(position):
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
            self._all[spot.panel].item.enableAutoRange()
        else:
            self.clicked.emit(spot)
