"""What one update keeps in memory: where, how long, and with smaller numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QScrollArea, QSpinBox, QSplitter, QWidget

from engine.analysis.cost.half_precision import BackwardNumbers, backward_numbers
from engine.analysis.cost.step_memory import PARTS, StepMemory, batch_rows, step_memory
from gui.jobs.gil_yield import GilYield
from gui.look.theme import series_color
from gui.plots.chart_export import ExportButton, PlottedSeries
from gui.plots.computed_view import ComputedView, Question
from gui.plots.parameter_names import node_name, parameter_name, parameter_places
from gui.plots.plot_view import Readout
from gui.plots.words.memory_words import (
    PART_WORDS,
    bytes_text,
    half_table,
    moment_text,
    precision_table,
)
from gui.widgets.layouts import column, named, row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.analysis.score import Score
    from engine.arrays.aliases import Array
    from engine.plan.plan import Plan
    from graph.model.training import Training
    from gui.plots.chart import Chart, Spot
    from gui.plots.panel import Panel

_MOST = 200  # nodes and parameters that have a bar
_POWER = 10
_CHART, _SIDE = 600, 400  # px that share the width at first


@dataclass(frozen=True, slots=True, eq=False)
class MemoryFindings:
    """What is drawn: the memory of an update, and its numbers on the way back."""

    memory: StepMemory
    numbers: BackwardNumbers


class MemoryView(ComputedView):
    """A bar for each node and parameter, the bytes needed at each stop, and float16.

    A click on a bar selects what it is of. The left part is of the batch of the training
    settings, inside an update of its batch; the numbers on the right are of the rows shown.
    """

    title = "Memory"
    icon = "mdi6.memory"
    rank = 58
    job = "memory"
    empty = "As soon as a network with a loss runs, what an update keeps in memory appears here."
    chart: Chart
    bars_panel: Panel
    time_panel: Panel
    found: MemoryFindings | None

    def restart(self) -> None:
        """Forget the numbers of another document."""
        super().restart()
        self._places: list[str] = []
        self._stop: int | None = None

    def build(self) -> None:
        """Make the charts and the words beside them."""
        from gui.plots.chart import Chart

        self.chart = Chart()
        self.bars_panel = self.chart.add_panel("bytes", "")
        self.bars_panel.item.getViewBox().invertY(True)
        self._bars: list[Any] = []
        self.readout, self.legend = Readout(), Readout()
        self.export = ExportButton(lambda: self.chart, self._exported, self.session.notice.emit)
        self.controls.addWidget(self.readout, 1)
        self.controls.addWidget(self.export)
        tip = "δ and ∂E/∂w as they are when E is multiplied by 2ᵏ before they become float16"
        self.power = named(QSpinBox(), "loss scale: power of 2", tip)
        self.power.setRange(0, 24)
        self.power.setPrefix("2^")
        self.power.setValue(_POWER)
        self.power.valueChanged.connect(lambda _: self._write())
        self.words = QLabel(textFormat=Qt.TextFormat.RichText, wordWrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        area = QScrollArea(widgetResizable=True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(self.words)
        side = QWidget()
        scale = row(QLabel("loss scale"), self.power)
        scale.addStretch(1)
        column(scale, (area, 1), of=side)
        split = QSplitter(Qt.Orientation.Horizontal, childrenCollapsible=False)
        split.addWidget(self.chart)
        split.addWidget(side)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 1)
        split.setSizes([_CHART, _SIDE])
        self.body.addWidget(split, 1)
        self.body.addWidget(self.legend)

    def stages(self) -> tuple[Callable[[], None], ...]:
        """Make the two charts one after the other."""
        return self.build, self._build_course

    def _build_course(self) -> None:
        self.time_panel = self.chart.add_panel("stop of the update", "bytes needed")
        self.time_panel.item.setXLink(None)
        self.time_panel.item.enableAutoRange()
        self.chart.hovered.connect(self._on_hover)
        self.chart.clicked.connect(self._on_click)

    # -- calculating -------------------------------------------------------------------------

    def question(self) -> Question | None:
        """Return the update and its batch, and the rows whose numbers are shown."""
        session, probing, stepper = (
            self.session,
            self.session.calculation.probing,
            self.session.stepper,
        )
        plan, theta, score, data = session.plan, session.theta, stepper.score, session.prepared
        if plan is None or theta is None or score is None or data is None:
            return None
        training = session.document.training
        rows = batch_rows(training, probing.m)
        if stepper.stop is not None:
            rows = len(probing.averaged_rows)
        return plan, theta, probing.columns, score, training, rows, probing.m, probing.text

    def answer(self, question: Question) -> Callable[[], Any]:
        """Count, and run the rows forward and back."""
        plan, theta, columns, score, training, rows, m, _text = question
        known = self.found.memory if self.found else None
        update = score, training, rows
        return partial(_find, plan, theta, columns, update, m, known, GilYield())

    def refresh(self) -> bool:
        """Follow the cursor inside an update, too."""
        there = super().refresh()
        if there and self.session.stepper.stop != self._stop:
            self._show_stop()
            self._write()
        return there

    # -- drawing -----------------------------------------------------------------------------

    def recolor(self) -> None:
        """Take on the colours of the theme."""
        self.chart.recolor()
        if self._asked is not None and self.found is not None:
            self.draw(self._asked)

    def draw(self, question: Question) -> None:
        """Draw the bars, the course through the update, and write the tables."""
        found = self.found
        if found is None:
            return
        self._rows = str(question[7])
        self._draw_bars(found.memory)
        needed = found.memory.needed.astype(np.float64)
        stops = np.arange(1.0, len(needed) + 1)
        self.time_panel.draw("bytes needed", stops, needed, series_color(0, self.palette()))
        self._show_stop()
        self._write()
        self.chart.settle()

    def _draw_bars(self, memory: StepMemory) -> None:
        import pyqtgraph as pg

        for bars in self._bars:
            self.bars_panel.item.removeItem(bars)
        self._bars = []
        self._places = list(memory.by_place)[:_MOST]
        starts = np.zeros(len(self._places))
        for part in memory.by_part:
            sizes = [memory.by_place[place].get(part, 0) for place in self._places]
            color = series_color(PARTS.index(part), self.palette())
            middle = np.arange(len(sizes)) + 0.5
            bars = pg.BarGraphItem(
                x0=starts.copy(),
                width=np.array(sizes),
                y=middle,
                height=0.8,
                brush=color,
                pen=color,
            )
            self.bars_panel.item.addItem(bars)
            self._bars.append(bars)
            starts += sizes
        self.bars_panel.name_rows([self.label(place) for place in self._places])
        self.chart.fit_axes()

    def _show_stop(self) -> None:
        self._stop = self.session.stepper.stop
        self.time_panel.mark(None if self._stop is None else self._stop + 1)
        self._on_hover(None)

    def _write(self) -> None:
        found, stop = self.found, self.session.stepper.stop
        if found is None or not self.is_built:
            return
        memory = found.memory
        backwards = f"{self._rows}, δ with the 1/B of a batch of {memory.rows:,}"
        known = memory.gradients_from
        if stop is not None and stop < known:
            half = f"What float16 makes of δ and ∂E/∂w is known from stop {known + 1} on."
        else:
            half = half_table(found.numbers, self.power.value(), backwards)
        self.words.setText(
            f"The bytes of this update with other numbers:{precision_table(memory)}<br>{half}"
        )

    def label(self, place: str) -> str:
        """Return what a node or a parameter is called on the canvas."""
        document = self.session.document
        is_node = place in document.nodes
        return node_name(document, place) if is_node else parameter_name(document, place)

    def _sum(self, sizes: Mapping[Any, int]) -> str:
        parts = []
        for part, size in sizes.items():
            color = series_color(PARTS.index(part), self.palette()).name()
            parts.append(
                f"<span style='color:{color}'>■</span> {PART_WORDS[part]} {bytes_text(size)}"
            )
        return " &nbsp; ".join(parts)

    # -- mouse -------------------------------------------------------------------------------

    def _place_at(self, spot: Spot | None) -> str | None:
        is_bar = spot is not None and spot.panel == 0 and 0 <= spot.y < len(self._places)
        return self._places[int(spot.y)] if spot is not None and is_bar else None

    def _on_hover(self, spot: Spot | None) -> None:
        found = self.found
        if found is None:
            return
        memory, place = found.memory, self._place_at(spot)
        legend = self._sum(memory.by_part)
        if place is not None:
            sizes = memory.by_place[place]
            total = bytes_text(sum(sizes.values()))
            text = f"<b>{escape(self.label(place))}</b>: {total}, in parts below"
            legend = self._sum(sizes)
        elif spot is not None and spot.panel == 1 and 1 <= round(spot.x) <= len(memory.score):
            stop = round(spot.x) - 1
            text = f"{moment_text(memory, stop)} &nbsp; {escape(memory.score[stop].title)}"
        else:
            dtype = self.session.document.training.dtype
            text = f"{moment_text(memory, self._stop)}, {dtype}"
            if len(memory.by_place) > len(self._places):
                text += f"; bars: the {len(self._places):,} largest of {len(memory.by_place):,}"
        self.readout.setText(text)
        self.legend.setText(legend)

    def _on_click(self, spot: Spot) -> None:
        place, document = self._place_at(spot), self.session.document
        if place is None:
            return
        if place in document.nodes:
            self.session.select((place,))
        else:
            self.session.select(*parameter_places(document, place))

    def _exported(self) -> PlottedSeries:
        """Return the bytes needed at each stop, and those of each place over the rows."""
        if self.found is None:
            return {}
        memory = self.found.memory
        rows = np.array([float(memory.rows)])
        sizes = {
            f"{self.label(place)}: {PART_WORDS[part]}": (rows, np.array([float(size)]))
            for place, parts in memory.by_place.items()
            for part, size in parts.items()
        }
        return {**self.time_panel.curves(), **sizes}


def _find(
    plan: Plan,
    theta: Array,
    columns: Mapping[str, Array],
    update: tuple[Score, Training, int],
    m: int,
    known: StepMemory | None,
    yield_gil: GilYield,
) -> MemoryFindings:
    """Count and run in the background; what has been counted of the same update stays."""
    is_known = known is not None and (known.score, known.training, known.rows) == update
    memory = known if known is not None and is_known else step_memory(*update)
    numbers = backward_numbers(plan, theta, columns, memory.training, m, memory.rows, yield_gil)
    return MemoryFindings(memory, numbers)
