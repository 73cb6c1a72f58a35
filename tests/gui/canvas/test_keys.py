"""Keys, the search and the number editor of the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from graph.changes import adding
from graph.model.edits import SetParameterValues
from graph.model.tensor import Tensor
from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.interaction.kind_search import Search
from gui.canvas.interaction.number_editor import NumberEditor
from gui.canvas.model.hit_test import Hit, HitKind
from gui.shell.window import Window

if TYPE_CHECKING:
    from tests.gui.canvas.conftest import Hand

KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
NO_KEYS = Qt.KeyboardModifier.NoModifier

# -- keys --------------------------------------------------------------------------------------


def test_arrow_keys_walk_along_edges(canvas: GraphCanvas) -> None:
    session = canvas.session
    session.select(["x"])
    for key, expected in ((KEY.Key_Right, "h"), (KEY.Key_Right, "y"), (KEY.Key_Left, "h")):
        QTest.keyClick(canvas, key)
        assert session.selection.nodes == {expected}
    QTest.keyClick(canvas, KEY.Key_Down)
    assert session.selection.nodes == {"f"}


def test_ctrl_arrows_nudge_into_one_undo_entry(canvas: GraphCanvas) -> None:
    session = canvas.session
    session.select(["h"])
    QTest.keyClick(canvas, KEY.Key_Right, CTRL)
    QTest.keyClick(canvas, KEY.Key_Down, CTRL)
    assert session.document.positions["h"] == (270.0, 20.0)
    assert session.undo_stack.count() == 1
    session.undo()
    assert session.document.positions["h"] == (250.0, 0.0)


def test_delete_removes_the_selection(canvas: GraphCanvas) -> None:
    canvas.session.select(["h"])
    QTest.keyClick(canvas, KEY.Key_Delete)
    assert "h" not in canvas.session.document.nodes
    assert "x-h" not in canvas.session.document.edges


def test_escape_leaves_the_selection_first_and_then_the_update(xor_window: Window) -> None:
    session, canvas = xor_window.session, xor_window.canvas
    session.stepper.forward()
    session.select(["h1"])
    QTest.keyClick(canvas, KEY.Key_Escape)
    assert not session.selection
    assert session.stepper.stop == 0
    QTest.keyClick(canvas, KEY.Key_Escape)
    assert session.stepper.stop is None


def test_c_connects_by_keyboard(canvas: GraphCanvas) -> None:
    session = canvas.session
    session.select(["x"])
    QTest.keyClick(canvas, KEY.Key_C)
    states = canvas.scene.highlights.marks.states
    first = canvas.scene.arrays.nodes[int(states["good"][0])]
    QTest.keyClick(canvas, KEY.Key_Return)
    assert any(
        edge.source == "x" and edge.target == first and edge.id != "x-h"
        for edge in session.document.edges.values()
    )
    assert "good" not in canvas.scene.highlights.marks.states


def test_c_with_two_nodes_connects_left_to_right(canvas: GraphCanvas) -> None:
    canvas.session.select(["y", "x"])
    QTest.keyClick(canvas, KEY.Key_C)
    assert "x-y" in canvas.session.document.edges


# -- search ------------------------------------------------------------------------------------


def test_tab_searches_and_enter_adds(canvas: GraphCanvas) -> None:
    QTest.keyClick(canvas, KEY.Key_Tab)
    (popup,) = canvas.findChildren(Search)
    QTest.keyClicks(popup.field, "sigm")
    assert popup.shown_kinds()[0] == "sigmoid"
    QTest.keyClick(popup.field, KEY.Key_Return)
    assert "sigmoid1" in canvas.session.document.nodes
    assert canvas.session.selection.nodes == {"sigmoid1"}


def test_double_click_on_the_empty_canvas_searches_there(canvas: GraphCanvas) -> None:
    at = QPoint(300, 600)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, NO_KEYS, at)
    (popup,) = canvas.findChildren(Search)
    QTest.keyClicks(popup.field, "relu")
    QTest.keyClick(popup.field, KEY.Key_Return)
    (added,) = canvas.session.selection.nodes
    x, y = canvas.scene_position(at)
    assert canvas.session.document.positions[added] == (round(x), round(y))


def test_escape_closes_the_search(canvas: GraphCanvas, qtbot: QtBot) -> None:
    QTest.keyClick(canvas, KEY.Key_Tab)
    (popup,) = canvas.findChildren(Search)
    QTest.keyClick(popup.field, KEY.Key_Escape)
    assert popup.isHidden()
    assert len(canvas.session.document.nodes) == 6


def test_new_inputs_take_the_next_column(canvas: GraphCanvas) -> None:
    session = canvas.session
    session.push(adding.remove(session.document, ["x"]), "Delete")
    name = canvas.add_at("input", (0.0, 0.0))
    assert name is not None
    assert session.document.param(name, "columns") == ("a",)


# -- numbers -----------------------------------------------------------------------------------


def editor(canvas: GraphCanvas) -> NumberEditor:
    (found,) = canvas.findChildren(NumberEditor)
    return found


def test_double_click_on_a_wire_edits_its_weight(canvas: GraphCanvas, hand: Hand) -> None:
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, NO_KEYS, hand.at(125, 0))
    field = editor(canvas)
    field.lineEdit().selectAll()
    QTest.keyClicks(field, "0.25")
    QTest.keyClick(field, KEY.Key_Return)
    session = canvas.session
    assert session.document.parameters["x-h.weight"] == Tensor.of([[0.25]])
    assert session.undo_stack.count() == 1
    session.undo()
    assert "x-h.weight" not in session.document.parameters


def test_enter_edits_the_bias_of_the_selected_node(canvas: GraphCanvas) -> None:
    canvas.session.select(["h"])
    QTest.keyClick(canvas, KEY.Key_Return)
    field = editor(canvas)
    field.lineEdit().selectAll()
    QTest.keyClicks(field, "-2")
    QTest.keyClick(field, KEY.Key_Return)
    assert canvas.session.document.parameters["h.bias"] == Tensor.of([-2.0])


def test_escape_brings_the_number_back(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = canvas.session
    session.push(SetParameterValues({"x-h.weight": Tensor.of([[0.5]])}), "Set")
    qtbot.waitUntil(lambda: session.value("x-h.weight") is not None)
    assert canvas.edit_number(Hit(HitKind.EDGE, "x-h"))
    field = editor(canvas)
    QTest.keyClick(field, KEY.Key_Up)
    assert session.document.parameters["x-h.weight"] != Tensor.of([[0.5]])
    QTest.keyClick(field, KEY.Key_Escape)
    assert session.document.parameters["x-h.weight"] == Tensor.of([[0.5]])


def test_a_wire_without_weight_has_nothing_to_edit(canvas: GraphCanvas) -> None:
    assert not canvas.edit_number(Hit(HitKind.EDGE, "y-loss"))
    assert canvas.findChildren(NumberEditor) == []
