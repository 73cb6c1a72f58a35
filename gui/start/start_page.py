"""What is seen first: the examples as pictures, recent files, work to recover, a new network."""

from __future__ import annotations

import time
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui.documents.document_files import Documents
from gui.documents.recovery import Lost
from gui.documents.thumbnails import Pictures
from gui.look.theme import icon
from gui.session.session import Session
from gui.settings import Settings
from gui.start.example_gallery import ExampleGallery, heading

_SIDE = 270
_RECENT, _LOST = 8, 3  # how many are shown
_MIDDLE = Qt.TextElideMode.ElideMiddle


class StartPage(QWidget):
    """Start page.

    Parameters
    ----------
    session : Session
        Knows the node kinds.
    documents : Documents
        Opens what is chosen.
    settings : Settings
        Knows the recent files.
    examples : list of Path, optional
        The examples; those that come with Gradwire by default.

    Attributes
    ----------
    line_requested : Signal()
        The user wants to draw a network from one line (``2-4-1``).
    """

    line_requested = Signal()

    def __init__(
        self,
        session: Session,
        documents: Documents,
        settings: Settings,
        *,
        examples: list[Path] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._documents, self._settings = documents, settings
        pictures = Pictures(session.library, session.background, settings.pictures, self)
        self.gallery = ExampleGallery(pictures, examples)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._make_side())
        layout.addWidget(self.gallery, 1)
        self.gallery.chosen.connect(documents.open_example)
        settings.changed.connect(self._show_recent)
        self.setFocusProxy(self.gallery)

    # -- building ----------------------------------------------------------------------------

    def _make_side(self) -> QWidget:
        side = QFrame()
        side.setAutoFillBackground(True)
        side.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        layout = QVBoxLayout(side)
        layout.setContentsMargins(20, 22, 20, 16)
        layout.setSpacing(8)
        name = QLabel("Gradwire")
        font = name.font()
        font.setPointSizeF(font.pointSizeF() * 2)
        font.setBold(True)
        name.setFont(font)
        layout.addWidget(name)
        text = QLabel("Wire a network. Press play. See every value, every δ, every gradient.")
        text.setWordWrap(True)
        layout.addWidget(text)
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
        scroll = QScrollArea()  # so that the page can be lower than all it has to offer
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidgetResizable(True)
        scroll.setFixedWidth(_SIDE)
        scroll.setWidget(side)
        return scroll

    def _button(
        self, layout: QVBoxLayout, text: str, icon_name: str, action: object
    ) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("icon_name", icon_name)
        button.setStyleSheet("text-align: left; padding: 7px 10px;")
        button.clicked.connect(lambda: action())  # type: ignore[operator]  # a bound method
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
            button = _link(path.stem, f"Open {path}")
            button.clicked.connect(lambda _=False, path=path: self._documents.open(path))
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
        layout = QVBoxLayout(box)
        layout.setSpacing(3)
        when = time.strftime("%d %B, %H:%M", time.localtime(work.when))
        title = QLabel(self.fontMetrics().elidedText(work.title, _MIDDLE, _SIDE - 70))
        title.setToolTip(f"“{work.title}” was not saved before the program ended")
        layout.addWidget(title)
        layout.addWidget(QLabel(f"not saved on {when}"))
        buttons = QHBoxLayout()
        for name, action in (("Recover", self._recover), ("Discard", self._discard)):
            button = QPushButton(name)
            button.setAccessibleName(f"{name} {work.title}")
            button.clicked.connect(lambda _=False, action=action: action(work))
            buttons.addWidget(button)
        layout.addLayout(buttons)
        return box

    # -- doing -------------------------------------------------------------------------------

    def _recover(self, work: Lost) -> None:
        self._documents.recover(work)

    def _discard(self, work: Lost) -> None:
        self._documents.recovery.discard(work)
        self._show_lost()


def _link(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setFlat(True)
    button.setToolTip(tip)
    button.setStyleSheet("text-align: left; padding: 4px;")
    return button


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
