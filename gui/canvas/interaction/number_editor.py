"""Editing a weight or a bias where it stands: type, step or scrub, and E moves along."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from graph.model.edits import SetParameterValues
from graph.model.slot_names import owner
from graph.model.tensor import Tensor
from graph.validation.width_inference import slot_shapes
from gui.canvas.model.hit_test import Hit, HitKind
from gui.session.session import Session
from gui.widgets.number_field import NumberField

_WIDTH = 110
_numbers = itertools.count()


def slot_of(session: Session, hit: Hit) -> str | None:
    """Return the trainable slot that a double click on something edits."""
    document = session.document
    if hit.part is HitKind.EDGE:
        slot = f"{hit.id}.weight"
        return slot if slot in document.slots(document.edges[hit.id].target) else None
    if hit.part is HitKind.NODE:
        return next((s for s in document.slots(hit.id) if owner(s) == hit.id), None)
    return None


def shape_of(session: Session, slot: str) -> tuple[int, ...] | None:
    """Return the shape of a slot's parameter; None while the widths are unknown."""
    document = session.document
    name = document.parameter_name(slot)
    value, tensor = session.value(name), document.parameters.get(name)
    if value is not None:
        return value.shape
    if tensor is not None:
        return tensor.shape
    if session.widths is None:
        return None
    belongs = owner(slot)
    edge = document.edges.get(belongs)
    return slot_shapes(document, session.widths, edge.target if edge else belongs).get(slot)


def number_of(session: Session, slot: str) -> float:
    """Return the present value of a slot that is a single number; 0 if it has none yet."""
    name = session.document.parameter_name(slot)
    value, tensor = session.value(name), session.document.parameters.get(name)
    if value is not None:
        return float(value.reshape(-1)[0])
    return tensor.numbers()[0] if tensor else 0.0


class PopupNumber(NumberField):
    """A field over the canvas; subclasses say what `_set` does. Esc brings the old number back.

    Parameters
    ----------
    session : Session
        Whose numbers follow.
    name : str
        What is edited.
    before : float
        Its present number.
    parent : QWidget
        The canvas.
    """

    closed = Signal()  # editing has ended

    def __init__(self, session: Session, name: str, before: float, parent: QWidget) -> None:
        super().__init__(parent=parent)
        self._session, self._before = session, before
        self.scrub_began.connect(session.begin_scrub)
        self.scrub_ended.connect(session.end_scrub)
        self.setAccessibleName(f"value of {name}")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.show_value(before)
        self.edited.connect(self._set)
        self.lineEdit().installEventFilter(self)

    def open_at(self, at: QPoint) -> None:
        """Appear centred on a point of the canvas and take the keyboard."""
        height = self.sizeHint().height()
        self.setGeometry(at.x() - _WIDTH // 2, at.y() - height // 2, _WIDTH, height)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)
        self.selectAll()

    def dismiss(self) -> None:
        """Go away; what was entered stays."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()
            self.deleteLater()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter keeps the number and closes, Esc brings the old one back and closes."""
        if event.key() == Qt.Key.Key_Escape:
            if self.value() != self._before:
                self._set(self._before)
            self.dismiss()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.interpretText()
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Close when the keyboard goes elsewhere."""
        if event.type() == QEvent.Type.FocusOut and not self.hasFocus():
            self.interpretText()
            self.dismiss()
        return super().eventFilter(watched, event)

    def _set(self, number: float, _gesture: int = 0) -> None:
        raise NotImplementedError


class NumberEditor(PopupNumber):
    """Edits a trainable slot (``x1-h1.weight``) that is a single number, as one undo entry."""

    def __init__(self, session: Session, slot: str, parent: QWidget) -> None:
        self._name = session.document.parameter_name(slot)
        self._merge = f"canvas-number-{next(_numbers)}"
        self._shape = shape_of(session, slot) or (1,)
        super().__init__(session, self._name, number_of(session, slot), parent)

    def _set(self, number: float, _gesture: int = 0) -> None:
        nested: list[object] | float = float(number)
        for _ in self._shape:
            nested = [nested]
        edit = SetParameterValues({self._name: Tensor.of(nested)})  # type: ignore[arg-type]  # a recursive alias
        self._session.push(edit, f"Set {self._name}", self._merge)
