"""The problems list: what keeps the document from running; a click goes there."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QStackedLayout, QWidget

from gui.look import theme
from gui.look.theme import icon
from gui.session.session import Session
from gui.widgets.layouts import named

_NODES = Qt.ItemDataRole.UserRole


class ProblemList(QWidget):
    """Problems of the document, live."""

    chosen = Signal(object)  # one was clicked: the frozenset of its nodes, selected by now

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.list = named(QListWidget(), "Problems")
        self.list.setWordWrap(True)
        self._none = QLabel("No problems: the network can run.", wordWrap=True)
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._none)
        self._stack.addWidget(self.list)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        sources = session.problems_changed, session.training_changed, session.data_changed
        for signal in (*sources, session.kernels.changed):
            signal.connect(self.refresh)
        self.refresh()

    def count(self) -> int:
        """Return how many problems there are."""
        return self.list.count()

    def refresh(self) -> None:
        """List the problems anew."""
        self.list.clear()
        session, colors = self._session, theme.of(self.palette())
        marks = {
            "error": ("mdi6.alert-circle", colors.bad),
            "warning": ("mdi6.alert", colors.warning),
        }
        for text in filter(None, (session.calculation.data.error, session.run.failure)):
            self._add(text, (), icon(*marks["error"]))
        for problem in session.problems:
            self._add(problem.message, problem.nodes, icon(*marks[problem.severity]))
        compile_error = session.calculation.plan_error
        if compile_error and not any(p.severity == "error" for p in session.problems):
            self._add(compile_error, (), icon(*marks["error"]))
        for hint in session.hints:
            self._add(hint, (), icon(*marks["warning"]))
        self._stack.setCurrentIndex(1 if self.list.count() else 0)

    def changeEvent(self, event: QEvent) -> None:
        """Draw the icons anew when the theme changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_stack"):
            self.refresh()

    def _add(self, text: str, nodes: tuple[str, ...], mark: QIcon) -> None:
        item = QListWidgetItem(text[:1].upper() + text[1:])
        item.setIcon(mark)
        item.setData(_NODES, nodes)
        self.list.addItem(item)

    def _choose(self, item: QListWidgetItem) -> None:
        nodes = frozenset(item.data(_NODES) or ())
        if nodes:
            self._session.select(nodes)
            self.chosen.emit(nodes)
