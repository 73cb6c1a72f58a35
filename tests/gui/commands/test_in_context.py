"""Commands in a context that is no window: what they do, and what they ask of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from graph.model.edits import Comment, SetComments
from gui.canvas.model.hit_test import Hit, HitKind
from gui.commands import context_menu, graph_dialogs, window_commands
from gui.commands.actions import Actions
from gui.commands.command_palette import choose_command
from gui.commands.network_builder import Blueprint
from gui.commands.table import COMMANDS
from gui.look.edge_quantity import EDGE_MODES
from gui.widgets.chooser import Chooser
from tests.gui.commands.fake_context import FakeContext

BY_ID = {command.id: command for command in COMMANDS}


def run(context: FakeContext, command: str) -> None:
    """Run a command that can be used now."""
    assert BY_ID[command].when(context)
    BY_ID[command].run(context)


def usable(context: FakeContext) -> set[str]:
    return {command.id for command in COMMANDS if command.when(context)}


def test_what_can_be_used_follows_the_selection(context: FakeContext) -> None:
    context.session.select()
    nothing = usable(context)
    assert {"file.new", "edit.paste", "edit.select_all", "view.fit"} <= nothing
    assert not {"edit.copy", "edit.delete", "graph.expand", "graph.merge"} & nothing
    context.session.select(["h1"])
    assert {"edit.copy", "edit.delete", "graph.expand"} <= usable(context) - nothing
    context.session.select(["h1", "h2"])
    assert {"graph.merge", "graph.left"} <= usable(context)


def test_of_an_empty_document_little_can_be_used(context: FakeContext) -> None:
    context.session.new()
    assert not {"view.fit", "file.png", "edit.undo"} & usable(context)


def test_a_delete_is_undone_and_redone(context: FakeContext) -> None:
    context.session.select(["h1"])
    run(context, "edit.delete")
    assert "h1" not in context.session.document.nodes
    run(context, "edit.undo")
    assert "h1" in context.session.document.nodes
    run(context, "edit.redo")
    assert "h1" not in context.session.document.nodes


def test_pasted_nodes_stand_where_the_mouse_is(context: FakeContext) -> None:
    context.session.select(["h1"])
    run(context, "edit.copy")
    run(context, "edit.paste")
    (pasted,) = context.session.selection.nodes
    assert context.session.document.positions[pasted] == context.canvas.mouse_position()


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("view.fit", "fit"),
        ("view.zoom_in", ("zoom_by", 1.25)),
        ("view.zoom_out", ("zoom_by", 0.8)),
        ("view.zoom_selection", ("zoom_to", {"h1"})),
    ],
)
def test_the_view_is_moved(context: FakeContext, command: str, asked: object) -> None:
    context.session.select(["h1"])
    run(context, command)
    assert context.canvas.asked == [asked]


def test_other_wires_are_dimmed_on_demand(context: FakeContext) -> None:
    dim = BY_ID["view.dim"]
    assert dim.checked is not None
    assert not dim.checked(context)
    run(context, "view.dim")
    assert dim.checked(context)
    run(context, "view.dim")
    assert context.canvas.asked == [("dimming", True), ("dimming", False)]


@pytest.mark.parametrize(
    ("command", "asked"),
    [
        ("file.start", "start"),
        ("file.quit", "close"),
        ("train.settings", "training"),
        ("help.commands", "commands"),
        ("view.projector", "projector"),
        ("help.shortcuts", "shortcuts"),
    ],
)
def test_the_window_is_asked(context: FakeContext, command: str, asked: str) -> None:
    run(context, command)
    assert context.asked == [asked]


def test_training_settings_are_the_documents(context: FakeContext) -> None:
    context.session.select(["h1"])
    run(context, "train.settings")
    assert not context.session.selection


def test_what_is_shown_on_edges(context: FakeContext) -> None:
    for shown in EDGE_MODES:
        run(context, f"view.{shown}s")
        assert context.session.shown == shown


def test_saving_asks_for_a_file_once(context: FakeContext) -> None:
    run(context, "file.save")
    path = context.session.path
    assert path is not None
    assert path.name == "saved.gradwire"
    assert context.session.undo_stack.isClean()


def test_added_kinds_do_not_cover_each_other(context: FakeContext) -> None:
    for _ in range(3):
        window_commands.add_in_view(context, "constant")
    document = context.session.document
    places = [at for name, at in document.positions.items() if name.startswith("constant")]
    assert len(set(places)) == 3


def test_a_network_gets_data_that_fits(context: FakeContext) -> None:
    context.session.new()
    graph_dialogs.build_from(context, Blueprint((2, 3, 1)))
    assert context.session.document.dataset is not None
    assert context.offers == ["Choose data…"]
    assert context.canvas.asked == ["fit"]


def test_the_palette_lists_what_can_be_used_now(context: FakeContext, qtbot: QtBot) -> None:
    actions = Actions(context)
    context.session.select(["h1"])
    choose_command(context.dialog_parent, actions)
    (chooser,) = context.dialog_parent.findChildren(Chooser)
    shown = {chooser.list.topLevelItem(i) for i in range(chooser.list.topLevelItemCount())}
    names = {item.text(0) for item in shown if item is not None}
    assert {"Copy", "Select all", "Expand neuron"} <= names
    assert not {"Merge units", "Command palette"} & names
    chooser.close()


def test_the_context_menu_copies_what_is_below(context: FakeContext) -> None:
    context.session.select(["h1"])
    menu = context_menu.context_menu(context, Actions(context), Hit(HitKind.NODE, "h1"), QPoint())
    (copy,) = (action for action in menu.actions() if action.objectName() == "edit.copy")
    copy.trigger()
    assert '"h1"' in QGuiApplication.clipboard().text()


def test_a_comment_is_deleted_from_its_menu(context: FakeContext) -> None:
    context.session.push(SetComments((Comment("c1", "Look", (0, 0, 9, 9)),)), "Add comment")
    menu = context_menu.context_menu(
        context, Actions(context), Hit(HitKind.COMMENT, "c1"), QPoint()
    )
    (delete,) = (action for action in menu.actions() if "Delete" in action.text())
    delete.trigger()
    assert not context.session.document.comments
