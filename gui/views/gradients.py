"""The gradient of every weight over time: a heat map of all, and lines of the selected ones.

The gradients of an epoch are those that its last update was made with: of the parameters before
it. The canvas shows the gradients after it, with which the next update is made.

A parameter that is one number has its gradient with its sign; a matrix or vector is one row, the
Euclidean norm of its gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSignalBlocker
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QCheckBox

from engine.analysis.curves import Pooled, symmetric_scale
from engine.arrays.aliases import Array
from graph.model.impact import Impact
from gui.look import theme
from gui.look.theme import series_color
from gui.plots.chart_export import ExportButton, PlottedSeries
from gui.plots.parameter_names import parameter_name, parameter_places
from gui.plots.time_view import TimeView
from gui.widgets.color_scale import ColorScale
from gui.widgets.layouts import named
from gui.widgets.number_text import number_text
from gui.widgets.parameter_drag import dragged_parameters

if TYPE_CHECKING:
    from engine.training.history import History
    from graph.model.impact import Applied
    from gui.plots.chart import Spot
    from gui.plots.heat_map import HeatMap
    from gui.plots.panel import Panel
    from gui.session.session import Session

_MOMENT = "in its last update:"
"""Whose gradients these are: they were computed before that update, from the rows of its batch."""
_LINES = 8  # more lines than colours cannot be told apart
_UNASKED = 3  # lines shown when nothing is selected
_COLORS = 256
_FAINT = 0.45  # of what is of the network before an edit
_ROWS = 400  # rows of the picture at most; more weights than that share rows


class GradientsView(TimeView):
    """Rows are weights and biases over the epochs; a click selects what the row stands for."""

    title = "Gradients"
    icon = "mdi6.view-comfy"
    rank = 20
    empty = "While the network trains, the gradient of every weight appears here, a row for each."
    map_panel: Panel
    line_panel: Panel
    heat: HeatMap

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._pinned: set[str] = set()

    def restart(self) -> None:
        """Forget the gradients of another document."""
        if self.is_built:
            self._pinned.clear()
            self._show_pins()
        self.epochs = np.empty(0)
        self.gradients: Array = np.empty((0, 0))
        self._history: History | None = None
        self._pooled = Pooled(_ROWS)
        self.names: tuple[str, ...] = ()
        self._titles: list[str] = []
        self._edited = False
        self._strongest: tuple[int, list[int]] = 0, []

    def build(self) -> None:
        """Make the heat map, and what it is chosen with."""
        from gui.plots.chart import Chart
        from gui.plots.heat_map import HeatMap

        chart = Chart(scrubs=True)
        self.map_panel = chart.add_panel("epoch", "weight", stretch=3)
        self.heat = HeatMap(self.map_panel)
        self.scale = ColorScale("gradient")
        tip = "Colour every row by its own largest gradient: shows its signs"
        self.equal = named(QCheckBox("each row by itself"), tip=tip)
        tip = "Keep these lines, whatever is selected next: what is selected is added to them"
        self.pin = named(QCheckBox("pin"), tip=tip)
        self.export = ExportButton(lambda: self.chart, self._exported, self.session.notice.emit)
        self.body.addWidget(chart, 1)
        self.add_film(chart)
        self.readout = self.film.readout
        self.controls.addStretch(1)
        for widget in (self.scale, self.equal, self.pin, self.export):
            self.controls.addWidget(widget)

    def stages(self) -> tuple[Callable[[], None], ...]:
        """Make the heat map and what is below it one after the other."""
        return self.build, self._build_lines

    def _build_lines(self) -> None:
        self._legend = ""
        self.line_panel = self.chart.add_panel("epoch", "∂E/∂w", stretch=2)
        self._cursor = self.line_panel.add_cursor()
        self.equal.toggled.connect(lambda _: self._draw())
        self.pin.toggled.connect(self._on_pin)
        self.chart.hovered.connect(self._on_hover)
        self.chart.clicked.connect(self._on_click)
        self.session.selection_changed.connect(self._on_selection)
        self.session.edited.connect(self._on_edited)
        self.setAcceptDrops(True)
        self._show_pins()

    # -- drawing -----------------------------------------------------------------------------

    def refresh(self) -> bool:
        """Draw the gradients if the run has gone on."""
        if self.has_news():
            self.chart.hold_steady(self.session.run.running)
            self._take(self.session.run.history)
            self._draw()
            self.mark_moment()
        return bool(len(self.epochs) and self.names)

    def recolor(self) -> None:
        """Take on the colours of the theme."""
        self.chart.recolor()
        colors = theme.of(self.palette())
        zero = self.palette().base().color()
        ends = colors.gradients.negative, colors.gradients.positive
        places = theme.level(np.linspace(-1, 1, _COLORS), 1.0)
        halves = places[places <= 0], places[places > 0]
        sides = [
            theme.mixtures(zero, end, abs(part)) for end, part in zip(ends, halves, strict=True)
        ]
        self.heat.recolor(np.concatenate(sides))
        self._draw()

    def _take(self, history: History | None) -> None:
        if history is None:
            self.restart()
            return
        if history is not self._history:  # one that branched off has other rows at old epochs
            self._history, self._pooled = history, Pooled(_ROWS)
            self._strongest = 0, []
        epochs, gradients = history.gradients()
        known = self.published(epochs)
        epochs, self.gradients = epochs[:known], gradients[:known]
        if len(epochs) and not self.gradients[0].any():  # before the first update
            epochs, self.gradients = epochs[1:], self.gradients[1:]
        self.epochs = epochs.astype(np.float64)
        if self.names != history.parameters or (self._edited and not self.is_old):
            self.names, self._edited = history.parameters, False
            titles = [self.describe(name) for name in self.names]  # also of what is cut later
            if titles != self._titles:
                self._titles = titles
                self.map_panel.name_rows(titles)
                self.chart.fit_axes()

    def _draw(self) -> None:
        if not self.gradients.size:
            self.heat.clear()
            self.line_panel.keep(set())
            return
        shown = self._pooled.update(self.epochs, self.gradients)
        if self.equal.isChecked():
            peaks = np.nanmax(np.abs(shown), axis=0, keepdims=True)
            shown, limit = shown / np.where(peaks > 0, peaks, 1), 1.0
        else:
            limit = symmetric_scale(shown)
        self.scale.set_limit(limit)
        self.heat.show(self.epochs, shown, (0, len(self.names)), (-limit, limit))
        self.heat.image.setOpacity(_FAINT if self.is_old else 1.0)
        self._draw_lines()

    def _draw_lines(self) -> None:
        shown = self._shown_rows()
        drawn, legend = set(), [self.caveat or _MOMENT]
        moment = self.moment_index()
        for place, row in enumerate(shown):
            color, name = series_color(place, self.palette()), self._titles[row]
            mark = f"<span style='color:{color.name()}'>▬</span>"
            if self.is_old:
                name, color = f"{name} (before the edit)", self.chart.faint(color, _FAINT)
            self.line_panel.draw(name, self.epochs, self.gradients[:, row], color)
            drawn.add(name)
            number = number_text(float(self.gradients[moment, row]))
            legend.append(f"{mark} {escape(self._titles[row])} <b>{number}</b>")
        self.line_panel.keep(drawn)
        if len(self._pinned) > len(shown):
            legend.append(f"({len(self._pinned) - len(shown)} more pinned)")
        self._legend = " &nbsp; ".join(legend)
        if not self._cursor.isVisible():
            self.readout.setText(self._legend)

    # -- names and rows ----------------------------------------------------------------------

    def describe(self, name: str) -> str:
        """Return what a parameter is on the canvas: ``x1 → h1``; of a matrix ``‖x → h‖``."""
        text = parameter_name(self.session.document, name)
        return f"‖{text}‖" if self._entries(name) > 1 else text

    def _entries(self, name: str) -> int:
        found = self.session.calculation.parameter(name)
        return 1 if found is None else found.size

    def _selected_rows(self) -> list[int]:
        document, selection = self.session.document, self.session.selection
        slots = [f"{edge}.weight" for edge in selection.edges]
        for node in selection.nodes & document.nodes.keys():
            slots += document.slots(node)
        wanted = {document.parameter_name(slot) for slot in slots}
        return [row for row, name in enumerate(self.names) if name in wanted][:_LINES]

    def _shown_rows(self) -> list[int]:
        """Return the rows drawn as lines: pinned ones, then the selected, else strong ones."""
        pinned = [row for row, name in enumerate(self.names) if name in self._pinned]
        selected = [row for row in self._selected_rows() if row not in pinned]
        return (pinned + selected)[:_LINES] or self._strongest_rows()

    def _on_pin(self, pinned: bool) -> None:
        shown = self._shown_rows() if pinned and self.gradients.size else []
        self._pinned = {self.names[row] for row in shown}
        self._on_selection()

    def pin_parameters(self, names: Iterable[str]) -> None:
        """Keep the lines of some parameters, beside those that are kept already."""
        self._pinned |= set(names)
        if self.is_built:
            self._show_pins()

    def _show_pins(self) -> None:
        with QSignalBlocker(self.pin):
            self.pin.setChecked(bool(self._pinned))
        self._on_selection()

    def _strongest_rows(self) -> list[int]:
        """Return the rows with the largest gradients; chosen anew as the run doubles in length."""
        age = len(self.epochs).bit_length()
        if self._strongest[0] != age:
            peaks = np.nan_to_num(np.abs(self.gradients)).max(axis=0)
            order = np.argsort(-peaks, kind="stable")[:_UNASKED]
            self._strongest = age, [int(row) for row in order]
        return self._strongest[1]

    def _row_at(self, spot: Spot, column: int) -> int | None:
        """Return the row under the mouse; where several share a pixel, the strongest of them."""
        if spot.panel or not 0 <= spot.y < len(self.names):
            return None
        half = self.map_panel.item.getViewBox().viewPixelSize()[1] / 2
        low = max(int(spot.y - half) if half > 1 else int(spot.y), 0)
        high = max(int(spot.y + half), low + 1) if half > 1 else low + 1
        return low + int(np.argmax(np.abs(self.gradients[column, low:high])))

    def _column_at(self, spot: Spot) -> int:
        return int(np.argmin(np.abs(self.epochs - spot.x)))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take parameters."""
        if dragged_parameters(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Keep the lines of what is dropped."""
        self.pin_parameters(dragged_parameters(event.mimeData()))
        event.acceptProposedAction()

    # -- mouse -------------------------------------------------------------------------------

    def _on_hover(self, spot: Spot | None) -> None:
        self._cursor.setVisible(spot is not None and bool(self.gradients.size))
        if spot is None or not self.gradients.size:
            self.readout.setText(self._legend)
            return
        column = self._column_at(spot)
        self._cursor.setPos(float(self.epochs[column]))
        row = self._row_at(spot, column)
        epoch = f"in the last update of epoch {self.epochs[column]:.0f}"
        if row is None:
            self.readout.setText(self._legend)
            return
        number = number_text(float(self.gradients[column, row]))
        name, size = escape(self._titles[row]), self._entries(self.names[row])
        letter = "b" if self.names[row].endswith(".bias") else "w"
        of = f"‖∂E/∂{letter.upper() if letter == 'w' else letter}‖" if size > 1 else f"∂E/∂{letter}"
        entries = f", the norm of {size:,} entries" if size > 1 else ""
        self.readout.setText(f"<b>{name}</b> &nbsp; {of} = <b>{number}</b>{entries} &nbsp; {epoch}")

    def _on_click(self, spot: Spot) -> None:
        row = self._row_at(spot, self._column_at(spot)) if self.gradients.size else None
        if row is None:
            return
        nodes, edges = parameter_places(self.session.document, self.names[row])
        self.session.select(nodes, edges)

    def _on_edited(self, applied: Applied) -> None:
        """Take on other labels; of a network that was edited the old ones stay."""
        self._edited = self._edited or Impact.TEXT in applied.impact
        if self._edited and self.is_built and not self.session.run.running:
            self._take(self.session.run.history)
            self._on_selection()

    def _on_selection(self) -> None:
        if self.isVisible() and self.gradients.size:
            self._draw_lines()

    def _exported(self) -> PlottedSeries:
        return {
            title: (self.epochs, row)
            for title, row in zip(self._titles, self.gradients.T, strict=True)
        }
