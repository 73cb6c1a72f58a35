"""One explanation: what it is of, its formula, the entries of a vector, the rows of a mean."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHeaderView, QLabel, QScrollArea, QTableView, QWidget

from engine.analysis.explanation import Expression, Quantity, parse_quantity
from engine.analysis.explanation.shown_numbers import shown_numbers
from engine.analysis.pictures import picture_shape
from engine.arrays.aliases import Array
from engine.declaration.symbolic import number_text as shown_number
from gui.formulas.formula_view import FormulaView
from gui.formulas.pieces import Piece
from gui.inspector.explanation_work import Answer, Share
from gui.session.session import Session
from gui.widgets.fields import whole
from gui.widgets.grid_model import GridModel
from gui.widgets.layouts import captioned, column, enlarged, named, row
from gui.widgets.number_text import number_text
from gui.widgets.pixel_grid import PixelGrid

_GRID, _TABLE = 150, 170  # px of height at most
_ENTRY = 24  # px of height at least

_PICK = "Which entry is explained, from 0"


class ShareTable(GridModel):
    """What each row gives to a mean, and their sum."""

    header = ("row", "share")

    def __init__(self) -> None:
        super().__init__()
        self.shares: tuple[Share, ...] = ()
        self._shown = shown_numbers(Expression("sum", 0.0, ""), 0)

    def show_shares(self, shares: tuple[Share, ...]) -> None:
        """Show other shares, with as many digits as their sum needs."""
        terms = tuple(Expression("value", share.value, share.name) for share in shares)
        total = Expression("sum", math.fsum(share.value for share in shares), "Σ", terms=terms)
        self._shown = shown_numbers(total, len(terms))
        if len(shares) != len(self.shares):
            self.beginResetModel()
            self.shares = shares
            self.endResetModel()
        else:
            self.shares = shares
            self.refresh()

    def rowCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008  (Qt's signature)
        """Return the number of rows, the sum among them."""
        return len(self.shares) + 1 if self.shares else 0

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return a row's name or share."""
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == 1:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if index.row() == len(self.shares):
            return ("Σ", self._shown.result)[index.column()]
        share = self.shares[index.row()]
        return (share.name, shown_number(share.value, self._shown.digits))[index.column()]


