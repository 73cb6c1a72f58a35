"""The search popup: type a few letters of a kind, Enter adds it at the mouse."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from graph.model.kinds import Library, NodeSpec
from gui.look import theme
from gui.widgets.node_palette import kind_icon, kind_tip, matching

_KIND = Qt.ItemDataRole.UserRole
_SIZE = QSize(380, 330)
_NAME_WIDTH = 170
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class Search(QFrame):
    """A small window in the canvas with a field and the kinds that fit what is typed.

    Attributes
    ----------
    chosen : Signal(str)
        A kind was chosen; the popup is closed already.
    closed : Signal()
        It is gone, with or without a choice.
    """

    chosen = Signal(str)
    closed = Signal()

    def __init__(
        self, library: Library, accepts: Callable[[NodeSpec], bool], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._canvas, self._library, self._accepts = parent, library, accepts
        self.setObjectName("search")
        self.setAccessibleName("Add a node")
        self.field = QLineEdit(self)
        self.field.setPlaceholderText("Search nodes by name, sign or formula")
        self.field.setAccessibleName("Search nodes")
        self.field.setClearButtonEnabled(True)
        self.list = QTreeWidget(self)
        self.list.setColumnCount(2)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setIconSize(QSize(20, 20))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.header().setStretchLastSection(True)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.list.header().resizeSection(0, _NAME_WIDTH)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        self._dress()
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._choose)
        self._fill("")

    def open_at(self, at: QPoint) -> None:
        """Appear beside a point of the parent, inside it, and take the keyboard."""
        parent = self._canvas
        size = _SIZE.boundedTo(parent.size())
        left = min(max(at.x() - 20, 0), parent.width() - size.width())
        top = min(max(at.y() - 20, 0), parent.height() - size.height())
        self.setGeometry(left, top, size.width(), size.height())
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def shown_kinds(self) -> list[str]:
        """Return the kinds listed, best first."""
        items = (self.list.topLevelItem(i) for i in range(self.list.topLevelItemCount()))
        return [item.data(0, _KIND) for item in items if item is not None]

    def dismiss(self) -> None:
        """Go away."""
        if not self.isHidden():
            self.hide()
            self.closed.emit()
            self.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the field's keys move in the list, choose and close."""
        if event.type() == QEvent.Type.FocusOut and watched is self.field:
            self.dismiss()
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return super().eventFilter(watched, event)

    def _dress(self) -> None:
        colors = theme.of(self._canvas.palette())
        self.setStyleSheet(
            f"#search {{ background: {colors.plate}; border: 1px solid {colors.border};"
            f" border-radius: 8px; }} QTreeWidget {{ background: {colors.plate}; }}"
            " QTreeWidget::item { height: 26px; }"
        )

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.dismiss()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.list.currentItem())
        elif key in _LIST_KEYS:
            self.list.keyPressEvent(event)
        else:
            return False
        return True

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            kind = str(item.data(0, _KIND))
            self.dismiss()
            self.chosen.emit(kind)

    def _fill(self, text: str) -> None:
        self.list.clear()
        colors = theme.of(self.palette())
        for spec in matching(self._library, text):
            if self._accepts(spec):
                item = QTreeWidgetItem([spec.title, spec.formula or spec.summary])
                item.setData(0, _KIND, spec.kind)
                item.setIcon(0, kind_icon(spec, colors.group(spec.group)))
                item.setForeground(1, QColor(colors.muted))
                item.setToolTip(0, kind_tip(spec))
                item.setToolTip(1, kind_tip(spec))
                self.list.addTopLevelItem(item)
        if (first := self.list.topLevelItem(0)) is not None:
            self.list.setCurrentItem(first)
