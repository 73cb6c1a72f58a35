"""Gradient check: every derivative against a difference of E, worst first."""

from __future__ import annotations

from collections.abc import Sequence

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
from graph.model.slot_names import owner
from gui.jobs.gil_yield import GilYield
from gui.look import theme
from gui.plots.plot_view import PlotView
from gui.widgets.number_text import number_text

_ROWS = 300  # entries listed
_BATCH = 200  # rows of data that E is computed over
_NAME = Qt.ItemDataRole.UserRole


class GradientCheckView(PlotView):
    """Compares backpropagation with differences; a click selects what a row is about."""

    title = "Gradient check"
    icon = "mdi6.check-decagram-outline"
    rank = 90
    empty = "Train › Gradient check compares every gradient with a difference of E."

    def build(self) -> None:
        """Make the table."""
        self.again = QPushButton("Check again")
        self.again.clicked.connect(self.check)
        self.verdict = QLabel()
        self.controls.addWidget(self.again)
        self.controls.addWidget(self.verdict, 1)
        self.table = QTreeWidget()
        self.table.setHeaderLabels(
            ["parameter", "entry", "backpropagation", "difference", "relative error"]
        )
        self.table.setRootIsDecorated(False)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.itemClicked.connect(self._go_to)
        self.table.itemActivated.connect(self._go_to)
        self.body.addWidget(self.table, 1)

    def refresh(self) -> bool:
        """Show the result, if there is one."""
        return self._checks is not None

    def restart(self) -> None:
        """Forget the result of another document."""
        self._checks: Sequence[Check] | None = None
        self._version = -1

    def check(self) -> None:
        """Check the document as it is now, in the background."""
        self.update_now()
        session, calculation = self.session, self.session.calculation
        plan, theta, training = session.plan, session.theta, session.document.training
        if plan is None or theta is None:
            session.notice.emit(calculation.why_not_runnable())
            return
        self._version = calculation.version
        columns = {name: column[:_BATCH] for name, column in calculation.probing.columns.items()}

        def work() -> list[Check]:
            return check_document(
                plan,
                theta,
                columns,
                l1=training.l1,
                l2=training.l2,
                m=calculation.probing.m,
                yield_gil=GilYield(),
            )

        session.background.run("check", work, self._take, session.notice.emit, long=True)

    def _take(self, checks: list[Check]) -> None:
        if self._version != self.session.calculation.version or not self.is_built:
            return
        self._checks = checks
        allowed = tolerance(np.float64)
        colors = theme.of(self.palette())
        bad = sum(not check.passes(allowed) for check in checks)
        self.verdict.setText(
            f"{bad} of {len(checks)} gradients are wrong"
            if bad
            else f"All {len(checks)} gradients checked are right (to {allowed:.0e}); worst first"
        )
        self.table.clear()
        for check in checks[:_ROWS]:
            entry = ", ".join(str(i + 1) for i in check.index)
            numbers = [number_text(x) for x in (check.analytic, check.numeric, check.relative)]
            item = QTreeWidgetItem([check.parameter, entry, *numbers])
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
