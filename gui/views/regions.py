"""What the network answers everywhere: regions of the plane of two inputs, or a curve over one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor

from engine.analysis.grids.regions import Regions, region_inputs, regions
from gui.jobs.gil_yield import GilYield
from gui.look import theme
from gui.look.theme import series_color
from gui.plots.chart_export import ExportButton, PlottedSeries
from gui.plots.computed_view import ComputedView, Question
from gui.plots.plot_view import Readout
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from gui.plots.chart import Chart, Spot
    from gui.plots.panel import Panel

_STEPS = 65
_CLASS_SHARE = 0.45  # of a class's colour in its region


class RegionsView(ComputedView):
    """The answer as colour over two inputs, or as a curve over one, with training rows in it."""

    title = "Regions"
    icon = "mdi6.vector-difference"
    rank = 36
    job = "regions"
    empty = "Networks with one or two inputs show here what they answer everywhere."
    chart: Chart
    panel: Panel
    found: Regions | None

    def build(self) -> None:
        """Make the chart."""
        import pyqtgraph as pg

        from gui.plots.chart import Chart

        self.chart = Chart()
        self.panel = self.chart.add_panel("input", "answer")
        self.panel.show_grid(False)
        self.image = pg.ImageItem(axisOrder="col-major")
        self.image.setZValue(-20)
        self.panel.item.addItem(self.image)
        self.points = pg.ScatterPlotItem(size=7)
        self.panel.item.addItem(self.points)
        self.readout = Readout()
        self._limit = 1.0  # how far the colours reach from the middle
        self.export = ExportButton(lambda: self.chart, self._exported, self.session.notice.emit)
        self.controls.addWidget(self.readout, 1)
        self.controls.addWidget(self.export)
        self.body.addWidget(self.chart, 1)
        self.chart.hovered.connect(self._on_hover)

    def question(self) -> Question | None:
        """Return plan, θ and data, if the inputs are one number or two."""
        session = self.session
        plan, theta, data = session.plan, session.theta, session.prepared
        if plan is None or theta is None or data is None or not plan.losses:
            return None
        return (plan, theta, data) if region_inputs(plan, data) else None

    def answer(self, question: Question) -> Callable[[], Any]:
        """Ask the network everywhere."""
        plan, theta, data = question
        return partial(regions, plan, theta, data, GilYield())

    # -- drawing -----------------------------------------------------------------------------

    def recolor(self) -> None:
        """Take on the colours of the theme."""
        self.chart.recolor()
        if self._asked is not None and self.found is not None:
            self.draw(self._asked)

    def draw(self, question: Question) -> None:
        """Draw the answers, and the rows in them."""
        found = self.found
        if found is None:
            return
        scalings = question[2].scalings
        names = [f"{name} (scaled)" if name in scalings else name for name in found.inputs]
        plane = len(names) == 2
        self.image.setVisible(plane)
        (self._draw_plane if plane else self._draw_curve)(found, names)
        self.chart.settle()
        self._on_hover(None)

    def _draw_plane(self, found: Regions, names: list[str]) -> None:
        self.panel.rename(names[0], names[1])
        self.panel.keep(set())
        x, y = found.axes
        colors, ground = theme.of(self.palette()), self.palette().base().color()
        if found.classes:
            pure = [series_color(place, self.palette()) for place in range(found.classes)]
            table = [theme.mixed(ground, color, _CLASS_SHARE) for color in pure]
            shown, levels, places = found.answers, (0, found.classes), found.targets
        else:
            ends = colors.values.negative, colors.values.positive
            limit = self._limit = float(np.abs(found.targets - found.middle).max()) or 1.0
            steps = np.linspace(-1, 1, _STEPS)
            table = [theme.mixed(ground, ends[int(s > 0)], abs(float(s))) for s in steps]
            shown = theme.level(found.answers - found.middle, limit)
            levels = (-1, 1)
            places = np.where(found.targets > found.middle, _STEPS - 1, 0)
            pure = table
        self.image.setLookupTable(
            np.array([[c.red(), c.green(), c.blue()] for c in table], np.uint8)
        )
        self.image.setImage(np.asarray(shown, np.float32), autoLevels=False, levels=levels)
        dx, dy = (x[1] - x[0]) / 2, (y[1] - y[0]) / 2
        self.image.setRect(QRectF(x[0] - dx, y[0] - dy, np.ptp(x) + 2 * dx, np.ptp(y) + 2 * dy))
        brushes = [pure[int(place)] for place in places]
        ink = QColor(colors.text)
        self.points.setData(found.places[:, 0], found.places[:, 1], brush=brushes, pen=ink)

    def _draw_curve(self, found: Regions, names: list[str]) -> None:
        self.panel.rename(names[0], "class" if found.classes else "answer")
        color, ink = series_color(0, self.palette()), QColor(theme.of(self.palette()).text)
        self.panel.draw("answer", found.axes[0], np.asarray(found.answers, np.float64), color)
        self.points.setData(found.places[:, 0], found.targets, brush=ink, pen=ink)

    def _legend(self) -> str:
        """Say which numbers the ends of the colours are."""
        found = self.found
        if found is None or found.classes or len(found.axes) < 2:
            return ""
        values, limit = theme.of(self.palette()).values, self._limit
        parts = [
            f"<span style='color:{color}'>■</span> {number_text(found.middle + way * limit, 3)}"
            for color, way in ((values.negative, -1), (values.positive, 1))
        ]
        return " &nbsp; " + " … ".join(parts)

    def _on_hover(self, spot: Spot | None) -> None:
        found = self.found
        if found is None:
            return
        what = "class" if found.classes else "answer"
        if spot is None:
            rows = f"dots: {len(found.places):,} training rows"
            self.readout.setText(f"{what} everywhere{self._legend()} &nbsp; {rows}")
            return
        at = (spot.x, spot.y)[: len(found.axes)]
        pairs = zip(found.axes, at, strict=True)
        index = tuple(int(np.abs(axis - x).argmin()) for axis, x in pairs)
        near = ", ".join(
            f"{name} = {number_text(float(axis[i]), 3)}"
            for name, axis, i in zip(found.inputs, found.axes, index, strict=True)
        )
        self.readout.setText(f"{near}: {what} <b>{number_text(float(found.answers[index]))}</b>")

    def _exported(self) -> PlottedSeries:
        """Return the answers across, for each place up."""
        found = self.found
        if found is None or len(found.axes) < 2:
            return self.panel.curves()
        (x, y), up = found.axes, found.inputs[1]
        return {f"{up} = {at:.6g}": (x, found.answers[:, j]) for j, at in enumerate(y.tolist())}
