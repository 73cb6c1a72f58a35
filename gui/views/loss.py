"""Loss over epochs, for each split, with the run before as a faint comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QLabel, QSlider

from engine.analysis.curves import Array, smooth
from gui.chart_export import ExportButton, Shown
from gui.fields import number_text
from gui.series_colors import series_color
from gui.view import View

if TYPE_CHECKING:
    from engine.training.history import Curves
    from gui.chart import Chart, Panel, Spot

_SPLITS = ("train", "validation", "test")
_RATE = "learning rate"


class LossView(View):
    """Curves of the loss; the legend tells the numbers under the mouse, or the latest."""

    title = "Loss"
    icon = "mdi6.chart-bell-curve-cumulative"
    rank = 10
    chart: Chart
    panel: Panel
    rate_panel: Panel

    def restart(self) -> None:
        """Forget the curves of another document."""
        self._previous: tuple[Array, dict[str, Array]] | None = None
        self._epochs: Array = np.empty(0)
        self._rates: Array = np.empty(0)
        self._losses: dict[str, Array] = {}

    def build(self) -> None:
        """Make the chart and its controls."""
        from gui.chart import Chart

        self.restart()
        self.chart = Chart()
        self.panel = self.chart.add_panel("epoch", "loss", stretch=3)
        self.rate_panel = self.chart.add_panel("epoch", "rate")
        self.chart.show_panel(1, False)
        self._cursor = self.panel.add_cursor()
        self._make_controls()
        self.body.addWidget(self.chart, 1)
        self.chart.hovered.connect(self._on_hover)

    def _make_controls(self) -> None:
        self.legend = QLabel()
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.log = QCheckBox("log")
        self.log.setToolTip("Logarithmic loss axis")
        self.log.toggled.connect(self._set_log)
        self.smoothing = QSlider(Qt.Orientation.Horizontal)
        self.smoothing.setRange(0, 99)
        self.smoothing.setFixedWidth(80)
        self.smoothing.setToolTip("Smoothing of the curves (moving average)")
        self.smoothing.setAccessibleName("smoothing")
        self.smoothing.valueChanged.connect(self._redraw)
        self.compare = QCheckBox("previous run")
        self.compare.setChecked(True)
        self.compare.setToolTip("Show the run before as faint curves")
        self.compare.toggled.connect(self._redraw)
        self.rate = QCheckBox(_RATE)
        self.rate.setToolTip("Show the learning rate below")
        self.rate.toggled.connect(self._show_rate)
        self.export = ExportButton(lambda: self.chart, self._curves, self.session.notice.emit)
        self.controls.addWidget(self.legend, 1)
        smooth = QLabel("smooth")
        for widget in (self.log, smooth, self.smoothing, self.compare, self.rate, self.export):
            self.controls.addWidget(widget)

    # -- drawing -----------------------------------------------------------------------------

    def refresh(self) -> bool:
        """Draw the curves if the run has gone on."""
        if self.has_news():
            history = self.session.run.history
            self._take(history.snapshot() if history else None)
            self._draw_all()
        return bool(len(self._epochs)) or self._previous is not None

    def recolor(self) -> None:
        """Take on the colours of the theme."""
        self.chart.recolor()
        self._draw_all()

    def _take(self, curves: Curves | None) -> None:
        epochs: Array = np.empty(0) if curves is None else curves.epochs.astype(np.float64)
        if len(self._epochs) > 1 and (not len(epochs) or epochs[-1] < self._epochs[-1]):
            self._previous = self._epochs, self._losses
        self._epochs = epochs
        losses = {split: curves.loss(split).copy() for split in _SPLITS} if curves else {}
        self._losses = {split: loss for split, loss in losses.items() if np.isfinite(loss).any()}
        self._rates = curves.rates.copy() if curves else epochs

    def _redraw(self, *_: object) -> None:
        self._draw_all()

    def _draw_all(self) -> bool:
        names = set()
        if self._previous is not None and self.compare.isChecked():
            epochs, losses = self._previous
            for split, loss in losses.items():
                faint = self.chart.faint(self._color(split), 0.45)
                self.panel.draw(f"{split} (previous run)", epochs, self._smoothed(loss), faint)
                names.add(f"{split} (previous run)")
        for split, loss in self._losses.items():
            self.panel.draw(split, self._epochs, self._smoothed(loss), self._color(split))
            names.add(split)
        self.panel.keep(names)
        if self.rate.isChecked() and len(self._epochs):
            self.rate_panel.draw(_RATE, self._epochs, self._rates, self._color("rate"))
        self._tell(-1)
        return True

    def _smoothed(self, loss: Array) -> Array:
        return smooth(loss, (self.smoothing.value() / 100) ** 0.5)

    def _color(self, name: str) -> QColor:
        return series_color(("train", "validation", "test", "rate").index(name), self.palette())

    def _curves(self) -> Shown:
        return self.panel.curves() | self.rate_panel.curves()

    # -- controls ----------------------------------------------------------------------------

    def _set_log(self, log: bool) -> None:
        self.panel.set_log(log)
        self._draw_all()

    def _show_rate(self, shown: bool) -> None:
        self.chart.show_panel(1, shown)
        self._draw_all()

    def _on_hover(self, spot: Spot | None) -> None:
        if spot is None or not len(self._epochs):
            self._cursor.hide()
            self._tell(-1)
            return
        index = int(np.argmin(np.abs(self._epochs - spot.x)))
        self._cursor.setPos(float(self._epochs[index]))
        self._cursor.show()
        self._tell(index)

    def _tell(self, index: int) -> None:
        """Write the legend with the numbers at a point of the curves."""
        if not len(self._epochs):
            self.legend.clear()
            return
        parts = [f"epoch {self._epochs[index]:.0f}"]
        for split, loss in self._losses.items():
            color = self._color(split).name()
            number = number_text(float(loss[index]))
            parts.append(f"<span style='color:{color}'>▬</span> {split} <b>{number}</b>")
        self.legend.setText(" &nbsp; ".join(parts))
