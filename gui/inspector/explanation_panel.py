"""The explanation panel: where the δ or the gradient of the selection comes from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QMimeData, QTimer, QUrl
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QTextBrowser, QWidget

from gui.session.session import Session
from gui.widgets.layouts import column, named, tool_button
from gui.widgets.override_guard import guarded

if TYPE_CHECKING:
    from engine.analysis.delta_terms import DeltaTerms
    from engine.interpreter.probe import Probe

_INTERVAL = 150  # ms between two updates
_JOB = "explanation"


class Explanation(QWidget):
    """Shows `explain` of the selection while it is seen; links select what they name.

    What is shown is the latest that was found out about this selection, and is taken away as soon
    as another is made. Nothing is shown that was found out about an older graph.
    """

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._shown = ""
        self.browser = named(QTextBrowser(openLinks=False), "Explanation")
        self.browser.anchorClicked.connect(self._follow)
        self.copy = tool_button("Copy", "Copy as text", self._copy)
        self.copy.setAutoRaise(False)
        column(self.browser, self.copy, of=self)
        self._subject: object = None
        self._timer = QTimer(self, singleShot=True, interval=_INTERVAL)
        self._timer.timeout.connect(self.update_now)
        session.selection_changed.connect(self.update_now)
        session.replaced.connect(self.update_now)
        session.readings_changed.connect(self._later)

    def update_now(self) -> None:
        """Explain what is selected, if the panel is seen: at once, or by work in the background."""
        from engine.analysis.delta_terms import delta_terms
        from gui.inspector.explanation_text import explain, node_in_question

        if not self.isVisible():
            return
        session, background = self._session, self._session.background
        subject = session.document, session.selection, session.row
        if subject != self._subject:
            self._subject = subject
            self._show("")
            background.drop(_JOB)
        readings, plan, theta = session.readings, session.calculation.shown, session.theta
        if readings is not None and not self._is_of_now(readings):
            return  # the new ones are on their way
        node = node_in_question(session)
        if node is None or readings is None or plan is None or theta is None:
            background.drop(_JOB)
            self._show(explain(session))
        elif _JOB not in background.busy:
            work = partial(delta_terms, plan, theta, readings, node)
            background.run(_JOB, work, partial(self._take, readings), self._show)

    def _is_of_now(self, readings: Probe) -> bool:
        calculation = self._session.calculation
        return readings.version == calculation.version and readings.row == self._session.row

    def _take(self, readings: Probe, terms: DeltaTerms) -> None:
        from gui.inspector.explanation_text import explain

        if self._is_of_now(readings):
            self._show(explain(self._session, terms))
        if readings is not self._session.readings:
            self._later()

    def _show(self, text: str) -> None:
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

    @guarded()
    def changeEvent(self, event: QEvent) -> None:
        """Write the links in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            text, self._shown = self._shown, ""
            self._show(text)

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
