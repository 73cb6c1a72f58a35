"""Every command of the program in ONE table.

The table fills the menus, the shortcut list (F1) and the command palette (Ctrl+Shift+P). What a
command does, and when it can be used, are functions of its context.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from gui.commands import (
    edit_commands,
    graph_commands,
    graph_dialogs,
    layout_commands,
    window_commands,
)
from gui.commands.context import CommandContext
from gui.commands.export_commands import choose_and_export

When: TypeAlias = Callable[[CommandContext], bool]


def _always(_context: CommandContext) -> bool:
    return True


def _open(context: CommandContext) -> bool:
    return context.session.is_open


def _nodes(context: CommandContext) -> bool:
    return context.session.is_open and bool(context.session.document.nodes)


def _chosen(context: CommandContext) -> bool:
    return bool(context.session.selection)


def _node(context: CommandContext) -> bool:
    return bool(context.session.selection.nodes)


def _several(context: CommandContext) -> bool:
    return len(context.session.selection.nodes) > 1


def _neuron(context: CommandContext) -> bool:
    document = context.session.document
    specs = (document.spec(node) for node in context.session.selection.nodes)
    return any(spec is not None and spec.weighted for spec in specs)


def _undoable(context: CommandContext) -> bool:
    return context.session.undo_stack.canUndo()


def _redoable(context: CommandContext) -> bool:
    return context.session.undo_stack.canRedo()


def _runs(context: CommandContext) -> bool:
    return context.session.is_open and context.session.plan is not None


def _still(context: CommandContext) -> bool:
    return _runs(context) and not context.session.run.running


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
        What it does with its context.
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
    run: Callable[[CommandContext], object]
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
        Command("file.new", "&New", lambda c: c.documents.new(), "Ctrl+N", "file-outline"),
        Command("file.open", "&Open…", lambda c: c.documents.choose(),
                "Ctrl+O", "folder-open-outline"),
        Command("file.start", "Start &page", lambda c: c.show_start(),
                "Ctrl+Shift+N", "home-outline"),
    ),
    (
        Command("file.save", "&Save", lambda c: c.documents.save(),
                "Ctrl+S", "content-save-outline", _open),
        Command("file.save_as", "Save &as…", lambda c: c.documents.save_as(),
                "Ctrl+Shift+S", "", _open),
    ),
    (
        Command("file.data", "&Data…", lambda c: window_commands.choose_data(c),
                "Ctrl+Shift+D", "table", _open),
        Command("file.import_csv", "&Import CSV…", lambda c: window_commands.import_csv(c),
                "", "file-delimited-outline", _open),
        Command("file.png", "Export/Picture (&PNG)…", lambda c: choose_and_export(c, "png"),
                "", "image-outline", _nodes),
        Command("file.svg", "Export/Drawing (&SVG)…", lambda c: choose_and_export(c, "svg"),
                "", "", _nodes),
        Command("file.pdf", "Export/P&DF…", lambda c: choose_and_export(c, "pdf"), "", "", _nodes),
        Command("file.numpy", "Export/&NumPy program…", lambda c: choose_and_export(c, "numpy"),
                "", "language-python", _nodes),
        Command("file.dot", "Export/&Graphviz (DOT)…", lambda c: choose_and_export(c, "dot"),
                "", "", _nodes),
    ),
    (
        Command("file.quit", "&Quit", lambda c: c.close(), "Ctrl+Q", "exit-to-app"),
    ),
)
_EDIT: tuple[_Section, ...] = (
    (
        Command("edit.undo", "&Undo", lambda c: c.session.undo(), "Ctrl+Z", "undo", _undoable),
        Command("edit.redo", "&Redo", lambda c: c.session.redo(),
                "Ctrl+Shift+Z Ctrl+Y", "redo", _redoable),
    ),
    (
        Command("edit.cut", "Cu&t", lambda c: edit_commands.cut(c.session),
                "Ctrl+X", "content-cut", _chosen),
        Command("edit.copy", "&Copy", lambda c: edit_commands.copy(c.session),
                "Ctrl+C", "content-copy", _node),
        Command("edit.paste", "&Paste",
                lambda c: edit_commands.paste(c.session, c.canvas.mouse_position()),
                "Ctrl+V", "content-paste", _open),
        Command("edit.duplicate", "D&uplicate", lambda c: edit_commands.duplicate(c.session),
                "Ctrl+D", "content-duplicate", _node),
        Command("edit.delete", "&Delete", lambda c: edit_commands.delete(c.session),
                "Del Backspace", "delete-outline", _chosen),
        Command("edit.bridge", "Delete and re&connect",
                lambda c: edit_commands.delete_and_reconnect(c.session), "Ctrl+Del", "", _node),
    ),
    (
        Command("edit.select_all", "Select &all", lambda c: edit_commands.select_all(c.session),
                "Ctrl+A", "select-all", _nodes),
        Command("edit.upstream", "Select up&stream",
                lambda c: edit_commands.select_upstream(c.session),
                "Ctrl+[", "", _node),
        Command("edit.downstream", "Select d&ownstream",
                lambda c: edit_commands.select_downstream(c.session), "Ctrl+]", "", _node),
    ),
)
_VIEW: tuple[_Section, ...] = (
    (
        Command("view.fit", "&Fit all", lambda c: c.canvas.fit(),
                "F", "fit-to-page-outline", _nodes),
        Command("view.zoom_selection", "Zoom to &selection",
                lambda c: window_commands.zoom_to_selection(c),
                "Shift+F", "magnify-scan", _node),
        Command("view.zoom_in", "Zoom &in", lambda c: c.canvas.zoom_by(1.25),
                "Ctrl++ Ctrl+=", "magnify-plus-outline", _open),
        Command("view.zoom_out", "Zoom &out", lambda c: c.canvas.zoom_by(0.8),
                "Ctrl+-", "magnify-minus-outline", _open),
    ),
    (
        Command("view.weights", "Colour edges by &weight",
                lambda c: c.session.show_on_edges("weight"),
                "1", "", _open, lambda c: c.session.shown == "weight"),
        Command("view.values", "Colour edges by &value", lambda c: c.session.show_on_edges("value"),
                "2", "", _open, lambda c: c.session.shown == "value"),
        Command("view.gradients", "Colour edges by &gradient",
                lambda c: c.session.show_on_edges("gradient"),
                "3", "", _open, lambda c: c.session.shown == "gradient"),
    ),
    (
        Command("view.system", "&Theme/Of the &system",
                lambda c: window_commands.set_theme(c, "system"),
                "", "theme-light-dark", _always, lambda c: c.settings.theme == "system"),
        Command("view.light", "&Theme/&Light", lambda c: window_commands.set_theme(c, "light"),
                "", "white-balance-sunny", _always, lambda c: c.settings.theme == "light"),
        Command("view.dark", "&Theme/&Dark", lambda c: window_commands.set_theme(c, "dark"),
                "", "weather-night", _always, lambda c: c.settings.theme == "dark"),
        Command("view.dim", "&Dim other wires", lambda c: window_commands.toggle_dimming(c),
                "D", "", _always, lambda c: c.settings.dim_others),
        Command("view.motion", "&Reduce motion", lambda c: window_commands.toggle_motion(c),
                "", "", _always, lambda c: c.settings.reduce_motion),
    ),
)
_GRAPH: tuple[_Section, ...] = (
    (
        Command("graph.build", "&Build from one line…", lambda c: graph_dialogs.build_network(c),
                "Ctrl+B", "graph-outline"),
        Command("graph.layer", "Add &layer…", lambda c: graph_dialogs.add_layer(c),
                "Ctrl+L", "layers-plus", _open),
        Command("graph.replace", "&Replace kind…", lambda c: graph_dialogs.replace_kind(c),
                "Ctrl+R", "swap-horizontal", _node),
    ),
    (
        Command("graph.group", "&Group", lambda c: graph_commands.group(c.session),
                "Ctrl+G", "group", _node),
        Command("graph.ungroup", "&Ungroup", lambda c: graph_commands.ungroup(c.session),
                "Ctrl+Shift+G", "ungroup", _node),
    ),
    (
        Command("graph.expand", "&Expand neuron", lambda c: graph_commands.expand(c.session),
                "Ctrl+E", "arrow-expand-horizontal", _neuron),
        Command("graph.collapse", "&Collapse into neuron",
                lambda c: graph_commands.collapse(c.session),
                "Ctrl+Shift+E", "arrow-collapse-horizontal", _several),
        Command("graph.split", "&Split into units", lambda c: graph_commands.split(c.session),
                "", "call-split", _neuron),
        Command("graph.merge", "&Merge units", lambda c: graph_commands.merge(c.session),
                "", "call-merge", _several),
    ),
    (
        Command("graph.freeze", "&Freeze or train parameters",
                lambda c: graph_commands.freeze(c.session), "Ctrl+K", "snowflake", _chosen),
        Command("graph.share", "S&hare parameters", lambda c: graph_commands.share(c.session),
                "", "link-variant", _chosen),
    ),
    (
        Command("graph.layout", "&Arrange automatically",
                lambda c: layout_commands.lay_out(c.session),
                "Ctrl+Shift+L", "auto-fix", _nodes),
        Command("graph.left", "Align/&Left", lambda c: layout_commands.align(c.session, "left"),
                "", "align-horizontal-left", _several),
        Command("graph.centre", "Align/&Centre",
                lambda c: layout_commands.align(c.session, "centre"),
                "", "align-horizontal-center", _several),
        Command("graph.right", "Align/&Right", lambda c: layout_commands.align(c.session, "right"),
                "", "align-horizontal-right", _several),
        Command("graph.top", "Align/&Top", lambda c: layout_commands.align(c.session, "top"),
                "", "align-vertical-top", _several),
        Command("graph.middle", "Align/&Middle",
                lambda c: layout_commands.align(c.session, "middle"),
                "", "align-vertical-center", _several),
        Command("graph.bottom", "Align/&Bottom",
                lambda c: layout_commands.align(c.session, "bottom"),
                "", "align-vertical-bottom", _several),
        Command("graph.across", "Align/Distribute &horizontally",
                lambda c: layout_commands.distribute(c.session, 0),
                "", "distribute-horizontal-center", _several),
        Command("graph.down", "Align/Distribute &vertically",
                lambda c: layout_commands.distribute(c.session, 1),
                "", "distribute-vertical-center", _several),
    ),
)
_TRAIN: tuple[_Section, ...] = (
    (
        Command("train.play", "&Play or pause", lambda c: c.session.run.toggle(),
                "Space", "play-pause", _open),
        Command("train.step", "One &step", lambda c: c.session.run.step(),
                "S", "skip-next", _still),
        Command("train.reset", "&Reset", lambda c: c.session.run.reset(),
                "R", "skip-backward", _runs),
    ),
    (
        Command("train.randomise", "Ra&ndomise weights", lambda c: c.session.run.randomise(),
                "Shift+R", "dice-5-outline", _runs),
        Command("train.settings", "&Training settings", lambda c: window_commands.show_training(c),
                "", "tune", _open),
        Command("train.check", "&Gradient check", lambda c: window_commands.check_gradients(c),
                "", "check-decagram-outline", _still),
    ),
)
_HELP: tuple[_Section, ...] = (
    (
        Command("help.shortcuts", "&Keyboard shortcuts",
                lambda c: c.show_shortcuts(),
                "F1", "keyboard-outline"),
        Command("help.commands", "&Command palette", lambda c: c.show_commands(),
                "Ctrl+Shift+P", "magnify"),
    ),
    (
        Command("help.about", "&About Gradwire", lambda c: graph_dialogs.show_about(c),
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
