"""A view of curves over epochs, with the run before as a faint comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QLabel, QSlider

from engine.analysis.curves import smooth
from engine.arrays.aliases import Array
from gui.look.theme import series_color
from gui.plots.chart_export import ExportButton, PlottedSeries
from gui.plots.time_view import TimeView
from gui.widgets.layouts import named
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from engine.training.history import Curves, History
    from gui.plots.chart import Spot
    from gui.plots.panel import Panel

SPLITS = ("train", "validation", "test")
_METRICS = {"r_squared": "R²"}


def metric_name(metric: str) -> str:
    """Return what a metric is called on the screen."""
    return _METRICS.get(metric, metric)


class CurvesView(TimeView):
    """Base of views with curves; the legend tells the numbers of the moment, or under the mouse.

    Subclasses say what the y axis is called, which curves there are, and their colours.
    """

    y_label = ""
    panel: Panel

    def collect(self, curves: Curves) -> dict[str, Array]:
        """Return the curves of a run by name, each (T,)."""
        raise NotImplementedError

    def color(self, name: str) -> QColor:
        """Return the colour of a curve."""
        return series_color(SPLITS.index(name), self.palette())

    def legend_name(self, name: str) -> str:
        """Return what the readout calls a curve."""
        return name

    # -- building ----------------------------------------------------------------------------

    def restart(self) -> None:
        """Forget the curves of another document."""
        self.previous: tuple[Array, dict[str, Array]] | None = None
        self.epochs = np.empty(0)
        self.series: dict[str, Array] = {}
        self._history: History | None = None
        self._before: History | None = None  # whose curves the previous ones are

    def build(self) -> None:
        """Make the chart and its controls."""
        from gui.plots.chart import Chart

        chart = Chart(scrubs=True)
        self.panel = chart.add_panel("epoch", self.y_label, stretch=3)
        self._cursor = self.panel.add_cursor()
        self.body.addWidget(chart, 1)
        self.add_film(chart)
        self.legend = self.film.readout
        self.controls.addStretch(1)
        self.make_controls()
        self.export = ExportButton(lambda: self.chart, self._exported, self.session.notice.emit)
        self.controls.addWidget(self.export)
        self.chart.hovered.connect(self._on_hover)

    def make_controls(self) -> None:
        """Add smoothing and comparison to the controls; subclasses may add more."""
        tip = "Smoothing of the curves (moving average)"
        self.smoothing = named(QSlider(Qt.Orientation.Horizontal), "smoothing", tip)
        self.smoothing.setRange(0, 99)
        self.smoothing.setFixedWidth(80)
        self.smoothing.valueChanged.connect(lambda _: self.draw())
        self.compare = named(QCheckBox("previous run"), tip="Show the run before as faint curves")
        self.compare.setChecked(True)
        self.compare.toggled.connect(lambda _: self.draw())
        for widget in (QLabel("smooth"), self.smoothing, self.compare):
            self.controls.addWidget(widget)

    # -- drawing -----------------------------------------------------------------------------

    def refresh(self) -> bool:
        """Draw the curves if the run has gone on."""
        if self.has_news():
            self.chart.hold_steady(self.session.run.running)
            self.take(self.session.run.history)
            self.draw()
            self.mark_moment()
        return bool(self.series) or self.previous is not None

    def recolor(self) -> None:
        """Take on the colours of the theme."""
        self.chart.recolor()
        self.draw()

    def take(self, history: History | None) -> None:
        """Keep a snapshot of the run; if it is another one, the last one becomes previous.

        A run that branches off at a frame of the film has a history of its own.
        """
        curves = history.snapshot() if history else None
        if history is not self._history and len(self.epochs) > 1:
            self.previous = (self.epochs, self.series) if self.series else None
            self._before = self._history
        if history is not None and history is self._before:  # undo has brought it back
            self.previous = self._before = None
        self._history = history
        known = self.published(curves.epochs) if curves else 0
        self.epochs = curves.epochs[:known].astype(np.float64) if curves else np.empty(0)
        found = self.collect(curves) if curves else {}
        self.series = {
            name: curve[:known].copy()
            for name, curve in found.items()
            if np.isfinite(curve[:known]).any()
        }

    def draw(self) -> None:
        """Draw everything anew."""
        names = set()
        if self.previous is not None and self.compare.isChecked():
            epochs, series = self.previous
            for name, curve in series.items():
                faint = self.chart.faint(self.color(name), 0.45)
                self.panel.draw(f"{name} (previous run)", epochs, self._smoothed(curve), faint)
                names.add(f"{name} (previous run)")
        for name, curve in self.series.items():
            shown, color = name, self.color(name)
            if self.is_old:
                shown, color = f"{name} (before the edit)", self.chart.faint(color, 0.45)
            self.panel.draw(shown, self.epochs, self._smoothed(curve), color)
            names.add(shown)
        self.panel.keep(names)
        self._tell()

    def _smoothed(self, curve: Array) -> Array:
        return smooth(curve, (self.smoothing.value() / 100) ** 0.5)

    def _exported(self) -> PlottedSeries:
        curves: dict[str, tuple[Array, Array]] = {}
        for panel in self.chart.panels:
            curves |= panel.curves()
        return curves

    # -- mouse -------------------------------------------------------------------------------

    def _on_hover(self, spot: Spot | None) -> None:
        if spot is None or not len(self.epochs):
            self._cursor.hide()
            self._tell()
            return
        index = int(np.argmin(np.abs(self.epochs - spot.x)))
        self._cursor.setPos(float(self.epochs[index]))
        self._cursor.show()
        self._tell(index)

    def _tell(self, index: int | None = None) -> None:
        """Write the legend with the numbers of a point of the curves; of the moment by default."""
        if not len(self.epochs):
            self.legend.clear()
            return
        parts = [] if index is None else [f"at epoch {self.epochs[index]:.0f}"]
        parts += [self.caveat] if self.caveat else []
        index = self.moment_index() if index is None else index
        for name, curve in self.series.items():
            color, number = self.color(name).name(), number_text(float(curve[index]))
            title = self.legend_name(name)
            parts.append(f"<span style='color:{color}'>▬</span> {title} <b>{number}</b>")
        self.legend.setText(" &nbsp; ".join(parts))
