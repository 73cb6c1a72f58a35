"""The commands as Qt actions, and the menus made of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from gui.commands.context import CommandContext
from gui.commands.table import COMMANDS, SECTIONS, Command
from gui.look.theme import icon
from gui.widgets.override_guard import guarded


class Actions(QObject):
    """One action for each command, enabled and checked as the context's state has it."""

    def __init__(self, context: CommandContext) -> None:
        super().__init__(context.dialog_parent)
        self._context = context
        self._actions = {command.id: self._make(command) for command in COMMANDS}
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.update_now)
        session = context.session
        for signal in (
            session.edited,
            session.replaced,
            session.selection_changed,
            session.training_changed,
            session.shown_changed,
            session.problems_changed,
            context.settings.changed,
            session.undo_stack.indexChanged,
        ):
            signal.connect(self._soon.start)
        context.dialog_parent.installEventFilter(self)

    @guarded(default=False)
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Bring the actions up to date before keys are looked up: a disabled one has none."""
        if event.type() == QEvent.Type.ShortcutOverride and self._soon.isActive():
            self._soon.stop()
            self.update_now()
        return False

    def __getitem__(self, command_id: str) -> QAction:
        return self._actions[command_id]

    def update_now(self) -> None:
        """Enable and check every action as it should be now."""
        context = self._context
        for command in COMMANDS:
            action = self._actions[command.id]
            action.setEnabled(bool(command.when(context)))
            if command.checked is not None:
                action.setChecked(bool(command.checked(context)))
        for name in ("undo", "redo"):
            stack = context.session.undo_stack
            text = stack.undoText() if name == "undo" else stack.redoText()
            verb = name.capitalize()
            self._actions[f"edit.{name}"].setText(f"&{verb}: {text}" if text else f"&{verb}")

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Add the menus to a menu bar and return them by title (``File``, ``File/Export``)."""
        menus: dict[str, QMenu] = {}
        for section in SECTIONS:
            top = _menu(menus, section[0].menu[:1], bar)
            if not top.isEmpty():
                top.addSeparator()
            for command in section:
                _menu(menus, command.menu, bar).addAction(self[command.id])
        return menus

    def recolor(self) -> None:
        """Draw the icons in the theme's text colour."""
        color = self._context.dialog_parent.palette().windowText().color()
        for command in COMMANDS:
            if command.icon:
                self._actions[command.id].setIcon(icon(f"mdi6.{command.icon}", color))

    def _make(self, command: Command) -> QAction:
        window = self._context.dialog_parent
        action = QAction(command.label, window)
        action.setObjectName(command.id)
        action.setShortcuts([QKeySequence(keys) for keys in command.shortcut.split()])
        action.setCheckable(command.checked is not None)
        action.setToolTip(tip(command))
        action.triggered.connect(self._trigger(command))
        window.addAction(action)
        return action

    def _trigger(self, command: Command) -> Callable[[], None]:
        def run() -> None:
            if command.when(self._context):
                command.run(self._context)
            self._soon.start()

        return run


def tip(command: Command) -> str:
    """Return a command's name and its keys."""
    keys = keys_text(command)
    return f"{command.name}  ({keys})" if keys else command.name


def keys_text(command: Command) -> str:
    """Return a command's keys as the system writes them; alternatives after ``or``."""
    native = QKeySequence.SequenceFormat.NativeText
    return " or ".join(QKeySequence(keys).toString(native) for keys in command.shortcut.split())


def _menu(menus: dict[str, QMenu], path: tuple[str, ...], bar: QMenuBar) -> QMenu:
    key = "/".join(path).replace("&", "")
    if key not in menus:
        if len(path) > 1:
            menus[key] = _menu(menus, path[:1], bar).addMenu(path[-1])
        else:
            menus[key] = bar.addMenu(f"&{path[0]}")
    return menus[key]
