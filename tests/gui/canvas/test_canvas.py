"""The widget apart from gestures: keys, popups, the view, following the session."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from graph import changes
from graph.edits import Move, SetLabel, SetParam, SetParameterValues
from graph.tensor import Tensor
from gui import theme
from gui.canvas import hover
from gui.canvas.camera import Camera
from gui.canvas.canvas import GraphCanvas
from gui.canvas.hit import Hit, Part
from gui.canvas.number_editor import NumberEditor
from gui.canvas.search import Search
from gui.session import Session

if TYPE_CHECKING:
    from tests.gui.canvas.conftest import Hand

KEY = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
NO_KEYS = Qt.KeyboardModifier.NoModifier


def wheel(
    canvas: GraphCanvas,
    at: QPointF,
    turned: int,
    *,
    moved: QPoint | None = None,
    keys: Qt.KeyboardModifier = NO_KEYS,
) -> None:
    phase = Qt.ScrollPhase.ScrollUpdate if moved else Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(
        at,
        QPointF(canvas.mapToGlobal(at.toPoint())),
        moved or QPoint(),
        QPoint(0, turned),
        Qt.MouseButton.NoButton,
        keys,
        phase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def run_once(canvas: GraphCanvas, qtbot: QtBot) -> Session:
    """Take the free node away, so that nothing is missing, and wait for the numbers."""
    session = canvas.session
    session.push(changes.remove(session.document, ["f"]), "Delete")
    session.undo_stack.clear()
    qtbot.waitUntil(lambda: session.readings is not None)
    return session


# -- the view ----------------------------------------------------------------------------------


def test_the_wheel_zooms_and_the_scene_point_under_the_mouse_stays(canvas: GraphCanvas) -> None:
    at = QPointF(430, 220)
    before = canvas.scene_position(at)
    wheel(canvas, at, 240)
    assert canvas.camera.scale > 1.2
    assert canvas.scene_position(at) == pytest.approx(before)


def test_two_fingers_pan_and_with_ctrl_zoom(canvas: GraphCanvas) -> None:
    before = canvas.camera
    wheel(canvas, QPointF(400, 300), 0, moved=QPoint(12, -30))
    assert canvas.camera == before.panned(12, -30)
    wheel(canvas, QPointF(400, 300), 120, moved=QPoint(0, 40), keys=CTRL)
    assert canvas.camera.scale > before.scale


def test_fit_shows_everything_and_follows_the_size_of_the_widget(canvas: GraphCanvas) -> None:
    canvas.fit()
    for size in (QSize(1200, 700), QSize(600, 400)):
        canvas.resize(size)
        left, top, right, bottom = canvas.view.scene
        bounds = canvas.scene.arrays.bounds()
        assert bounds is not None
        assert left <= bounds[0] < bounds[2] <= right
        assert top <= bounds[1] < bounds[3] <= bottom


def test_a_view_moved_by_hand_stays_when_the_widget_grows(canvas: GraphCanvas) -> None:
    canvas.set_camera(Camera(0.7, 10, 20))
    middle = canvas.scene_position(canvas.rect().center())
    canvas.resize(1400, 800)
    assert canvas.camera.scale == 0.7
    assert canvas.scene_position(canvas.rect().center()) == pytest.approx(middle, abs=2)


def test_zoom_to_shows_the_nodes_near(canvas: GraphCanvas) -> None:
    canvas.zoom_by(0.1)
    canvas.zoom_to(["h"])
    assert canvas.camera.scale > 1.0
    assert canvas.hit(canvas.rect().center()).id == "h"


# -- following the session ---------------------------------------------------------------------


def test_the_arrays_follow_every_edit_and_its_undo(canvas: GraphCanvas) -> None:
    session, arrays = canvas.session, canvas.scene.arrays
    session.push(Move({"h": (260.0, 40.0)}), "Move")
    session.push(SetLabel("h", "hidden"), "Label")
    session.push(SetParam("h", "activation", "tanh"), "Set")
    session.push(changes.remove(session.document, ["y"]), "Delete")
    row = arrays.node_row["h"]
    assert arrays.position[row].tolist() == [260, 40]
    assert (arrays.titles[row], arrays.symbols[row]) == ("hidden", "tanh")
    assert arrays.nodes == list(session.document.nodes)
    assert arrays.edges == list(session.document.edges)
    while session.undo_stack.canUndo():
        session.undo()
    assert arrays.edges == list(session.document.edges)
    assert arrays.position[arrays.node_row["h"]].tolist() == [250, 0]
    assert arrays.titles[arrays.node_row["h"]] == "h"


def test_wires_end_at_their_ports_after_a_move(canvas: GraphCanvas) -> None:
    canvas.session.push(Move({"loss": (700.0, 100.0)}), "Move")
    arrays = canvas.scene.arrays
    for edge in ("y-loss", "t-loss"):
        record = canvas.session.document.edges[edge]
        control = arrays.control[arrays.edge_row[edge]]
        start = arrays.output_port(arrays.node_row[record.source])
        assert tuple(control[0]) == start
        assert tuple(control[3]) == arrays.input_port(arrays.node_row["loss"], record.port)


def test_another_document_is_shown_whole(canvas: GraphCanvas) -> None:
    canvas.session.new()
    assert canvas.scene.arrays.nodes == []
    assert not canvas.grab().isNull()


def test_biases_are_those_of_the_present_document(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = run_once(canvas, qtbot)
    first = session.document
    session.new()
    session.new(first)
    qtbot.waitUntil(lambda: session.readings is not None)
    rows = canvas.scene.arrays.node_row
    assert canvas.scene.biases.keys() == {rows["h"], rows["y"]}


def test_readings_reach_the_arrays(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = run_once(canvas, qtbot)
    assert session.readings is not None
    shading, rows = canvas.scene.shading, canvas.scene.arrays.node_row
    place = session.readings.nodes.index("h")
    assert shading.value[rows["h"]] == session.readings.value[place]
    assert canvas.scene.biases.keys() == {rows["h"], rows["y"]}


def test_problems_are_marked(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = canvas.session
    row = canvas.scene.arrays.node_row["f"]
    qtbot.waitUntil(lambda: bool(session.problems))
    states = canvas.scene.looks.marks.states
    assert row in [*states["error"].tolist(), *states["warning"].tolist()]


def test_wires_away_from_the_selection_are_dimmed_on_demand(canvas: GraphCanvas) -> None:
    canvas.session.select(["h"])
    assert canvas.scene.looks.dimmed is None
    canvas.set_dimming(True)
    assert canvas.scene.looks.dimmed is not None
    faint = np.flatnonzero(canvas.scene.looks.dimmed).tolist()
    assert {canvas.scene.arrays.edges[row] for row in faint} == {"y-loss", "t-loss"}
    canvas.session.select()
    assert canvas.scene.looks.dimmed is None


# -- motion ------------------------------------------------------------------------------------


def test_the_clock_ticks_only_while_something_moves(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = run_once(canvas, qtbot)
    session.push(SetParameterValues({"x-h.weight": Tensor.of([[0.5]])}), "Set")
    assert canvas.moves
    qtbot.waitUntil(lambda: not canvas.moves)
    canvas.set_motion(False)
    session.push(SetParameterValues({"x-h.weight": Tensor.of([[0.7]])}), "Set")
    assert not canvas.moves


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


def test_c_connects_by_keyboard(canvas: GraphCanvas) -> None:
    session = canvas.session
    session.select(["x"])
    QTest.keyClick(canvas, KEY.Key_C)
    states = canvas.scene.looks.marks.states
    first = canvas.scene.arrays.nodes[int(states["good"][0])]
    QTest.keyClick(canvas, KEY.Key_Return)
    assert any(
        edge.source == "x" and edge.target == first and edge.id != "x-h"
        for edge in session.document.edges.values()
    )
    assert "good" not in canvas.scene.looks.marks.states


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
    session.push(changes.remove(session.document, ["x"]), "Delete")
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
    assert canvas.edit_number(Hit(Part.EDGE, "x-h"))
    field = editor(canvas)
    QTest.keyClick(field, KEY.Key_Up)
    assert session.document.parameters["x-h.weight"] != Tensor.of([[0.5]])
    QTest.keyClick(field, KEY.Key_Escape)
    assert session.document.parameters["x-h.weight"] == Tensor.of([[0.5]])


def test_a_wire_without_weight_has_nothing_to_edit(canvas: GraphCanvas) -> None:
    assert not canvas.edit_number(Hit(Part.EDGE, "y-loss"))
    assert canvas.findChildren(NumberEditor) == []


# -- what is under the mouse -------------------------------------------------------------------


def test_hits(canvas: GraphCanvas, hand: Hand) -> None:
    def hit(x: float, y: float) -> tuple[str, str, str]:
        found = canvas.hit(hand.at(x, y))
        return found.part.value, found.id, found.port

    assert hit(*hand.node("h")) == ("node", "h", "")
    assert hit(*hand.output("h")) == ("output", "h", "")
    assert hit(*hand.port("loss", "target")) == ("input", "loss", "target")
    assert hit(125, 0) == ("edge", "x-h", "")
    assert hit(125, 250) == ("nothing", "", "")


def test_the_menu_is_asked_for_what_is_under_the_mouse(canvas: GraphCanvas, hand: Hand) -> None:
    asked: list[Hit] = []
    canvas.menu_requested.connect(lambda hit, _at: asked.append(hit))
    at = hand.at(*hand.node("y"))
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(canvas, QContextMenuEvent(reason, at, canvas.mapToGlobal(at)))
    assert asked == [Hit(Part.NODE, "y")]
    assert canvas.session.selection.nodes == {"y"}


def test_the_tooltip_has_the_exact_numbers(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = run_once(canvas, qtbot)
    session.push(SetParameterValues({"x-h.weight": Tensor.of([[-0.123456789]])}), "Set")
    text = hover.describe(session, canvas.scene, Hit(Part.EDGE, "x-h"))
    assert "−0.123456789" in text
    assert "∂E/∂w" in text
    node = hover.describe(session, canvas.scene, Hit(Part.NODE, "h"))
    assert "bias" in node
    assert "δ" in node


def test_a_tooltip_appears(canvas: GraphCanvas, hand: Hand, qtbot: QtBot) -> None:
    at = hand.at(*hand.node("x"))
    QApplication.sendEvent(canvas, QHelpEvent(QEvent.Type.ToolTip, at, canvas.mapToGlobal(at)))
    assert "input" in QToolTip.text()
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_screen_readers_hear_what_is_selected(canvas: GraphCanvas) -> None:
    assert canvas.accessibleName() == "Network canvas"
    canvas.session.select(["h"])
    assert canvas.accessibleDescription().startswith("h, neuron")


def test_an_error_while_painting_is_logged_and_not_raised(
    canvas: GraphCanvas, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_args: object, **_keywords: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(canvas.scene, "draw", fail)
    canvas.repaint()
    assert "paintEvent failed" in caplog.text


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_canvas_follows_the_palette(small: Session, qtbot: QtBot, name: str) -> None:
    canvas = GraphCanvas(small)
    qtbot.addWidget(canvas)
    chosen = {"light": theme.LIGHT, "dark": theme.DARK}[name]
    canvas.setPalette(theme.palette(chosen))
    canvas.resize(400, 300)
    canvas.show()
    image = canvas.grab().toImage()
    assert image.pixelColor(399, 0).name() in (chosen.background, chosen.grid)
