"""Every command of the program in ONE table.

The table fills the menus, the shortcut list (F1) and the command palette (Ctrl+Shift+P). What a
command does, and when it can be used, are functions of the window.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from gui.commands import (
    edit_commands,
    graph_commands,
    graph_dialogs,
    layout_commands,
    window_commands,
)
from gui.commands.export_commands import choose_and_export

if TYPE_CHECKING:
    from gui.shell.window import Window

When: TypeAlias = "Callable[[Window], bool]"


def _always(_window: Window) -> bool:
    return True


def _open(window: Window) -> bool:
    return window.session.is_open


def _nodes(window: Window) -> bool:
    return window.session.is_open and bool(window.session.document.nodes)


def _chosen(window: Window) -> bool:
    return bool(window.session.selection)


def _node(window: Window) -> bool:
    return bool(window.session.selection.nodes)


def _several(window: Window) -> bool:
    return len(window.session.selection.nodes) > 1


def _neuron(window: Window) -> bool:
    document = window.session.document
    specs = (document.spec(node) for node in window.session.selection.nodes)
    return any(spec is not None and spec.weighted for spec in specs)


def _undoable(window: Window) -> bool:
    return window.session.undo_stack.canUndo()


def _redoable(window: Window) -> bool:
    return window.session.undo_stack.canRedo()


def _runs(window: Window) -> bool:
    return window.session.is_open and window.session.plan is not None


def _still(window: Window) -> bool:
    return _runs(window) and not window.session.run.running


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table.

    Parameters
    ----------
    id : str
        ``menu.verb``: the menu it is in, and what tests and tool bars find it by.
    title : str
        Text in the menu; ``&`` before the letter that is its key there; a submenu before ``/``.
    run : callable
        What it does with the window.
    shortcut : str
        Keys in Qt's notation, alternatives after a blank.
    icon : str
        Name of a Material Design icon (``mdi6.`` in qtawesome).
    when : callable
        Whether it can be used now.
    checked : callable, optional
        For commands that switch something: whether it is on.
    """

    id: str
    title: str
    run: Callable[[Window], object]
    shortcut: str = ""
    icon: str = ""
    when: When = _always
    checked: When | None = None

    @property
    def menu(self) -> tuple[str, ...]:
        """Menu, and submenu if there is one."""
        top = self.id.partition(".")[0].capitalize()
        under, slash, _ = self.title.partition("/")
        return (top, under) if slash else (top,)

    @property
    def label(self) -> str:
        """The title as its menu shows it, with the mark of its key."""
        return self.title.rpartition("/")[2]

    @property
    def name(self) -> str:
        """The title for lists, without marks: ``Export: Picture (PNG)…``."""
        return self.title.replace("&", "").replace("/", ": ")


# fmt: off
# One command a row; a menu's sections are separated by a line.
_Section: TypeAlias = tuple[Command, ...]

