"""Units that compute the same: a line for each group of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QLabel, QTreeWidget, QTreeWidgetItem

from engine.analysis.symmetry import EqualUnits, equal_units
from gui.jobs.gil_yield import GilYield
from gui.plots.computed_view import ComputedView, Question
from gui.plots.parameter_names import node_name
from gui.widgets.layouts import named
from gui.widgets.number_text import number_text

if TYPE_CHECKING:
    from graph.model.document import Document

_NAMES = 12  # units of a group that are named
_GROUPS = 500  # that are listed
_LEAST = 90  # px of a column
_ROLE = Qt.ItemDataRole.UserRole
_HEADINGS = ("units", "how many", "z", "δ of a row", "after a step along −∂E/∂θ")
_TIPS = (
    "s and z are the same in every row",
    "",
    "The mean over the rows",
    "∂E/∂s for E of a single row, the mean over the rows",
    "θ takes a step along −∂E/∂θ, as a trial, and everything is compared again",
)


class SymmetryView(ComputedView):
    """The groups, largest first, and whether an update can part them; a click selects the units."""

    title = "Symmetry"
    icon = "mdi6.equal-box"
    rank = 59
    job = "symmetry"
    empty = (
        "As soon as the network runs, its units that compute the same are listed here. Units with "
        "equal weights in and out stay equal however long they are trained."
    )
    found: list[EqualUnits] | None

    def build(self) -> None:
        """Make the table."""
        self.words = QLabel(wordWrap=True)
        self.controls.addWidget(self.words, 1)
        self.table = named(QTreeWidget(), "Units that compute the same")
        self.table.setHeaderLabels(_HEADINGS)
        for place, tip in enumerate(_TIPS):
            self.table.headerItem().setToolTip(place, tip)
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.header().setStretchLastSection(True)
        self.table.header().setMinimumSectionSize(_LEAST)
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.itemClicked.connect(self._go_to)
        self.table.itemActivated.connect(self._go_to)
        self.body.addWidget(self.table, 1)

    def question(self) -> Question | None:
        """Return plan, θ and rows."""
        session, probing = self.session, self.session.calculation.probing
        if session.plan is None or session.theta is None or not session.plan.nets:
            return None
        return session.plan, session.theta, probing.columns, probing.evaluated_text

    def answer(self, question: Question) -> Callable[[], Any]:
        """Compare all units."""
        plan, theta, columns, _ = question
        return partial(equal_units, plan, theta, columns, GilYield())

    def draw(self, question: Question) -> None:
        """List the groups."""
        groups, rows = self.found or [], question[3]
        self.words.setText(_summary(groups, rows))
        self.table.clear()
        self.table.addTopLevelItems([self._item(group) for group in groups[:_GROUPS]])
        self.table.setVisible(bool(groups))

    def _item(self, group: EqualUnits) -> QTreeWidgetItem:
        names = [_unit_name(self.session.document, *unit) for unit in group.units[:_NAMES]]
        left = len(group.units) - len(names)
        text = ", ".join([*names, *([f"… ({left:,} more)"] if left else [])])
        numbers = number_text(group.value), number_text(group.delta)
        item = QTreeWidgetItem([text, f"{len(group.units):,}", *numbers, _fate(group)])
        item.setData(0, _ROLE, list(dict.fromkeys(node for node, _ in group.units)))
        return item

    def _go_to(self, item: QTreeWidgetItem) -> None:
        known = self.session.document.nodes
        self.session.select([node for node in item.data(0, _ROLE) if node in known])


def _unit_name(document: Document, node: str, component: int | None) -> str:
    name = node_name(document, node)
    return name if component is None else f"{name}[{component}]"


def _fate(group: EqualUnits) -> str:
    if group.stays:
        return "the same again: no such step parts them"
    return "different" if group.has_equal_delta else "different: their δ differ already"


def _summary(groups: list[EqualUnits], rows: str) -> str:
    if not groups:
        return f"No two units compute the same ({rows})."
    units = len({unit for group in groups for unit in group.units})
    listed = f"; the {_GROUPS:,} largest are listed" if len(groups) > _GROUPS else ""
    several = "group" if len(groups) == 1 else "groups"
    text = f"{units:,} units in {len(groups):,} {several} compute the same ({rows}){listed}."
    if any(group.stays for group in groups):
        text += " Train › Randomise weights breaks the symmetry."
    return text
