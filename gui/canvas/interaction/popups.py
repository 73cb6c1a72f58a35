"""The small widgets that appear over the canvas, one at a time."""

from __future__ import annotations

import math
from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QWidget

from graph.model.kinds import NodeSpec
from gui.canvas.interaction.input_editor import InputEditor, InputEntry
from gui.canvas.interaction.kind_search import Search
from gui.canvas.interaction.number_editor import NumberEditor, PopupNumber, shape_of
from gui.session.session import Session


class Popups(QObject):
    """Opens the search or a number editor over a canvas, which gets the keyboard back after."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._open: Search | PopupNumber | None = None

    def search(
        self,
        at: QPoint,
        session: Session,
        accepts: Callable[[NodeSpec], bool],
        choose: Callable[[str], object],
    ) -> None:
        """Open the search over the kinds that are accepted."""
        self.close()
        search = Search(session.library, accepts, self._canvas)
        search.chosen.connect(choose)
        self._show(search, at)

    def edit(self, at: QPoint, session: Session, slot: str) -> None:
        """Open an editor on a trainable slot, if it is a single number."""
        self.close()
        if math.prod(shape_of(session, slot) or (0,)) == 1:
            self._show(NumberEditor(session, slot, self._canvas), at)
        else:
            session.notice.emit(f"{slot} is not a single number; the inspector shows it.")

    def edit_input(self, at: QPoint, session: Session, shown: InputEntry) -> None:
        """Open an editor on an input of the shown row."""
        self.close()
        self._show(InputEditor(session, shown, self._canvas), at)

    def close(self) -> None:
        """Close what is open."""
        if self._open is not None:
            self._open.dismiss()

    def _show(self, popup: Search | PopupNumber, at: QPoint) -> None:
        self._open = popup
        popup.closed.connect(self._on_closed)
        popup.open_at(at)

    def _on_closed(self) -> None:
        self._open = None
        self._canvas.setFocus(Qt.FocusReason.PopupFocusReason)