_FILE: tuple[_Section, ...] = (
    (
        Command("file.new", "&New", lambda w: w.documents.new(), "Ctrl+N", "file-outline"),
        Command("file.open", "&Open…", lambda w: w.documents.choose(),
                "Ctrl+O", "folder-open-outline"),
        Command("file.start", "Start &page", lambda w: w.show_start(),
                "Ctrl+Shift+N", "home-outline"),
    ),
    (
        Command("file.save", "&Save", lambda w: w.documents.save(),
                "Ctrl+S", "content-save-outline", _open),
        Command("file.save_as", "Save &as…", lambda w: w.documents.save_as(),
                "Ctrl+Shift+S", "", _open),
    ),
    (
        Command("file.data", "&Data…", lambda w: window_commands.choose_data(w),
                "Ctrl+Shift+D", "table", _open),
        Command("file.import_csv", "&Import CSV…", lambda w: window_commands.import_csv(w),
                "", "file-delimited-outline", _open),
        Command("file.png", "Export/Picture (&PNG)…", lambda w: choose_and_export(w, "png"),
                "", "image-outline", _nodes),
        Command("file.svg", "Export/Drawing (&SVG)…", lambda w: choose_and_export(w, "svg"),
                "", "", _nodes),
        Command("file.pdf", "Export/P&DF…", lambda w: choose_and_export(w, "pdf"), "", "", _nodes),
        Command("file.numpy", "Export/&NumPy program…", lambda w: choose_and_export(w, "numpy"),
                "", "language-python", _nodes),
        Command("file.dot", "Export/&Graphviz (DOT)…", lambda w: choose_and_export(w, "dot"),
                "", "", _nodes),
    ),
    (
        Command("file.quit", "&Quit", lambda w: w.close(), "Ctrl+Q", "exit-to-app"),
    ),
)
_EDIT: tuple[_Section, ...] = (
    (
        Command("edit.undo", "&Undo", lambda w: w.session.undo(), "Ctrl+Z", "undo", _undoable),
        Command("edit.redo", "&Redo", lambda w: w.session.redo(),
                "Ctrl+Shift+Z Ctrl+Y", "redo", _redoable),
    ),
    (
        Command("edit.cut", "Cu&t", lambda w: edit_commands.cut(w.session),
                "Ctrl+X", "content-cut", _chosen),
        Command("edit.copy", "&Copy", lambda w: edit_commands.copy(w.session),
                "Ctrl+C", "content-copy", _node),
        Command("edit.paste", "&Paste",
                lambda w: edit_commands.paste(w.session, window_commands.mouse_place(w)),
                "Ctrl+V", "content-paste", _open),
        Command("edit.duplicate", "D&uplicate", lambda w: edit_commands.duplicate(w.session),
                "Ctrl+D", "content-duplicate", _node),
        Command("edit.delete", "&Delete", lambda w: edit_commands.delete(w.session),
                "Del Backspace", "delete-outline", _chosen),
        Command("edit.bridge", "Delete and re&connect",
                lambda w: edit_commands.delete_and_reconnect(w.session), "Ctrl+Del", "", _node),
    ),
    (
        Command("edit.select_all", "Select &all", lambda w: edit_commands.select_all(w.session),
                "Ctrl+A", "select-all", _nodes),
        Command("edit.upstream", "Select up&stream",
                lambda w: edit_commands.select_upstream(w.session),
                "Ctrl+[", "", _node),
        Command("edit.downstream", "Select d&ownstream",
                lambda w: edit_commands.select_downstream(w.session), "Ctrl+]", "", _node),
    ),
)
_VIEW: tuple[_Section, ...] = (
    (
        Command("view.fit", "&Fit all", lambda w: w.canvas.fit(),
                "F", "fit-to-page-outline", _nodes),
        Command("view.zoom_selection", "Zoom to &selection",
                lambda w: window_commands.zoom_to_selection(w),
                "Shift+F", "magnify-scan", _node),
        Command("view.zoom_in", "Zoom &in", lambda w: window_commands.zoom(w, 1.25),
                "Ctrl++ Ctrl+=", "magnify-plus-outline", _open),
        Command("view.zoom_out", "Zoom &out", lambda w: window_commands.zoom(w, 0.8),
                "Ctrl+-", "magnify-minus-outline", _open),
    ),
    (
        Command("view.weights", "Colour edges by &weight",
                lambda w: w.session.show_on_edges("weight"),
                "1", "", _open, lambda w: w.session.shown == "weight"),
        Command("view.values", "Colour edges by &value", lambda w: w.session.show_on_edges("value"),
                "2", "", _open, lambda w: w.session.shown == "value"),
        Command("view.gradients", "Colour edges by &gradient",
                lambda w: w.session.show_on_edges("gradient"),
                "3", "", _open, lambda w: w.session.shown == "gradient"),
    ),
    (
        Command("view.system", "&Theme/Of the &system",
                lambda w: window_commands.set_theme(w, "system"),
                "", "theme-light-dark", _always, lambda w: w.settings.theme == "system"),
        Command("view.light", "&Theme/&Light", lambda w: window_commands.set_theme(w, "light"),
                "", "white-balance-sunny", _always, lambda w: w.settings.theme == "light"),
        Command("view.dark", "&Theme/&Dark", lambda w: window_commands.set_theme(w, "dark"),
                "", "weather-night", _always, lambda w: w.settings.theme == "dark"),
        Command("view.motion", "&Reduce motion", lambda w: window_commands.toggle_motion(w),
                "", "", _always, lambda w: w.settings.reduce_motion),
    ),
)
_GRAPH: tuple[_Section, ...] = (
    (
        Command("graph.build", "&Build from one line…", lambda w: graph_dialogs.build_network(w),
                "Ctrl+B", "graph-outline"),
        Command("graph.layer", "Add &layer…", lambda w: graph_dialogs.add_layer(w),
                "Ctrl+L", "layers-plus", _open),
        Command("graph.replace", "&Replace kind…", lambda w: graph_dialogs.replace_kind(w),
                "Ctrl+R", "swap-horizontal", _node),
    ),
    (
        Command("graph.group", "&Group", lambda w: graph_commands.group(w.session),
                "Ctrl+G", "group", _node),
        Command("graph.ungroup", "&Ungroup", lambda w: graph_commands.ungroup(w.session),
                "Ctrl+Shift+G", "ungroup", _node),
    ),
    (
        Command("graph.expand", "&Expand neuron", lambda w: graph_commands.expand(w.session),
                "Ctrl+E", "arrow-expand-horizontal", _neuron),
        Command("graph.collapse", "&Collapse into neuron",
                lambda w: graph_commands.collapse(w.session),
                "Ctrl+Shift+E", "arrow-collapse-horizontal", _several),
        Command("graph.split", "&Split into units", lambda w: graph_commands.split(w.session),
                "", "call-split", _neuron),
        Command("graph.merge", "&Merge units", lambda w: graph_commands.merge(w.session),
                "", "call-merge", _several),
    ),
    (
        Command("graph.freeze", "&Freeze or train parameters",
                lambda w: graph_commands.freeze(w.session), "Ctrl+K", "snowflake", _chosen),
        Command("graph.share", "S&hare parameters", lambda w: graph_commands.share(w.session),
                "", "link-variant", _chosen),
    ),
    (
        Command("graph.layout", "&Arrange automatically",
                lambda w: layout_commands.lay_out(w.session),
                "Ctrl+Shift+L", "auto-fix", _nodes),
        Command("graph.left", "Align/&Left", lambda w: layout_commands.align(w.session, "left"),
                "", "align-horizontal-left", _several),
        Command("graph.centre", "Align/&Centre",
                lambda w: layout_commands.align(w.session, "centre"),
                "", "align-horizontal-center", _several),
        Command("graph.right", "Align/&Right", lambda w: layout_commands.align(w.session, "right"),
                "", "align-horizontal-right", _several),
        Command("graph.top", "Align/&Top", lambda w: layout_commands.align(w.session, "top"),
                "", "align-vertical-top", _several),
        Command("graph.middle", "Align/&Middle",
                lambda w: layout_commands.align(w.session, "middle"),
                "", "align-vertical-center", _several),
        Command("graph.bottom", "Align/&Bottom",
                lambda w: layout_commands.align(w.session, "bottom"),
                "", "align-vertical-bottom", _several),
        Command("graph.across", "Align/Distribute &horizontally",
                lambda w: layout_commands.distribute(w.session, 0),
                "", "distribute-horizontal-center", _several),
        Command("graph.down", "Align/Distribute &vertically",
                lambda w: layout_commands.distribute(w.session, 1),
                "", "distribute-vertical-center", _several),
    ),
)
_TRAIN: tuple[_Section, ...] = (
    (
        Command("train.play", "&Play or pause", lambda w: w.session.run.toggle(),
                "Space", "play-pause", _open),
        Command("train.step", "One &step", lambda w: w.session.run.step(),
                "S", "skip-next", _still),
        Command("train.reset", "&Reset", lambda w: w.session.run.reset(),
                "R", "skip-backward", _runs),
    ),
    (
        Command("train.randomise", "Ra&ndomise weights", lambda w: w.session.run.randomise(),
                "Shift+R", "dice-5-outline", _runs),
        Command("train.settings", "&Training settings", lambda w: window_commands.show_training(w),
                "", "tune", _open),
        Command("train.check", "&Gradient check", lambda w: window_commands.check_gradients(w),
                "", "check-decagram-outline", _still),
    ),
)
_HELP: tuple[_Section, ...] = (
    (
        Command("help.shortcuts", "&Keyboard shortcuts",
                lambda w: window_commands.show_shortcuts(w),
                "F1", "keyboard-outline"),
        Command("help.commands", "&Command palette", lambda w: window_commands.show_commands(w),
                "Ctrl+Shift+P", "magnify"),
    ),
    (
        Command("help.about", "&About Gradwire", lambda w: graph_dialogs.show_about(w),
                "", "information-outline"),
    ),
)
# fmt: on

SECTIONS = (*_FILE, *_EDIT, *_VIEW, *_GRAPH, *_TRAIN, *_HELP)
"""The commands in the order of the menus; a line in a menu separates two sections."""

COMMANDS = tuple(command for section in SECTIONS for command in section)
"""All commands."""

BY_ID = {command.id: command for command in COMMANDS}
"""The commands by id."""
