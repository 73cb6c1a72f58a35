"""The palette: every node kind by group, found by typing, dragged onto the canvas."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QAbstractItemView, QTreeWidget, QTreeWidgetItem, QWidget

from graph.model.kinds import Library, NodeSpec
from gui.look import theme
from gui.widgets.fuzzy_match import score
from gui.widgets.layouts import column, named, search_line

MIME = "application/x-gradwire-kind"
_KIND = Qt.ItemDataRole.UserRole
_ICON = 22


class Palette(QWidget):
    """The node kinds of a library."""

    chosen = Signal(str)  # a kind was double-clicked, or Enter pressed on it

    def __init__(self, library: Library) -> None:
        super().__init__()
        self._library = library
        self.search, self.tree = search_line("Search kinds"), named(_KindTree(), "Node kinds")
        column(self.search, self.tree, of=self, margins=(6, 6, 6, 6))
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._choose_first)
        self.tree.itemActivated.connect(self._activate)
        self._fill("")

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons anew when the theme changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "tree"):
            self._fill(self.search.text())

    def shown_kinds(self) -> list[str]:
        """Return the kinds listed at present, best match first while searching."""
        items = self.tree.findItems("", Qt.MatchFlag.MatchContains | Qt.MatchFlag.MatchRecursive)
        return [kind for item in items if (kind := item.data(0, _KIND))]

    def _fill(self, text: str) -> None:
        self.tree.clear()
        if text.strip():
            for spec in matching(self._library, text):
                self.tree.addTopLevelItem(self._item(spec))
            if (first := self.tree.topLevelItem(0)) is not None:
                self.tree.setCurrentItem(first)
            return
        for group, specs in self._library.groups().items():
            heading = QTreeWidgetItem([group.capitalize()])
            font = heading.font(0)
            font.setBold(True)
            heading.setFont(0, font)
            heading.setFlags(Qt.ItemFlag.ItemIsEnabled)
            heading.addChildren([self._item(spec) for spec in specs])
            self.tree.addTopLevelItem(heading)
            heading.setExpanded(True)

    def _item(self, spec: NodeSpec) -> QTreeWidgetItem:
        item = QTreeWidgetItem([spec.title])
        item.setData(0, _KIND, spec.kind)
        colors = theme.of(self.palette())
        item.setIcon(0, kind_icon(spec, colors.group(spec.group)))
        item.setToolTip(0, kind_tip(spec))
        item.setFlags(
            Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
        )
        return item

    def _activate(self, item: QTreeWidgetItem) -> None:
        if kind := item.data(0, _KIND):
            self.chosen.emit(kind)

    def _choose_first(self) -> None:
        kinds = self.shown_kinds()
        if self.search.text().strip() and kinds:
            self.chosen.emit(kinds[0])


class _KindTree(QTreeWidget):
    """A tree whose kinds can be dragged out."""

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setIconSize(QSize(_ICON, _ICON))
        self.setIndentation(12)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)

    def mimeTypes(self) -> list[str]:
        """Name the one type that is dragged."""
        return [MIME]

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        """Carry the kind's name in UTF-8."""
        data = QMimeData()
        kinds = [kind for item in items if (kind := item.data(0, _KIND))]
        if kinds:
            data.setData(MIME, QByteArray(kinds[0].encode()))
        return data


def matching(library: Library, text: str) -> list[NodeSpec]:
    """Return the kinds that fit a typed text, best first."""
    ranked = [
        (score(text, (spec.title, spec.kind, *spec.aliases, spec.group, spec.formula)), spec)
        for spec in library.values()
    ]
    return [spec for fit, spec in sorted(ranked, key=lambda item: -item[0]) if fit > 0]


def kind_tip(spec: NodeSpec) -> str:
    """Return what a kind does and its formula, as rich text."""
    lines = [f"<b>{escape(spec.title, quote=False)}</b>", escape(spec.summary, quote=False)]
    if spec.formula:
        lines.append(f"<i>{escape(spec.formula, quote=False)}</i>")
    return "<br>".join(line for line in lines if line)


def kind_icon(spec: NodeSpec, color: QColor) -> QIcon:
    """Draw a kind's symbol on a plate of its group's colour."""
    scale = 3
    pixmap = QPixmap(_ICON * scale, _ICON * scale)
    pixmap.setDevicePixelRatio(scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    text = spec.symbol or spec.title[:1]
    with QPainter(pixmap) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(0.5, 0.5, _ICON - 1, _ICON - 1), 5, 5)
        painter.setPen(theme.ink_on(color))
        font = QFont(painter.font())
        font.setPixelSize({1: 14, 2: 12, 3: 9}.get(len(text), 7))
        font.setBold(True)
        painter.setFont(font)
        painter.drawText(QRectF(0, 0, _ICON, _ICON), Qt.AlignmentFlag.AlignCenter, text)
    return QIcon(pixmap)
