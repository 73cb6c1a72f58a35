"""What the View, Help and some other menus do with the window."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QFileDialog

from graph.model.edits import Position
from gui.look import theme
from gui.settings import ThemeChoice

if TYPE_CHECKING:
    from gui.shell.window import Window

_CLEAR = 40.0  # scene units by which nodes added one after the other stand apart
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


def choose_data(window: Window) -> None:
    """Open the data dialog."""
    show_data(window, None)


def import_csv(window: Window) -> None:
    """Ask for a text table and open the data dialog on it."""
    name, _ = QFileDialog.getOpenFileName(
        window,
        "Import CSV",
        str(window.settings.last_folder),
        "Tables (*.csv *.tsv *.txt);;All files (*)",
    )
    if name:
        show_data(window, Path(name))


def show_data(window: Window, path: Path | None) -> None:
    """Open the data dialog, on a text table if one is given."""
    from gui.data.dialog import DataDialog

    window.session.run.pause()
    dialog = DataDialog(window.session, window)
    if path is not None:
        dialog.show_file(path)
    dialog.open()


def zoom(window: Window, factor: float) -> None:
    """Zoom the canvas about its middle."""
    window.canvas.zoom_by(factor)


def zoom_to_selection(window: Window) -> None:
    """Show the selected nodes as large as they fit."""
    window.canvas.zoom_to(window.session.selection.nodes)


def add_in_view(window: Window, kind: str) -> None:
    """Add a node of a kind in the middle of what is seen."""
    canvas = window.canvas
    x, y = canvas.scene_position(canvas.rect().center())
    taken = window.session.document.positions.values()
    while any(abs(x - a) < _CLEAR and abs(y - b) < _CLEAR for a, b in taken):
        x, y = x + _CLEAR, y + _CLEAR
    canvas.add_at(kind, (x, y))


def mouse_place(window: Window) -> Position:
    """Return where the mouse is on the canvas, in scene units; the middle if it is elsewhere."""
    return window.canvas.cursor_scene_position()


def set_theme(window: Window, choice: ThemeChoice) -> None:
    """Use the light or dark colours, or those of the system."""
    window.settings.theme = choice
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.apply(app, choice)


def toggle_motion(window: Window) -> None:
    """Let things move by themselves, or not."""
    window.settings.reduce_motion = not window.settings.reduce_motion
    window.canvas.set_motion(not window.settings.reduce_motion)


def show_training(window: Window) -> None:
    """Show the training settings: the inspector's page when nothing is selected."""
    window.session.select()
    window.raise_dock("inspector")
    window.inspector.show_training()


def check_gradients(window: Window) -> None:
    """Compare all gradients with differences of E."""
    from gui.views.gradient_check import GradientCheckView

    window.show_canvas()
    window.raise_dock("gradient_check")
    view = window.docks["gradient_check"].widget()
    assert isinstance(view, GradientCheckView)
    view.check()


def show_shortcuts(window: Window) -> None:
    """List all commands with their keys, and what the mouse does."""
    from gui.commands.command_palette import ShortcutList

    ShortcutList(window, _GESTURES).show()


def show_commands(window: Window) -> None:
    """Let a command be found by typing."""
    from gui.commands.actions import keys_text
    from gui.commands.command_palette import Chooser, PaletteEntry
    from gui.commands.table import COMMANDS

    entries = []
    for command in COMMANDS:
        action = window.actions_by_id[command.id]
        if command.id != "help.commands" and action.isEnabled():
            run = partial(action.trigger)
            icon = action.icon() if command.icon else QIcon()
            words = (" ".join(command.menu),)
            entries.append(PaletteEntry(command.name, keys_text(command), run, icon, words))
    Chooser(window, entries, "Find a command").popup()
