"""The columns of a table: what each is used as, how it is encoded, and a summary of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from engine.data import ColumnSummary
from graph.model.dataset import split_component
from gui.look import theme
from gui.widgets.grid_model import GridModel, ModelIndex
from gui.widgets.number_text import number_text

ChosenEncoding: TypeAlias = Literal["number", "one_hot"]
FEATURE, TARGET, ENCODING = 1, 2, 4
_ENCODINGS: dict[ChosenEncoding | None, str] = {
    None: "automatic",
    "number": "number",
    "one_hot": "one-hot",
}
_BY_TEXT = {text: encoding for encoding, text in _ENCODINGS.items()}
_SHOWN_CATEGORIES = 6


class ColumnsModel(GridModel):
    """Columns as rows, with two check boxes and an encoding each."""

    header = ("column", "feature", "target", "type", "encoding", "summary")
    changed = Signal()  # features, targets or encodings, by hand

    def __init__(self) -> None:
        super().__init__()
        self._summaries: list[ColumnSummary] = []
        self._used: dict[int, list[str]] = {FEATURE: [], TARGET: []}
        self.encoding: dict[str, ChosenEncoding] = {}

    # -- what is chosen ----------------------------------------------------------------------

    @property
    def features(self) -> tuple[str, ...]:
        """The features, in the order of the columns."""
        return self._in_order(self._used[FEATURE])

    @property
    def targets(self) -> tuple[str, ...]:
        """The targets, in the order of the columns."""
        return self._in_order(self._used[TARGET])

    def choose(self, features: Iterable[str], targets: Iterable[str]) -> None:
        """Check exactly these columns or components."""
        self._used = {FEATURE: list(features), TARGET: list(targets)}
        self.refresh()

    def show_columns(self, summaries: list[ColumnSummary]) -> None:
        """Show other columns; what is not there any more is no longer used.

        If nothing that is used is left, all columns become features but the last class (or the
        last column), which becomes the target.
        """
        self.beginResetModel()
        self._summaries = summaries
        names = {summary.name for summary in summaries}
        for used in self._used.values():
            used[:] = [name for name in used if _column(name, names) in names]
        if not any(self._used.values()):
            self._use_default()
        self.endResetModel()

    def fault(self) -> str:
        """Return what is wrong with the columns in use, one sentence; empty if nothing is."""
        used = {_column(name, self._names()) for name in (*self.features, *self.targets)}
        found = next((s.fault for s in self._summaries if s.fault and s.name in used), "")
        if found or not self._summaries:
            return found
        if not self.features:
            return "No column is a feature: tick at least one column under “feature”."
        return ""

    def warning(self) -> str:
        """Return what is wrong with a column that is not in use, one sentence."""
        return next((s.fault for s in self._summaries if s.fault), "")

    def _use_default(self) -> None:
        usable = [s for s in self._summaries if not s.fault]
        classes = [s for s in usable if s.kind == "category"]
        target = (classes or usable[-1:])[-1:] if len(usable) > 1 else []
        self._used[TARGET] = [s.name for s in target]
        self._used[FEATURE] = [s.name for s in usable if s not in target]

    def _names(self) -> set[str]:
        return {summary.name for summary in self._summaries}

    def _in_order(self, used: list[str]) -> tuple[str, ...]:
        order = {summary.name: i for i, summary in enumerate(self._summaries)}
        names = set(order)
        return tuple(sorted(used, key=lambda name: order.get(_column(name, names), len(order))))

    # -- Qt's view of it ---------------------------------------------------------------------

    def rowCount(self, _parent: ModelIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        """Return the number of columns of data."""
        return len(self._summaries)

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
        """Check boxes can be checked, encodings edited."""
        flags = super().flags(index)
        if index.column() in self._used:
            return flags | Qt.ItemFlag.ItemIsUserCheckable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == ENCODING else flags

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a cell's text or check state; columns that cannot be used are red."""
        summary = self._summaries[index.row()]
        if role == Qt.ItemDataRole.CheckStateRole and index.column() in self._used:
            used = self._is_used(summary.name, index.column())
            return Qt.CheckState.Checked if used else Qt.CheckState.Unchecked
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return self._text(summary, index.column())
        if role == Qt.ItemDataRole.ForegroundRole and summary.fault:
            return QBrush(QColor(theme.of(QGuiApplication.palette()).bad))
        if role == Qt.ItemDataRole.ToolTipRole:
            return summary.fault or self._text(summary, index.column()) or None
        if role == Qt.ItemDataRole.AccessibleTextRole and index.column() in self._used:
            return f"{summary.name} {self.header[index.column()]}"
        return None

    def setData(self, index: ModelIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Check or uncheck a column, or choose its encoding."""
        name = self._summaries[index.row()].name
        if role == Qt.ItemDataRole.CheckStateRole and index.column() in self._used:
            self._use(name, index.column(), used=Qt.CheckState(value) is Qt.CheckState.Checked)
        elif role == Qt.ItemDataRole.EditRole and index.column() == ENCODING:
            self.encoding.pop(name, None)
            if encoding := _BY_TEXT[str(value)]:
                self.encoding[name] = encoding
        else:
            return False
        self.refresh()
        self.changed.emit()
        return True

    def _is_used(self, name: str, use: int) -> bool:
        return any(_column(used, self._names()) == name for used in self._used[use])

    def _use(self, name: str, use: int, *, used: bool) -> None:
        """Use a column as feature or target.

        What becomes a target is no feature any more; ticking "feature" again makes it both, as
        an autoencoder needs it.
        """
        names = self._names()
        for changed in {use, FEATURE} if used else {use}:
            others = [other for other in self._used[changed] if _column(other, names) != name]
            self._used[changed] = others
        if used:
            self._used[use].append(name)

    def _text(self, summary: ColumnSummary, section: int) -> str:
        match section:
            case 0:
                return summary.name
            case 3:
                wide = f" × {summary.width}" if summary.width > 1 else ""
                return summary.kind + wide
            case 4:
                return _ENCODINGS[self.encoding.get(summary.name)]
            case 5:
                return summary_text(summary)
            case _:
                return ""


def summary_text(summary: ColumnSummary) -> str:
    """Say of a column: its categories, or its range and mean; and what is missing."""
    parts = []
    if summary.categories is not None:
        shown = ", ".join(summary.categories[:_SHOWN_CATEGORIES])
        more = ", …" if len(summary.categories) > _SHOWN_CATEGORIES else ""
        parts.append(f"{len(summary.categories)} classes: {shown}{more}")
    elif summary.minimum is not None and summary.maximum is not None:
        low, high = number_text(summary.minimum), number_text(summary.maximum)
        parts.append(f"{low} to {high}, mean {number_text(summary.mean or 0.0)}")
    if summary.missing:
        parts.append(f"{summary.missing} missing")
    return "; ".join(parts)


class _EncodingDelegate(QStyledItemDelegate):
    """Edits an encoding's text with a list."""

    def createEditor(
        self, parent: QWidget, _option: QStyleOptionViewItem, _index: ModelIndex
    ) -> QWidget:
        """Make the list."""
        combo = QComboBox(parent)
        combo.addItems(list(_BY_TEXT))
        combo.activated.connect(lambda _: self.commitData.emit(combo))
        return combo


class ColumnsView(QTableView):
    """The table of columns; Space checks, Enter or F2 edits the encoding."""

    def __init__(self, model: ColumnsModel) -> None:
        super().__init__()
        self.setModel(model)
        self.setAccessibleName("Columns")
        self.setItemDelegateForColumn(ENCODING, _EncodingDelegate(self))
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.setAlternatingRowColors(True)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(True)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setResizeContentsPrecision(200)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Edit an encoding with Enter too."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and self.currentIndex().column() == ENCODING:
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)


def _column(reference: str, names: set[str]) -> str:
    return reference if reference in names else split_component(reference)[0]
