"""Every command of the program in ONE table.

The table fills the menus, the shortcut list (F1) and the command palette (Ctrl+Shift+P). What a
command does, and when it can be used, are functions of its context.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from gui.commands import edit_commands as edit
from gui.commands import graph_commands as graph
from gui.commands import graph_dialogs as dialogs
from gui.commands import layout_commands as layout
from gui.commands import window_commands as window
from gui.commands.context import CommandContext
from gui.commands.export_commands import choose_and_export
from gui.look.edge_quantity import EDGE_MODES, EdgeQuantity
from gui.look.theme import ThemeChoice
from gui.session.session import Session

Run: TypeAlias = Callable[[CommandContext], object]
When: TypeAlias = Callable[[CommandContext], bool]


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


def _one(context: CommandContext) -> bool:
    selection = context.session.selection
    return _runs(context) and len(selection.nodes) + len(selection.edges) == 1


def _trained(context: CommandContext) -> bool:
    return context.session.is_open and bool(graph.selected_parameters(context.session))


def _stepping(context: CommandContext) -> bool:
    return context.session.stepper.stop is not None


def _edited(context: CommandContext) -> bool:
    return context.session.edited_row is not None


def _run_to(context: CommandContext) -> None:
    selection = context.session.selection
    context.session.stepper.run_to(next(iter(selection.nodes | selection.edges)))


def _toggle_quiz(context: CommandContext) -> None:
    quiz = context.session.stepper.quiz
    quiz.switch(on=not quiz.on)


def _break_here(context: CommandContext) -> None:
    stepper, selection = context.session.stepper, context.session.selection
    place = next(iter(selection.nodes | selection.edges))
    stepper.break_at(place, on=place not in stepper.breaks)


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
    run: Run
    shortcut: str = ""
    icon: str = ""
    when: When = lambda _: True
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


def _on_session(run: Callable[[Session], object]) -> Run:
    return lambda context: run(context.session)


def _export(form: str, title: str, icon: str = "") -> Command:
    title = f"Export/{title}…"
    return Command(f"file.{form}", title, lambda c: choose_and_export(c, form), "", icon, _nodes)


def _show_on_wires(by: EdgeQuantity, key: str) -> Command:
    return Command(
        f"view.{by}s",
        f"&Wires show/&{EDGE_MODES[by].name.capitalize()}",
        lambda c: c.session.show_on_edges(by),
        key,
        when=_open,
        checked=lambda c: c.session.shown == by,
    )


def _theme(choice: ThemeChoice, title: str, icon: str) -> Command:
    return Command(
        f"view.{choice}",
        f"&Theme/{title}",
        lambda c: window.set_theme(c, choice),
        icon=icon,
        checked=lambda c: c.settings.theme == choice,
    )


def _align(side: layout.Side, icon: str) -> Command:
    id_, title, icon = f"graph.{side}", f"Align/&{side.capitalize()}", f"align-{icon}"
    return Command(id_, title, lambda c: layout.align(c.session, side), "", icon, _several)


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
                "Ctrl+Shift+S", when=_open),
    ),
    (
        Command("file.data", "&Data…", window.choose_data, "Ctrl+Shift+D", "table", _open),
        Command("file.import_csv", "&Import CSV…", window.import_csv,
                "", "file-delimited-outline", _open),
        _export("png", "Picture (&PNG)", "image-outline"),
        _export("svg", "Drawing (&SVG)"),
        _export("pdf", "P&DF"),
        _export("numpy", "&NumPy program", "language-python"),
        _export("dot", "&Graphviz (DOT)"),
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
        Command("edit.cut", "Cu&t", _on_session(edit.cut), "Ctrl+X", "content-cut", _chosen),
        Command("edit.copy", "&Copy", _on_session(edit.copy), "Ctrl+C", "content-copy", _node),
        Command("edit.paste", "&Paste", lambda c: edit.paste(c.session, c.canvas.mouse_position()),
                "Ctrl+V", "content-paste", _open),
        Command("edit.duplicate", "D&uplicate", _on_session(edit.duplicate),
                "Ctrl+D", "content-duplicate", _node),
        Command("edit.delete", "&Delete", _on_session(edit.delete),
                "Del Backspace", "delete-outline", _chosen),
        Command("edit.bridge", "Delete and re&connect", _on_session(edit.delete_and_reconnect),
                "Ctrl+Del", when=_node),
    ),
    (
        Command("edit.select_all", "Select &all", _on_session(edit.select_all),
                "Ctrl+A", "select-all", _nodes),
        Command("edit.upstream", "Select up&stream", _on_session(edit.select_upstream),
                "Ctrl+[", when=_node),
        Command("edit.downstream", "Select d&ownstream", _on_session(edit.select_downstream),
                "Ctrl+]", when=_node),
    ),
)
_VIEW: tuple[_Section, ...] = (
    (
        Command("view.fit", "&Fit all", lambda c: c.canvas.fit(),
                "F", "fit-to-page-outline", _nodes),
        Command("view.zoom_selection", "Zoom to &selection",
                lambda c: c.canvas.zoom_to(c.session.selection.nodes),
                "Shift+F", "magnify-scan", _node),
        Command("view.zoom_in", "Zoom &in", lambda c: c.canvas.zoom_by(1.25),
                "Ctrl++ Ctrl+=", "magnify-plus-outline", _open),
        Command("view.zoom_out", "Zoom &out", lambda c: c.canvas.zoom_by(0.8),
                "Ctrl+-", "magnify-minus-outline", _open),
    ),
    tuple(_show_on_wires(by, str(key)) for key, by in enumerate(EDGE_MODES, 1)),
    (
        _theme("system", "Of the &system", "theme-light-dark"),
        _theme("light", "&Light", "white-balance-sunny"),
        _theme("dark", "&Dark", "weather-night"),
        Command("view.dim", "&Dim other wires", window.toggle_dimming,
                "D", checked=lambda c: c.settings.dim_others),
        Command("view.projector", "&Projector mode", lambda c: c.toggle_projector(),
                "F11", "projector-screen-outline", _open, checked=lambda c: c.projects),
        Command("view.back", "&Explanation before", lambda c: c.go_back(),
                "Alt+Left", "arrow-left", _open),
        Command("view.deeper", "Open explanation over &more nodes", lambda c: c.deepen(1),
                "Alt++ Alt+=", "unfold-more-horizontal", _open),
        Command("view.shallower", "Open explanation over fe&wer nodes", lambda c: c.deepen(-1),
                "Alt+-", "unfold-less-horizontal", _open),
        Command("view.motion", "&Reduce motion", window.toggle_motion,
                checked=lambda c: c.settings.reduce_motion),
    ),
)
_GRAPH: tuple[_Section, ...] = (
    (
        Command("graph.build", "&Build from one line…", dialogs.build_network,
                "Ctrl+B", "graph-outline"),
        Command("graph.layer", "Add &layer…", dialogs.add_layer, "Ctrl+L", "layers-plus", _open),
        Command("graph.replace", "&Replace kind…", dialogs.replace_kind,
                "Ctrl+R", "swap-horizontal", _node),
    ),
    (
        Command("graph.group", "&Group", _on_session(graph.group), "Ctrl+G", "group", _node),
        Command("graph.ungroup", "&Ungroup", _on_session(graph.ungroup),
                "Ctrl+Shift+G", "ungroup", _node),
    ),
    (
        Command("graph.expand", "&Expand neuron", _on_session(graph.expand),
                "Ctrl+E", "arrow-expand-horizontal", _neuron),
        Command("graph.collapse", "&Collapse into neuron", _on_session(graph.collapse),
                "Ctrl+Shift+E", "arrow-collapse-horizontal", _several),
        Command("graph.split", "&Split into units", _on_session(graph.split),
                "", "call-split", _neuron),
        Command("graph.merge", "&Merge units", _on_session(graph.merge),
                "", "call-merge", _several),
    ),
    (
        Command("graph.freeze", "&Freeze or train parameters", _on_session(graph.freeze),
                "Ctrl+K", "snowflake", _chosen),
        Command("graph.share", "S&hare parameters", _on_session(graph.share),
                "", "link-variant", _chosen),
    ),
    (
        Command("graph.layout", "&Arrange automatically", _on_session(layout.lay_out),
                "Ctrl+Shift+L", "auto-fix", _nodes),
        _align("left", "horizontal-left"),
        _align("centre", "horizontal-center"),
        _align("right", "horizontal-right"),
        _align("top", "vertical-top"),
        _align("middle", "vertical-center"),
        _align("bottom", "vertical-bottom"),
        Command("graph.across", "Align/Distribute &horizontally",
                lambda c: layout.distribute(c.session, 0),
                "", "distribute-horizontal-center", _several),
        Command("graph.down", "Align/Distribute &vertically",
                lambda c: layout.distribute(c.session, 1),
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
        Command("train.forward", "Step &forward", lambda c: c.session.stepper.forward(),
                ".", "debug-step-over", _runs),
        Command("train.back", "Step &back", lambda c: c.session.stepper.back(),
                ",", "debug-step-out", _runs),
        Command("train.next_phase", "Next p&hase", lambda c: c.session.stepper.next_phase(),
                ">", "skip-forward-outline", _runs),
        Command("train.previous_phase", "Pre&vious phase",
                lambda c: c.session.stepper.previous_phase(),
                "<", "skip-backward-outline", _runs),
        Command("train.finish_phase", "Finish phas&e", lambda c: c.session.stepper.finish_phase(),
                "Ctrl+.", when=_runs),
        Command("train.finish_update", "Finish &update", lambda c: c.session.stepper.finish(),
                "Ctrl+Shift+.", when=_stepping),
        Command("train.run_to", "Run &to here", _run_to, "T", "ray-end-arrow", _one),
        Command("train.break", "&Break here", _break_here, "B", "circle-slice-8", _one,
                checked=lambda c: bool(c.session.stepper.breaks & {*c.session.selection.nodes,
                                                                  *c.session.selection.edges})),
        Command("train.stored_row", "Bac&k to the stored row", lambda c: c.session.end_edits(),
                "", "table-row", _edited),
        Command("train.slowly", "Play s&lowly", lambda c: c.session.stepper.play(),
                "P", "play-speed", _runs, checked=lambda c: c.session.stepper.playing),
        Command("train.quiz", "&Quiz: type each number", _toggle_quiz, "Q",
                "help-circle-outline", _open, checked=lambda c: c.session.stepper.quiz.on),
    ),
    (
        Command("train.randomise", "Ra&ndomise weights", lambda c: c.session.run.randomise(),
                "Shift+R", "dice-5-outline", _runs),
        Command("train.settings", "&Training settings", window.show_training, "", "tune", _open),
        Command("train.pin", "P&in in Gradients", window.pin_gradients,
                "", "pin-outline", _trained),
        Command("train.check", "&Gradient check", window.check_gradients,
                "", "check-decagram-outline", _still),
    ),
)
_HELP: tuple[_Section, ...] = (
    (
        Command("help.shortcuts", "&Keyboard shortcuts", lambda c: c.show_shortcuts(),
                "F1", "keyboard-outline"),
        Command("help.commands", "&Command palette", lambda c: c.show_commands(),
                "Ctrl+Shift+P", "magnify"),
    ),
    (
        Command("help.about", "&About Gradwire", dialogs.show_about, "", "information-outline"),
    ),
)
# fmt: on

SECTIONS = (*_FILE, *_EDIT, *_VIEW, *_GRAPH, *_TRAIN, *_HELP)
"""The commands in the order of the menus; a line in a menu separates two sections."""

COMMANDS = tuple(command for section in SECTIONS for command in section)
"""All commands."""
