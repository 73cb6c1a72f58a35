from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from graph.model.traversal import Neighbours, shortest_path
from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.interaction.kind_search import Search
from gui.widgets.node_palette import MIME

if TYPE_CHECKING:
    from tests.gui.canvas.conftest import Hand

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
NO_KEYS = Qt.KeyboardModifier.NoModifier
ALT = Qt.KeyboardModifier.AltModifier


def wires(canvas: GraphCanvas) -> set[tuple[str, str, str]]:
    edges = canvas.session.document.edges.values()
    return {(edge.source, edge.target, edge.port) for edge in edges}


def search(canvas: GraphCanvas) -> Search:
    (popup,) = canvas.findChildren(Search)
    return popup


# -- selecting ---------------------------------------------------------------------------------


def test_click_selects_and_click_into_the_void_deselects(canvas: GraphCanvas, hand: Hand) -> None:
    hand.click(hand.node("h"))
    assert canvas.session.selection.nodes == {"h"}
    hand.click(hand.node("y"), SHIFT)
    assert canvas.session.selection.nodes == {"h", "y"}
    hand.click(hand.node("h"), CTRL)
    assert canvas.session.selection.nodes == {"y"}
    hand.click((0, 300))
    assert not canvas.session.selection


def test_clicking_one_of_several_selected_nodes_selects_it_alone(
    canvas: GraphCanvas, hand: Hand
) -> None:
    canvas.session.select(["h", "y"])
    hand.click(hand.node("h"))
    assert canvas.session.selection.nodes == {"h"}


def test_click_on_a_wire_selects_it(canvas: GraphCanvas, hand: Hand) -> None:
    hand.click((125, 0))
    assert canvas.session.selection.edges == {"x-h"}


def test_rubber_band_selects_what_it_touches(canvas: GraphCanvas, hand: Hand) -> None:
    hand.drag((100, -90), (600, 60))
    assert canvas.session.selection.nodes == {"h", "y"}
    assert canvas.session.selection.edges == {"h-y"}


def test_escape_brings_the_selection_before_a_rubber_band_back(
    canvas: GraphCanvas, hand: Hand, qtbot: QtBot
) -> None:
    canvas.session.select(["f"])
    hand.press((100, -90))
    hand.move((600, 60))
    assert canvas.session.selection.nodes == {"h", "y"}
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.session.selection.nodes == {"f"}
    hand.release((600, 60))


# -- moving ------------------------------------------------------------------------------------


def test_a_move_is_one_undo_step_and_touches_the_document_only_on_release(
    canvas: GraphCanvas, hand: Hand
) -> None:
    session = canvas.session
    session.select(["h", "y"])
    version = session.document.version
    hand.press(hand.node("h"))
    hand.move((300, 50))
    assert session.document.version == version
    assert canvas.scene.arrays.position[canvas.scene.arrays.node_row["y"]].tolist() == [550, 50]
    hand.move((260, 30))
    hand.release((260, 30))
    assert session.document.positions["h"] == (260.0, 30.0)
    assert session.document.positions["y"] == (510.0, 30.0)
    assert session.undo_stack.count() == 1
    session.undo()
    assert session.document.positions["h"] == (250.0, 0.0)


def test_a_cancelled_move_leaves_no_trace(canvas: GraphCanvas, hand: Hand, qtbot: QtBot) -> None:
    hand.press(hand.node("h"))
    hand.move((400, 90))
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    hand.release((400, 90))
    assert canvas.session.undo_stack.count() == 0
    assert canvas.scene.arrays.position[canvas.scene.arrays.node_row["h"]].tolist() == [250, 0]


def test_a_free_node_dropped_on_a_wire_is_put_into_it(canvas: GraphCanvas, hand: Hand) -> None:
    hand.drag(hand.node("f"), (125, 0))
    assert ("x", "f", "x") in wires(canvas)
    assert ("f", "h", "inputs") in wires(canvas)
    assert canvas.session.undo_stack.count() == 1
    canvas.session.undo()
    assert canvas.session.document.positions["f"] == (250.0, 200.0)