class ExplanationPage(QScrollArea):
    """Shows an `Answer`; terms and entries that are clicked are asked for.

    Attributes
    ----------
    asked : Signal(str)
        A quantity that is to be explained, or `MORE`.
    """

    asked = Signal(str)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.answer: Answer | None = None
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.heading = enlarged(QLabel(wordWrap=True), 1.05)
        self.about = QLabel(wordWrap=True)
        self.formula = FormulaView()
        self.formula.chosen.connect(self._on_chosen)
        self.formula.pointed.connect(self._on_pointed)
        self.notes = QLabel(wordWrap=True)
        self.notes.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.entry = QLabel()
        self.picks = tuple(named(whole(0, 0), name, _PICK) for name in ("Row", "Column"))
        self.picker = QWidget()
        row(captioned("entr&y", self.picks[0]), *self.picks, of=self.picker).addStretch(1)
        for pick in self.picks:
            pick.valueChanged.connect(self._on_picked)
        self.entries = named(PixelGrid(), "Entries")
        self.entries.hovered.connect(self._on_entry)
        self.entries.clicked.connect(self._on_entry_clicked)
        self._under: tuple[int, ...] = ()
        self._picked = Quantity("E")
        self.shares = ShareTable()
        self.table = named(QTableView(), "Shares of the rows")
        self.table.setModel(self.shares)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.setMaximumHeight(_TABLE)
        self.table.setToolTip("Double click a row to see its formula")
        self.table.doubleClicked.connect(self._on_row)
        inside = QWidget()
        entries = self.picker, self.entry, self.entries
        parts = (self.heading, self.about, *entries, self.formula, self.table, self.notes)
        box = column(*parts, of=inside, margins=(6, 4, 6, 4))
        box.addStretch(1)
        self.setWidget(inside)
        session.pointed_at.connect(self._on_pointed_at)
        self.say("")

    def show_answer(self, answer: Answer, moment: str, notes: Sequence[str] = ()) -> None:
        """Show an explanation; ``moment`` says of which rows and which update it is."""
        self.answer = answer
        self.heading.setText(answer.title)
        self.notes.setText("\n".join((*notes, *answer.notes)))
        self.notes.setVisible(bool(notes or answer.notes))
        self.about.setText(moment)
        self.formula.show_lines(answer.lines)
        self._show_entries(answer)
        self.shares.show_shares(answer.shares)
        self.heading.show()
        self.formula.show()
        self.table.setVisible(bool(answer.shares))

    def compare(self, updates: int) -> None:
        """Say that the canvas has gone on to another update, if it has."""
        answer = self.answer
        if answer is not None and answer.moment.updates != updates:
            sentence = answer.moment.sentence.rstrip(".")
            self.about.setText(f"{sentence}; the canvas shows update {updates:,}.")

    def say(self, sentence: str) -> None:
        """Show a sentence instead of an explanation; empty while the next one is on its way."""
        self.answer = None
        if sentence:
            self.picker.hide()  # else it would lose the keys with every step
        self.about.setText(sentence)
        self.formula.show_lines(())
        for part in (self.heading, self.formula, self.entry, self.entries, self.table, self.notes):
            part.hide()

    # -- entries of vectors and matrices ---------------------------------------------------------

    def _show_entries(self, answer: Answer) -> None:
        wide = answer.entries.size > 1 and answer.is_told
        self.picker.setVisible(wide)
        self.entry.setVisible(wide)
        self.entries.setVisible(wide)
        if wide:
            pixels = _as_picture(answer.entries)
            limit = float(np.nanmax(np.abs(pixels))) or 1.0
            kind = answer.quantity.partition(":")[0]
            is_value = kind in ("value", "s", "loss", "slope", "update")
            self.entries.show_pictures(pixels[None], limit, of_gradients=not is_value)
            self.entries.setFixedHeight(self._height())
            self._name_entry(answer.component)
            self._show_picks(answer)

    def _show_picks(self, answer: Answer) -> None:
        """Let an entry be chosen by keys: its index, or its row and column."""
        self._picked = parse_quantity(answer.quantity)
        for axis, pick in enumerate(self.picks):
            has_axis = axis < len(answer.component)
            pick.setVisible(has_axis)
            if has_axis and not (pick.hasFocus() and pick.lineEdit().isModified()):
                with QSignalBlocker(pick):
                    pick.setRange(0, answer.entries.shape[axis] - 1)
                    pick.setValue(answer.component[axis])

    def _on_picked(self) -> None:
        picked = tuple(pick.value() for pick in self.picks)[: len(self._picked.component)]
        self.asked.emit(str(self._picked._replace(component=picked)))

    def _height(self) -> int:
        """Return what a picture takes of the page at its width, no more than there is room for."""
        width = self.viewport().width() - 12
        return min(_GRID, max(self.entries.heightForWidth(width), _ENTRY))

    def _name_entry(self, component: tuple[int, ...]) -> None:
        if self.answer is not None and component:
            number = float(self.answer.entries[component])
            shape = " × ".join(map(str, self.answer.entries.shape))
            place = ",".join(map(str, component))
            self.entry.setText(f"entry [{place}] of {shape}: {number_text(number, 6)}")

    def _on_entry(self, found: tuple[int, int, int] | None) -> None:
        if self.answer is None or self.answer.entries.size < 2:
            return
        if found is None:
            self._under = ()
        else:
            _, row, place = found
            width = _as_picture(self.answer.entries).shape[1]
            flat = row * width + place
            shape = self.answer.entries.shape
            self._under = tuple(int(i) for i in np.unravel_index(flat, shape))
        self._name_entry(self._under or self.answer.component)

    def _on_entry_clicked(self, _picture: int) -> None:
        if self.answer is not None and self._under:
            asked = parse_quantity(self.answer.quantity)
            self.asked.emit(str(asked._replace(component=self._under)))

    # -- terms and rows --------------------------------------------------------------------------

    def _on_chosen(self, piece: Piece) -> None:
        self.asked.emit(piece.opens)

    def _on_pointed(self, piece: Piece | None) -> None:
        if piece is None:
            self._session.point_at()
        else:
            own = (piece.place,) if piece.place is not None else ()
            self._session.point_at(*own, *piece.along)

    def _on_pointed_at(self) -> None:
        session = self._session
        carried = {("parameter", session.document.parameter_name(f"{edge}.weight"))
                   for kind, edge in session.pointed if kind == "edge"}  # fmt: skip
        edges = {("edge", edge) for edge in session.pointed_edges}
        self.formula.light(frozenset({*session.pointed, *carried, *edges}))  # type: ignore[arg-type]

    def _on_row(self, index: QModelIndex) -> None:
        shares = self.shares.shares
        row = shares[index.row()].row if index.row() < len(shares) else None
        if row is not None:
            self._session.set_row(row)


def _as_picture(entries: Array) -> Array:
    """Return entries as rows and columns: a vector in one row, or as the picture that it is."""
    if entries.ndim == 1:
        return entries.reshape(picture_shape(entries.size) or (1, entries.size))
    return entries.reshape(len(entries), -1)
