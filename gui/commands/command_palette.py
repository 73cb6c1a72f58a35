"""Find a command by typing (Ctrl+Shift+P), and the list of shortcuts (F1)."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QTreeWidget, QTreeWidgetItem, QWidget

from gui.commands.actions import Actions, keys_text
from gui.commands.table import COMMANDS, SECTIONS
from gui.widgets.chooser import Choice, Chooser
from gui.widgets.fuzzy_match import score
from gui.widgets.layouts import column, search_line

_GESTURES = (
    ("Find a kind and add it", "Tab, or double-click on empty canvas"),
    ("Move the view", "middle button, Space + drag, or two fingers"),
    ("Zoom", "Ctrl + wheel, or pinch"),
    ("Select with a box", "drag on empty canvas"),
    ("Wire", "drag from an output to an input, or back"),
    ("Wire by keyboard", "C"),
    ("Cut wires", "Ctrl + drag across them"),
    ("Duplicate by dragging", "Alt + drag"),
    ("Move between nodes", "arrow keys"),
    ("Edit a weight or bias", "Enter, or double-click its number"),
)


def choose_command(parent: QWidget, actions: Actions) -> None:
    """Let a command that can be used now be found by typing."""
    actions.update_now()
    choices = []
    for command in COMMANDS:
        action = actions[command.id]
        if command.id != "help.commands" and action.isEnabled():
            icon = action.icon() if command.icon else QIcon()
            words = (" ".join(command.menu),)
            keys = keys_text(command)
            choices.append(Choice(command.name, keys, action.trigger, icon, words))
    Chooser(parent, choices, "Find a command").popup()


class ShortcutList(QDialog):
    """All commands by menu, with their keys; a line to search in."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Keyboard and mouse")
        self.resize(560, 640)
        self.search = search_line("Search")
        self.tree = QTreeWidget()
        self.tree.setHeaderLabels(["Command", "Keys"])
        self.tree.setColumnWidth(0, 340)
        column(self.search, self.tree, of=self, margins=None)
        self._tops: dict[str, QTreeWidgetItem] = {}
        for section in SECTIONS:
            for command in section:
                self._add(command.menu[0], command.name, keys_text(command))
        for what, how in _GESTURES:
            self._add("On the canvas", what, how)
        self.tree.expandAll()
        self.search.textChanged.connect(self._filter)

    def _add(self, top: str, name: str, keys: str) -> None:
        if top not in self._tops:
            self._tops[top] = QTreeWidgetItem([top])
            self.tree.addTopLevelItem(self._tops[top])
        self._tops[top].addChild(QTreeWidgetItem([name, keys]))

    def _filter(self, text: str) -> None:
        for top in self._tops.values():
            shown = 0
            for i in range(top.childCount()):
                child = top.child(i)
                if child is not None:
                    child.setHidden(score(text, (child.text(0), child.text(1))) == 0)
                    shown += not child.isHidden()
            top.setHidden(shown == 0)
