"""While a weight is dragged each node says by how much it changed; that ends with the drag."""

from __future__ import annotations

import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.canvas.graph_canvas import GraphCanvas
from gui.canvas.interaction.number_editor import NumberEditor, PopupNumber
from gui.canvas.layers.digit_glyphs import text
from gui.canvas.model.hit_test import Hit, HitKind
from gui.inspector.slot_editor import SlotEditor
from gui.widgets.number_field import NumberField

LEFT, NO_KEYS = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def sigmoid(s: float) -> float:
    return 1.0 / (1.0 + math.exp(-s))


def drag(field: NumberField, across: int) -> None:
    """Press in the field's text and move sideways, without letting go."""
    line = field.lineEdit()
    middle = line.rect().center()
    QTest.mousePress(line, LEFT, NO_KEYS, middle)
    QTest.mouseMove(line, middle + QPoint(across // 2, 0))
    QTest.mouseMove(line, middle + QPoint(across, 0))


def release(field: NumberField) -> None:
    QTest.mouseRelease(field.lineEdit(), LEFT, NO_KEYS, field.lineEdit().rect().center())


def changes(canvas: GraphCanvas) -> dict[str, str]:
    """Return what is written over the nodes."""
    return {canvas.arrays.nodes[plate.row]: plate.text for plate in canvas.scene.changes}


def values(canvas: GraphCanvas) -> dict[str, float]:
    readings = canvas.session.readings
    assert readings is not None
    return dict(zip(readings.nodes, readings.value.tolist(), strict=True))


def test_nodes_behind_a_dragged_weight_say_how_they_change(canvas: GraphCanvas) -> None:
    session = canvas.session
    session.set_row(1)  # x = 1
    before = values(canvas)
    canvas.edit_number(Hit(HitKind.EDGE, "x-h"))
    editor = canvas.findChild(NumberEditor)
    assert editor is not None
    start = editor.value()
    drag(editor, 40)
    assert editor.value() != start
    assert session.value("h.bias") is not None
    shown = changes(canvas)
    assert shown.keys() == {"h", "y", "loss"}  # not the inputs, and not what lies aside
    bias = float(session.value("h.bias").item())  # type: ignore[union-attr]  # asserted above
    change = sigmoid(editor.value() + bias) - sigmoid(start + bias)
    assert shown["h"] == f"Δz {'+' if change > 0 else '−'}{text(abs(change))}"
    for node, said in shown.items():
        moved = values(canvas)[node] - before[node]
        assert said.removeprefix("Δz ")[1:] == text(abs(moved))
        assert (said[3] == "+") == (moved > 0)
    release(editor)
    assert changes(canvas) == {}
    assert values(canvas)["h"] == pytest.approx(before["h"] + change, abs=1e-12)


def test_a_drag_that_is_cut_off_ends_too(canvas: GraphCanvas) -> None:
    canvas.edit_number(Hit(HitKind.NODE, "h"))
    editor = canvas.findChild(NumberEditor)
    assert editor is not None
    drag(editor, 40)
    assert changes(canvas)
    editor.dismiss()
    assert changes(canvas) == {}


def test_a_drag_of_an_input_and_one_in_the_inspector_show_the_same(
    canvas: GraphCanvas, qtbot: QtBot
) -> None:
    session = canvas.session
    session.set_row(1)
    canvas.edit_number(Hit(HitKind.NODE, "x"))
    editor = canvas.findChild(PopupNumber)
    assert editor is not None
    drag(editor, 30)
    assert changes(canvas).keys() == {"x", "h", "y", "loss"}
    release(editor)
    slot = SlotEditor(session, "h-y.weight", "w")
    qtbot.addWidget(slot)
    slot.show()
    field = slot.findChild(NumberField)
    assert field is not None
    drag(field, 30)
    assert changes(canvas).keys() == {"y", "loss"}
    release(field)
    assert changes(canvas) == {}
