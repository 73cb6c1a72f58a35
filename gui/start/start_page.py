"""What is seen first: the examples as pictures, recent files, work to recover, a new network."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.documents.document_files import Documents
from gui.documents.recovery import Lost
from gui.documents.thumbnails import Pictures
from gui.look.theme import icon
from gui.session.session import Session
from gui.settings import Settings
from gui.start.example_gallery import ExampleGallery, heading, scrolling
from gui.widgets.layouts import column, enlarged, named, row

_SIDE = 270
_RECENT, _LOST = 8, 3  # how many are shown
_MIDDLE = Qt.TextElideMode.ElideMiddle


class StartPage(QWidget):
    """Start page, with the examples that come with Gradwire unless others are given."""

    line_requested = Signal()  # a network is to be drawn from one line (``2-4-1``)

    def __init__(
        self,
        session: Session,
        documents: Documents,
        settings: Settings,
        *,
        examples: list[Path] | None = None,
    ) -> None:
        super().__init__()
        self._documents, self._settings = documents, settings
        pictures = Pictures(session.library, session.background, settings.pictures, self)
        self.gallery = ExampleGallery(pictures, examples)
        row(self._make_side(), (self.gallery, 1), of=self).setSpacing(0)
        self.gallery.chosen.connect(documents.open_example)
        settings.changed.connect(self._show_recent)
        self.setFocusProxy(self.gallery)

    # -- building ----------------------------------------------------------------------------

    def _make_side(self) -> QWidget:
        side = QFrame()
        side.setAutoFillBackground(True)
        side.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        text = "Wire a network. Press play. See every value, every δ, every gradient."
        parts = enlarged(QLabel("Gradwire"), 2), QLabel(text, wordWrap=True)
        layout = column(*parts, of=side, margins=(20, 22, 20, 16))
        layout.setSpacing(8)
        layout.addSpacing(12)
        self.new = self._button(layout, "&New network", "mdi6.file-outline", self._documents.new)
        self.open = self._button(
            layout, "&Open…", "mdi6.folder-open-outline", self._documents.choose
        )
        self.line = self._button(
            layout, "&Draw from one line: 2-4-1", "mdi6.graph-outline", self.line_requested.emit
        )
        self._recovery = QVBoxLayout()
        layout.addLayout(self._recovery)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        layout.addLayout(self._recent)
        layout.addStretch(1)
        scroll = scrolling(side)  # so that the page can be lower than all it has to offer
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedWidth(_SIDE)
        return scroll

    def _button(
        self, layout: QVBoxLayout, text: str, icon_name: str, action: Callable[[], object]
    ) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("icon_name", icon_name)
        button.setStyleSheet("text-align: left; padding: 7px 10px;")
        button.clicked.connect(lambda: action())
        layout.addWidget(button)
        return button

    # -- showing -----------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Show what is there now; the pictures follow one by one."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._set_icons)
        self._show_recent()
        self._show_lost()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self._set_icons()

    def _set_icons(self) -> None:
        color = self.palette().color(QPalette.ColorRole.ButtonText)
        for button in (self.new, self.open, self.line):
            button.setIcon(icon(button.property("icon_name"), color))

    def _show_recent(self) -> None:
        _empty(self._recent)
        recent = self._settings.recent[:_RECENT]
        if recent:
            self._recent.addWidget(heading("Recent"))
        for path in recent:
            button = named(QPushButton(path.stem), tip=f"Open {path}")
            button.setFlat(True)
            button.setStyleSheet("text-align: left; padding: 4px;")
            button.clicked.connect(partial(self._documents.open, path))
            self._recent.addWidget(button)

    def _show_lost(self) -> None:
        _empty(self._recovery)
        lost = self._documents.recovery.lost()
        if lost:
            self._recovery.addWidget(heading("Unsaved work"))
        for work in lost[:_LOST]:
            self._recovery.addWidget(self._offer(work))
        if len(lost) > _LOST:
            self._recovery.addWidget(QLabel(f"and {len(lost) - _LOST} more"))

    def _offer(self, work: Lost) -> QWidget:
        box = QFrame()
        box.setFrameShape(QFrame.Shape.StyledPanel)
        when = time.strftime("%d %B, %H:%M", time.localtime(work.when))
        title = QLabel(self.fontMetrics().elidedText(work.title, _MIDDLE, _SIDE - 70))
        title.setToolTip(f"“{work.title}” was not saved before the program ended")
        buttons = row()
        for name, action in (("Recover", self._documents.recover), ("Discard", self._discard)):
            button = named(QPushButton(name), f"{name} {work.title}")
            button.clicked.connect(partial(action, work))
            buttons.addWidget(button)
        parts = title, QLabel(f"not saved on {when}"), buttons
        column(*parts, of=box, margins=None).setSpacing(3)
        return box

    # -- doing -------------------------------------------------------------------------------

    def _discard(self, work: Lost) -> None:
        self._documents.recovery.discard(work)
        self._show_lost()


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
