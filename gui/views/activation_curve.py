"""The curve of the selected unit's activation, its slope, and where the rows are on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QColor

from engine.analysis.grids.activation_curve import ActivationCurve, activation_curve, activation_of
from gui.jobs.gil_yield import GilYield
from gui.look import theme
from gui.look.theme import series_color
from gui.plots.chart_export import ExportButton
from gui.plots.computed_view import ComputedView, Question
from gui.plots.parameter_names import node_name
from gui.plots.plot_view import Readout
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from gui.plots.chart import Chart
    from gui.plots.panel import Panel
    from gui.session.session import Session

_TANGENT = 1.5  # length of the tangent to each side


class ActivationCurveView(ComputedView):
    """f(s) and f′(s) of the selected unit; a dot for each row, for one row its tangent too."""

    title = "f(s)"
    icon = "mdi6.sigma-lower"
    rank = 55
    job = "activation curve"
    empty = "Select a unit: the curve of its activation appears here, with its s on it."
    chart: Chart
    panel: Panel
    found: ActivationCurve | None

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        session.selection_changed.connect(self.update_now)

    def build(self) -> None:
        """Make the chart."""
        import pyqtgraph as pg

        from gui.plots.chart import Chart

        self.chart = Chart()
        self.panel = self.chart.add_panel("s", "z = f(s)")
        self.points = pg.ScatterPlotItem(size=8)
        self.panel.item.addItem(self.points)
        self.readout = Readout()
        self.controls.addWidget(self.readout, 1)
        export = ExportButton(lambda: self.chart, self.panel.curves, self.session.notice.emit)
        self.controls.addWidget(export)
        self.body.addWidget(self.chart, 1)

    def question(self) -> Question | None:
        """Return plan, θ, rows and the unit."""
        session, probing = self.session, self.session.calculation.probing
        plan, theta = session.calculation.shown, session.theta
        if plan is None or theta is None:
            return None
        for node in sorted(session.selection.nodes):
            activation = activation_of(session.document, node)
            if activation is not None and node in plan.outputs:
                kind, params = activation
                declared = tuple(params.items())  # compared by value, unlike a mapping
                return plan, theta, probing.columns, node, kind, declared, probing.evaluated_text
        return None

    def answer(self, question: Question) -> Callable[[], Any]:
        """Compute the curve."""
        plan, theta, columns, node, kind, params, _ = question
        activation = kind, dict(params)
        return partial(activation_curve, plan, theta, columns, node, activation, GilYield())

    def recolor(self) -> None:
        """Take on the colours of the theme."""
        self.chart.recolor()
        if self._asked is not None and self.found is not None:
            self.draw(self._asked)

    def draw(self, question: Question) -> None:
        """Draw both curves and the rows on them."""
        found, node, kind, rows = self.found, question[3], question[4], question[-1]
        if found is None:
            return
        curve, slope, tangent = (series_color(place, self.palette()) for place in range(3))
        self.panel.draw("f(s)", found.s, found.f, curve)
        self.panel.draw("f′(s)", found.s, found.slope, slope)
        ink = QColor(theme.of(self.palette()).text)
        self.points.setData(found.at, found.at_f, brush=ink, pen=ink)
        name = node_name(self.session.document, node)
        marks = f"{_mark(curve)} f = {kind} &nbsp; {_mark(slope)} f′ &nbsp; <b>{name}</b>, {rows}"
        if len(found.at) == 1:
            (s,), (z,), (steep,) = found.at, found.at_f, found.at_slope
            ends = s + np.array([-_TANGENT, _TANGENT])
            self.panel.draw("tangent", ends, z + steep * (ends - s), tangent)
            text = f"s = {number_text(s)}, f(s) = {number_text(z)}, f′(s) = {number_text(steep)}"
        else:
            self.panel.keep({"f(s)", "f′(s)"})
            low, high = found.at_slope.min(), found.at_slope.max()
            text = f"{len(found.at):,} s; f′(s) from {number_text(low)} to {number_text(high)}"
        self.chart.settle()
        self.readout.setText(f"{marks}: {text}")


def _mark(color: QColor) -> str:
    return f"<span style='color:{color.name()}'>▬</span>"
