"""The notice bar: one sentence above the canvas, with what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton

_SECONDS = 12


class NoticeBar(QFrame):
    """Shows the latest notice until it is closed, acted on, or old."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("notice")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.label = QLabel(wordWrap=True)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.action = QPushButton()
        close = QToolButton()
        close.setText("✕")
        close.setAutoRaise(True)
        close.setToolTip("Close")
        close.setAccessibleName("Close the notice")
        close.clicked.connect(self.hide)
        self.action.clicked.connect(self._act)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 4, 4)
        layout.addWidget(self.label, 1)
        layout.addWidget(self.action)
        layout.addWidget(close)
        self._callback: Callable[[], object] | None = None
        self._timer = QTimer(self, singleShot=True, interval=1000 * _SECONDS)
        self._timer.timeout.connect(self.hide)
        self.hide()

    @Slot(str)
    def show_text(
        self, text: str, action: str = "", callback: Callable[[], object] | None = None
    ) -> None:
        """Show a sentence, and a button that does something about it if there is one.

        One with a button stays until it is closed.
        """
        self.label.setText(text)
        self.setAccessibleName(text)
        self._callback = callback
        self.action.setText(action)
        self.action.setVisible(callback is not None)
        self.show()
        if callback is None:
            self._timer.start()
        else:
            self._timer.stop()

    def _act(self) -> None:
        callback, self._callback = self._callback, None
        self.hide()
        if callback is not None:
            callback()
