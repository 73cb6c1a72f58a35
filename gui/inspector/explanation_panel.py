"""The explanation panel: where the δ or the gradient of the selection comes from."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QTimer, QUrl
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QTextBrowser, QToolButton, QVBoxLayout, QWidget

from gui.session.session import Session

_INTERVAL = 150  # ms between two updates


class Explanation(QWidget):
    """Shows `explain` of the selection while it is seen; links select what they name."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.browser = QTextBrowser()
        self.browser.setAccessibleName("Explanation")
        self.browser.setOpenLinks(False)
        self.browser.anchorClicked.connect(self._follow)
        self.copy = QToolButton()
        self.copy.setText("Copy")
        self.copy.setToolTip("Copy as text")
        self.copy.clicked.connect(self._copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.browser)
        layout.addWidget(self.copy)
        self._shown = ""
        self._timer = QTimer(self, singleShot=True, interval=_INTERVAL)
        self._timer.timeout.connect(self.update_now)
        session.selection_changed.connect(self.update_now)
        session.replaced.connect(self.update_now)
        session.readings_changed.connect(self._later)

    def update_now(self) -> None:
        """Explain what is selected, if the panel is seen."""
        from gui.inspector.explanation_text import explain

        if self.isVisible():
            text = explain(self._session)
            if text != self._shown:
                self._shown = text
                place = self.browser.verticalScrollBar().value()
                self.browser.setHtml(text)
                self.browser.verticalScrollBar().setValue(place)

    def showEvent(self, event: QShowEvent) -> None:
        """Explain when it comes into sight."""
        super().showEvent(event)
        self._later()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop."""
        self._timer.stop()
        super().hideEvent(event)

    def _later(self) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def _follow(self, url: QUrl) -> None:
        what, _, name = url.toString().partition(":")
        name = QUrl.fromPercentEncoding(name.encode())
        if what == "edge":
            self._session.select((), [name])
        else:
            self._session.select([name])

    def _copy(self) -> None:
        data = QMimeData()
        data.setText(self.browser.toPlainText())
        data.setHtml(self._shown)
        QGuiApplication.clipboard().setMimeData(data)
