"""E over one number: its curve, the tangent that backpropagation finds, and a secant."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QLabel

from engine.analysis.grids.loss_slice import LossSlice, loss_slice
from gui.jobs.gil_yield import GilYield
from gui.look import theme
from gui.look.theme import series_color
from gui.plots.chart_export import ExportButton
from gui.plots.computed_view import ComputedView, Question
from gui.plots.number_chooser import NumberChooser, selected_parameters
from gui.plots.plot_view import Readout
from gui.widgets.layouts import named
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from gui.plots.chart import Chart
    from gui.plots.panel import Panel
    from gui.session.session import Session

WIDTHS = (0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 20.0)
"""How far a slice or a surface of E goes to both sides."""


class LossSliceView(ComputedView):
    """E as a curve over the chosen number, all others as they are; it follows the selection."""

    title = "Slice"
    icon = "mdi6.chart-bell-curve"
    rank = 50
    job = "loss slice"
    empty = "As soon as the network runs, E over one of its weights appears here."
    chart: Chart
    panel: Panel
    found: LossSlice | None

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        session.selection_changed.connect(self._on_selection)

    def build(self) -> None:
        """Make the chart, and what the number is chosen with."""
        import pyqtgraph as pg

        from gui.plots.chart import Chart

        self.chart = Chart()
        self.panel = self.chart.add_panel("w", "E")
        self.point = pg.ScatterPlotItem(size=9)
        self.panel.item.addItem(self.point)
        self.number = NumberChooser()
        self.reach = named(QComboBox(), "reach", "How far to both sides")
        for width in WIDTHS:
            self.reach.addItem(f"± {width:g}", width)
        self.reach.setCurrentIndex(WIDTHS.index(2.0))
        self.readout = Readout()
        for widget in (QLabel("E over"), self.number, self.reach):
            self.controls.addWidget(widget)
        self.controls.addStretch(1)
        export = ExportButton(lambda: self.chart, self.panel.curves, self.session.notice.emit)
        self.controls.addWidget(export)
        self.body.addWidget(self.chart, 1)
        self.body.addWidget(self.readout)
        self.reach.activated.connect(lambda _: self.update_now())
        self.number.changed.connect(self.update_now)
        self._on_selection()

    def _on_selection(self) -> None:
        """Take what is selected, if it has a weight or a bias."""
        plan = self.session.plan
        if not self.is_built or plan is None:
            return
        self.number.follow(self.session.document, plan)
        self.number.choose(selected_parameters(self.session))
        self.update_now()

    def question(self) -> Question | None:
        """Return plan, θ, rows, the number and how far to go."""
        session, probing = self.session, self.session.calculation.probing
        plan, theta, document = session.plan, session.theta, session.document
        if plan is None or theta is None or not plan.losses:
            return None
        self.number.follow(document, plan)
        number = self.number.number(document, plan)
        if number is None:
            return None
        subject = plan, theta, probing.columns, number.place, float(self.reach.currentData())
        return *subject, document.training, probing.m, number.name, probing.evaluated_text

    def answer(self, question: Question) -> Callable[[], Any]:
        """Compute E along the slice."""
        plan, theta, columns, place, reach, training, m, *_ = question
        return partial(loss_slice, plan, theta, columns, place, reach, training, m, GilYield())

    # -- drawing -----------------------------------------------------------------------------

    def recolor(self) -> None:
        """Take on the colours of the theme."""
        self.chart.recolor()
        if self._asked is not None and self.found is not None:
            self.draw(self._asked)

    def draw(self, question: Question) -> None:
        """Draw curve, tangent, secant and where the number is."""
        found, (*_, name, rows) = self.found, question
        if found is None:
            return
        curve, tangent, secant = (series_color(place, self.palette()) for place in range(3))
        self.panel.draw("E", found.values, found.errors, curve)
        ends = found.value + np.array([-1.0, 1.0]) * found.step * 2
        line = found.error + found.slope * (ends - found.value)
        self.panel.draw("tangent", ends, line, tangent)
        sides = found.value + np.array([-1.0, 1.0]) * found.step
        self.panel.draw("secant", sides, np.array([found.behind, found.ahead]), secant)
        ink = QColor(theme.of(self.palette()).text)
        self.point.setData([found.value], [found.error], brush=ink, pen=ink)
        self.chart.settle()
        step = number_text(found.step, 3)
        self.readout.setText(
            f"<b>{name}</b> = {number_text(found.value)} &nbsp; E = {number_text(found.error)}, "
            f"{rows} &nbsp; {_mark(tangent)} ∂E/∂w = <b>{number_text(found.slope)}</b> &nbsp; "
            f"{_mark(secant)} (E(w + ε) − E(w − ε)) ÷ 2ε = <b>{number_text(found.secant)}</b>, "
            f"ε = {step}"
        )


def _mark(color: QColor) -> str:
    return f"<span style='color:{color.name()}'>▬</span>"
