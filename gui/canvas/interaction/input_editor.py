"""Editing an input of the shown row by hand, and the way back to the row as it is stored."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from graph.model.kinds import Role
from gui.canvas.interaction.number_editor import PopupNumber
from gui.canvas.layers import legend
from gui.session.edited_row import DataEntry, entry_of
from gui.session.session import Session
from gui.widgets.layouts import row, tool_button
from gui.widgets.number_text import index_text

_MARGIN = 10  # pixels


class InputEntry(NamedTuple):
    """A number that an input node shows: where it is in the data, its name and its value."""

    entry: DataEntry
    name: str
    number: float


def is_input(session: Session, node: str) -> bool:
    """Tell whether a node shows columns of the data that can be edited by hand."""
    spec = session.document.spec(node)
    return spec is not None and spec.role is Role.INPUT


def input_entry(session: Session, node: str, component: int) -> InputEntry | None:
    """Return what a component of an input is in the shown row; None if there is no such one."""
    columns, place = session.document.params(node).get("columns", ()), component
    shown = session.calculation.probing.columns
    references = [str(name) for name in columns] if isinstance(columns, tuple) else []
    width = sum(shown[name].shape[1] for name in references if name in shown)
    label = session.document.nodes[node].label or node
    for reference in references:
        here = shown[reference].shape[1] if reference in shown else 0
        if place < here:
            name = f"{label}{index_text([component])}" if width > 1 else label
            return InputEntry(
                entry_of(reference, place, here), name, float(shown[reference][0, place])
            )
        place -= here
    return None


class InputEditor(PopupNumber):
    """Edits an input of the shown row; the data stay as they are."""

    def __init__(self, session: Session, shown: InputEntry, parent: QWidget) -> None:
        self._entry = shown
        super().__init__(session, shown.name, shown.number, parent)
        self.setToolTip(f"{self.toolTip()}; {shown.name} as the network sees it")

    def _set(self, number: float, _gesture: int = 0) -> None:
        self._session.edit_input(self._entry.entry, self._entry.name, float(number))


class EditedRowBar(QFrame):
    """Says over the legend what is changed by hand in the row that is shown, and leads back."""

    def __init__(self, session: Session, canvas: QWidget) -> None:
        super().__init__(canvas)
        canvas.installEventFilter(self)
        self._session, self._canvas = session, canvas
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.label = QLabel()
        self.back = tool_button(
            "Back to the row", "Show the row as it is stored  (Esc)", session.end_edits
        )
        self.back.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row(self.label, self.back, of=self, margins=(8, 2, 2, 2))
        session.readings_changed.connect(self.refresh)
        session.replaced.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what is changed; nothing while the row is as it is stored."""
        edited = self._session.edited_row is not None
        self.label.setText(self._session.rows_text if edited else "")
        self.setVisible(edited)
        self.place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place when the canvas changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self.place()
        return super().eventFilter(watched, event)

    def place(self) -> None:
        """Go to the lower left corner of the canvas, over its legend."""
        self.adjustSize()
        width, height = self._canvas.width(), self._canvas.height()
        free = height - legend.height(width, height)
        self.resize(min(self.width(), width - 2 * _MARGIN), self.height())
        self.move(_MARGIN, round(free - self.height() - _MARGIN))
