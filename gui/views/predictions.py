"""Predictions row by row, and the confusion matrix of classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, cast

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QLabel,
    QTableView,
    QTableWidget,
    QTableWidgetItem,
)

from engine.analysis.pictures import picture_inputs
from engine.analysis.predictions import Predictions, predictions
from engine.data.row_numbers import row_number
from gui.data.scatter import PointsPicture
from gui.jobs.gil_yield import GilYield
from gui.look import theme
from gui.plots.chart_export import TableExportButton
from gui.plots.curves_view import SPLITS, metric_name
from gui.plots.plot_view import PlotView
from gui.plots.prediction_table import PredictionTable
from gui.plots.row_picture import RowPicture
from gui.widgets.layouts import named, row
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from engine.arrays.aliases import Array
    from engine.data import Prepared
    from engine.data.split import SplitName
    from engine.plan.plan import Plan

_CELL = 16  # px, so that ten classes fit a low dock


class PredictionsView(PlotView):
    """A confusion matrix (or target against prediction), and every row; a click shows the row.

    Selecting cells of the matrix shows only their rows. The calculation runs in the background.
    """

    title = "Predictions"
    icon = "mdi6.table-check"
    rank = 35
    job = "predictions"
    empty = "As soon as the network runs, what it answers on every row appears here."

    def restart(self) -> None:
        """Forget the answers of another document."""
        self._plan: Plan | None = None
        self._data: Prepared | None = None
        self._split = ""
        self._theta: Array | None = None
        self.found: Predictions | None = None
        self._is_empty = False  # whether there is nothing that could be answered

    def build(self) -> None:
        """Make the matrix and the table."""
        self.split = named(QComboBox(), "split")
        self.split.addItems(SPLITS)
        self.split.activated.connect(lambda _: self.update_now())
        self.summary = QLabel()
        self.controls.addWidget(QLabel("rows of"))
        self.controls.addWidget(self.split)
        self.controls.addWidget(self.summary, 1)
        self.export = TableExportButton(self._exported, self.session.notice.emit)
        self.controls.addWidget(self.export)
        self.matrix = named(QTableWidget(), "Confusion matrix: actual down, predicted across")
        self.matrix.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        for header in (self.matrix.horizontalHeader(), self.matrix.verticalHeader()):
            header.setMinimumSectionSize(_CELL)
            header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.matrix.itemSelectionChanged.connect(self._filter)
        self.points = PointsPicture()
        self.model = PredictionTable()
        self.table = named(QTableView(), "Predictions")
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().setDefaultSectionSize(22)
        self.table.verticalHeader().hide()
        stretch = QHeaderView.ResizeMode.Stretch
        self.table.horizontalHeader().setSectionResizeMode(2, stretch)
        self.table.selectionModel().currentRowChanged.connect(self._show_row)
        self.picture = RowPicture()
        self.edited = QLabel(wordWrap=True)
        self.body.addWidget(self.edited)
        parts = row((self.matrix, 1), (self.points, 1), (self.table, 1), self.picture)
        self.body.addLayout(parts, 1)

    # -- calculating -------------------------------------------------------------------------

    def refresh(self) -> bool:
        """Ask for the answers if the parameters are new; they come a moment later."""
        session = self.session
        plan, theta, data = session.plan, session.theta, session.prepared
        split = cast("SplitName", self.split.currentText())
        if plan is not self._plan or data is not self._data or split != self._split:
            self._plan, self._data, self._split = plan, data, split
            self._theta = self.found = None
            self._is_empty = False
            session.background.drop(self.job)
        is_new = theta is not self._theta and self.job not in session.background.busy
        if plan is not None and theta is not None and data is not None and is_new:
            self._theta = theta
            work = partial(predictions, plan, theta, data, split, yield_gil=GilYield())
            session.background.run(self.job, work, self._take, self._refuse)
        self._draw_picture()
        self.edited.setVisible(session.edited_row is not None)
        self.edited.setText(f"The canvas shows {session.rows_text}; here is the data as it is.")
        return self.found is not None or self._is_empty

    def hideEvent(self, event: object) -> None:
        """Ask for nothing that is not seen."""
        self.session.background.drop(self.job)
        self._theta = None
        super().hideEvent(event)  # type: ignore[arg-type]  # Qt passes its own event

    def _refuse(self, sentence: str) -> None:
        self.found = None
        self.show_content(shown=False)
        self.session.notice.emit(sentence)

    def _take(self, found: Predictions | None) -> None:
        self.found, self._is_empty = found, found is None
        if self.session.theta is not self._theta and not self.session.run.running:
            self.update_soon()
        if found is None:
            self._show_nothing()
            return
        numbers = [f"{metric_name(n)} {number_text(v)}" for n, v in found.metrics.items()]
        count = f"{len(found.rows):,} rows"
        if self._data is not None:
            rows = len(self._data.splits[cast("SplitName", self._split)])
            count = count if rows == len(found.rows) else f"the first {count} of {rows:,}"
        self.summary.setText("   ".join([count, *numbers]))
        self.matrix.setVisible(found.classifies)
        self.points.setVisible(not found.classifies)
        if found.classifies:
            self._fill_matrix(found)
        else:
            both = [found.target[:, 0], found.prediction[:, 0]]
            places = np.column_stack(both).astype(np.float64)
            shades = np.zeros(len(places), np.int64)
            first = " 1" if found.target.shape[1] > 1 else ""  # of several components
            self.points.show_points(places, shades, axes=(f"target{first}", f"prediction{first}"))
        self._filter()
        self._draw_picture()
        self.show_content(shown=True)

    # -- showing -----------------------------------------------------------------------------

    def _show_nothing(self) -> None:
        """Leave nothing of another split behind."""
        rows = self._data.splits[cast("SplitName", self._split)] if self._data else ()
        why = "no loss compares an answer with a target" if len(rows) else "there are no such rows"
        self.summary.setText(why)
        self.matrix.setRowCount(0)
        self.matrix.setColumnCount(0)
        self.points.hide()
        self.model.show(None)
        self._draw_picture()
        self.show_content(shown=True)

    def _draw_picture(self) -> None:
        """Show the row that the canvas shows as a picture, if it is one, and what it is."""
        plan, readings = self.session.plan, self.session.readings
        inputs = picture_inputs(plan) if plan is not None else {}
        if readings is None or not inputs.keys() & readings.strips.keys():
            self.picture.hide()
            return
        node, sides = next(iter(inputs.items()))
        found, row_shown = self.found, self.session.row
        text, edited = self.session.rows_text, self.session.edited_row is not None
        places = np.flatnonzero(found.rows == row_shown if found is not None else ())
        pictures = [readings.strips[node].reshape(sides)]
        if found is not None and len(places) and found.classifies:
            actual, predicted = (found.label(int(one[places[0]])) for one in found.classes)
            stored = "as it is stored: " if edited else ""
            text += f"\n{stored}is {actual}, answered {predicted}"
        elif (
            found is not None
            and not edited
            and len(places)
            and found.prediction.shape[1] == pictures[0].size
        ):
            pictures.append(found.prediction[places[0]].reshape(sides))
            text += "\nand what the network answers"
        self.picture.show_row(np.array(pictures), text)
        self.picture.show()

    def _fill_matrix(self, found: Predictions) -> None:
        counts = found.confusion
        size = len(counts)
        names = [found.label(number) for number in range(size)]
        self.matrix.setRowCount(size)
        self.matrix.setColumnCount(size)
        self.matrix.setHorizontalHeaderLabels(names)
        self.matrix.setVerticalHeaderLabels(names)
        totals = np.maximum(counts.sum(axis=1), 1)
        colors = theme.of(self.palette())
        self.matrix.blockSignals(True)
        for (actual, predicted), count in np.ndenumerate(counts):
            item = self.matrix.item(actual, predicted)
            if item is None:
                item = QTableWidgetItem()
                self.matrix.setItem(actual, predicted, item)
            item.setText(str(count) if count else "")
            item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
            item.setToolTip(f"{count} rows of {names[actual]} answered {names[predicted]}")
            end = colors.good if actual == predicted else colors.bad
            share = 0.75 * float(count / totals[actual])
            background = theme.mixed(self.palette().base().color(), end, share)
            item.setBackground(QBrush(background))
            item.setForeground(QBrush(theme.ink_on(background)))
        self.matrix.blockSignals(False)

    def _exported(self) -> Iterator[tuple[object, ...]]:
        found = self.found
        if found is None:
            return
        sides = ("target", found.target), ("prediction", found.prediction)
        names = [f"{side} {i + 1}" for side, values in sides for i in range(values.shape[1])]
        classes = found.classes
        yield ("row", *names, *(("class", "answered class") if classes else ()))
        for place, whose in enumerate(found.rows.tolist()):
            numbers = found.target[place].tolist() + found.prediction[place].tolist()
            labels = (found.label(int(one[place])) for one in classes)
            yield (row_number(whose), *numbers, *labels)

    def _filter(self) -> None:
        """Show the rows of the selected cells; all if none is selected."""
        found = self.found
        if found is None:
            return
        chosen = None
        cells = self.matrix.selectedIndexes() if found.classifies else []
        if cells:
            actual, predicted = found.classes
            wanted = {(cell.row(), cell.column()) for cell in cells}
            pairs = zip(actual.tolist(), predicted.tolist(), strict=True)
            chosen = np.array([pair in wanted for pair in pairs], np.bool_)
        self.model.show(found, chosen)

    def _show_row(self) -> None:
        row = self.model.dataset_row(self.table.currentIndex().row())
        if row is not None:
            self.session.set_row(row)
