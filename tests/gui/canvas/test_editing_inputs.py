"""An input is edited by hand: all that is shown follows and says so; the data stay as they are."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.interaction.input_editor import EditedRowBar, InputEditor
from gui.canvas.layers.node_sprites import DISC
from gui.session.session import Session
from gui.shell.window import Window
from gui.widgets.number_text import number_text

EXAMPLES = Path(__file__).parents[3] / "examples"
KEY = Qt.Key


def double_click(canvas: GraphCanvas, node: str, off: tuple[float, float] = (0.0, 0.0)) -> None:
    x, y = canvas.session.document.positions[node]
    at = QPointF(*canvas.camera.to_widget(x + off[0], y + off[1])).toPoint()
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)


def opened(canvas: GraphCanvas) -> InputEditor:
    return next(one for one in canvas.findChildren(InputEditor) if not one.isHidden())


def type_number(canvas: GraphCanvas, text: str) -> None:
    editor = opened(canvas)
    editor.selectAll()
    QTest.keyClicks(editor.lineEdit(), text)
    QTest.keyClick(editor, KEY.Key_Return)


def numbers(session: Session) -> dict[str, tuple[float, float]]:
    """Return s (0 of nodes without) and z by node."""
    readings = session.readings
    assert readings is not None
    pairs = zip(np.nan_to_num(readings.net).tolist(), readings.value.tolist(), strict=True)
    return dict(zip(readings.nodes, pairs, strict=True))


def sigmoid(s: float) -> float:
    return 1.0 / (1.0 + math.exp(-s))


def test_everything_follows_an_edited_input_and_says_so(xor_window: Window, qtbot: QtBot) -> None:
    window, session = xor_window, xor_window.session
    canvas = window.canvas
    stored = session.document.dataset
    undo = session.undo_stack.count()
    session.set_row(2)  # x1 = 1, x2 = 0
    before, error = numbers(session), session.error
    double_click(canvas, "x1")
    type_number(canvas, "2.5")
    assert session.rows_text == "row 3 (train) with x1 = 2.5 (edited)"
    after = numbers(session)
    weights = {edge: session.value(f"{edge}.weight") for edge in ("x1-h1", "x2-h1")}
    assert weights["x1-h1"] is not None
    for unit in ("h1", "h2"):
        weight = session.value(f"x1-{unit}.weight")
        assert weight is not None
        change = 1.5 * float(weight.reshape(-1)[0])
        assert after[unit][0] == pytest.approx(before[unit][0] + change, abs=1e-12)
    assert session.error is not None
    assert session.error != error
    window.run_bar.show()
    qtbot.waitUntil(lambda: window.run_bar.error.text() == number_text(session.error))
    assert "x1 = 2.5 (edited)" in window.run_bar.error.toolTip()
    assert "x1 = 2.5 (edited)" in canvas.scene.unit
    qtbot.waitUntil(lambda: "x1 = 2.5 (edited)" in window.status.error.text())
    marked = {canvas.arrays.nodes[plate.row] for plate in canvas.scene.edited}
    assert marked == {"x1"}
    session.select(["h1"])
    window.raise_dock("explanation")
    qtbot.waitUntil(lambda: "x1 = 2.5 (edited)" in window.explanation.text())
    assert session.document.dataset == stored
    assert session.undo_stack.count() == undo
    bar = canvas.findChild(EditedRowBar)
    assert bar is not None
    assert bar.isVisible()
    bar.back.click()
    assert not bar.isVisible()
    assert numbers(session) == before
    assert session.error == error
    assert session.rows_text == "row 3 (train)"


def test_escape_and_another_row_lead_back_to_what_is_stored(canvas: GraphCanvas) -> None:
    session = canvas.session
    session.set_row(1)
    before = numbers(session)
    for by_key in (True, False):
        double_click(canvas, "x")
        type_number(canvas, "-3")
        assert session.rows_text == "row 2 (train) with x = −3 (edited)"
        assert numbers(session)["x"][1] == -3.0
        if by_key:
            QTest.keyClick(canvas, KEY.Key_Escape)
        else:
            session.set_row(0)
        assert session.edited_row is None
        session.set_row(1)
        assert numbers(session) == before


def test_escape_in_the_editor_brings_the_old_number_back(canvas: GraphCanvas) -> None:
    session = canvas.session
    session.set_row(1)
    double_click(canvas, "x")
    editor = opened(canvas)
    editor.stepBy(3)
    assert numbers(session)["x"][1] != 1.0
    QTest.keyClick(editor, KEY.Key_Escape)
    assert numbers(session)["x"][1] == 1.0


def test_of_a_mean_the_first_row_is_shown_to_be_edited(canvas: GraphCanvas) -> None:
    session, heard = canvas.session, list[str]()
    session.news.connect(heard.append)
    double_click(canvas, "x")
    type_number(canvas, "0.25")
    assert session.rows_text == "row 1 (train) with x = 0.25 (edited)"
    assert heard
    values = numbers(session)
    bias, weight = session.value("h.bias"), session.value("x-h.weight")
    assert bias is not None
    assert weight is not None
    s = float(weight.reshape(-1)[0]) * 0.25 + float(bias.reshape(-1)[0])
    assert values["h"][0] == pytest.approx(s, abs=1e-12)
    assert values["h"][1] == pytest.approx(sigmoid(s), abs=1e-12)


def test_a_step_of_training_does_not_see_the_edited_input(canvas: GraphCanvas) -> None:
    session = canvas.session
    session.run.step()
    learned = session.theta
    assert learned is not None
    session.undo()
    session.set_row(0)
    double_click(canvas, "x")
    type_number(canvas, "9")
    session.run.step()
    assert session.theta is not None
    assert session.theta.tolist() == learned.tolist()
    assert numbers(session)["x"][1] == 9.0


def test_a_pixel_of_a_picture_is_edited_where_it_is_clicked(session: Session, qtbot: QtBot) -> None:
    canvas = GraphCanvas(session)
    qtbot.addWidget(canvas)
    canvas.resize(1100, 600)
    canvas.show()
    session.open(EXAMPLES / "digits.gradwire")
    qtbot.waitUntil(lambda: session.readings is not None)
    session.set_row(3)
    qtbot.waitUntil(lambda: session.readings is not None and session.readings.row == 3)
    canvas.fit()
    before = session.readings
    assert before is not None
    row, column = 2, 5
    double_click(canvas, "x", (DISC.x() - 20 + column * 5 + 2.5, DISC.y() - 20 + row * 5 + 2.5))
    type_number(canvas, "7")
    label = session.document.nodes["x"].label or "x"
    assert f"with {label}[21] = 7 (edited)" in session.rows_text
    qtbot.waitUntil(lambda: session.readings is not before)
    after = session.readings
    assert after is not None
    changed = after.strips["x"] != before.strips["x"]
    assert changed.nonzero()[0].tolist() == [8 * row + column]
    bar = canvas.findChild(EditedRowBar)
    assert bar is not None
    assert canvas.rect().contains(bar.geometry())


def test_the_menu_leads_back_too(xor_window: Window) -> None:
    session, actions = xor_window.session, xor_window.actions_by_id
    session.set_row(0)
    actions.update_now()
    assert not actions["train.stored_row"].isEnabled()
    double_click(xor_window.canvas, "x2")
    type_number(xor_window.canvas, "4")
    assert "edited" in xor_window.run_bar.row.text()
    actions.update_now()
    actions["train.stored_row"].trigger()
    assert session.edited_row is None
    assert "edited" not in xor_window.run_bar.row.text()