def test_alt_drag_duplicates(canvas: GraphCanvas, hand: Hand) -> None:
    hand.drag(hand.node("h"), (250, 120), ALT)
    assert len(canvas.session.document.nodes) == 7
    assert canvas.session.document.positions["h"] == (250.0, 0.0)
    (copied,) = canvas.session.selection.nodes
    assert canvas.session.document.positions[copied] == (250.0, 120.0)


def test_an_edit_that_removes_what_is_dragged_ends_the_gesture(
    canvas: GraphCanvas, hand: Hand
) -> None:
    from graph.changes import adding

    hand.press(hand.node("f"))
    hand.move((300, 260))
    canvas.session.push(adding.remove(canvas.session.document, ["f"]), "Delete")
    hand.move((310, 270))
    hand.release((310, 270))
    assert "f" not in canvas.session.document.nodes


# -- wiring ------------------------------------------------------------------------------------


def test_drag_from_output_to_port_connects(canvas: GraphCanvas, hand: Hand) -> None:
    hand.drag(hand.output("x"), hand.port("f", "x"))
    assert ("x", "f", "x") in wires(canvas)
    assert canvas.session.undo_stack.count() == 1


def test_drag_from_port_to_output_connects(canvas: GraphCanvas, hand: Hand) -> None:
    hand.drag(hand.port("f", "x"), hand.output("x"))
    assert ("x", "f", "x") in wires(canvas)


def test_a_wire_dropped_on_a_body_takes_a_free_port(canvas: GraphCanvas, hand: Hand) -> None:
    hand.drag(hand.output("x"), hand.node("y"))
    assert ("x", "y", "inputs") in wires(canvas)


def test_a_cycle_shows_its_reason_and_pushes_nothing(
    canvas: GraphCanvas, hand: Hand, qtbot: QtBot
) -> None:
    hand.press(hand.output("y"))
    hand.move((300, 30))
    hand.move(hand.node("h"))
    marked = canvas.scene.highlights.marks.states
    assert marked["bad"].tolist() == [canvas.scene.arrays.node_row["h"]]
    with qtbot.waitSignal(canvas.session.notice) as told:
        hand.release(hand.node("h"))
    assert "cycle" in told.args[0]
    assert canvas.session.undo_stack.count() == 0
    assert "bad" not in canvas.scene.highlights.marks.states


