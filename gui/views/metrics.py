"""Accuracy or R² over epochs, for each split."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from engine.arrays.aliases import Array
from gui.look.theme import series_color
from gui.plots.curves_view import SPLITS, CurvesView, metric_name

if TYPE_CHECKING:
    from engine.training.history import Curves


class MetricsView(CurvesView):
    """Curves of the metrics that suit the losses."""

    title = "Metrics"
    icon = "mdi6.chart-line"
    rank = 30
    y_label = "accuracy, R²"
    empty = "While the network trains, accuracy (of classes) or R² (of numbers) appears here."

    def collect(self, curves: Curves) -> dict[str, Array]:
        """Return every metric of every split."""
        return {
            f"{split} {metric_name(name)}": curve
            for split in SPLITS
            for name, curve in curves.metrics(split).items()
        }

    def color(self, name: str) -> QColor:
        """Return the colour of the split that a curve belongs to."""
        return series_color(SPLITS.index(name.partition(" ")[0]), self.palette())
