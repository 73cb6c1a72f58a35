"""A popup in which one types to find something and Enter chooses it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QFrame, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from gui.widgets.fuzzy_match import score
from gui.widgets.layouts import column, search_line


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: what is shown left and right, what it does, and words that find it."""

    title: str
    detail: str
    choose: Callable[[], object]
    icon: QIcon
    words: tuple[str, ...] = ()


class Chooser(QFrame):
    """A popup with a search line over a list; Enter chooses, Escape closes."""

    closed = Signal()  # with or without a choice

    def __init__(self, parent: QWidget, entries: Sequence[Choice], prompt: str) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._window = parent.window()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self._entries = entries
        self.search = search_line(prompt)
        self.list = QTreeWidget(columnCount=2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.itemClicked.connect(self._choose)
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._choose)
        self.search.installEventFilter(self)
        column(self.search, self.list, of=self, margins=(8, 8, 8, 8))
        self._shown: list[Choice] = []
        self._fill("")

    def popup(self) -> None:
        """Show it in the upper middle of its parent's window."""
        window = self._window
        width, height = min(620, window.width() - 40), min(440, window.height() - 80)
        self.resize(width, height)
        header = self.list.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - width) // 2, corner.y() + 70)
        self.show()
        self.search.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrow keys move in the list while one types."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step is not None and self._shown:
                self._go_to((self._row() + step) % len(self._shown))
                return True
        return super().eventFilter(watched, event)

    def hideEvent(self, event: QEvent) -> None:
        """Tell that it is gone."""
        self.closed.emit()

    def _fill(self, text: str) -> None:
        ranked = [(score(text, (e.title, *e.words)), i, e) for i, e in enumerate(self._entries)]
        found = sorted((item for item in ranked if item[0] > 0), key=lambda item: -item[0])
        self._shown = [entry for *_, entry in found]
        self.list.clear()
        for entry in self._shown:
            item = QTreeWidgetItem([entry.title, entry.detail])
            item.setIcon(0, entry.icon)
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.list.addTopLevelItem(item)
        self._go_to(0)

    def _row(self) -> int:
        item = self.list.currentItem()
        return -1 if item is None else self.list.indexOfTopLevelItem(item)

    def _go_to(self, row: int) -> None:
        item = self.list.topLevelItem(row)
        if item is not None:
            self.list.setCurrentItem(item)

    def _choose(self) -> None:
        row = self._row()
        self.close()
        if 0 <= row < len(self._shown):
            self._shown[row].choose()
