"""The examples as pictures, in groups, with a search field."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QImage, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QWidget

from engine.headless.examples import paths
from gui.documents.example_index import GROUPS, read_examples
from gui.documents.thumbnails import Pictures
from gui.look import theme
from gui.start.example_card import PICTURE, Card
from gui.widgets.layouts import column, enlarged, search_line

_GAP = 14


class ExampleGallery(QWidget):
    """Cards of the examples; typing narrows them down, Enter opens the first.

    ``cards`` are all of them in reading order; none until the gallery is first seen.
    """

    chosen = Signal(object)  # the path of an example that was clicked

    def __init__(
        self, pictures: Pictures, paths: list[Path] | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__()
        self.pictures, self._paths = pictures, paths
        self.cards: list[Card] = []
        self._sections: dict[str, QWidget] = {}
        self._build()
        pictures.ready.connect(self._on_picture)
        self.setFocusProxy(self.search)

    def _build(self) -> None:
        self.search = search_line("Search the examples")
        self.search.setMaximumWidth(520)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._open_first)
        self.message = QLabel()
        self.message.hide()
        inside = QWidget()
        self._groups = column(of=inside, margins=(22, 4, 22, 22))
        self._groups.setSpacing(6)
        self._scroll = scrolling(inside)
        top = column(self.search, self.message, margins=(22, 18, 22, 6))
        column(top, (self._scroll, 1), of=self)

    def _fill(self) -> None:
        from superqt import QFlowLayout

        found = read_examples(paths() if self._paths is None else self._paths)
        for group in GROUPS:
            members = [example for example in found if example.group == group]
            if not members:
                continue
            section, flow = QWidget(), QFlowLayout()
            flow.setHorizontalSpacing(_GAP)
            flow.setVerticalSpacing(_GAP)
            column(heading(group), flow, of=section, margins=(0, 6, 0, 6))
            for example in members:
                card = Card(example)
                card.clicked.connect(self._open_card)
                card.installEventFilter(self)
                flow.addWidget(card)
                self.cards.append(card)
            self._groups.addWidget(section)
            self._sections[group] = section
        self._groups.addStretch(1)

    # -- showing -----------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Show the cards as soon as the window is seen; their pictures follow one by one."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._request)

    def hideEvent(self, event: QHideEvent) -> None:
        """Draw no pictures that are not seen."""
        self.pictures.stop()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.cards and self.isVisible():
            self._request()

    def _request(self) -> None:
        if not self.cards:
            self._fill()
        paths = [card.path for card in self.cards]
        dark = theme.of(self.palette()).is_dark
        self.pictures.request(paths, PICTURE, self.devicePixelRatioF(), dark=dark)

    def _on_picture(self, path: Path, image: QImage) -> None:
        for card in self.cards:
            if card.path == path:
                card.set_image(image)

    # -- doing -------------------------------------------------------------------------------

    def _open_card(self) -> None:
        card = self.sender()
        if isinstance(card, Card):
            self.chosen.emit(card.path)

    def _open_first(self) -> None:
        card = next((card for card in self.cards if not card.isHidden()), None)
        if card is not None:
            card.click()

    def _filter(self, text: str) -> None:
        for card in self.cards:
            card.setVisible(card.example.matches(text))
        for group, section in self._sections.items():
            section.setVisible(
                any(c.example.group == group and not c.isHidden() for c in self.cards)
            )
        nothing = all(card.isHidden() for card in self.cards)
        self.message.setText(f"No example matches “{text}”; try another word.")
        self.message.setVisible(nothing and bool(text))

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Move between the cards with the arrow keys; keep the focused one in sight."""
        if isinstance(watched, Card):
            if event.type() == QEvent.Type.FocusIn:
                self._scroll.ensureWidgetVisible(watched)
            elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
                return self._on_key(watched, event)
        return False

    def _on_key(self, card: Card, event: QKeyEvent) -> bool:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            card.click()
            return True
        cards = [card for card in self.cards if not card.isHidden()]
        place = cards.index(card)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            place += 1 if key == Qt.Key.Key_Right else -1
            cards[place % len(cards)].setFocus()
            return True
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            target = _vertical(card, cards, down=key == Qt.Key.Key_Down)
            if target is not None:
                target.setFocus()
            return True
        return False


def _vertical(card: Card, cards: list[Card], *, down: bool) -> Card | None:
    """Return the nearest card of the next row below or above."""
    here = card.mapToGlobal(card.rect().center())
    places = [(other.mapToGlobal(other.rect().center()), other) for other in cards]
    beyond = [
        (abs(point.y() - here.y()), abs(point.x() - here.x()), index)
        for index, (point, _) in enumerate(places)
        if (point.y() > here.y() + 8 if down else point.y() < here.y() - 8)
    ]
    return places[min(beyond)[2]][1] if beyond else None


def scrolling(inside: QWidget) -> QScrollArea:
    """Return what lets a widget be larger than its room."""
    scroll = QScrollArea(widgetResizable=True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    scroll.setWidget(inside)
    return scroll


def heading(text: str) -> QLabel:
    """Return a label for the title of a section."""
    label = enlarged(QLabel(text))
    label.setContentsMargins(0, 10, 0, 2)
    return label
