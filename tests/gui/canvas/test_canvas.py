"""The widget apart from gestures: the view, following the session, what is under the mouse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from engine.headless import examples
from graph.changes import adding
from graph.model.edits import Move, SetLabel, SetParam, SetParameterValues
from graph.model.tensor import Tensor
from gui.canvas import tooltips
from gui.canvas.geometry.camera import Camera
from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.layers.node_numbers import strips
from gui.canvas.model.hit_test import Hit, HitKind
from gui.canvas.tooltip_place import place
from gui.look import theme
from gui.session.session import Session
from tests.gui.canvas.conftest import run_once

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
    session.push(adding.remove(session.document, ["y"]), "Delete")
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
    assert canvas.scene.parameters.keys() == {rows["h"], rows["y"]}


def test_readings_reach_the_arrays(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = run_once(canvas, qtbot)
    assert session.readings is not None
    shading, rows = canvas.scene.shading, canvas.scene.arrays.node_row
    place = session.readings.nodes.index("h")
    assert shading.value[rows["h"]] == session.readings.value[place]
    assert canvas.scene.parameters.keys() == {rows["h"], rows["y"]}


def test_problems_are_marked(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = canvas.session
    row = canvas.scene.arrays.node_row["f"]
    qtbot.waitUntil(lambda: bool(session.problems))
    states = canvas.scene.highlights.marks.states
    assert row in [*states["error"].tolist(), *states["warning"].tolist()]


def test_wires_away_from_the_selection_are_dimmed_on_demand(canvas: GraphCanvas) -> None:
    canvas.session.select(["h"])
    assert canvas.scene.highlights.dimmed is None
    canvas.set_dimming(True)
    assert canvas.scene.highlights.dimmed is not None
    faint = np.flatnonzero(canvas.scene.highlights.dimmed).tolist()
    assert {canvas.scene.arrays.edges[row] for row in faint} == {"y-loss", "t-loss"}
    canvas.session.select()
    assert canvas.scene.highlights.dimmed is None


# -- motion ------------------------------------------------------------------------------------


def test_the_clock_ticks_only_while_something_moves(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = run_once(canvas, qtbot)
    session.push(SetParameterValues({"x-h.weight": Tensor.of([[0.5]])}), "Set")
    assert canvas.moves
    qtbot.waitUntil(lambda: not canvas.moves)
    canvas.set_motion(False)
    session.push(SetParameterValues({"x-h.weight": Tensor.of([[0.7]])}), "Set")
    assert not canvas.moves


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
    assert asked == [Hit(HitKind.NODE, "y")]
    assert canvas.session.selection.nodes == {"y"}


def test_the_tooltip_has_the_exact_numbers(canvas: GraphCanvas, qtbot: QtBot) -> None:
    session = run_once(canvas, qtbot)
    session.push(SetParameterValues({"x-h.weight": Tensor.of([[-0.123456789]])}), "Set")
    text = tooltips.describe(session, canvas.scene, Hit(HitKind.EDGE, "x-h"))
    assert "−0.123456789" in text
    assert "∂E/∂w" in text
    node = tooltips.describe(session, canvas.scene, Hit(HitKind.NODE, "h"))
    assert "∂E/∂b" in node
    assert "δ" in node


def test_a_tooltip_appears(canvas: GraphCanvas, hand: Hand, qtbot: QtBot) -> None:
    at = hand.at(*hand.node("x"))
    QApplication.sendEvent(canvas, QHelpEvent(QEvent.Type.ToolTip, at, canvas.mapToGlobal(at)))
    assert "input" in QToolTip.text()
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())


def test_the_tooltip_of_a_strip_begins_with_the_component_under_the_mouse(
    canvas: GraphCanvas, qtbot: QtBot
) -> None:
    session = canvas.session
    assert session.open(examples.path("raschka_two_layers"))
    qtbot.waitUntil(lambda: session.readings is not None and "h" in session.readings.strips)
    assert session.readings is not None
    row = canvas.scene.arrays.node_row["h"]
    strip = session.readings.strips["h"]
    (box, _) = (each.box for each in strips(canvas.scene.arrays, canvas.scene.shading, row))
    for component, number in enumerate(strip):
        x = box.left() + (component + 0.5) * box.width() / len(strip)
        point = tooltips.Point(x, box.center().y(), compact=False)
        text = tooltips.describe(session, canvas.scene, Hit(HitKind.NODE, "h"), point)
        assert f"z, entry [{component}] of {len(strip)}" in text
        assert text.index(tooltips.exact(float(number))) < text.index("width")


NODE = QRectF(200, 200, 140, 78)


@pytest.mark.parametrize(
    ("others", "side"),
    [
        ((), "below"),
        ((QRectF(200, 300, 140, 78),), "above"),
        ((QRectF(200, 300, 140, 78), QRectF(200, 100, 140, 78)), "right"),
        (
            (
                QRectF(200, 300, 140, 78),
                QRectF(200, 100, 140, 78),
                QRectF(360, 200, 140, 78),
            ),
            "left",
        ),
    ],
)
def test_a_tooltip_covers_neither_its_node_nor_others_while_there_is_room(
    qtbot: QtBot, others: tuple[QRectF, ...], side: str
) -> None:
    text = "<table><tr><td>z</td><td>0.123456789</td></tr></table>"
    at = place(text, NODE, others, QRectF(0, 0, 800, 600)) + QPointF(2, 16)  # as Qt shows it
    found = (
        "below"
        if at.y() > NODE.bottom()
        else "above"
        if at.y() < NODE.top() - 10
        else "right"
        if at.x() > NODE.right()
        else "left"
    )
    assert found == side


def test_a_tooltip_stays_on_the_canvas(qtbot: QtBot) -> None:
    text = "<p>a</p>" * 12
    low = QRectF(100, 520, 140, 78)
    at = place(text, low, (), QRectF(0, 0, 800, 600))
    assert at.y() < low.top()


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
