"""Gradient check: every derivative against a difference of E, worst first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
)

from engine.analysis.gradient_check import Check, check_document, tolerance
from engine.arrays.aliases import Array
from graph.model.slot_names import owner
from gui.jobs.gil_yield import GilYield
from gui.look import theme
from gui.plots.chart_export import TableExportButton
from gui.plots.parameter_names import parameter_name
from gui.plots.plot_view import PlotView
from gui.session.session import Session
from gui.widgets.number_text import index_text, number_text

_ROWS = 300  # entries listed
_BATCH = 200  # rows of data that E is computed over
_DIGITS = 10  # of E beside it: what tells the two apart is small
_SIDES = ("E(w + ε)", "E(w − ε)", "ε")
_STALE = "Of numbers that are no longer shown. "
_NAME = Qt.ItemDataRole.UserRole


class GradientCheckView(PlotView):
    """Compares backpropagation with differences; a click selects what a row is about."""

    title = "Gradient check"
    icon = "mdi6.check-decagram-outline"
    rank = 90
    empty = "The check compares every gradient with a difference of E."
    remedy = "Check gradients"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._is_wanted = False  # as soon as the view is built

    def build(self) -> None:
        """Make the table."""
        self.again = QPushButton("Check again")
        self.again.clicked.connect(self.check)
        self.verdict = QLabel(wordWrap=True)
        self.controls.addWidget(self.again)
        self.controls.addWidget(self.verdict, 1)
        self.export = TableExportButton(self._exported, self.session.notice.emit)
        self.controls.addWidget(self.export)
        self.table = QTreeWidget()
        self.table.setHeaderLabels(
            [
                "parameter",
                "entry",
                "backpropagation",
                "(E(w + ε) − E(w − ε)) ÷ 2ε",
                "relative error",
                *_SIDES,
            ]
        )
        self.table.setRootIsDecorated(False)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.itemClicked.connect(self._go_to)
        self.table.itemActivated.connect(self._go_to)
        self.body.addWidget(self.table, 1)

    def refresh(self) -> bool:
        """Show the result, if there is one, and whether it is of the weights as they are now."""
        if self._is_wanted:
            self.check()
        if self._checks is not None:
            stale = self.session.theta is not self._theta or self._columns is not self._shown
            self.verdict.setText(f"{_STALE if stale else ''}{self._words}")
        return self._checks is not None

    def restart(self) -> None:
        """Forget the result of another document."""
        self._checks: Sequence[Check] | None = None
        self._theta: Array | None = None
        self._columns: Mapping[str, Array] | None = None
        self._words = ""

    def mend(self) -> None:
        """Check for the first time."""
        self.check()

    @property
    def _shown(self) -> Mapping[str, Array]:
        return self.session.calculation.probing.columns

    def check(self) -> None:
        """Check the document as it is now, in the background."""
        self._is_wanted = not self.is_built
        if self._is_wanted:
            self.update_now()
            return
        session, calculation = self.session, self.session.calculation
        plan, theta, training = session.plan, session.theta, session.document.training
        if plan is None or theta is None:
            session.notice.emit(calculation.why_not_runnable())
            return
        version, probing = calculation.version, calculation.probing
        shown, rows = probing.columns, probing.text
        columns = {name: column[:_BATCH] for name, column in shown.items()}
        if any(len(column) > _BATCH for column in shown.values()):
            rows = f"mean over the first {_BATCH} training rows"

        def work() -> list[Check]:
            return check_document(
                plan,
                theta,
                columns,
                l1=training.l1,
                l2=training.l2,
                m=probing.m,
                yield_gil=GilYield(),
            )

        def take(checks: list[Check]) -> None:
            if version == self.session.calculation.version and self.is_built:
                self._checks, self._theta, self._columns = checks, theta, shown
                self._take(checks, rows)

        session.background.run("check", work, take, session.notice.emit, long=True)

    def _take(self, checks: list[Check], rows: str) -> None:
        allowed = tolerance(np.float64)
        colors = theme.of(self.palette())
        bad = sum(not check.passes(allowed) for check in checks)
        count = len(checks)
        verdict = (
            f"{bad} of {count} gradients are wrong"
            if bad
            else f"All {count} gradients checked are right (to {allowed:.0e}); worst first"
        )
        self._words = f"E of {rows}: {verdict}"
        self.table.clear()
        for check in checks[:_ROWS]:
            item = QTreeWidgetItem(
                [
                    parameter_name(self.session.document, check.parameter),
                    index_text(check.index),
                    *(number_text(x) for x in (check.analytic, check.numeric, check.relative)),
                    *(number_text(x, _DIGITS) for x in (check.ahead, check.behind)),
                    number_text(check.step, 3),
                ]
            )
            item.setToolTip(0, check.parameter)
            item.setData(0, _NAME, check.parameter)
            if not check.passes(allowed):
                item.setForeground(4, QColor(colors.bad))
            self.table.addTopLevelItem(item)
        self.update_now()

    def _go_to(self, item: QTreeWidgetItem) -> None:
        document = self.session.document
        name = item.data(0, _NAME)
        slots = [slot for slot in document.all_slots() if document.parameter_name(slot) == name]
        owners = {owner(slot) for slot in slots}
        self.session.select(owners & document.nodes.keys(), owners & document.edges.keys())

    def _exported(self) -> Iterator[tuple[object, ...]]:
        yield ("parameter", "entry", "backpropagation", "difference", "relative error", *_SIDES)
        for check in self._checks or ():
            numbers = check.analytic, check.numeric, check.relative
            yield (
                check.parameter,
                index_text(check.index),
                *numbers,
                check.ahead,
                check.behind,
                check.step,
            )
