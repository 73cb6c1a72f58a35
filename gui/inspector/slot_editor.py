"""The value of a trainable parameter: a number to scrub, a small table, or a summary."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.arrays.aliases import Array
from engine.interpreter.parameter_vector import to_tensor
from graph.model.edits import SetFrozen, SetParameterValues, SetShared
from gui.session.session import Session
from gui.widgets.layouts import column, named, row, tool_button
from gui.widgets.number_field import NumberField
from gui.widgets.number_text import number_text

_CAPTION = 60  # px
_TABLE = 900  # entries that are shown one by one


class SlotEditor(QWidget):
    """Shows and changes the parameter of one trainable slot (``h1.bias``, ``x1-h1.weight``)."""

    def __init__(self, session: Session, slot: str, caption: str) -> None:
        super().__init__()
        self._session, self.slot = session, slot
        self._field: NumberField | None = None
        self._table: QTableWidget | None = None
        self._filling = False
        self._caption = named(QLabel(caption, wordWrap=True), tip=slot)
        self._caption.setMinimumWidth(_CAPTION)  # even where a name is one long word
        head = row((self._caption, 1))
        layout = column(head, of=self)
        layout.setSpacing(2)
        self.frozen = self._button("❄", "Frozen: not trained", self._freeze)
        self.frozen.setCheckable(True)
        self.forget = self._button("⟲", "Draw it anew from its initialiser", self._forget)
        self._note = QLabel(wordWrap=True)
        self._note.setEnabled(False)
        self._make_value(head, layout, caption)
        tip = "Unshare: give it a parameter of its own"
        self.unshare = self._button("⑂", tip, self._unshare)
        for button in (self.frozen, self.forget, self.unshare):
            head.addWidget(button)
        layout.addWidget(self._note)
        self.refresh()

    @property
    def name(self) -> str:
        """The parameter's name."""
        return self._session.document.parameter_name(self.slot)

    def refresh(self) -> None:
        """Show the present value."""
        session, name = self._session, self.name
        self.frozen.setChecked(name in session.document.frozen)
        self.forget.setEnabled(name in session.document.parameters)
        self.unshare.setVisible(name != self.slot)
        value = session.value(name)
        notes = []
        if name != self.slot:
            notes.append(f"shared as “{name}”")
        if value is None:
            notes.append("has a value once the network can run")
        elif self._field is not None:
            self._field.show_value(float(value.item()))
        elif self._table is not None:
            self._fill(self._table, value)
        else:
            notes.append(_summary(value))
        self._note.setText("; ".join(notes))
        self._note.setVisible(bool(notes))

    # -- building -----------------------------------------------------------------------------

    def _button(self, text: str, tip: str, clicked: Callable[..., object]) -> QToolButton:
        return tool_button(text, tip, clicked, name=f"{tip}: {self.slot}")

    def _make_value(self, head: QHBoxLayout, layout: QVBoxLayout, caption: str) -> None:
        value = self._session.value(self.name)
        if value is None:
            return
        if value.size == 1:
            self._field = named(NumberField(), caption)
            self._field.edited.connect(self._set_number)
            self._field.scrub_began.connect(self._session.begin_scrub)
            self._field.scrub_ended.connect(self._session.end_scrub)
            head.addWidget(self._field, 1)
        elif value.size <= _TABLE:
            self._table = named(_make_table(value), caption)
            self._table.itemChanged.connect(self._set_item)
            layout.addWidget(self._table)

    def _fill(self, table: QTableWidget, value: Array) -> None:
        self._filling = True
        for (i, j), number in np.ndenumerate(np.atleast_2d(value)):
            item = table.item(i, j)
            if item is None:
                item = QTableWidgetItem()
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight)
                table.setItem(i, j, item)
            item.setText(f"{number:.4g}")
            item.setToolTip(f"{number!r}")
        self._filling = False

    # -- changing -----------------------------------------------------------------------------

    def _set(self, value: Array, merge: str | None = None) -> None:
        edit = SetParameterValues({self.name: to_tensor(value)})
        self._session.push(edit, f"Set {self.name}", merge)

    def _set_number(self, number: float, gesture: int) -> None:
        value = self._session.value(self.name)
        if value is not None:
            self._set(np.full(value.shape, number), f"value.{self.name}.{id(self)}.{gesture}")

    def _set_item(self, item: QTableWidgetItem) -> None:
        value = self._session.value(self.name)
        if self._filling or value is None:
            return
        try:
            number = float(item.text().replace(",", ".").replace("−", "-"))
        except ValueError:
            number = float("nan")
        if not np.isfinite(number):
            self._session.notice.emit(f"“{item.text()}” is not a number.")
            self.refresh()
            return
        changed = np.array(value)
        np.atleast_2d(changed)[item.row(), item.column()] = number
        self._set(changed)

    def _freeze(self, frozen: bool) -> None:
        verb = "Freeze" if frozen else "Train"
        self._session.push(SetFrozen({self.name: frozen}), f"{verb} {self.name}")

    def _forget(self) -> None:
        self._session.push(SetParameterValues({self.name: None}), f"Draw {self.name} anew")

    def _unshare(self) -> None:
        self._session.push(SetShared({self.slot: None}), f"Unshare {self.slot}")


def _make_table(value: Array) -> QTableWidget:
    rows, columns = np.atleast_2d(value).shape
    table = QTableWidget(rows, columns)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    table.horizontalHeader().setDefaultSectionSize(62)
    table.verticalHeader().setDefaultSectionSize(22)
    table.setHorizontalHeaderLabels([str(j + 1) for j in range(columns)])
    height = 22 * min(rows, 8) + table.horizontalHeader().sizeHint().height() + 20
    table.setFixedHeight(height)
    return table


def _summary(value: Array) -> str:
    shape = "×".join(map(str, value.shape))
    numbers = (value.mean(), value.min(), value.max(), np.linalg.norm(value))
    mean, low, high, norm = (number_text(float(number)) for number in numbers)
    return f"{shape} numbers: mean {mean}, from {low} to {high}, norm {norm}"
