"""E over two numbers: a map, with the path that training took."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QLabel

from engine.analysis.grids.loss_slice import BANDS, LossSurface, bands, loss_surface
from gui.jobs.gil_yield import GilYield
from gui.look import theme
from gui.plots.chart_export import ExportButton, PlottedSeries
from gui.plots.computed_view import ComputedView, Question
from gui.plots.number_chooser import NumberChooser, selected_parameters
from gui.plots.plot_view import Readout
from gui.views.loss_slice import WIDTHS
from gui.widgets.layouts import named
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from gui.plots.chart import Chart
    from gui.plots.panel import Panel
    from gui.session.session import Session


class LossSurfaceView(ComputedView):
    """E as a map over two numbers, all others as they are now; the more colour, the lower.

    Each band of a colour covers an equal share of the map.

    The line is the way of these two numbers through the film of the run. The others moved as well,
    so its E is not that of the map everywhere.
    """

    title = "Surface"
    icon = "mdi6.image-filter-hdr"
    rank = 52
    job = "loss surface"
    empty = "As soon as the network runs, E over two of its weights appears here."
    chart: Chart
    panel: Panel
    found: LossSurface | None

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        session.selection_changed.connect(self._on_selection)

    def build(self) -> None:
        """Make the map, and what the numbers are chosen with."""
        import pyqtgraph as pg

        from gui.plots.chart import Chart

        self.chart = Chart()
        self.panel = self.chart.add_panel("first number", "second number")
        self.panel.show_grid(False)
        self.image = pg.ImageItem(axisOrder="col-major")
        self.panel.item.addItem(self.image)
        self.image.setZValue(-20)
        self.point = pg.ScatterPlotItem(size=9)
        self.panel.item.addItem(self.point)
        self.point.setZValue(5)
        self.numbers = NumberChooser(), NumberChooser()
        self.reach = named(QComboBox(), "reach", "How far to all sides")
        for width in WIDTHS:
            self.reach.addItem(f"± {width:g}", width)
        self.reach.setCurrentIndex(WIDTHS.index(2.0))
        self.readout = Readout()
        for widget in (QLabel("E over"), self.numbers[0], QLabel("and"), self.numbers[1]):
            self.controls.addWidget(widget)
        self.controls.addWidget(self.reach)
        self.controls.addStretch(1)
        self.export = ExportButton(lambda: self.chart, self._exported, self.session.notice.emit)
        self.controls.addWidget(self.export)
        self.body.addWidget(self.chart, 1)
        self.body.addWidget(self.readout)
        self.reach.activated.connect(lambda _: self.update_now())
        for chooser in self.numbers:
            chooser.changed.connect(self.update_now)

    def _on_selection(self) -> None:
        """Take the first two numbers of what is selected, or the first."""
        if not self.is_built:
            return
        names = dict.fromkeys(selected_parameters(self.session))
        for chooser, name in zip(self.numbers, names, strict=False):
            chooser.choose([name])
        self.update_now()

    def question(self) -> Question | None:
        """Return plan, θ, rows, the numbers and how far to go."""
        session, probing = self.session, self.session.calculation.probing
        plan, theta, document = session.plan, session.theta, session.document
        if plan is None or theta is None or not plan.losses or len(plan.parameters) < 1:
            return None
        for default, chooser in enumerate(self.numbers):
            chooser.follow(document, plan, default)
        first, second = (chooser.number(document, plan) for chooser in self.numbers)
        if first is not None and first == second:  # a plane needs two
            other = next((one.name for one in plan.parameters if one.offset != first.place), None)
            self.numbers[1].choose([other] if other else [])
            second = self.numbers[1].number(document, plan)
        if first is None or second is None or first.place == second.place:
            return None
        places, names = (first.place, second.place), (first.name, second.name)
        subject = plan, theta, probing.columns, places, float(self.reach.currentData())
        return *subject, document.training, probing.m, names, probing.evaluated_text

    def answer(self, question: Question) -> Callable[[], Any]:
        """Compute E on the map."""
        plan, theta, columns, places, reach, training, m, *_ = question
        return partial(loss_surface, plan, theta, columns, places, reach, training, m, GilYield())

    # -- drawing -----------------------------------------------------------------------------

    def recolor(self) -> None:
        """Take on the colours of the theme."""
        self.chart.recolor()
        colors = theme.of(self.palette())
        ground = self.palette().base().color()
        shades = [theme.mixed(colors.accent, ground, i / (BANDS - 1)) for i in range(BANDS)]
        self.image.setLookupTable(
            np.array([[c.red(), c.green(), c.blue()] for c in shades], np.uint8)
        )
        if self._asked is not None and self.found is not None:
            self.draw(self._asked)

    def draw(self, question: Question) -> None:
        """Draw the map, lines of equal E, the path and where the numbers are."""
        found, places, (*_, names, rows) = self.found, question[3], question
        if found is None:
            return
        low, high = (number_text(float(end(found.errors))) for end in (np.nanmin, np.nanmax))
        self.image.setImage(bands(found), autoLevels=False, levels=(0, BANDS))
        left, bottom = found.x[0], found.y[0]
        wide, tall = found.x[-1] - left, found.y[-1] - bottom
        self.image.setRect(QRectF(left, bottom, wide, tall))
        ink = QColor(theme.of(self.palette()).text)
        path = self.session.run.path(question[0], list(places))
        inside = (np.abs(path - found.value) <= (wide / 2, tall / 2)).all(axis=1)
        path = path[inside]
        self.panel.draw("path of the run", path[:, 0], path[:, 1], ink)
        self.point.setData(*found.value[:, None], brush=ink, pen=ink)
        self.panel.rename(*names)
        self.chart.settle()
        slopes = ", ".join(number_text(slope) for slope in found.slope.tolist())
        self.readout.setText(
            f"E = <b>{number_text(found.error)}</b>, {rows} &nbsp; ∂E/∂w = ({slopes}) &nbsp; "
            f"E of the map from {low} to {high}; other numbers as now"
        )

    def _exported(self) -> PlottedSeries:
        """Return E across, for each place up, and the path."""
        found = self.found
        if found is None:
            return {}
        rows = enumerate(found.y.tolist())
        across = {f"E at {at:.6g}": (found.x, found.errors[:, j]) for j, at in rows}
        return {**across, **self.panel.curves()}
