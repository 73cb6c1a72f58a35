"""The window: palette, canvas, inspector, plots, problems, run bar, menus, status."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QByteArray, QChildEvent, QEvent, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QStackedWidget, QTabBar, QTabWidget, QWidget

from graph.model.kinds import Library
from gui.canvas.graph_canvas import GraphCanvas
from gui.commands import graph_dialogs, window_commands
from gui.commands.actions import Actions
from gui.commands.command_palette import ShortcutList, choose_command
from gui.commands.context_menu import show_menu
from gui.documents.document_files import Documents, Prompts, dialogs_above
from gui.documents.recovery import Recovery
from gui.inspector.explanation_panel import Explanation
from gui.inspector.inspector import Inspector
from gui.inspector.problem_list import ProblemList
from gui.session.derived_state import NO_DATA
from gui.session.session import Session
from gui.settings import Settings
from gui.shell import recent_files
from gui.shell.dock_places import VERSION
from gui.shell.dock_places import restore as restore_places
from gui.shell.notice_bar import NoticeBar
from gui.shell.projector import Projector
from gui.shell.status_bar import Status
from gui.start.start_page import StartPage
from gui.training.breakpoints_panel import BreakpointsPanel
from gui.training.run_bar import RunBar
from gui.training.step_bar import StepBar
from gui.views import view_classes
from gui.widgets.node_palette import Palette

_LEFT, _RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea
_BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


class Window(QMainWindow):
    """One window with one session; it asks with Qt's dialogs unless it gets other prompts."""

    def __init__(
        self, library: Library, settings: Settings, prompts: Prompts | None = None
    ) -> None:
        super().__init__()
        self.settings = settings
        self.setAcceptDrops(True)
        self.session = Session(library, self)
        recovery = Recovery(self.session, settings.folder / "recovery")
        prompts = prompts or dialogs_above(self)
        self.documents = Documents(self.session, settings, recovery, prompts)
        self.canvas = GraphCanvas(self.session)
        self.start = StartPage(self.session, self.documents, settings)
        self.docks: dict[str, QDockWidget] = {}
        self._places: QByteArray | None = None
        self._make_centre()
        self._make_docks()
        self.run_bar = RunBar(self.session)
        self.addToolBar(self.run_bar)
        self.step_bar = StepBar(self.session)
        self.addToolBarBreak()
        self.step_bar.answered.connect(self.canvas.setFocus)
        self.addToolBar(self.step_bar)
        self.status = Status(self.session)
        self.setStatusBar(self.status)
        self._projector = Projector(self, self.canvas, self.docks.values)
        self.actions_by_id = Actions(self)
        self._make_menus()
        self._connect()
        restore_places(self, self.settings, self.docks)
        self.show_start()

    # -- building -----------------------------------------------------------------------------

    def _make_centre(self) -> None:
        self._pages = QStackedWidget()
        self.canvas.setMinimumSize(320, 200)
        self._pages.addWidget(self.start)
        self._pages.addWidget(self.canvas)
        self.setCentralWidget(self._pages)
        self.notices = NoticeBar(self._pages)
        self.setDockNestingEnabled(True)
        self.setCorner(Qt.Corner.BottomRightCorner, _RIGHT)
        self.setTabPosition(_BOTTOM, QTabWidget.TabPosition.North)

    def _make_docks(self) -> None:
        session = self.session
        self.kinds = Palette(session.library)
        self.inspector = Inspector(session)
        self.explanation = Explanation(session)
        self.problems = ProblemList(session)
        self._dock("palette", "Kinds", self.kinds, _LEFT)
        self._dock("inspector", "Inspector", self.inspector, _RIGHT)
        self._dock("explanation", "Explanation", self.explanation, _RIGHT)
        self.breakpoints = BreakpointsPanel(session, self.settings)
        stops = self._dock("breakpoints", "Breakpoints", self.breakpoints, _RIGHT)
        self.tabifyDockWidget(self.docks["inspector"], stops)
        self.docks["inspector"].raise_()
        first = None
        for view in view_classes():
            name = view.__module__.rpartition(".")[2]
            dock = self._dock(name, view.title, view(session), _BOTTOM)
            if first is not None:
                self.tabifyDockWidget(first, dock)
            first = first or dock
        problems = self._dock("problems", "Problems", self.problems, _BOTTOM)
        if first is not None:
            self.tabifyDockWidget(first, problems)
            first.raise_()

    def _dock(self, name: str, title: str, widget: QWidget, area: Qt.DockWidgetArea) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"dock.{name}")
        dock.setWidget(widget)
        self.addDockWidget(area, dock)
        self.docks[name] = dock
        return dock

    def _make_menus(self) -> None:
        menus = self.actions_by_id.fill(self.menuBar())
        recent_files.add(self, menus["File"], self.actions_by_id["file.start"])
        panels = menus["View"].addMenu("&Panels")
        for dock in self.docks.values():
            panels.addAction(dock.toggleViewAction())
        QTimer.singleShot(0, self.actions_by_id, self.actions_by_id.recolor)
        self.actions_by_id.update_now()

    def _connect(self) -> None:
        session = self.session
        session.notice.connect(self._tell)
        session.news.connect(self.status.show_news)
        session.replaced.connect(self._on_replaced)
        session.run.state_changed.connect(self._on_run_state)
        session.path_changed.connect(self._show_title)
        session.edited.connect(self._on_edit)
        session.undo_stack.cleanChanged.connect(self._show_title)
        self.documents.changed_on_disk.connect(self._offer_reload)
        self.start.line_requested.connect(partial(graph_dialogs.build_network, self))
        self.kinds.chosen.connect(self._add_kind)
        self.problems.chosen.connect(self._go_to)
        self.breakpoints.reached.connect(self.canvas.reveal)
        self.canvas.menu_requested.connect(partial(show_menu, self, self.actions_by_id))
        self.canvas.camera_changed.connect(self._show_zoom)
        self.canvas.set_motion(not self.settings.reduce_motion)
        self.canvas.set_dimming(self.settings.dim_others)
        self.status.problems_clicked.connect(lambda: self.raise_dock("problems"))

    # -- what is shown ------------------------------------------------------------------------

    def show_start(self) -> None:
        """Show the start page alone; the panels come back with the document."""
        self._projector.end()
        if not self.shows_start or self._places is None:
            self._places = self.saveState(VERSION)
        for panel in (*self.docks.values(), self.run_bar, self.step_bar):
            panel.hide()
        self._pages.setCurrentWidget(self.start)
        self._show_title()

    def show_canvas(self) -> None:
        """Show the document with the panels around it."""
        if self.shows_start and self._places is not None:
            self._pages.setCurrentWidget(self.canvas)
            self.restoreState(self._places, VERSION)
            self.step_bar.show_stop()
        self._show_title()
        self.canvas.setFocus()

    @property
    def shows_start(self) -> bool:
        """Whether the start page is what is seen."""
        return self._pages.currentWidget() is self.start

    def raise_dock(self, name: str) -> QWidget:
        """Bring a panel to the front and return what is in it."""
        self.docks[name].show()
        self.docks[name].raise_()
        return self.docks[name].widget()

    # -- what commands use --------------------------------------------------------------------

    @property
    def projects(self) -> bool:
        """Whether the canvas is shown alone, with larger type and strokes."""
        return self._projector.on

    def toggle_projector(self) -> None:
        """Show the canvas alone with larger type and strokes, or everything again."""
        self._projector.toggle()
        self.actions_by_id.update_now()

    def go_back(self) -> None:
        """Return to the explanation before."""
        self.explanation.back()

    def deepen(self, steps: int) -> None:
        """Open the explanation over more nodes, or fewer."""
        self.explanation.deepen(steps)

    @property
    def dialog_parent(self) -> QWidget:
        """The widget that dialogs open above and that takes the shortcuts."""
        return self

    def offer(self, text: str, action: str, callback: Callable[[], object]) -> None:
        """Show a sentence with a button that does something about it."""
        self.notices.show_text(text, action, callback)

    def show_training(self) -> None:
        """Show the training settings."""
        self.raise_dock("inspector")
        self.inspector.show_training()

    def show_commands(self) -> None:
        """Let a command be found by typing."""
        choose_command(self, self.actions_by_id)

    def show_shortcuts(self) -> None:
        """List all commands with their keys."""
        ShortcutList(self).show()

    def _on_replaced(self) -> None:
        self.show_canvas()
        self.canvas.fit()
        self.notices.hide()

    def _on_edit(self, _edit: object) -> None:
        self.notices.settle()
        if self.shows_start:
            self.show_canvas()

    def _on_run_state(self, state: object) -> None:
        if state == "running":
            self.notices.hide()

    def _show_title(self) -> None:
        if self.session.is_open:
            self.setWindowTitle(f"{self.documents.name}[*] — Gradwire")
        else:
            self.setWindowTitle("Gradwire")
        self.setWindowModified(not self.session.undo_stack.isClean())

    def _tell(self, problem: str) -> None:
        if problem == NO_DATA:
            self.offer(problem, "Choose data…", partial(window_commands.choose_data, self))
        else:
            self.notices.show_text(problem)

    def _offer_reload(self) -> None:
        changed = f"“{self.documents.name}” was changed by another program."
        self.offer(changed, "Read it again", self.documents.reload)

    # -- doing --------------------------------------------------------------------------------

    def _add_kind(self, kind: str) -> None:
        if not self.session.is_open:
            self.session.new()
        self.show_canvas()
        window_commands.add_in_view(self, kind)

    def _show_zoom(self) -> None:
        self.status.show_zoom(self.canvas.camera.scale)

    def _go_to(self, nodes: Iterable[str]) -> None:
        self.show_canvas()
        self.canvas.zoom_to(nodes)

    # -- files dropped on the window ----------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a document or a text table."""
        if recent_files.dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open a document; show a table in the data dialog."""
        path = recent_files.dropped(event)
        if path is not None and path.suffix == ".gradwire":
            self.documents.open(path)
        elif path is not None and self.session.is_open:
            window_commands.choose_data(self, path)

    # -- the window itself --------------------------------------------------------------------

    def childEvent(self, event: QChildEvent) -> None:
        """Keep the names on the tabs of docks whole: what has no room is scrolled to."""
        tabs = event.child()
        if event.type() == QEvent.Type.ChildPolished and isinstance(tabs, QTabBar):
            tabs.setElideMode(Qt.TextElideMode.ElideNone)
            tabs.setUsesScrollButtons(True)
        super().childEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow a change of the theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "actions_by_id"):
            self.actions_by_id.recolor()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved work, remember the places, end every thread."""
        if not self.documents.may_discard():
            event.ignore()
            return
        self._projector.end()
        self.settings.set_window("geometry", self.saveGeometry())
        places = self._places if self.shows_start and self._places else self.saveState(VERSION)
        self.settings.set_window("state", places)
        self.documents.recovery.end()
        self.session.close()
        super().closeEvent(event)
