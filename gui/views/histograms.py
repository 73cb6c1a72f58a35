"""How weights, s, z, δ and gradients are spread over the epochs: a heat map, and bars for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QStackedLayout, QWidget

from engine.analysis.histograms.bins import Histograms, count_in, full_colour, histograms
from engine.analysis.histograms.counted_values import HistogramQuantity, HistogramScope
from gui.look import theme
from gui.plots.chart_export import ExportButton, PlottedSeries
from gui.plots.curves_view import SPLITS
from gui.plots.frame_counts import CountedSubject, FrameCounts
from gui.plots.plot_view import Readout
from gui.plots.time_view import TimeView
from gui.plots.words import histogram_words
from gui.widgets.color_scale import ColorScale
from gui.widgets.layouts import named
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from engine.data.split import SplitName
    from gui.plots.chart import Spot
    from gui.plots.heat_map import HeatMap
    from gui.plots.panel import Panel
    from gui.session.run_progress import RunStates
    from gui.session.session import Session

_COLORS = 256
_FAINT = 0.45  # of what is of the network before an edit


class HistogramsView(TimeView):
    """Bins up, epochs across, the more colour the more values; the bars are of the moment shown.

    They are counted in the background at the frames of the film, a few far apart first. The bars
    are at the parameters that the whole window shows, with what was typed since.
    """

    title = "Histograms"
    icon = "mdi6.chart-histogram"
    rank = 25
    empty = (
        "While the network trains, how weights, s, z, δ and gradients are spread over the epochs "
        "appears here."
    )
    panel: Panel
    heat: HeatMap

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.counts = FrameCounts(session.background, self._on_counted)

    def restart(self) -> None:
        """Forget what was counted."""
        self.counts.forget()
        self.epochs = np.empty(0)
        self.found: Histograms | None = None

    def stages(self) -> tuple[Callable[[], None], ...]:
        """Make the heat map, the bars, and what to choose from one after the other."""
        return self.build, self._build_bars, self._build_controls

    def build(self) -> None:
        """Make the heat map."""
        from gui.plots.chart import Chart
        from gui.plots.heat_map import HeatMap

        self.chart = Chart(scrubs=True)
        self.panel = self.chart.add_panel("epoch", "")
        self.heat = HeatMap(self.panel, upward=True)
        self.hint = QLabel(wordWrap=True)
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedLayout()
        self._pages.addWidget(self.chart)
        self._pages.addWidget(self.hint)
        self.body.addLayout(self._pages, 1)

    def _build_bars(self) -> None:
        import pyqtgraph as pg

        self.bars = pg.BarGraphItem(x0=[], width=[], y=[], height=1.0)
        self.chart.add_side("share of the values").item.addItem(self.bars)

    def _build_controls(self) -> None:
        self.add_film(self.chart)
        self.readout = self.film.readout
        self.quantity = named(QComboBox(), "numbers", "Which numbers are counted")
        for key, (name, _) in histogram_words.QUANTITIES.items():
            self.quantity.addItem(name, key)
        tip = "Whose numbers; weights and biases are those of the units' inputs and their own"
        self.part = named(QComboBox(), "of", tip)
        for part, name in histogram_words.PARTS.items():
            self.part.addItem(name, part)
        self.split = named(QComboBox(), "rows of", "The rows at which s, z, δ and ∂E/∂w are taken")
        self.split.addItems(SPLITS)
        for box in (self.quantity, self.part, self.split):
            box.activated.connect(lambda _: self.update_now())
        tip = "Colours by the logarithm of the counts: rare values are seen beside frequent ones"
        self.log = named(QCheckBox("log"), tip=tip)
        self.log.toggled.connect(lambda _: self._draw())
        self.about, self.scale = Readout(), ColorScale("share")
        self.export = ExportButton(lambda: self.chart, self._exported, self.session.notice.emit)
        chosen: tuple[QWidget, ...] = self.quantity, QLabel("of"), self.part, QLabel("rows of")
        for widget in (*chosen, self.split):
            self.controls.addWidget(widget)
        self.controls.addWidget(self.about, 1)
        for widget in (self.scale, self.log, self.export):
            self.controls.addWidget(widget)
        self.chart.hovered.connect(self._on_hover)
        self.session.selection_changed.connect(self._on_selection)

    # -- counting ----------------------------------------------------------------------------

    def refresh(self) -> bool:
        """Follow the film; what is not yet counted is asked for and comes a moment later."""
        self.has_news()
        session, recorded = self.session, self.session.run.recorded
        if recorded is None or not recorded.states:
            self.restart()
            return False
        theta = None if self.is_old else session.theta
        self.counts.follow(self._subject(recorded), recorded.states, session.run.epoch, theta)
        self._draw()
        return True

    def _subject(self, recorded: RunStates) -> CountedSubject:
        part, selection = self.part.currentData(), self.session.selection
        scope = HistogramScope(part)
        if part == "selection":
            scope = HistogramScope(part, frozenset(selection.nodes), frozenset(selection.edges))
        split, training = (
            cast("SplitName", self.split.currentText()),
            self.session.document.training,
        )
        words = split, self._quantity, scope, training.l1, training.l2
        return CountedSubject(recorded.plan, recorded.data, words)

    @property
    def _quantity(self) -> HistogramQuantity:
        return cast("HistogramQuantity", self.quantity.currentData())

    def _on_counted(self) -> None:
        if not self.is_built:
            return
        if self.session.run.running:  # the next tick asks for more
            self._draw()
        else:
            self.update_now()

    def _on_selection(self) -> None:
        if self.part.currentData() == "selection":
            self.update_now()

    def hideEvent(self, event: object) -> None:
        """Count nothing that is not seen."""
        self.counts.pause()
        super().hideEvent(event)  # type: ignore[arg-type]  # Qt passes its own event

    # -- drawing -----------------------------------------------------------------------------

    def recolor(self) -> None:
        """Take on the colours of the theme."""
        self.chart.recolor()
        ground, full = self.palette().base().color(), theme.of(self.palette()).values.positive
        shares = theme.level(np.linspace(0, 1, _COLORS), 1.0)
        self.heat.recolor(theme.mixtures(ground, full, shares))
        self._draw()

    def _draw(self) -> None:
        """Draw all that has been counted."""
        counted, running = self.counts.counted, self.session.run.running
        known = self.counts.columns(running=running)
        self.epochs = np.array([epoch for epoch, _ in known])
        self.found = histograms([values for _, values in known]) if known else None
        self.chart.hold_steady(running)
        self._draw_words()
        if self.found is not None:
            self._draw_map(self.found)
            self._draw_bars(self.found)
        else:
            self.heat.clear()
            self.bars.setOpts(x0=[], width=[], y=[], height=1.0)
        label = f"epoch ({self.about.text()})" if self.found is not None else "epoch"
        self.panel.rename(label, histogram_words.letter(self._quantity, counted))
        self.mark_moment()
        self._on_hover(None)

    def _draw_map(self, found: Histograms) -> None:
        edges, log = found.edges, self.log.isChecked()
        cells = found.logarithms if log else found.shares
        full = full_colour(cells)
        self.heat.show(self.epochs, cells, (edges[0], edges[-1]), (0.0, full))
        self.heat.image.setOpacity(_FAINT if self.is_old else 1.0)
        self.scale.set_ends(
            "0", f"{np.expm1(full):,.0f}" if log else f"{number_text(100 * full, 3)} %"
        )

    def _draw_bars(self, found: Histograms) -> None:
        edges, moment = found.edges, self.counts.moment
        counts = count_in(moment[1], edges)[0] if moment else np.zeros(len(edges) - 1, np.int64)
        color = QColor(theme.of(self.palette()).values.positive)
        self.bars.setOpts(
            x0=np.zeros(len(counts)),
            width=counts / max(counts.sum(), 1),
            y=(edges[1:] + edges[:-1]) / 2,
            height=np.diff(edges),
            brush=self.chart.faint(color, _FAINT) if self.is_old else color,
            pen=None,
        )

    # -- words -------------------------------------------------------------------------------

    def _draw_words(self) -> None:
        counted, split = self.counts.counted, self.split.currentText()
        hint, about = self.counts.refused, "being counted …"
        if counted is not None:
            hint = hint or histogram_words.hint(counted, self.part.currentData(), split)
            about = histogram_words.about(counted, split)
        self.hint.setText(hint)
        self._pages.setCurrentIndex(int(bool(hint)))
        self.about.setText("" if hint else about)
        self.split.setEnabled(counted is None or counted.needs_rows)

    def _on_hover(self, spot: Spot | None) -> None:
        found, moment = self.found, self.counts.moment
        if found is None or moment is None:
            self.readout.clear()
            return
        edges = found.edges
        if spot is None or not edges[0] <= spot.y < edges[-1]:
            outside = count_in(moment[1], edges)[1]
            parts = [*self._when(moment[0]), *histogram_words.spread(moment[1], outside)]
            self.readout.setText(" &nbsp; ".join(parts))
            return
        epoch, counts = moment[0], count_in(moment[1], edges)[0]
        if spot.panel == 0:
            place = int(np.argmin(np.abs(self.epochs - spot.x)))
            epoch, counts = float(self.epochs[place]), found.counts[place]
        place = int(np.searchsorted(edges, spot.y, "right")) - 1
        letter = histogram_words.letter(self._quantity, self.counts.counted)
        text = histogram_words.bin_text(edges, counts, place)
        self.readout.setText(f"epoch {epoch:,.0f}: {letter} {text}")

    def _when(self, epoch: float) -> list[str]:
        """Return what has to be said of the moment of the bars, if anything."""
        run = self.session.run
        if self.is_old:
            return [f"at epoch {epoch:,.0f} of the network before the edit"]
        if not self.counts.is_current and not run.running:  # the bars of now are being counted
            return [f"at epoch {epoch:,.0f}{', before the edit' if self.difference else ''}"]
        if self.difference == "values":
            return ["as edited; the map is of before the edit"]
        if epoch != run.epoch:
            return [f"at epoch {epoch:,.0f}"]
        return [f"inside epoch {run.epoch + 1:,}"] if run.batch[0] and not run.running else []

    def _exported(self) -> PlottedSeries:
        """Return the counts of each epoch over the lower edges of the bins."""
        if self.found is None:
            return {}
        low, counts = self.found.edges[:-1], self.found.counts.astype(np.float64)
        series = zip(self.epochs, counts, strict=True)
        return {f"epoch {epoch:.0f}": (low, row) for epoch, row in series}
