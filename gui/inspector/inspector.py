"""The inspector: a page about the selected node or edge, several of them, or the document."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QFrame, QScrollArea

from graph.model.impact import Applied, Impact
from gui.inspector.document_page import DocumentPage
from gui.inspector.edge_page import EdgePage
from gui.inspector.node_page import NodePage
from gui.inspector.page import Page
from gui.inspector.selection_page import ManyPage
from gui.jobs.follower import Follower
from gui.session.session import Session

_NUMBERS = 66  # ms between two updates of the numbers


class Inspector(QScrollArea):
    """Shows the page that fits the selection and keeps it up to date."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Inspector")
        self._about_document = DocumentPage(session)  # kept: it takes long to build
        self.page: Page = self._about_document
        self._take_wheel(self.page)
        self._signature = self._sign(self.page)
        self.setWidget(self.page)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.update_now)
        self._numbers = QTimer(self, singleShot=True, interval=_NUMBERS)
        self._numbers.timeout.connect(self._show_numbers)
        session.edited.connect(self._on_edit)
        for signal in (
            session.replaced,
            session.selection_changed,
            session.widths_changed,
            session.data_changed,
            session.training_changed,
        ):
            signal.connect(self._soon.start)
        session.readings_changed.connect(self._on_readings)
        turns = session.background, session.frames, session.publication
        self._follower = Follower(self, self._show_numbers, *turns)
        session.run.published.connect(self._on_published)

    def update_now(self) -> None:
        """Show the right page, with everything as it is now."""
        self._soon.stop()
        kind = type(self.page)
        wanted = self._wanted()
        if kind is not wanted or self._signature != self._sign(self.page):
            self._show(self._make(wanted))
        else:
            self.page.refresh()
            self.page.show_numbers()

    def _show(self, page: Page) -> None:
        before = self.takeWidget()
        if before is self._about_document:
            before.setParent(self)  # it goes with the inspector
        else:
            before.deleteLater()
        if page is self._about_document:
            page.refresh()
        else:
            self._take_wheel(page)
        self.page = page
        self.setWidget(page)
        self._signature = self._sign(page)

    def show_training(self) -> None:
        """Show the training settings, on the document's page."""
        self.update_now()
        if isinstance(self.page, DocumentPage):
            self.ensureWidgetVisible(self.page.training_box, 0, 400)

    def _wanted(self) -> type[Page]:
        selection = self._session.selection
        if len(selection.nodes) == 1 and not selection.edges:
            return NodePage
        if len(selection.edges) == 1 and not selection.nodes:
            return EdgePage
        return ManyPage if selection else DocumentPage

    def _make(self, kind: type[Page]) -> Page:
        selection = self._session.selection
        if kind is NodePage:
            return NodePage(self._session, next(iter(selection.nodes)))
        if kind is EdgePage:
            return EdgePage(self._session, next(iter(selection.edges)))
        return self._about_document if kind is DocumentPage else kind(self._session)

    def _sign(self, page: Page) -> tuple[object, ...]:
        return self._session.selection, type(page), page.signature()

    def _take_wheel(self, page: Page) -> None:
        """Let the wheel scroll the page, not change a field that lies under it."""
        for kind in (QComboBox, QAbstractSpinBox):
            for field in page.findChildren(kind):
                field.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass a wheel over a field on to the page, unless a number is being edited there."""
        if event.type() == QEvent.Type.Wheel and not (
            isinstance(watched, QAbstractSpinBox) and watched.hasFocus()
        ):
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _on_edit(self, applied: Applied) -> None:
        if applied.impact != Impact.LAYOUT:
            self._soon.start()

    def _on_readings(self) -> None:
        if not self._session.run.running and not self._numbers.isActive():
            self._numbers.start()

    def _on_published(self) -> None:
        if self.isVisible():
            self._follower.follow()

    def _show_numbers(self) -> None:
        if not self._soon.isActive() and self._signature == self._sign(self.page):
            self.page.show_numbers()
