"""The notice bar: a problem in one sentence above the canvas, with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from gui.widgets.layouts import row, tool_button

_WIDEST, _MARGIN = 760, 10  # px


class NoticeBar(QFrame):
    """Shows the latest problem until it is closed, or the user has gone on.

    It floats over the top of its parent, so that nothing below has to move.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        parent.installEventFilter(self)
        self.setObjectName("notice")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.label = QLabel(wordWrap=True)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action = QPushButton()
        close = tool_button("✕", "Close", self._dismiss, name="Close the notice")
        self.action.clicked.connect(self._act)
        for button in (self.action, close):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the canvas its keys
        row((self.label, 1), self.action, close, of=self, margins=(10, 4, 4, 4))
        self._callback: Callable[[], object] | None = None
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in place when the parent changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            text = self.label.fontMetrics().horizontalAdvance(self.label.text())
            beside = self.sizeHint().width() - self.label.sizeHint().width()
            width = min(_WIDEST, parent.width() - 2 * _MARGIN, text + beside + _MARGIN)
            height = max(self.sizeHint().height(), self.heightForWidth(width))
            self.setGeometry((parent.width() - width) // 2, _MARGIN, width, height)
            self.raise_()

    @Slot(str)
    def show_text(
        self, text: str, action: str = "", callback: Callable[[], object] | None = None
    ) -> None:
        """Show a problem, and a button that does something about it if there is one."""
        self.label.setText(text)
        self.setAccessibleName(text)
        self._callback = callback
        self.action.setText(action)
        self.action.setVisible(callback is not None)
        self.show()
        self._place()

    def settle(self) -> None:
        """Take a problem away: the user has gone on to something else."""
        if self._callback is None:
            self.hide()

    def _dismiss(self) -> None:
        """Go, and leave the focus to what lies below, not to whatever is next."""
        parent, focused = self.parentWidget(), QApplication.focusWidget()
        below = parent.currentWidget() if isinstance(parent, QStackedWidget) else parent
        if below and focused and self.isAncestorOf(focused):
            below.setFocus()
        self.hide()

    def _act(self) -> None:
        callback, self._callback = self._callback, None
        self._dismiss()
        if callback is not None:
            callback()