def test_a_drag_over_a_node_searches_for_a_cycle_once(
    canvas: GraphCanvas, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches: list[tuple[str, str]] = []

    def counted(start: str, end: str, neighbours: Neighbours[str]) -> list[str] | None:
        searches.append((start, end))
        return shortest_path(start, end, neighbours)

    monkeypatch.setattr("graph.validation.connection_rules.shortest_path", counted)
    hand.press(hand.output("y"))
    hand.move((300, 30))
    x, y = hand.node("h")
    for step in range(4):
        hand.move((x + step, y))
    assert searches == [("h", "y")]
    hand.release((x, y))


def test_shift_drag_wires_all_selected_nodes(canvas: GraphCanvas, hand: Hand) -> None:
    canvas.session.select(["x", "f"])
    hand.drag(hand.output("x"), hand.node("y"), SHIFT)
    assert {("x", "y", "inputs"), ("f", "y", "inputs")} <= wires(canvas)
    assert canvas.session.undo_stack.count() == 1
    orders = {e.source: e.order for e in canvas.session.document.in_edges("y")}
    assert sorted(orders.values()) == [0, 1, 2]


def test_moving_an_end_of_a_wire_rewires_it(canvas: GraphCanvas, hand: Hand) -> None:
    end = hand.port("y")
    hand.drag((end[0] - 25, end[1]), hand.port("f", "x"))
    assert ("h", "f", "x") in wires(canvas)
    assert ("h", "y", "inputs") not in wires(canvas)
    assert "h-y" in canvas.session.document.edges
    canvas.session.undo()
    assert ("h", "y", "inputs") in wires(canvas)


def test_dragging_off_a_taken_port_into_the_void_removes_the_wire(
    canvas: GraphCanvas, hand: Hand
) -> None:
    hand.drag(hand.port("loss", "target"), (650, 300))
    assert "t-loss" not in canvas.session.document.edges


def test_a_wire_dropped_where_it_was_changes_nothing(canvas: GraphCanvas, hand: Hand) -> None:
    hand.drag(hand.port("loss", "target"), hand.port("loss", "target"))
    hand.press(hand.port("loss", "target"))
    hand.move((650, 300))
    hand.move(hand.port("loss", "target"))
    hand.release(hand.port("loss", "target"))
    assert canvas.session.undo_stack.count() == 0


def test_a_wire_into_the_void_offers_what_fits_already_connected(
    canvas: GraphCanvas, hand: Hand, qtbot: QtBot
) -> None:
    hand.drag(hand.output("h"), (400, 250))
    popup = search(canvas)
    assert "tanh" in popup.shown_kinds()
    assert "input" not in popup.shown_kinds()
    QTest.keyClicks(popup.field, "tanh")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert ("h", "tanh1", "x") in wires(canvas)
    assert canvas.session.undo_stack.count() == 1


def test_ctrl_drag_cuts_wires(canvas: GraphCanvas, hand: Hand) -> None:
    hand.drag((125, -80), (125, 80), CTRL)
    assert "x-h" not in canvas.session.document.edges
    assert canvas.session.undo_stack.undoText() == "Cut 1 wire"


# -- the view ----------------------------------------------------------------------------------


def test_middle_drag_pans(canvas: GraphCanvas, qtbot: QtBot) -> None:
    before, button = canvas.camera, Qt.MouseButton.MiddleButton
    QTest.mousePress(canvas, button, NO_KEYS, QPoint(300, 500))
    QTest.mouseMove(canvas, QPoint(360, 540))
    QTest.mouseRelease(canvas, button, NO_KEYS, QPoint(360, 540))
    assert canvas.camera == before.panned(60, 40)


def test_space_drag_pans_and_a_tap_on_space_plays(
    canvas: GraphCanvas, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    taps: list[str] = []
    monkeypatch.setattr(canvas.session.run, "toggle", lambda: taps.append("tap"))
    before = canvas.camera
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, NO_KEYS, QPoint(300, 500))
    QTest.mouseMove(canvas, QPoint(330, 480))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, NO_KEYS, QPoint(330, 480))
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.camera == before.panned(30, -20)
    assert taps == []
    QTest.keyClick(canvas, Qt.Key.Key_Space)
    assert taps == ["tap"]


# -- the palette -------------------------------------------------------------------------------


def dropped(canvas: GraphCanvas, kind: str, place: QPointF) -> None:
    data = QMimeData()
    data.setData(MIME, kind.encode())
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    action = Qt.DropAction.CopyAction
    QApplication.sendEvent(canvas, QDragEnterEvent(place.toPoint(), action, data, buttons, keys))
    QApplication.sendEvent(canvas, QDragMoveEvent(place.toPoint(), action, data, buttons, keys))
    QApplication.sendEvent(canvas, QDropEvent(place, action, data, buttons, keys))


def test_a_kind_dropped_on_the_canvas_is_added_there(canvas: GraphCanvas, hand: Hand) -> None:
    dropped(canvas, "tanh", QPointF(hand.at(0, 250)))
    assert canvas.session.document.positions["tanh1"] == (0.0, 250.0)
    assert canvas.session.selection.nodes == {"tanh1"}


def test_a_kind_dropped_on_a_wire_is_inserted(canvas: GraphCanvas, hand: Hand) -> None:
    dropped(canvas, "tanh", QPointF(hand.at(125, 0)))
    assert {("x", "tanh1", "x"), ("tanh1", "h", "inputs")} <= wires(canvas)
    assert canvas.session.undo_stack.count() == 1


def test_a_node_without_output_is_not_put_on_a_wire(canvas: GraphCanvas, hand: Hand) -> None:
    dropped(canvas, "squared_error", QPointF(hand.at(125, 0)))
    assert ("x", "h", "inputs") in wires(canvas)
