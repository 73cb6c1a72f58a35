"""The table of commands, and what each does to the document."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QTreeWidgetItemIterator
from pytestqt.qtbot import QtBot

from graph.errors import EditError
from graph.model.edits import SetDataset
from gui.commands import edit_commands, graph_commands, layout_commands, network_builder
from gui.commands.command_palette import ShortcutList
from gui.commands.network_builder import Blueprint, LayerRequest, network, read_sizes
from gui.commands.table import COMMANDS
from gui.session.session import Session
from gui.shell.window import Window
from gui.widgets.chooser import Chooser

BY_ID = {command.id: command for command in COMMANDS}


def test_ids_and_keys_are_unique() -> None:
    assert len(BY_ID) == len(COMMANDS)
    keys = Counter(keys for command in COMMANDS for keys in command.shortcut.split())
    assert not [key for key, times in keys.items() if times > 1]
    assert not [key for key in keys if QKeySequence(key).isEmpty()]


def test_every_command_is_in_a_menu(window: Window) -> None:
    texts = set()
    for menu in window.menuBar().findChildren(QMenu):
        texts |= {action.objectName() for action in menu.actions()}
    assert set(BY_ID) <= texts


def test_the_run_bar_names_the_keys_of_the_table(window: Window) -> None:
    bar = window.run_bar
    for button, command in ((bar.play, "train.play"), (bar.step, "train.step")):
        assert f"({BY_ID[command].shortcut})" in button.toolTip()
    assert f"({BY_ID['train.reset'].shortcut})" in bar.reset.toolTip()


def test_what_cannot_be_used_is_disabled(window: Window) -> None:
    window.actions_by_id.update_now()
    assert not window.actions_by_id["edit.delete"].isEnabled()
    assert not window.actions_by_id["train.step"].isEnabled()
    assert window.actions_by_id["file.new"].isEnabled()


def test_the_command_palette_runs_what_is_typed(xor_window: Window, qtbot: QtBot) -> None:
    xor_window.actions_by_id["help.commands"].trigger()
    (chooser,) = xor_window.findChildren(Chooser)
    QTest.keyClicks(chooser.search, "select all")
    QTest.keyClick(chooser.search, Qt.Key.Key_Return)
    assert xor_window.session.selection.nodes == set(xor_window.session.document.nodes)


def test_the_shortcut_list_names_every_command(xor_window: Window, qtbot: QtBot) -> None:
    xor_window.actions_by_id["help.shortcuts"].trigger()
    (shown,) = xor_window.findChildren(ShortcutList)
    names = set()
    iterator = QTreeWidgetItemIterator(shown.tree)
    while (item := iterator.value()) is not None:
        names.add(item.text(0))
        iterator += 1
    assert {command.name for command in COMMANDS} <= names
    shown.close()


# -- edit -----------------------------------------------------------------------------------------


def test_copy_and_paste_keep_inner_wires_and_weights(xor: Session) -> None:
    xor.select(["x1", "h1"])
    edit_commands.copy(xor)
    assert '"x1"' in QGuiApplication.clipboard().text()
    edges = len(xor.document.edges)
    edit_commands.paste(xor, (900.0, 900.0))
    assert len(xor.selection.nodes) == 2
    assert len(xor.document.edges) == edges + 1
    xs, ys = zip(*(xor.document.positions[node] for node in xor.selection.nodes), strict=True)
    assert (min(xs) + max(xs)) / 2 == 900.0
    assert (min(ys) + max(ys)) / 2 == 900.0
    xor.undo()
    assert len(xor.document.edges) == edges


def test_pasting_nonsense_says_so(xor: Session, qtbot: QtBot) -> None:
    QGuiApplication.clipboard().setText("hello")
    with qtbot.waitSignal(xor.notice):
        edit_commands.paste(xor)


def test_cut_is_one_undo_entry(xor: Session) -> None:
    before = dict(xor.document.edges)
    entries = xor.undo_stack.count()
    xor.select(["h1"])
    edit_commands.cut(xor)
    assert "h1" not in xor.document.nodes
    assert xor.undo_stack.count() == entries + 1
    xor.undo()
    assert dict(xor.document.edges) == before


def test_duplicate_stands_beside(xor: Session) -> None:
    xor.select(["h1"])
    edit_commands.duplicate(xor)
    (new,) = xor.selection.nodes
    assert new != "h1"
    assert xor.document.positions[new] != xor.document.positions["h1"]


def test_delete_and_reconnect(xor: Session) -> None:
    xor.select(["h1"])
    edit_commands.delete_and_reconnect(xor)
    assert "h1" not in xor.document.nodes
    sources = {edge.source for edge in xor.document.in_edges("o")}
    assert sources >= {"x1", "x2", "h2"}


def test_upstream_and_downstream(xor: Session) -> None:
    xor.select(["h1"])
    edit_commands.select_upstream(xor)
    assert xor.selection.nodes == {"h1", "x1", "x2"}
    xor.select(["h1"])
    edit_commands.select_downstream(xor)
    assert xor.selection.nodes == {"h1", "o", "E"}


# -- graph ----------------------------------------------------------------------------------------


def test_group_and_ungroup(xor: Session) -> None:
    xor.select(["h1", "h2"])
    graph_commands.group(xor)
    assert set(xor.document.groups[0].nodes) == {"h1", "h2"}
    graph_commands.ungroup(xor)
    assert not xor.document.groups


def test_freeze_toggles(xor: Session) -> None:
    xor.select(["h1"], ["x1-h1"])
    graph_commands.freeze(xor)
    assert xor.document.frozen == {"h1.bias", "x1-h1.weight"}
    graph_commands.freeze(xor)
    assert not xor.document.frozen


def test_shared_weights_are_one(xor: Session) -> None:
    xor.select((), ["x1-h1", "x2-h1"])
    graph_commands.share(xor)
    assert xor.document.parameter_name("x1-h1.weight") == xor.document.parameter_name(
        "x2-h1.weight"
    )
    graph_commands.share(xor)
    assert xor.document.parameter_name("x1-h1.weight") == "x1-h1.weight"


def test_replace_keeps_the_wires(xor: Session) -> None:
    xor.select(["E"])
    graph_commands.replace_kind(xor, "binary_cross_entropy")
    assert xor.document.nodes["E"].kind == "binary_cross_entropy"
    assert len(xor.document.in_edges("E")) == 2
    assert xor.plan is not None


@pytest.mark.parametrize(("side", "axis"), [("left", 0), ("middle", 1)])
def test_align(xor: Session, side: layout_commands.Side, axis: int) -> None:
    xor.select(["x1", "h1", "o"])
    layout_commands.align(xor, side)
    assert len({xor.document.positions[node][axis] for node in xor.selection.nodes}) == 1


def test_distribute(xor: Session) -> None:
    xor.select(["x1", "h1", "E"])
    layout_commands.distribute(xor, 0)
    xs = sorted(xor.document.positions[node][0] for node in xor.selection.nodes)
    assert xs[1] - xs[0] == pytest.approx(xs[2] - xs[1])


def test_layout_is_one_undo_entry(xor: Session, qtbot: QtBot) -> None:
    before, entries = dict(xor.document.positions), xor.undo_stack.count()
    layout_commands.lay_out(xor)
    qtbot.waitUntil(lambda: xor.undo_stack.count() == entries + 1)
    assert xor.document.positions != before
    xor.undo()
    assert dict(xor.document.positions) == before


def test_a_layout_for_an_older_graph_is_dropped(xor: Session, qtbot: QtBot) -> None:
    layout_commands.lay_out(xor)
    xor.select(["h1"])
    edit_commands.delete(xor)
    entries = xor.undo_stack.count()
    qtbot.waitUntil(lambda: "layout" not in xor.background.busy)
    assert xor.undo_stack.count() == entries


# -- building -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["2-4-4-1", "2 4 4 1", "2→4→4→1", " 2x4x4x1 "])
def test_sizes_are_read(text: str) -> None:
    assert read_sizes(text) == (2, 4, 4, 1)


@pytest.mark.parametrize("text", ["", "3", "2-0-1", "2-a-1", "two"])
def test_nonsense_sizes_are_refused(text: str) -> None:
    with pytest.raises(EditError, match="2-4-4-1"):
        read_sizes(text)


@pytest.mark.parametrize("together", [True, False])
def test_a_built_network_runs_on_the_data(xor: Session, together: bool) -> None:
    data = SetDataset(xor.document.dataset)
    xor.new()
    xor.push(data, "Data")
    plan = Blueprint((2, 4, 3, 1), together=together)
    batch, nodes = network(xor.document, plan, ("x1", "x2"), ("y",))
    assert xor.push(batch, "Build")
    assert len(nodes) == (6 if together else 12)
    xor.calculation.find_problems()
    assert not xor.problems
    assert xor.plan is not None
    assert xor.plan.size == 2 * 4 + 4 + 4 * 3 + 3 + 3 + 1


def test_a_layer_is_wired_to_what_is_selected(xor: Session) -> None:
    batch, nodes = network_builder.layer(xor.document, ["h1", "h2"], LayerRequest(3))
    assert xor.push(batch, "Add")
    assert len(nodes) == 3
    for node in nodes:
        assert [edge.source for edge in xor.document.in_edges(node)] == ["h1", "h2"]


def test_a_new_layer_covers_nothing(xor: Session) -> None:
    batch, nodes = network_builder.layer(xor.document, ["h1", "h2"], LayerRequest(3))
    assert xor.push(batch, "Add")
    new = max(xor.document.positions[node][0] for node in nodes)
    assert xor.document.positions["o"][0] - new > 140  # the width of a node


def test_a_sparse_layer_leaves_nobody_out(xor: Session) -> None:
    batch, nodes = network_builder.layer(xor.document, ["h1", "h2"], LayerRequest(20, density=0.1))
    assert xor.push(batch, "Add")
    counts = [len(xor.document.in_edges(node)) for node in nodes]
    assert min(counts) == 1
    assert sum(counts) < 40


def test_too_many_single_neurons_are_refused(xor: Session) -> None:
    with pytest.raises(EditError, match="one node per layer"):
        network_builder.layer(xor.document, [], LayerRequest(100_000))


# -- expanding ------------------------------------------------------------------------------------


def error(session: Session) -> float:
    assert session.readings is not None
    return session.readings.error


def test_expand_and_collapse_keep_the_numbers(xor: Session) -> None:
    before = error(xor)
    xor.select(["h1"])
    graph_commands.expand(xor)
    assert "h1.s" in xor.document.nodes
    assert error(xor) == pytest.approx(before, rel=1e-12)
    inner = [node for node in xor.selection.nodes if node in xor.document.nodes]
    assert len(inner) > 1
    graph_commands.collapse(xor)
    assert xor.document.nodes["h1"].kind == "neuron"
    assert error(xor) == pytest.approx(before, rel=1e-12)


def test_merge_and_split_keep_the_numbers(xor: Session) -> None:
    before = error(xor)
    xor.select(["h1", "h2"])
    graph_commands.merge(xor)
    assert error(xor) == pytest.approx(before, rel=1e-12)
    (merged,) = xor.selection.nodes
    assert xor.document.param(merged, "units") == 2
    graph_commands.split(xor)
    assert len(xor.selection.nodes) == 2
    assert error(xor) == pytest.approx(before, rel=1e-12)
