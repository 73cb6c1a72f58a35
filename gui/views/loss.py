"""Loss over epochs, for each split; the learning rate below it if wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox

from engine.arrays.aliases import Array
from gui.look.theme import series_color
from gui.plots.curves_view import SPLITS, CurvesView
from gui.widgets.layouts import named

if TYPE_CHECKING:
    from engine.training.history import Curves
    from gui.plots.panel import Panel

_RATE = "learning rate"
_PENALTY = "penalty"
_TOTAL = "E"


class LossView(CurvesView):
    """Curves of the loss of each split; with penalties theirs, and E, which includes them."""

    title = "Loss"
    icon = "mdi6.chart-bell-curve-cumulative"
    rank = 10
    y_label = "loss"
    rate_panel: Panel

    def restart(self) -> None:
        """Forget the curves of another document."""
        super().restart()
        self._rates: Array = np.empty(0)
        self.has_penalty = False

    def collect(self, curves: Curves) -> dict[str, Array]:
        """Return the loss of each split."""
        self._rates = np.where(curves.epochs > 0, curves.rates, np.nan)  # no update before 1
        found: dict[str, Array] = {split: curves.loss(split) for split in SPLITS}
        penalty = curves.curve(_PENALTY)
        self.has_penalty = bool(np.nan_to_num(penalty).any())
        if self.has_penalty:
            found |= {_PENALTY: penalty, _TOTAL: curves.errors}
        return found

    def color(self, name: str) -> QColor:
        """Return the colour of a split, or of the learning rate."""
        return series_color((*SPLITS, _RATE, _PENALTY, _TOTAL).index(name), self.palette())

    def legend_name(self, name: str) -> str:
        """Say what E is made of."""
        if name == _TOTAL:
            return "E = train + penalty"
        return name if name != "train" or self.has_penalty else "E = train"

    def make_controls(self) -> None:
        """Add the logarithmic axis and the learning rate."""
        self.log = named(QCheckBox("log"), tip="Logarithmic loss axis")
        self.log.toggled.connect(self._set_log)
        self.controls.addWidget(self.log)
        super().make_controls()
        self.rate = named(QCheckBox(_RATE), tip="Show the learning rate below")
        self.rate.toggled.connect(self._show_rate)
        self.controls.addWidget(self.rate)

    def draw(self) -> None:
        """Draw the loss, and the rate if it is shown."""
        super().draw()
        if self.rate.isChecked() and len(self.epochs):
            rates = self._rates[: len(self.epochs)]
            self.rate_panel.draw(_RATE, self.epochs, rates, self.color(_RATE))

    def _set_log(self, log: bool) -> None:
        self.panel.set_log(log)
        self.draw()

    def _show_rate(self, shown: bool) -> None:
        if len(self.chart.panels) == 1:
            self.rate_panel = self.chart.add_panel("epoch", "rate")
            self.chart.recolor()
        self.chart.show_panel(1, shown)
        self.draw()
