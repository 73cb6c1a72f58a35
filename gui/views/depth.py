"""|δ| by depth: where gradients vanish or explode."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QLabel

from engine.analysis.depth import DepthLayer, DepthReport, Depths, report
from gui.jobs.gil_yield import GilYield
from gui.look import theme
from gui.plots.chart_export import ExportButton, PlottedSeries
from gui.plots.parameter_names import node_name
from gui.plots.plot_view import PlotView
from gui.plots.words import depth_words
from gui.widgets.layouts import named
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.arrays.aliases import Array
    from engine.plan.plan import Plan
    from gui.plots.chart import Chart, Spot
    from gui.plots.panel import Panel

_BAR = 0.7  # width of the bars of one depth, in steps of depth


@dataclass(frozen=True, slots=True, eq=False)
class _Subject:
    """What the bars are of."""

    plan: Plan
    theta: Array
    columns: Mapping[str, Array]
    rows: str
    shortest: bool


class DepthView(PlotView):
    """A bar for each depth, on a logarithmic axis; a click selects the nodes of a bar.

    Each bar is the mean over the rows of |δ|, of the row or the rows that the canvas shows; nets
    that share nothing but data have bars of their own. The calculation runs in the background.
    """

    title = "|δ| by depth"
    icon = "mdi6.chart-bar"
    rank = 40
    job = "depth"
    empty = "As soon as the network has numbers, the mean |δ| of each depth appears here."
    chart: Chart
    panel: Panel

    def restart(self) -> None:
        """Forget the numbers of another document."""
        self._asked: _Subject | None = None
        self._found: DepthReport | None = None
        self.layers: list[DepthLayer] = []
        self._rows = ""  # what the numbers are of
        self._stop: int | None = None  # of the cursor inside an update

    def build(self) -> None:
        """Make the chart."""
        from gui.plots.chart import Chart

        self.chart = Chart()
        self.panel = self.chart.add_panel("depth (inputs left, losses right)", "mean |δ|")
        self.panel.set_log(True)
        self._bars: list[Any] = []
        self.verdict = QLabel(textFormat=Qt.TextFormat.RichText, wordWrap=True)
        self.product = QLabel(textFormat=Qt.TextFormat.RichText, wordWrap=True)
        export = ExportButton(lambda: self.chart, self._exported, self.session.notice.emit)
        tip = "How deep a node is: edges of the longest, or of the shortest, path from the inputs"
        self.by = named(QComboBox(), "depth by", tip)
        self.by.addItems(["longest path", "shortest path"])
        self.by.activated.connect(lambda _: self.update_now())
        self.controls.addWidget(self.verdict, 1)
        self.controls.addWidget(self.by)
        self.controls.addWidget(export)
        self.body.addWidget(self.chart, 1)
        self.body.addWidget(self.product)
        self.chart.hovered.connect(self._on_hover)
        self.chart.clicked.connect(self._on_click)

    # -- calculating -------------------------------------------------------------------------

    def refresh(self) -> bool:
        """Ask for the means if the numbers are new; they come a moment later."""
        session, subject = self.session, self._subject()
        if subject is None:
            session.background.drop(self.job)
            self._asked = self._found = None
            self.layers = []
        elif self._is_new(subject) and self.job not in session.background.busy:
            self._asked = subject
            known, shortest = self._found, subject.shortest
            same = known and known.plan is subject.plan and known.depths.shortest == shortest
            depths = known.depths if known and same else None
            asked = subject.plan, subject.theta, subject.columns
            work = partial(_report, *asked, depths, shortest=shortest)
            take = partial(self._take, subject.rows)
            session.background.run(self.job, work, take, session.notice.emit)
        if self._found is not None and self.session.stepper.stop != self._stop:
            self._draw()
        return bool(self.layers)

    def _subject(self) -> _Subject | None:
        calculation = self.session.calculation
        plan, theta, probing = calculation.shown, calculation.theta, calculation.probing
        if plan is None or theta is None or self.session.readings is None:
            return None
        return _Subject(
            plan, theta, probing.columns, probing.evaluated_text, self.by.currentIndex() == 1
        )

    def _is_new(self, now: _Subject) -> bool:
        before = self._asked
        return before is None or not (
            before.plan is now.plan and before.theta is now.theta and before.columns is now.columns
        )

    def _take(self, rows: str, found: DepthReport) -> None:
        now = self._subject()
        if now is None or now.plan is not found.plan or not self.is_built:
            self._asked = None
        else:
            self._found, self.layers, self._rows = found, found.layers, rows
            self._draw()
            self.show_content(shown=bool(self.layers))
        if not self.session.run.running:  # else the next tick asks
            self.update_now()

    def hideEvent(self, event: object) -> None:
        """Ask for nothing that is not seen."""
        self.session.background.drop(self.job)
        if self.is_built:
            self._asked = None
        super().hideEvent(event)  # type: ignore[arg-type]  # Qt passes its own event

    # -- drawing -----------------------------------------------------------------------------

    def recolor(self) -> None:
        """Take on the colours of the theme."""
        self.chart.recolor()
        self._draw()

    def _draw(self) -> None:
        import pyqtgraph as pg

        for bars in self._bars:
            self.panel.item.removeItem(bars)
        self._bars = []
        self._stop = self.session.stepper.stop
        known = [layer for layer in self.layers if layer.mean > 0 and self._is_known(layer)]
        floor = np.floor(min((np.log10(layer.mean) for layer in known), default=0.3)) - 0.3
        self.panel.count_steps(max((layer.depth for layer in known), default=0))
        width = self._width()
        for branch in sorted({layer.branch for layer in known}):
            mine = [layer for layer in known if layer.branch == branch]
            heights = np.log10([layer.mean for layer in mine]) - floor
            places = np.array([self._place(layer) for layer in mine])
            color = self._color(branch)
            options = {"y0": np.full(len(mine), floor), "brush": color, "pen": color}
            bars = pg.BarGraphItem(x=places, height=heights, width=0.94 * width, **options)
            self.panel.item.addItem(bars)
            self._bars.append(bars)
        self.verdict.setText(self._judge())
        found = self._found
        whole = found is not None and all(self._is_known(layer) for layer in found.layers)
        text = depth_words.products(found, self.label) if found is not None and whole else ""
        self.product.setText(text)
        self.product.setVisible(bool(self.product.text()))

    def _is_known(self, layer: DepthLayer) -> bool:
        """Tell whether the cursor inside an update has come to all of a layer's δ."""
        letter = "delta" if self._found and self._found.depths.has_units else "gradient"
        return all(self.session.stepper.knows(f"{letter}:{node}") for node in layer.nodes)

    def _width(self) -> float:
        return _BAR / max(self._found.depths.branches if self._found else 1, 1)

    def _place(self, layer: DepthLayer) -> float:
        """Return where the middle of a bar is."""
        width = self._width()
        return layer.depth - _BAR / 2 + (layer.branch + 0.5) * width

    def _color(self, branch: int) -> QColor:
        if self._found is None or self._found.depths.branches == 1:
            return QColor(theme.of(self.palette()).accent)
        return theme.series_color(branch, self.palette())

    # -- words -------------------------------------------------------------------------------

    def _judge(self) -> str:
        found = self._found
        if found is None or not found.layers:
            return ""
        parts = [f"|{depth_words.letter(found)}|, {self._rows}"]
        if not all(self._is_known(layer) for layer in found.layers):
            return f"{parts[0]}; what is not yet known at the cursor is left out"
        for branch in range(found.depths.branches):
            text = depth_words.judgement(found, branch, self.label)
            if text and found.depths.branches > 1:
                text = f"<span style='color:{self._color(branch).name()}'>▬</span> {text}"
            parts.append(text)
        parts.append(depth_words.silent_units(found, self.label))
        return " &nbsp; ".join(filter(None, parts))

    def label(self, node: str) -> str:
        """Return what a node is called on the canvas."""
        return node_name(self.session.document, node)

    # -- mouse -------------------------------------------------------------------------------

    def _layer_at(self, spot: Spot | None) -> DepthLayer | None:
        if spot is None:
            return None
        near = [one for one in self.layers if abs(one.depth - spot.x) < 0.5 and self._is_known(one)]
        return min(near, key=lambda layer: abs(self._place(layer) - spot.x), default=None)

    def _on_hover(self, spot: Spot | None) -> None:
        layer = self._layer_at(spot)
        if layer is None:
            self.verdict.setText(self._judge())
            return
        mean, largest = number_text(layer.mean), number_text(layer.largest)
        letter = depth_words.letter(self._found) if self._found else "δ"
        names = depth_words.listed([self.label(node) for node in layer.nodes])
        self.verdict.setText(
            f"depth {layer.depth}: mean |{letter}| = <b>{mean}</b>, largest {largest} &nbsp; "
            f"{names} &nbsp; {self._rows}"
        )

    def _on_click(self, spot: Spot) -> None:
        layer = self._layer_at(spot)
        if layer is not None:
            self.session.select(layer.nodes)

    def _exported(self) -> PlottedSeries:
        if self._found is None:
            return {}
        curves: dict[str, tuple[Array, Array]] = {}
        several, letter = self._found.depths.branches > 1, depth_words.letter(self._found)
        for branch in range(self._found.depths.branches):
            layers = self._found.of(branch)
            of = f", branch {branch + 1}" if several else ""
            depths = np.array([float(layer.depth) for layer in layers])
            curves[f"mean |{letter}|{of}"] = depths, np.array([layer.mean for layer in layers])
            largest = np.array([layer.largest for layer in layers])
            curves[f"largest |{letter}|{of}"] = depths, largest
        return curves


def _report(
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    known: Depths | None,
    *,
    shortest: bool,
) -> DepthReport:
    """Measure in the background; the depths of a plan are found once."""
    depths = known or Depths(plan, shortest=shortest)
    return report(plan, theta, columns, depths, GilYield())
