"""|δ| by depth: where gradients vanish or explode."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel

from engine.analysis.depth import DepthLayer, Depths, dead_units, ratio
from gui.look import theme
from gui.plots.chart_export import ExportButton, PlottedSeries
from gui.plots.plot_view import PlotView
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from engine.interpreter.probe import Probe
    from engine.plan.plan import Plan
    from gui.plots.chart import Chart, Spot
    from gui.plots.panel import Panel

_Found: TypeAlias = "tuple[tuple[Plan, Depths] | None, list[DepthLayer], list[str]]"
_JOB = "depth"
_BAR = 0.7  # width, in steps of depth
_NAMES = 5  # names of nodes that are written out


class DepthView(PlotView):
    """A bar for each depth, on a logarithmic axis; a click selects the nodes of a bar."""

    title = "|δ| by depth"
    icon = "mdi6.chart-bar"
    rank = 40
    interval = 100
    empty = "As soon as the network has numbers, the mean |δ| of each depth appears here."
    chart: Chart
    panel: Panel

    def restart(self) -> None:
        """Forget the numbers of another document."""
        self._readings: Probe | None = None
        self._depths: tuple[Plan, Depths] | None = None
        self.layers: list[DepthLayer] = []
        self._dead: list[str] = []

    def build(self) -> None:
        """Make the chart."""
        import pyqtgraph as pg

        from gui.plots.chart import Chart

        self.chart = Chart()
        self.panel = self.chart.add_panel(
            "depth (inputs left, loss right; δ as on the canvas)", "mean |δ|"
        )
        self.panel.set_log(True)
        self.bars = pg.BarGraphItem(x=[], height=[], width=_BAR)
        self.panel.item.addItem(self.bars)
        self.verdict = QLabel(textFormat=Qt.TextFormat.RichText)
        export = ExportButton(lambda: self.chart, self._exported, self.session.notice.emit)
        self.controls.addWidget(self.verdict, 1)
        self.controls.addWidget(export)
        self.body.addWidget(self.chart, 1)
        self.chart.hovered.connect(self._on_hover)
        self.chart.clicked.connect(self._on_click)

    def refresh(self) -> bool:
        """Ask for the means if the readings are new; they come a moment later."""
        session, calculation = self.session, self.session.calculation
        readings, plan = session.readings, calculation.shown
        if readings is None or plan is None:
            session.background.drop(_JOB)
            if self.layers:
                self._take(None, (None, [], []))
        elif (
            readings is not self._readings
            and readings.version == calculation.version
            and _JOB not in session.background.busy
        ):
            work = partial(_by_depth, plan, self._depths, readings)
            take = partial(self._take, readings)
            session.background.run(_JOB, work, take, session.notice.emit)
        return bool(self.layers)

    def _take(self, readings: Probe | None, found: _Found) -> None:
        self._readings = readings
        if readings is None or readings.version == self.session.calculation.version:
            self._depths, self.layers, self._dead = found
            self._draw()
        self.update_now()

    def recolor(self) -> None:
        """Take on the colours of the theme."""
        self.chart.recolor()
        self._draw()

    def _draw(self) -> None:
        known = [layer for layer in self.layers if layer.mean > 0]
        heights = np.log10([layer.mean for layer in known]) if known else np.empty(0)
        floor = np.floor(heights.min()) - 0.3 if known else 0.0
        self.panel.count_steps(max((layer.depth for layer in known), default=0))
        color = QColor(theme.of(self.palette()).accent)
        self.bars.setOpts(
            x=np.array([layer.depth for layer in known]),
            y0=np.full(len(known), floor),
            height=heights - floor,
            width=_BAR,
            brush=color,
            pen=color,
        )
        self.verdict.setText(self._judge())

    def _judge(self) -> str:
        share = ratio(self.layers)
        parts = []
        if share is not None:
            word = "vanishes" if share < 0.1 else "explodes" if share > 10 else "holds"
            parts.append(f"δ at the inputs ÷ δ at the output = <b>{number_text(share, 3)}</b>")
            parts.append(f"it {word}")
        if self._dead:
            parts.append(f"dead units: {escape(_listed(self._dead))}")
        return " &nbsp; ".join(parts)

    def _layer_at(self, spot: Spot | None) -> DepthLayer | None:
        if spot is None:
            return None
        return next((layer for layer in self.layers if abs(layer.depth - spot.x) < 0.5), None)

    def _on_hover(self, spot: Spot | None) -> None:
        layer = self._layer_at(spot)
        if layer is None:
            self.verdict.setText(self._judge())
            return
        mean, largest = number_text(layer.mean), number_text(layer.largest)
        self.verdict.setText(
            f"depth {layer.depth}: mean |δ| = <b>{mean}</b>, largest {largest} &nbsp; "
            f"{escape(_listed(layer.nodes))}"
        )

    def _on_click(self, spot: Spot) -> None:
        layer = self._layer_at(spot)
        if layer is not None:
            self.session.select(layer.nodes)

    def _exported(self) -> PlottedSeries:
        depths = np.array([float(layer.depth) for layer in self.layers])
        return {
            "mean |δ|": (depths, np.array([layer.mean for layer in self.layers])),
            "largest |δ|": (depths, np.array([layer.largest for layer in self.layers])),
        }


def _by_depth(plan: Plan, known: tuple[Plan, Depths] | None, readings: Probe) -> _Found:
    """Find the means of each depth, and the dead units; what is known of a plan is kept."""
    of_plan = known if known is not None and known[0] is plan else (plan, Depths(plan))
    return of_plan, of_plan[1].layers(readings), dead_units(readings)


def _listed(names: list[str] | tuple[str, ...]) -> str:
    more = f" and {len(names) - _NAMES} more" if len(names) > _NAMES else ""
    return ", ".join(names[:_NAMES]) + more
