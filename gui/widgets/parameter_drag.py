"""Parameters that are dragged, from where they are told of into a plot that keeps their curves."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDrag, QMouseEvent
from PySide6.QtWidgets import QApplication, QLabel

from gui.look.theme import icon
from gui.widgets.layouts import named

_MIME = "application/x-gradwire-parameters"
_SIZE = 18  # px


def parameters_mime(names: Iterable[str]) -> QMimeData:
    """Return what is dragged for some parameters."""
    mime = QMimeData()
    mime.setData(_MIME, "\n".join(names).encode())
    return mime


def dragged_parameters(mime: QMimeData) -> list[str]:
    """Return the parameters that are dragged; none if it is something else."""
    text = bytes(mime.data(_MIME).data()).decode(errors="replace")
    return text.split("\n") if text else []


class DragHandle(QLabel):
    """A handle; with the mouse it drags the parameters that ``parameters`` names then."""

    def __init__(self, parameters: Callable[[], list[str]]) -> None:
        super().__init__()
        self._parameters, self._pressed = parameters, QPoint()
        self.setPixmap(
            icon("mdi6.drag", self.palette().placeholderText().color()).pixmap(_SIZE, _SIZE)
        )
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        tip = "Drag into the gradients: their curves stay there, whatever is selected"
        named(self, "drag into a plot", tip)

    def mime(self) -> QMimeData:
        """Return what is dragged."""
        return parameters_mime(self._parameters())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a drag may begin."""
        self._pressed = event.position().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Begin to drag once the mouse is far enough away."""
        way = (event.position().toPoint() - self._pressed).manhattanLength()
        if event.buttons() & Qt.MouseButton.LeftButton and way >= QApplication.startDragDistance():
            drag = QDrag(self)
            drag.setMimeData(self.mime())
            drag.exec(Qt.DropAction.CopyAction)
