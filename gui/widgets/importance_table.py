"""A list of what E owes to each thing, most or least first."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHeaderView, QLabel, QTreeWidget, QTreeWidgetItem, QWidget

from gui.widgets.layouts import column, named

_KEY = Qt.ItemDataRole.UserRole
_LEAST = 70  # px of a column


class ImportanceTable(QWidget):
    """Lines with names and numbers under a sentence; the last headings' column turns the order."""

    chosen = Signal(str)  # the key of a line
    turned = Signal()  # the order is another

    def __init__(self, name: str, headings: Sequence[str], sorted_by: int) -> None:
        super().__init__()
        self.is_descending, self._sorted_by = True, sorted_by
        self.words = QLabel(wordWrap=True)
        self.list = named(QTreeWidget(), name)
        self.list.setHeaderLabels(list(headings))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        header = self.list.header()
        header.setMinimumSectionSize(_LEAST)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.sectionClicked.connect(self._on_heading)
        self.list.headerItem().setToolTip(sorted_by, "Click: largest or smallest first")
        self._show_order()
        self.list.itemClicked.connect(self._on_item)
        self.list.itemActivated.connect(self._on_item)
        column(self.words, (self.list, 1), of=self, margins=(4, 4, 4, 0))

    def show_lines(self, lines: Sequence[tuple[str, Sequence[str]]]) -> None:
        """List keys with the texts of their columns."""
        at = self.list.verticalScrollBar().value()
        self.list.clear()
        for key, texts in lines:
            item = QTreeWidgetItem(list(texts))
            item.setData(0, _KEY, key)
            self.list.addTopLevelItem(item)
        self.list.verticalScrollBar().setValue(at)

    def _show_order(self) -> None:
        order = Qt.SortOrder.DescendingOrder if self.is_descending else Qt.SortOrder.AscendingOrder
        self.list.header().setSortIndicator(self._sorted_by, order)

    def _on_heading(self, section: int) -> None:
        if section == self._sorted_by:
            self.is_descending = not self.is_descending
        self._show_order()
        self.turned.emit()

    def _on_item(self, item: QTreeWidgetItem) -> None:
        self.chosen.emit(item.data(0, _KEY))
