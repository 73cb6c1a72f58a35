"""Space for buttons that have the focus, though it is also the window's key for play and pause."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QWidget


class SpaceKey(QObject):
    """Lets buttons keep Space when they were reached with Tab.

    A click does not give them the focus, so that Space after a click still plays or pauses.
    """

    def serve(self, parent: QWidget) -> None:
        """Treat all buttons inside a widget that way."""
        for button in parent.findChildren(QAbstractButton):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.removeEventFilter(self)
            button.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Claim Space before the window's shortcut does."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.ShortcutOverride:
            return False
        if event.key() != Qt.Key.Key_Space:
            return False
        event.accept()
        return True
